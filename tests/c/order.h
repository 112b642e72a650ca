/* An order for the sandbox, and how often it has arrived there. */
#ifndef ORDER_H
#define ORDER_H

#include "sandbox.h"

/* `account` is the order's own, so that it can be told from all others. */
static etoauth_status place_order(etoauth_client *c, const char *account)
{
    static const char body[] = "{\"PlaceOrderRequest\":{\"clientOrderId\":\"1\"}}";
    char path[96];
    etoauth_response *r = NULL;
    int32_t http = 200;
    etoauth_status status;

    sprintf(path, "/v1/accounts/%.50s/orders/place", account);
    status = etoauth_client_send(c, "POST", path, "Content-Type: application/json", body, strlen(body), &r);
    if (status == ETOAUTH_OK)
        OK(etoauth_response_get_status(r, &http));
    CHECK(http == 200);
    OK(etoauth_response_free(r));
    return status;
}

static int times_placed(etoauth_client *c, const char *account)
{
    char path[96], *body = NULL;
    const char *found;
    etoauth_response *r = NULL;
    size_t length = 0;
    int times = 0;

    sprintf(path, "/v1/accounts/%.50s/orders.json", account);
    OK(etoauth_client_send(c, "GET", path, NULL, NULL, 0, &r));
    OK(etoauth_response_get_body(r, &body, &length));
    for (found = body; (found = strstr(found, "\"clientOrderId\"")) != NULL; found++)
        times++;
    OK(etoauth_string_free(body));
    OK(etoauth_response_free(r));
    return times;
}

#endif

/* An order whose answer is lost is sent once, whatever happens, and reported as uncertain; what never left is told so. */
#include <pthread.h>

#include "sandbox.h"

#define ORDER "/v1/accounts/1/orders/place"
#define LIST "/v1/accounts/list"

static etoauth_client *c;

static etoauth_status place_order(void)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(c, "POST", ORDER, "Content-Type: application/json", "{}", 2, &r);

    etoauth_response_free(r);
    return status;
}

/* The fault hits one order, which must be sent once, counted this often, and reported as uncertain. */
static void uncertain(const char *what, long placed)
{
    long orders = count("orders"), sent = requests(ORDER);

    admin("fault?on=" ORDER "&kind=%s", what);
    EXPECT(place_order(), ETOAUTH_E_UNCERTAIN);
    SENTENCE("look before you repeat it");
    CHECK(count("orders") == orders + placed);
    CHECK(requests(ORDER) == sent + 1);
}

static void *cancel_when_placed(void *orders)
{
    while (count("orders") == *(long *)orders)
        continue;
    OK(etoauth_client_cancel(c));
    return NULL;
}

static void cancelled(void)
{
    long orders = count("orders");
    pthread_t thread;

    admin("fault?on=" ORDER "&kind=stall&when=after");
    pthread_create(&thread, NULL, cancel_when_placed, &orders);
    EXPECT(place_order(), ETOAUTH_E_UNCERTAIN);
    SENTENCE("cancelled");
    pthread_join(thread, NULL);
    CHECK(count("orders") == orders + 1);
}

static void *cancel_when_renewing(void *renews)
{
    while (requests("/oauth/renew_access_token") == *(long *)renews)
        continue;
    OK(etoauth_client_cancel(c));
    return NULL;
}

/* Cancelled while it waits for the renew that it needs, the order itself was refused: that is certain. */
static void cancelled_in_renew(void)
{
    long orders = count("orders"), renews = requests("/oauth/renew_access_token");
    pthread_t thread;

    admin("fault?on=" ORDER "&kind=problem&code=token_expired");
    admin("fault?on=/oauth/renew&kind=stall&when=before");
    pthread_create(&thread, NULL, cancel_when_renewing, &renews);
    EXPECT(place_order(), ETOAUTH_E_CANCELLED);
    pthread_join(thread, NULL);
    CHECK(count("orders") == orders);
    OK(place_order());
}

/* A kept connection that the server gives up on reading the next request: an order is not repeated, a question is. */
static void dead_connection(void)
{
    etoauth_response *r = NULL;
    int32_t attempts = 0;
    long orders = count("orders");

    admin("fault?on=" LIST "&kind=drop&when=next");
    OK(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
    EXPECT(place_order(), ETOAUTH_E_UNCERTAIN);
    CHECK(count("orders") == orders);

    admin("fault?on=" LIST "&kind=drop&when=next");
    OK(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
    OK(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r));
    OK(etoauth_response_get_attempts(r, &attempts));
    CHECK(attempts == 2);
    OK(etoauth_response_free(r));

    /* One that is known to be closed is not even tried. */
    admin("fault?on=" LIST "&kind=drop&when=idle");
    OK(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
    while (connections_in_state(atoi(strrchr(sandbox("SANDBOX_URL"), ':') + 1), 1) > 0)
        continue;
    OK(place_order());
    CHECK(count("orders") == orders + 1);
}

/* A body that only the connection's end delimits is no whole answer to an order, but one to a question. */
static void delimited_by_the_end(void)
{
    etoauth_response *r = NULL;

    uncertain("close_delimited", 1);
    SENTENCE("no length, so it cannot be known to be complete");
    admin("fault?on=" LIST "&kind=close_delimited");
    OK(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
    /* A question that is cut short is as uncertain. */
    admin("fault?on=" LIST "&kind=drop&when=body");
    EXPECT(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r), ETOAUTH_E_UNCERTAIN);
    admin("fault?on=" LIST "&kind=oversize&bytes=17000000");
    EXPECT(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r), ETOAUTH_E_LIMIT);
    admin("fault?on=" LIST "&kind=oversize&bytes=16777216");
    OK(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
}

/* Nothing of it left. */
static void never_left(void)
{
    etoauth_client *other = new_client("https://localhost:1");
    etoauth_response *r = NULL;

    OK(etoauth_client_set_access_token(other, "token", "secret", 0));
    EXPECT(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_CONNECT);
    OK(etoauth_client_set_base_urls(other, NULL, NULL, sandbox("SANDBOX_TLS_URL")));
    EXPECT(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_TLS);
    OK(etoauth_client_set_timeout_ms(other, 300));
    admin("fault?kind=stall&when=accept");
    EXPECT(etoauth_client_send(other, "POST", ORDER, NULL, NULL, 0, &r), ETOAUTH_E_TIMEOUT);
    OK(etoauth_client_free(other));
}

int main(void)
{
    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));
    log_in(c);
    OK(place_order());
    uncertain("drop&when=before", 0);
    uncertain("drop&when=after", 1);
    uncertain("drop&when=after&reset=1", 1);
    uncertain("drop&when=headers", 1);
    uncertain("drop&when=body", 1);
    uncertain("drop&when=chunked", 1);
    uncertain("garbage", 1);
    OK(etoauth_client_set_timeout_ms(c, 300));
    uncertain("stall&when=before", 0);
    uncertain("stall&when=after", 1);
    uncertain("stall&when=headers", 1);
    uncertain("stall&when=body", 1);
    uncertain("stall&when=chunked", 1);
    uncertain("slow&ms=50", 1);
    OK(etoauth_client_set_timeout_ms(c, 30000));
    cancelled();
    cancelled_in_renew();
    dead_connection();
    delimited_by_the_end();
    never_left();
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no order was sent twice");
    return 0;
}

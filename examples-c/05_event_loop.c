/* An event loop: fifty API calls at once on one thread, one of them an order. The library says what to send and what
 * each response means; libcurl's multi interface does the sending, in curl_send.h. Each call has a deadline of its own
 * and can be cancelled by itself.
 *
 *     05_event_loop [LATE [UNWANTED]]
 *
 * A call whose path contains LATE has two seconds instead of thirty. A call whose path contains UNWANTED is cancelled
 * when the order has ended. */
#define _POSIX_C_SOURCE 200809L
#include "curl_send.h"
#include "support.h"

#define CALLS 50

static struct call {
    const char *method, *json;
    char path[64];
    etoauth_exchange *exchange; /* NULL once the call has ended */
    int32_t step, http;
    int64_t wake, deadline;     /* when to look at it again, and when to give up */
    struct request request;
} calls[CALLS];

static CURLM *multi;
static int64_t begun;
static int under_way, order_ended;

/* A call has ended: says how, what came of it, and what to do about that. */
static void end(struct call *call, const char *how, etoauth_status status)
{
    int32_t advice = etoauth_status_advice(status);
    char text[ETOAUTH_ERROR_MAX] = "not carried out";

    if (status == ETOAUTH_OK) {
        check(etoauth_exchange_get_advice(call->exchange, &advice));
        snprintf(text, sizeof text, "HTTP %d", (int)call->http);
    } else if (status != ETOAUTH_E_CANCELLED) {
        etoauth_last_error(NULL, text, sizeof text, NULL);
    }
    printf("%5d ms  %s %s %s: %s: %s -> %s\n", (int)(now() - begun), call->method, call->path, how,
           etoauth_status_name(status), text, in_words(advice, call->json != NULL));
    fflush(stdout);
    check(etoauth_exchange_free(call->exchange));
    call->exchange = NULL;
    order_ended |= call->json != NULL;
    under_way--;
}

/* Asks what to do, and does it. */
static void next_step(struct call *call)
{
    int32_t wait_ms = 0;
    etoauth_status status = etoauth_exchange_next(call->exchange, &call->step, &wait_ms);

    call->wake = call->deadline;
    if (status != ETOAUTH_OK || call->step == ETOAUTH_STEP_DONE)
        end(call, "ended", status);
    else if (call->step == ETOAUTH_STEP_WAIT)
        call->wake = now() + wait_ms < call->deadline ? now() + wait_ms : call->deadline;
    else
        start(multi, &call->request, call, call->exchange, call->step == ETOAUTH_STEP_SEND ? call->json : NULL);
}

/* Calls that wait for a renewal need not wait for their timers. */
static void wake_all(void)
{
    for (struct call *call = calls; call < calls + CALLS; call++)
        if (call->step == ETOAUTH_STEP_WAIT)
            call->wake = 0;
    curl_multi_wakeup(multi);
}

/* A request has ended: tells the library what came of it. */
static void finish(struct call *call, CURLcode result)
{
    struct request *r = &call->request;
    etoauth_status status;

    call->http = outcome(r, result);
    status = etoauth_exchange_finish(call->exchange, call->http, r->head.data, r->body.data, r->body.len);
    stop(multi, r);
    if (call->step == ETOAUTH_STEP_RENEW)
        wake_all();
    if (status == ETOAUTH_OK || status == ETOAUTH_E_AGAIN)
        next_step(call);
    else
        end(call, "ended", status);
}

/* Ends one call before its time. The others go on; if it was renewing, one of them renews instead. */
static void give_up(struct call *call, const char *how)
{
    etoauth_status status = ETOAUTH_E_CANCELLED;

    if (call->step == ETOAUTH_STEP_SEND)
        status = etoauth_exchange_finish(call->exchange, outcome(&call->request, CURLE_GOT_NOTHING), NULL, NULL, 0);
    stop(multi, &call->request);
    end(call, how, status);
    if (call->step == ETOAUTH_STEP_RENEW)
        wake_all();
}

int main(int argc, char **argv)
{
    etoauth_client *client = log_in();
    struct call *call;
    CURLMsg *message;
    void *owner;
    int n;

    multi = curl_multi_init();
    begun = now();
    for (call = calls; call < calls + CALLS; call++, under_way++) {
        call->method = "GET";
        snprintf(call->path, sizeof call->path, "/v1/market/quote/SYM%d", 10 + under_way);
        if (call == calls) {
            call->method = "POST";
            call->json = "{\"PlaceOrderRequest\": {\"clientOrderId\": \"8a52c1\"}}";
            strcpy(call->path, "/v1/accounts/sandboxAccount1/orders/place");
        } else if (call == calls + 1) {
            strcpy(call->path, "/v1/accounts/list");
        }
        check(etoauth_exchange_new_request(client, call->method, call->path, NULL, &call->exchange));
        call->deadline = begun + (argc > 1 && strstr(call->path, argv[1]) ? 2000 : 30000);
    }
    while (under_way > 0) {
        int64_t next = now() + 1000;

        for (call = calls; call < calls + CALLS; call++) {
            if (call->exchange && order_ended && argc > 2 && strstr(call->path, argv[2]))
                give_up(call, "was cancelled");
            else if (call->exchange && now() >= call->deadline)
                give_up(call, "timed out");
            else if (call->exchange && now() >= call->wake)
                next_step(call);
            if (call->exchange && call->wake < next)
                next = call->wake;
        }
        curl_multi_poll(multi, NULL, 0, next > now() ? (int)(next - now()) : 0, NULL);
        curl_multi_perform(multi, &n);
        while ((message = curl_multi_info_read(multi, &n)) != NULL) {
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
            finish(owner, message->data.result);
        }
    }
    curl_multi_cleanup(multi);
    etoauth_client_free(client);
    return 0;
}

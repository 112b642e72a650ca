/* A cancellation belongs to one handle: it ends that handle's calls and no others, and on a shared handle it is for
 * good. */
#include "session.h"

#include <pthread.h>

#define LIST "/v1/accounts/list"
#define CALLS 50

static etoauth_status ask(etoauth_client *c, const char *method, const char *url)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(c, method, url, NULL, NULL, 0, &r);

    CHECK((status == ETOAUTH_OK) == (r != NULL));
    OK(etoauth_response_free(r));
    return status;
}

/* Functions that use the network send nothing, and look at no state; all others work as before. */
static void for_good(void)
{
    etoauth_client *c = synced_client(), *share = share_of(c), *again = NULL;
    etoauth_listener *l = NULL;
    etoauth_exchange *x = NULL;
    etoauth_signer *s = NULL;
    char *text = NULL, *other = NULL, buf[ETOAUTH_ERROR_MAX];
    etoauth_status status;
    uint64_t revision;
    int32_t seconds, advice;
    long sent;

    OK(etoauth_listener_new("http://127.0.0.1:0/", &l));
    OK(etoauth_client_cancel(share));
    OK(etoauth_client_cancel(share));
    sent = count("requests");
    /* Without a token and without a pending login. */
    EXPECT(etoauth_client_fetch_request_token(share), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_fetch_access_token(share, "CODE"), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_renew_access_token(share), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_revoke_access_token(share), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_ensure_active(share, 0), ETOAUTH_E_CANCELLED);
    EXPECT(ask(share, "GET", LIST), ETOAUTH_E_CANCELLED);
    SENTENCE("etoauth_client_share");
    EXPECT(etoauth_listener_wait(l, share, 0, &text), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_exchange_new(share, ETOAUTH_EXCHANGE_RENEW, NULL, &x), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_sign(share, "GET", "https://localhost", &text), ETOAUTH_E_STATE);
    /* Arguments come first. */
    EXPECT(etoauth_client_fetch_access_token(share, NULL), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_fetch_access_token(share, " "), ETOAUTH_E_ARGUMENT);
    EXPECT(ask(share, "G T", LIST), ETOAUTH_E_METHOD);
    EXPECT(ask(share, "GET", "https://localhost/elsewhere"), ETOAUTH_E_URL);
    CHECK(count("requests") == sent);

    log_in(c);
    sent = count("requests");
    EXPECT(etoauth_client_fetch_request_token(share), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_renew_access_token(share), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_revoke_access_token(share), ETOAUTH_E_CANCELLED);
    EXPECT(etoauth_client_ensure_active(share, 0), ETOAUTH_E_CANCELLED);
    EXPECT(ask(share, "POST", "/v1/accounts/1/orders/place"), ETOAUTH_E_CANCELLED);
    CHECK(count("requests") == sent);
    CHECK(token_state(share) == ETOAUTH_TOKEN_ACTIVE && token_state(c) == ETOAUTH_TOKEN_ACTIVE);

    OK(etoauth_client_sign(share, "GET", "https://localhost", &text));
    OK(etoauth_client_diagnose(share, "GET", text, 200, NULL, NULL, 0, &advice));
    OK(etoauth_string_free(text));
    OK(etoauth_client_get_access_token(share, &text, &other));
    OK(etoauth_string_free(text));
    OK(etoauth_string_free(other));
    OK(etoauth_client_export_session(share, &text));
    OK(etoauth_client_import_session(share, text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_get_session_revision(share, &revision));
    OK(etoauth_client_get_renew_wait_s(share, &seconds));
    OK(etoauth_client_set_timeout_ms(share, 1000));
    OK(etoauth_client_get_signer(share, &s));
    OK(etoauth_signer_free(s));
    OK(etoauth_exchange_new(share, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    OK(etoauth_exchange_free(x));
    OK(etoauth_exchange_new_request(share, "GET", LIST, NULL, &x));
    OK(etoauth_exchange_free(x));
    OK(etoauth_client_last_error(share, &status, buf, sizeof buf, NULL));
    EXPECT(status, ETOAUTH_E_CANCELLED);

    /* The others are not affected: the one that it was made of, and one that is made of it. */
    OK(ask(c, "GET", LIST));
    again = share_of(share);
    OK(ask(again, "GET", LIST));
    OK(etoauth_client_free(again));
    OK(etoauth_client_free(share));
    OK(etoauth_client_cancel(c));
    OK(ask(c, "GET", LIST));
    OK(etoauth_listener_free(l));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

/* One call of a host's pool. A status of 1: it has not ended. */
struct call {
    etoauth_client *share;
    etoauth_status ended;
    pthread_t thread;
};

static etoauth_status state_of(const struct call *call)
{
    return __atomic_load_n(&call->ended, __ATOMIC_ACQUIRE);
}

static void *run(void *data)
{
    struct call *call = data;

    __atomic_store_n(&call->ended, ask(call->share, "GET", LIST), __ATOMIC_RELEASE);
    return NULL;
}

static int under_way(const struct call *calls)
{
    int i, found = 0;

    for (i = 0; i < CALLS; i++)
        found += state_of(&calls[i]) == 1;
    return found;
}

/* Of many calls that are not answered, one after the other is cancelled, by etoauth_client_cancel or by a free. Each
 * time that one ends, and all others go on. */
static void one_of_many(void)
{
    static struct call calls[CALLS];
    etoauth_client *c = synced_client();
    struct timespec before, after;
    long sent, longest = 0, took;
    int i;

    log_in(c);
    OK(etoauth_client_set_timeout_ms(c, 3600 * 1000));
    sent = requests(LIST);
    admin("fault?on=" LIST "&kind=stall&when=before&times=%d", CALLS);
    for (i = 0; i < CALLS; i++) {
        calls[i].share = share_of(c);
        calls[i].ended = 1;
        CHECK(pthread_create(&calls[i].thread, NULL, run, &calls[i]) == 0);
    }
    while (requests(LIST) < sent + CALLS)
        continue;
    for (i = 0; i < CALLS; i++) {
        CHECK(under_way(calls) == CALLS - i);
        CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
        OK(i % 2 == 0 ? etoauth_client_cancel(calls[i].share) : etoauth_client_free(calls[i].share));
        CHECK(pthread_join(calls[i].thread, NULL) == 0);
        CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
        took = (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
        longest = took > longest ? took : longest;
        EXPECT(state_of(&calls[i]), ETOAUTH_E_UNCERTAIN);
        if (i % 2 == 0) {
            EXPECT(ask(calls[i].share, "GET", LIST), ETOAUTH_E_CANCELLED);
            OK(etoauth_client_free(calls[i].share));
        }
    }
    fprintf(stderr, "the longest way from a cancellation to the end of its call: %ld us\n", longest);
    CHECK(requests(LIST) == sent + CALLS);
    OK(ask(c, "GET", LIST));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

int main(void)
{
    alarm(600);
    at_noon();
    for_good();
    one_of_many();
    puts("each cancellation met its own calls");
    return 0;
}

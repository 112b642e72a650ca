/* Handles on one login: what they have in common, what is each one's own, and how the login ends. */
#include "session.h"

#include <pthread.h>

#define LIST "/v1/accounts/list"
#define RENEW "/oauth/renew_access_token"

static etoauth_status ask(etoauth_client *c, const char *url)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(c, "GET", url, NULL, NULL, 0, &r);

    CHECK((status == ETOAUTH_OK) == (r != NULL));
    OK(etoauth_response_free(r));
    return status;
}

/* What is done or set by one handle, the others find. */
static void in_common(void)
{
    etoauth_client *c = synced_client(), *one = share_of(c), *other = share_of(one);
    char *text = NULL;
    uint64_t before, after;
    int64_t offset, found;

    OK(etoauth_client_fetch_request_token(one));
    OK(etoauth_client_get_session_revision(other, &before));
    OK(etoauth_client_fetch_access_token(other, approve(c)));
    OK(etoauth_client_get_session_revision(c, &after));
    CHECK(after > before);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE && token_state(one) == ETOAUTH_TOKEN_ACTIVE);
    OK(ask(c, LIST));
    OK(ask(one, LIST));
    OK(ask(other, LIST));
    CHECK(count("connections") == 1);

    OK(etoauth_client_get_clock_offset(c, &offset));
    OK(etoauth_client_set_clock_offset(one, offset + 5));
    OK(etoauth_client_get_clock_offset(other, &found));
    CHECK(found == offset + 5);
    OK(etoauth_client_set_base_urls(other, NULL, NULL, "http://127.0.0.1:1"));
    EXPECT(ask(c, LIST), ETOAUTH_E_CONNECT);
    OK(etoauth_client_set_base_urls(c, NULL, NULL, sandbox("SANDBOX_URL")));
    OK(etoauth_client_read_log(c, &text));
    CHECK(strstr(text, "Get Access Token") != NULL && strstr(text, "No connection") == NULL);
    OK(etoauth_string_free(text));
    OK(etoauth_client_read_log(other, &text));
    CHECK(text[0] == '\0');
    OK(etoauth_string_free(text));
    OK(etoauth_client_revoke_access_token(other));
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    OK(etoauth_client_free(one));
    OK(etoauth_client_free(c));
    OK(etoauth_client_free(other));
    CHECK(etoauth_live_objects() == 0);
}

static etoauth_client *patient;
static etoauth_status patient_ended = 1;

static void *ask_patiently(void *unused)
{
    __atomic_store_n(&patient_ended, ask(patient, LIST), __ATOMIC_RELEASE);
    return unused;
}

/* Of two calls that nobody answers, the later one ends by its handle's timeout, which it has from the handle that it was
 * made of, while the earlier one goes on by its own. */
static void timeouts(void)
{
    etoauth_client *c = synced_client(), *quick, *of_quick;
    pthread_t thread;

    log_in(c);
    patient = share_of(c);
    OK(etoauth_client_set_timeout_ms(patient, 20 * 1000));
    quick = share_of(c);
    OK(etoauth_client_set_timeout_ms(quick, 100));
    of_quick = share_of(quick);
    admin("fault?on=" LIST "&kind=stall&when=before&times=3");
    CHECK(pthread_create(&thread, NULL, ask_patiently, NULL) == 0);
    while (requests(LIST) == 0)
        continue;
    EXPECT(ask(quick, LIST), ETOAUTH_E_UNCERTAIN);
    EXPECT(ask(of_quick, LIST), ETOAUTH_E_UNCERTAIN);
    SENTENCE("timed out");
    CHECK(__atomic_load_n(&patient_ended, __ATOMIC_ACQUIRE) == 1);
    OK(etoauth_client_cancel(patient));
    CHECK(pthread_join(thread, NULL) == 0);
    EXPECT(patient_ended, ETOAUTH_E_UNCERTAIN);
    OK(ask(c, LIST));
    EXPECT(etoauth_client_set_timeout_ms(quick, 0), ETOAUTH_E_ARGUMENT);
    OK(etoauth_client_free(of_quick));
    OK(etoauth_client_free(quick));
    OK(etoauth_client_free(patient));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

static int32_t next(etoauth_exchange *x)
{
    int32_t step = 0;

    OK(etoauth_exchange_next(x, &step, NULL));
    return step;
}

/* The login goes on until its last handle is freed, whichever that is. Exchanges outlive it, and can then repair
 * nothing. */
static void ending(void)
{
    etoauth_client *c = synced_client(), *share, *last;
    etoauth_exchange *x = NULL, *renew = NULL, *late = NULL;
    int32_t step;

    log_in(c);
    share = share_of(c);
    OK(etoauth_exchange_new_request(c, "GET", LIST, NULL, &x));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &renew));
    OK(etoauth_client_free(c));
    EXPECT(etoauth_client_share(c, &last), ETOAUTH_E_HANDLE);
    EXPECT(ask(c, LIST), ETOAUTH_E_HANDLE);
    OK(ask(share, LIST));
    last = share_of(share);
    OK(etoauth_client_free(share));
    OK(ask(last, LIST));

    /* The handles that these exchanges were made with are gone, the login is not. */
    CHECK(next(x) == ETOAUTH_STEP_SEND);
    EXPECT(etoauth_exchange_finish(x, 401, NULL, "oauth_problem=token_expired", 27), ETOAUTH_E_AGAIN);
    CHECK(next(x) == ETOAUTH_STEP_RENEW);
    OK(etoauth_exchange_free(x));
    OK(etoauth_exchange_finish(renew, 200, NULL, "Access Token has been renewed", 29));
    OK(etoauth_exchange_free(renew));
    OK(ask(last, LIST));

    OK(etoauth_exchange_new_request(last, "GET", LIST, NULL, &x));
    OK(etoauth_exchange_new_request(last, "GET", LIST, NULL, &late));
    OK(etoauth_exchange_new(last, ETOAUTH_EXCHANGE_RENEW, NULL, &renew));
    CHECK(next(x) == ETOAUTH_STEP_SEND);
    OK(etoauth_client_free(last));
    EXPECT(etoauth_exchange_finish(x, 401, NULL, "oauth_problem=token_expired", 27), ETOAUTH_E_AGAIN);
    EXPECT(etoauth_exchange_next(x, &step, NULL), ETOAUTH_E_STATE);
    SENTENCE("freed");
    CHECK(next(late) == ETOAUTH_STEP_SEND);
    OK(etoauth_exchange_finish(late, 200, NULL, "{}", 2));
    EXPECT(etoauth_exchange_finish(renew, 200, NULL, "Access Token has been renewed", 29), ETOAUTH_E_STATE);
    /* The login's connections are closed, although the exchanges still hold it. */
    while (connections_in_state(atoi(strrchr(sandbox("SANDBOX_URL"), ':') + 1), 1) > 0)
        continue;
    OK(etoauth_exchange_free(x));
    OK(etoauth_exchange_free(late));
    OK(etoauth_exchange_free(renew));
    CHECK(etoauth_live_objects() == 0);
}

static etoauth_client *leading;
static etoauth_status led;

static void *renew_slowly(void *unused)
{
    led = etoauth_client_renew_access_token(leading);
    return unused;
}

/* A renewal that one handle leads serves the others. */
static void one_renewal(void)
{
    etoauth_client *c = synced_client(), *other;
    pthread_t thread;
    long renews;

    log_in(c);
    leading = share_of(c);
    other = share_of(c);
    admin("expire?what=idle");
    renews = count("renews");
    admin("fault?on=" RENEW "&kind=slow&ms=5");
    CHECK(pthread_create(&thread, NULL, renew_slowly, NULL) == 0);
    while (requests(RENEW) == renews)
        continue;
    OK(etoauth_client_ensure_active(other, 7000));
    OK(ask(c, LIST));
    CHECK(pthread_join(thread, NULL) == 0);
    OK(led);
    CHECK(count("renews") == renews + 1);
    OK(etoauth_client_free(leading));
    OK(etoauth_client_free(c));
    OK(etoauth_client_free(other));
    CHECK(etoauth_live_objects() == 0);
}

int main(void)
{
    alarm(600);
    at_noon();
    in_common();
    admin("reset");
    at_noon();
    timeouts();
    ending();
    one_renewal();
    puts("one login, many handles");
    return 0;
}

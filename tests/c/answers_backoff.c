/* API.md, "the back-off" and "who leads a renew": a case for each sentence. */
#include "answers.h"

/* "After a renew that failed, the library asks for no renew by itself for a while: the server's Retry-After, at most
 * 300 s." */
static void backoff_is_what_the_server_says(void)
{
    static const struct {
        const char *retry_after;
        int32_t least, most;
    } rows[] = {{"120", 60, 120}, {"300", 240, 300}, {"301", 240, 300}, {"100000", 240, 300}, {"5", 1, 5},
                {"soon", 1, 1},   {"-5", 1, 1}};
    static const int32_t statuses[] = {503, 429, 403};
    size_t i, j;

    for (i = 0; i < COUNT(rows); i++)
        for (j = 0; j < COUNT(statuses); j++) {
            int32_t wait;

            sprintf(context, "Retry-After: %s with %d", rows[i].retry_after, (int)statuses[j]);
            begin();
            HOLDS(renew_wait() == 0);
            admin("fault?on=" RENEW "&kind=status&http=%d&retry_after=%s", (int)statuses[j], rows[i].retry_after);
            GIVES(etoauth_client_renew_access_token(c),
                  statuses[j] == 429 ? ETOAUTH_E_RATE_LIMIT : ETOAUTH_E_UNAVAILABLE);
            wait = renew_wait();
            HOLDS(rows[i].least <= wait && wait <= rows[i].most);
        }
}

/* "Else 1, 2, 4 ... 60 s." */
static void backoff_doubles_to_a_minute(void)
{
    int32_t most = 1, wait;
    int i;

    begin();
    admin("fault?on=" RENEW "&kind=status&http=503&times=10");
    for (i = 0; i < 10; i++) {
        sprintf(context, "after %d failures", i + 1);
        GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
        wait = renew_wait();
        /* Rounded up; no second passes between the two calls, or hardly one. */
        HOLDS(wait <= most && wait >= most - 1 && wait > 0);
        most = most * 2 > 60 ? 60 : most * 2;
    }
}

static void refused_all(int times)
{
    admin("fault?on=/v1&kind=problem&code=token_expired&times=%d", times);
}

/* "`ensure_active`, and a renew that `send` would want, give that same failure meanwhile without a request." */
static void backoff_gives_the_same_failure_without_a_request(void)
{
    static const struct {
        const char *fault;
        etoauth_status status;
    } rows[] = {
        {"kind=status&http=503&retry_after=100", ETOAUTH_E_UNAVAILABLE},
        {"kind=status&http=429&retry_after=100", ETOAUTH_E_RATE_LIMIT},
        {"kind=status&http=403&retry_after=100&type=text/html&body=%3Chtml%3E%3C/html%3E", ETOAUTH_E_UNAVAILABLE},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        sprintf(context, "%.400s", rows[i].fault);
        begin();
        age_token(3 * 3600);
        admin("fault?on=" RENEW "&%s", rows[i].fault);
        GIVES(etoauth_client_ensure_active(c, 0), rows[i].status);
        HOLDS(requests(RENEW) == 1);
        GIVES(etoauth_client_ensure_active(c, 0), rows[i].status);
        GIVES(etoauth_client_ensure_active(c, 60), rows[i].status);
        refused_all(2);
        IS(ask(), rows[i].status, 1, 0);
        IS(order(), rows[i].status, 1, 0);
        HOLDS(requests(RENEW) == 1);
        /* A call that is not refused needs none. */
        IS(order(), ETOAUTH_OK, 1, 0);
        /* An explicit one asks. */
        GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
        HOLDS(requests(RENEW) == 2);
    }
}

/* "A refusal that follows a successful renew before any use starts it, too: while it lasts calls are sent, and one that
 * is refused again is `_E_LOGIN` (`diagnose`: LOGIN) without a renew." */
static void backoff_after_a_refusal_that_follows_a_renew(void)
{
    time_t start;
    result got;

    begin();
    refused_all(100);
    start = time(NULL);
    IS(ask(), ETOAUTH_E_LOGIN, 2, 1);
    HOLDS(renew_wait() >= 0 && renew_wait() <= 1);
    got = order();
    HOLDS(got.status == ETOAUTH_E_LOGIN);
    /* Unless the second is over, as it may be on a machine that is busy. */
    if (time(NULL) == start) {
        HOLDS(got.sent == 1 && got.renews == 0);
        HOLDS(judge_text(401, "oauth_problem=token_expired") == ETOAUTH_ADVICE_LOGIN || time(NULL) > start);
    }
    HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
}

/* "It ends with a renew that succeeds and is followed by a use, or with a new token." */
static void backoff_ends_with_a_renew_and_a_use_or_a_new_token(void)
{
    char *session = NULL;

    begin();
    age_token(3 * 3600);
    admin("fault?on=" RENEW "&kind=status&http=503&retry_after=200");
    GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_E_UNAVAILABLE);
    HOLDS(renew_wait() > 100);
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    IS(ask(), ETOAUTH_OK, 1, 0);
    HOLDS(renew_wait() == 0);
    refused_all(1);
    IS(ask(), ETOAUTH_OK, 2, 1);

    admin("fault?on=" RENEW "&kind=status&http=503&retry_after=200");
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    HOLDS(renew_wait() > 100);
    log_in(c);
    HOLDS(renew_wait() == 0);
    admin("fault?on=" RENEW "&kind=status&http=503&retry_after=200");
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    OK(etoauth_client_set_access_token(c, "another", "secret", 0));
    HOLDS(renew_wait() == 0);

    /* "It is the login's in this process and not saved." */
    begin();
    admin("fault?on=" RENEW "&kind=status&http=503&retry_after=200");
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    OK(etoauth_client_export_session(c, &session));
    OK(etoauth_client_free(c));
    c = synced_client();
    OK(etoauth_client_import_session(c, session));
    OK(etoauth_string_free(session));
    HOLDS(renew_wait() == 0);
    refused_all(1);
    IS(ask(), ETOAUTH_OK, 2, 1);
}

/* "A leader that was cancelled, freed or stopped by its own time-out shares nothing and starts no back-off." */
static void leader_that_was_stopped_starts_no_backoff(void)
{
    begin();
    age_token(3 * 3600);
    OK(etoauth_client_set_timeout_ms(c, 300));
    admin("fault?on=" RENEW "&kind=stall&when=before&times=2");
    HOLDS(etoauth_client_ensure_active(c, 0) != ETOAUTH_OK);
    HOLDS(requests(RENEW) == 1 && renew_wait() == 0);
    OK(etoauth_client_set_timeout_ms(c, 30000));
    begin_cancel(c, RENEW);
    HOLDS(etoauth_client_ensure_active(c, 0) != ETOAUTH_OK);
    end_cancel();
    HOLDS(requests(RENEW) == 2 && renew_wait() == 0);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    /* The next asks at once. */
    GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_OK);
    HOLDS(requests(RENEW) == 3);
    /* A connection that was cut is a failure of the renew's. */
    age_token(3 * 3600);
    admin("fault?on=" RENEW "&kind=drop&when=headers");
    GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_E_UNAVAILABLE);
    HOLDS(renew_wait() == 1);
}

static result slow_result;

static void *ask_slowly(void *unused)
{
    slow_result = ask();
    return unused;
}

/* "A request that was signed before the last renew and is refused is sent again, not renewed for." */
static void leader_a_request_signed_before_the_last_renew_is_sent_again(void)
{
    pthread_t thread;
    char *header;

    begin();
    header = signature();
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    HOLDS(judge("GET", header, 401, NULL, "oauth_problem=token_expired", 27) == ETOAUTH_ADVICE_RETRY);
    HOLDS(judge("POST", header, 401, NULL, "oauth_problem=token_rejected", 28) == ETOAUTH_ADVICE_RETRY);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_string_free(header));

    /* The sandbox refuses it, and its answer takes seconds, while the renew is done. */
    begin();
    admin("expire?what=idle");
    admin("fault?on=" LIST "&kind=slow&ms=10");
    CHECK(pthread_create(&thread, NULL, ask_slowly, NULL) == 0);
    while (count("refused") == 0)
        continue;
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    HOLDS(slow_result.status == ETOAUTH_OK && slow_result.sent == 2 && slow_result.attempts == 2);
    HOLDS(requests(RENEW) == 1);
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(backoff_is_what_the_server_says),
        CASE(backoff_doubles_to_a_minute),
        CASE(backoff_gives_the_same_failure_without_a_request),
        CASE(backoff_after_a_refusal_that_follows_a_renew),
        CASE(backoff_ends_with_a_renew_and_a_use_or_a_new_token),
        CASE(leader_that_was_stopped_starts_no_backoff),
        CASE(leader_a_request_signed_before_the_last_renew_is_sent_again),
    };

    return RUN(cases);
}

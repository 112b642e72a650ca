/* API.md, "whose word ends a login": a case for each sentence. */
#include "answers.h"

/* E*TRADE's plain word, in shapes in which it was seen. */
static const char *const words[] = {
    "code=token_expired", "code=token_rejected", "code=token_expired&shape=header&http=400",
    "message=token_rejected&shape=json", "message=Invalid%20access%20token%20used&shape=json",
    "message=Unauthorized%20request%20-%20invalid%20Consumer%20key%20and/or%20session%20token&shape=xml",
    "code=token_expired&encoding=gzip", "message=oauth_problem%3D%22token_rejected%22&shape=text&http=500",
};

/* What says nothing of the token. */
static const char *const wordless[] = {
    "http=401", "http=401&type=text/html&body=%3Chtml%3EUnauthorized%3C/html%3E", "http=401&body=oauth_problem%3D",
    "http=401&body=Unauthorized",
};

/* A client whose token was issued yesterday by its own books; the sandbox knows better. */
static void begin_past_midnight(void)
{
    begin();
    age_token(86400);
}

/* The renew is refused with E*TRADE's word. */
static void end_login(void)
{
    begin();
    admin("fault?on=" RENEW "&kind=problem&code=token_rejected");
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_EXPIRED);
}

/* "`send` signs and sends in every state while a token is held." */
static void login_send_sends_in_every_state(void)
{
    etoauth_response *r = NULL;

    begin();
    IS(ask(), ETOAUTH_OK, 1, 0);
    age_token(3 * 3600);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    IS(ask(), ETOAUTH_OK, 1, 0);
    begin_past_midnight();
    IS(order(), ETOAUTH_OK, 1, 0);
    age_token(5 * 86400);
    IS(ask(), ETOAUTH_OK, 1, 0);
    /* A pending login stands beside it and changes nothing. */
    OK(etoauth_client_fetch_request_token(c));
    IS(ask(), ETOAUTH_OK, 1, 0);
    OK(etoauth_client_revoke_access_token(c));
    GIVES(etoauth_client_send(c, "GET", LIST, NULL, NULL, 0, &r), ETOAUTH_E_STATE);
}

/* "`renew_access_token` and kind `_RENEW` always ask." */
static void login_an_explicit_renew_always_asks(void)
{
    etoauth_exchange *x = NULL;
    char *url = NULL;
    long renews;

    begin_past_midnight();
    renews = requests(RENEW);
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    HOLDS(requests(RENEW) == renews + 1);
    end_login();
    renews = requests(RENEW);
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    HOLDS(requests(RENEW) == renews + 1);
    end_login();
    GIVES(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x), ETOAUTH_OK);
    if (x != NULL) {
        GIVES(etoauth_exchange_get_url(x, &url), ETOAUTH_OK);
        OK(etoauth_string_free(url));
        OK(etoauth_exchange_free(x));
    }
}

/* "Past the estimated midnight, not yet asked, the state is INACTIVE and both times are 0; `ensure_active` asks then. A
 * renew that succeeds there moves the estimate to the next midnight of New York." */
static void login_past_the_estimated_midnight(void)
{
    etoauth_exchange *x = NULL;
    long renews;
    int way;

    for (way = 0; way < 4; way++) {
        sprintf(context, "way %d", way);
        begin_past_midnight();
        HOLDS(times() == ETOAUTH_TOKEN_INACTIVE && inactive_in == 0 && expires_in == 0);
        renews = requests(RENEW);
        if (way == 0)
            GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_OK);
        else if (way == 1)
            GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
        else if (way == 2) {
            admin("fault?on=/v1&kind=problem&code=token_expired");
            IS(order(), ETOAUTH_OK, 2, 1);
        } else {
            GIVES(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x), ETOAUTH_OK);
            if (x != NULL) {
                GIVES(etoauth_exchange_finish(x, 200, NULL, NULL, 0), ETOAUTH_OK);
                OK(etoauth_exchange_free(x));
            }
        }
        HOLDS(requests(RENEW) == renews + (way < 3));
        /* Noon, or an hour later: to midnight there are 11 to 13 hours. */
        HOLDS(times() == ETOAUTH_TOKEN_ACTIVE);
        HOLDS(expires_in > 10 * 3600 && expires_in <= 13 * 3600);
    }
}

/* "`ensure_active` never gives `_E_LOGIN` for a midnight to come: `expires_in_s` tells." */
static void login_ensure_active_before_midnight(void)
{
    long now = (long)time(NULL);

    begin();
    OK(etoauth_client_free(c));
    /* Half an hour before New York's midnight, or an hour and a half. */
    admin("clock?at=%ld", now - now % 86400 + 3 * 3600 + 1800);
    c = synced_client();
    log_in(c);
    GIVES(etoauth_client_ensure_active(c, 7200), ETOAUTH_OK);
    HOLDS(times() == ETOAUTH_TOKEN_ACTIVE && expires_in > 0 && expires_in <= 5400);
    GIVES(etoauth_client_ensure_active(c, 86400), ETOAUTH_OK);
}

/* "A token is over ... only after its renew was answered by a readable refusal of the token, one of the four above."
 * "So `_E_LOGIN` is final in state EXPIRED only." */
static void login_ends_by_a_readable_refusal_of_the_renew(void)
{
    etoauth_exchange *x = NULL;
    size_t i;
    int way;

    for (i = 0; i < COUNT(words); i++)
        for (way = 0; way < 4; way++) {
            sprintf(context, "%s, way %d", words[i], way);
            begin();
            if (way == 2)
                age_token(3 * 3600);
            if (way < 3)
                admin("fault?on=" RENEW "&kind=problem&%s", words[i]);
            if (way == 0)
                GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
            else if (way == 1) {
                admin("fault?on=/v1&kind=problem&code=token_expired");
                IS(order(), ETOAUTH_E_LOGIN, 1, 1);
            } else if (way == 2)
                GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_E_LOGIN);
            else {
                OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
                GIVES(etoauth_exchange_finish(x, 401, NULL, "oauth_problem=token_expired", 27), ETOAUTH_E_LOGIN);
                OK(etoauth_exchange_free(x));
            }
            HOLDS(times() == ETOAUTH_TOKEN_EXPIRED && inactive_in == 0 && expires_in == 0);
            /* Without a request. */
            IS(ask(), ETOAUTH_E_LOGIN, 0, 0);
            IS(order(), ETOAUTH_E_LOGIN, 0, 0);
            {
                long before = requests(RENEW);

                GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_E_LOGIN);
                HOLDS(requests(RENEW) == before);
            }
            /* Signing is local, in any state. */
            OK(etoauth_string_free(signature()));
        }
}

/* "Nothing else ends it: no API call's refusal, no bare status, empty body or page without a code, whatever its status,
 * 404 included." */
static void login_ends_by_nothing_else(void)
{
    static const char *const other_words[] = {
        "code=signature_invalid", "code=consumer_key_rejected", "code=permission_denied", "code=something_new",
            "code=nonce_used",
        "code=parameter_absent", "code=timestamp_refused", "code=callback_rejected",
        "message=Number%20of%20requests%20exceeded%20the%20rate%20limit%20set&http=400",
    };
    static const int32_t statuses[] = {300, 302, 400, 401, 403, 404, 405, 410, 429, 500, 502, 503, 504};
    size_t i, j;

    /* API calls. */
    for (i = 0; i < COUNT(words); i++) {
        sprintf(context, "API call: %s", words[i]);
        begin();
        admin("fault?on=/v1&kind=problem&times=9&%s", words[i]);
        for (j = 0; j < 3; j++) {
            HOLDS(ask().status == ETOAUTH_E_LOGIN);
            HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
        }
        for (j = 0; j < 3; j++) {
            judge_text(401, "oauth_problem=token_rejected");
            judge_text(401, "");
            HOLDS(token_state(c) != ETOAUTH_TOKEN_EXPIRED);
        }
    }
    /* Renews: bare statuses and pages of any. */
    for (i = 0; i < COUNT(statuses); i++)
        for (j = 0; j < 2; j++) {
            etoauth_status expected = statuses[i] == 429 ? ETOAUTH_E_RATE_LIMIT : ETOAUTH_E_UNAVAILABLE;

            sprintf(context, "renew: %d%s", (int)statuses[i], j ? " with a page" : "");
            begin();
            admin("fault?on=" RENEW "&kind=status&http=%d%s", (int)statuses[i],
                  j ? "&type=text/html&body=%3Chtml%3E%3Ch1%3EToken%20expired%3C/h1%3E%3C/html%3E" : "");
            GIVES(etoauth_client_renew_access_token(c), expected);
            HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
            IS(ask(), ETOAUTH_OK, 1, 0);
        }
    /* And other words. */
    for (i = 0; i < COUNT(other_words); i++) {
        sprintf(context, "renew: %s", other_words[i]);
        begin();
        admin("fault?on=" RENEW "&kind=problem&times=2&%s", other_words[i]);
        HOLDS(etoauth_client_renew_access_token(c) != ETOAUTH_E_LOGIN);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    }
}

/* "Only past the estimated midnight a 401 without a word gives that one call `_E_LOGIN`, the token and its state
 * staying." */
static void login_a_wordless_refusal_past_midnight(void)
{
    long renews;
    size_t i;
    int way;

    for (i = 0; i < COUNT(wordless); i++)
        for (way = 0; way < 2; way++) {
            sprintf(context, "%s, way %d", wordless[i], way);
            begin_past_midnight();
            admin("fault?on=" RENEW "&kind=status&%s", wordless[i]);
            GIVES(way ? etoauth_client_ensure_active(c, 0) : etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
            HOLDS(times() == ETOAUTH_TOKEN_INACTIVE && inactive_in == 0 && expires_in == 0);
            renews = requests(RENEW);
            GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
            HOLDS(requests(RENEW) == renews + 1 && token_state(c) == ETOAUTH_TOKEN_ACTIVE);
            /* Other statuses are no word there either. */
            begin_past_midnight();
            admin("fault?on=" RENEW "&kind=status&http=403");
            GIVES(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
            HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
        }
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(login_send_sends_in_every_state),
        CASE(login_an_explicit_renew_always_asks),
        CASE(login_past_the_estimated_midnight),
        CASE(login_ensure_active_before_midnight),
        CASE(login_ends_by_a_readable_refusal_of_the_renew),
        CASE(login_ends_by_nothing_else),
        CASE(login_a_wordless_refusal_past_midnight),
    };

    return RUN(cases);
}

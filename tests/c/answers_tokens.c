/* The replies to the calls of a login, and calls that are not answered: cases A12 and E3. */
#include "answers.h"

#define BOM "\xEF\xBB\xBF"

static void holds_token(const char *expected, const char *expected_secret)
{
    char *token = NULL, *secret = NULL;

    if (token_state(c) != ETOAUTH_TOKEN_ACTIVE)
        return;
    OK(etoauth_client_get_access_token(c, &token, &secret));
    HOLDS(strcmp(token, expected) == 0 && strcmp(secret, expected_secret) == 0);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
}

static void a12_token_replies_with_a_mark_or_control_characters(void)
{
    static const char *const good[] = {
        BOM "oauth_token=a%2Bb&oauth_token_secret=s&oauth_callback_confirmed=true",
        BOM "oauth_token=a%2Bb&oauth_token_secret=s\r\n",
        "oauth_token=a%2Bb&oauth_token_secret=s\n",
        "oauth_token=a%2Bb&oauth_token_secret=s",
        /* A plus sign that was not encoded. */
        "oauth_token=a+b&oauth_token_secret=s",
    };
    static const char *const bad[] = {
        "oauth_token=aaa%0D%0A&oauth_token_secret=s", "oauth_token=a%0Aa&oauth_token_secret=s",
        "oauth_token=aaa&oauth_token_secret=s%0A",    "oauth_token=aaa&oauth_token_secret=s%0D%0As",
        "oauth_token=a%00a&oauth_token_secret=s",     "oauth_token=a%7Fa&oauth_token_secret=s",
        "oauth_token=aaa&oauth_token_secret=%1Bs",    "oauth_token=a%09a&oauth_token_secret=s",
        "oauth_token=a\na&oauth_token_secret=s",      BOM,
        "oauth_token=&oauth_token_secret=s",
    };
    char *url = NULL;
    size_t i;

    for (i = 0; i < COUNT(good); i++) {
        sprintf(context, "%.400s", good[i]);
        begin_without();
        fault_with("on=" REQUEST "&kind=token_reply&body", good[i]);
        GIVES(etoauth_client_fetch_request_token(c), ETOAUTH_OK);
        if (token_state(c) == ETOAUTH_TOKEN_PENDING) {
            OK(etoauth_client_get_authorize_url(c, &url));
            HOLDS(strstr(url, "token=a%2Bb") != NULL && strstr(url, "EF%BB") == NULL);
            OK(etoauth_string_free(url));
        }
        begin_pending();
        fault_with("on=" ACCESS "&kind=token_reply&body", good[i]);
        GIVES(etoauth_client_fetch_access_token(c, "CODE"), ETOAUTH_OK);
        holds_token("a+b", "s");
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
        begin_pending();
        fault_with("on=" ACCESS "&kind=token_reply&encoding=gzip&body", good[i]);
        GIVES(etoauth_client_fetch_access_token(c, "CODE"), ETOAUTH_OK);
        holds_token("a+b", "s");
    }
    for (i = 0; i < COUNT(bad); i++) {
        sprintf(context, "%.400s", bad[i]);
        begin_without();
        fault_with("on=" REQUEST "&kind=token_reply&body", bad[i]);
        GIVES(etoauth_client_fetch_request_token(c), ETOAUTH_E_RESPONSE);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_NONE);
        begin_pending();
        fault_with("on=" ACCESS "&kind=token_reply&body", bad[i]);
        GIVES(etoauth_client_fetch_access_token(c, "CODE"), ETOAUTH_E_RESPONSE);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_PENDING);
    }
    /* In what is a renew's or a revoke's answer, a mark is nothing. */
    begin();
    fault_with("on=" RENEW "&kind=token_reply&body", BOM "Access Token has been renewed");
    GIVES(etoauth_client_renew_access_token(c), ETOAUTH_OK);
    fault_with("on=/v1&kind=status&http=401&body", BOM "oauth_problem=signature_invalid");
    IS(ask(), ETOAUTH_E_SIGNATURE, 1, 0);
    fault_with("on=/v1&kind=status&http=401&type=application/json&body",
               BOM "{\"Error\":{\"message\":\"oauth_problem=signature_invalid\"}}");
    IS(ask(), ETOAUTH_E_SIGNATURE, 1, 0);
}

/* How a call ends whose request arrived and that is not answered, or is cut, and the advice that goes with it. */
static void unanswered(const char *fault, const char *on, etoauth_status (*call)(void), int32_t state,
                       etoauth_status status, const char *advice)
{
    sprintf(context, "%s %.400s", on, fault);
    /* On a new connection: a kept one that dies is another story. */
    OK(etoauth_client_set_user_agent(c, "test"));
    admin("fault?on=%s&%s", on, fault);
    GIVES(call(), status);
    SAYS(advice);
    HOLDS(token_state(c) == state);
}

static etoauth_status request_token(void)
{
    return etoauth_client_fetch_request_token(c);
}

static etoauth_status access_token(void)
{
    return etoauth_client_fetch_access_token(c, "CODE");
}

static etoauth_status renew(void)
{
    return etoauth_client_renew_access_token(c);
}

static etoauth_status revoke(void)
{
    return etoauth_client_revoke_access_token(c);
}

static void short_time_out(const char *fault)
{
    OK(etoauth_client_set_timeout_ms(c, strstr(fault, "stall") != NULL || strstr(fault, "slow") != NULL ? 500 : 30000));
}

/* After this path's request has arrived, by a cancel. */
static void cancelled_after_it_left(const char *on, etoauth_status (*call)(void))
{
    sprintf(context, "%s cancelled", on);
    admin("fault?on=%s&kind=stall&when=after", on);
    begin_cancel(c, on);
    GIVES(call(), ETOAUTH_E_UNCERTAIN);
    end_cancel();
}

static void e3_a_call_that_is_not_answered(void)
{
    static const char *const faults[] = {
        "kind=stall&when=before", "kind=stall&when=after", "kind=stall&when=headers", "kind=stall&when=body",
        "kind=slow&ms=200",       "kind=drop&when=after",  "kind=drop&when=headers",  "kind=drop&when=body",
        "kind=drop&when=chunked", "kind=drop&when=after&reset=1",
    };
    size_t i;

    for (i = 0; i < COUNT(faults); i++) {
        int cut = strstr(faults[i], "drop") != NULL;

        begin_pending();
        short_time_out(faults[i]);
        unanswered(faults[i], ACCESS, access_token, ETOAUTH_TOKEN_PENDING, ETOAUTH_E_UNCERTAIN, "begin the login again");
        begin();
        short_time_out(faults[i]);
        unanswered(faults[i], RENEW, renew, ETOAUTH_TOKEN_ACTIVE, ETOAUTH_E_UNAVAILABLE, "the token is kept");
        unanswered(faults[i], REVOKE, revoke, ETOAUTH_TOKEN_REVOKED, ETOAUTH_E_UNCERTAIN, "until midnight");
        begin_without();
        short_time_out(faults[i]);
        unanswered(faults[i], REQUEST, request_token, ETOAUTH_TOKEN_NONE, cut ? ETOAUTH_E_CONNECT : ETOAUTH_E_TIMEOUT,
                   "Get Request Token");
    }
    begin_pending();
    cancelled_after_it_left(ACCESS, access_token);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_PENDING);
    begin();
    cancelled_after_it_left(RENEW, renew);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    cancelled_after_it_left(REVOKE, revoke);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    begin_without();
    cancelled_after_it_left(REQUEST, request_token);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_NONE);
    context[0] = '\0';
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(a12_token_replies_with_a_mark_or_control_characters),
        CASE(e3_a_call_that_is_not_answered),
    };

    return RUN(cases);
}

/* The calls of a login, from its key to its revoke: cases A10 to A13, A16, A18 and E3. */
#include "answers.h"

#define PAGE "&type=text/html&body=%3Chtml%3E%3Ch1%3EUnauthorized%3C/h1%3E%3C/html%3E"

/* A client without a token. */
static void begin_without(void)
{
    if (c != NULL)
        OK(etoauth_client_free(c));
    admin("reset");
    at_noon();
    c = synced_client();
}

/* A client whose login is pending. */
static void begin_pending(void)
{
    begin_without();
    OK(etoauth_client_fetch_request_token(c));
}

static void a10_a_request_token_refused_without_a_word(void)
{
    static const char *const answers[] = {
        "kind=status&http=401",
        "kind=status&http=401" PAGE,
        "kind=status&http=401&challenge=OAuth%20realm%3D%22x%22",
        "kind=problem&message=Unauthorized&shape=html",
        "kind=problem&message=Unauthorized&shape=json",
        "kind=status&http=401&body=oauth_problem%3D",
        "kind=status&http=401&body=oauth_problem%3DConsumer+key+has+expired",
    };
    static const char *const words[] = {"code=token_expired", "code=token_rejected", "message=Invalid%20access%20token%20used"};
    size_t i;

    for (i = 0; i < COUNT(answers); i++) {
        sprintf(context, "%.400s", answers[i]);
        begin_without();
        admin("fault?on=" REQUEST "&%s", answers[i]);
        GIVES(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONSUMER_KEY);
        SAYS("key");
        SAYS("secret");
        SAYS("environment");
        SAYS_NOT("og in again");
        GIVES(etoauth_client_fetch_request_token(c), ETOAUTH_OK);
    }
    for (i = 0; i < COUNT(words); i++) {
        sprintf(context, "%.400s", words[i]);
        begin_without();
        admin("fault?on=" REQUEST "&kind=problem&%s", words[i]);
        HOLDS(etoauth_client_fetch_request_token(c) != ETOAUTH_E_LOGIN);
    }
}

/* A visitor of the listener: his whole answer, once the wait below has looked at him. */
static int visit(const char *url, const char *target)
{
    struct sockaddr_in address;
    char request[512];
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    sprintf(request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
    CHECK(write(s, request, strlen(request)) == (ssize_t)strlen(request));
    return s;
}

/* Polls until the visitor has his answer or the redirect is taken. */
static etoauth_status listen_to(int s, etoauth_listener *l, etoauth_client *of, char *page, size_t cap, char **redirected)
{
    etoauth_status status;
    size_t got = 0;
    ssize_t n = -1;

    fcntl(s, F_SETFL, O_NONBLOCK);
    do {
        status = etoauth_listener_wait(l, of, 0, redirected);
        while ((n = read(s, page + got, cap - 1 - got)) > 0)
            got += (size_t)n;
    } while (status == ETOAUTH_E_TIMEOUT && n < 0);
    fcntl(s, F_SETFL, 0);
    while (status == ETOAUTH_OK && (n = read(s, page + got, cap - 1 - got)) > 0)
        got += (size_t)n;
    page[got] = '\0';
    close(s);
    return status;
}

/* The redirect, with the code that the sandbox gave for the pending login. */
static char redirect[256];

static void redirect_to(const char *format)
{
    sprintf(redirect, format, approve(c));
}

static void a11_redirects_as_etrade_writes_them(void)
{
    static const char *const pasted[] = {
        "https://myapplicationsite.com/mytradingapp?oauth_verifier=%s",
        "https://myapplicationsite.com?myapp=trading&oauth_verifier=%s",
        "  https://myapplicationsite.com/?oauth_verifier=%s\n",
    };
    static const char *const targets[] = {"/back?x=1&oauth_verifier=%s", "/back?x=1&y=2&oauth_verifier=%s"};
    char page[8192], *url = NULL, *redirected = NULL;
    etoauth_listener *l = NULL;
    size_t i;
    long asked;

    for (i = 0; i < COUNT(pasted); i++) {
        sprintf(context, "%.400s", pasted[i]);
        begin_pending();
        redirect_to(pasted[i]);
        GIVES(etoauth_client_fetch_access_token(c, redirect), ETOAUTH_OK);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    }
    /* What is refused, and that nothing is sent. */
    begin_pending();
    asked = requests(ACCESS);
    GIVES(etoauth_client_fetch_access_token(c, "https://myapplicationsite.com/?oauth_token=other&oauth_verifier=WXYZ89"),
          ETOAUTH_E_ARGUMENT);
    GIVES(etoauth_client_fetch_access_token(c, "https://myapplicationsite.com/?oauth_verifier="), ETOAUTH_E_ARGUMENT);
    GIVES(etoauth_client_fetch_access_token(c, ""), ETOAUTH_E_ARGUMENT);
    GIVES(etoauth_client_fetch_access_token(c, " "), ETOAUTH_E_ARGUMENT);
    HOLDS(requests(ACCESS) == asked);

    for (i = 0; i < COUNT(targets); i++) {
        sprintf(context, "%.400s", targets[i]);
        begin_pending();
        OK(etoauth_listener_new("http://127.0.0.1:0/back?x=1", &l));
        OK(etoauth_listener_get_url(l, &url));
        redirect_to(targets[i]);
        redirected = NULL;
        GIVES(listen_to(visit(url, redirect), l, c, page, sizeof page, &redirected), ETOAUTH_OK);
        if (redirected != NULL) {
            HOLDS(strstr(page, "close this window") != NULL);
            GIVES(etoauth_client_fetch_access_token(c, redirected), ETOAUTH_OK);
            OK(etoauth_string_free(redirected));
        }
        /* Without a client, any redirect with a verifier; with one, none that names another token. */
        redirected = NULL;
        GIVES(listen_to(visit(url, "/back?x=1&oauth_verifier=WXYZ89"), l, NULL, page, sizeof page, &redirected), ETOAUTH_OK);
        if (redirected != NULL)
            OK(etoauth_string_free(redirected));
        OK(etoauth_client_fetch_request_token(c));
        GIVES(listen_to(visit(url, "/back?x=1&oauth_token=other&oauth_verifier=WXYZ89"), l, c, page, sizeof page, &redirected),
              ETOAUTH_E_TIMEOUT);
        /* A verifier that is empty or a space is none: the person learns that the login was not finished. */
        GIVES(listen_to(visit(url, "/back?x=1"), l, c, page, sizeof page, &redirected), ETOAUTH_E_TIMEOUT);
        HOLDS(strstr(page, "not finished") != NULL);
        GIVES(listen_to(visit(url, "/back?x=1&oauth_verifier=%20"), l, c, page, sizeof page, &redirected), ETOAUTH_E_TIMEOUT);
        HOLDS(strstr(page, "logged in") == NULL);
        OK(etoauth_string_free(url));
        OK(etoauth_listener_free(l));
    }
}

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

static void a13_a_pasted_key_with_a_newline(void)
{
    static const char *const bad[] = {"ck\n", "ck\r\n", " ck", "ck ", "  ", "\tck", "ck\t", "c\nk", "c\x01k", "ck\x7f", "\n"};
    static const char *const good[] = {"ck", "c k", "c+k/=", "c\xc3\xa9k"};
    etoauth_client *made = NULL;
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        sprintf(context, "entry %d", (int)i);
        GIVES(etoauth_client_new(ETOAUTH_ENV_SANDBOX, bad[i], "cs", &made), ETOAUTH_E_ARGUMENT);
        SAYS("consumer_key");
        GIVES(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "ck", bad[i], &made), ETOAUTH_E_ARGUMENT);
        SAYS("consumer_secret");
        SAYS_NOT("xpired");
    }
    for (i = 0; i < COUNT(good); i++) {
        GIVES(etoauth_client_new(ETOAUTH_ENV_SANDBOX, good[i], good[i], &made), ETOAUTH_OK);
        GIVES(etoauth_client_free(made), ETOAUTH_OK);
    }
}

static void a16_a_success_that_names_a_problem(void)
{
    static const char *const shapes[] = {"text", "html", "json", "xml"};
    size_t i;

    for (i = 0; i < COUNT(shapes); i++) {
        sprintf(context, "%s", shapes[i]);
        begin_without();
        admin("fault?on=" REQUEST "&kind=problem&code=consumer_key_rejected&http=200&shape=%s", shapes[i]);
        HOLDS(etoauth_client_fetch_request_token(c) != ETOAUTH_OK);
        SAYS("consumer_key_rejected");
        HOLDS(token_state(c) == ETOAUTH_TOKEN_NONE);
        begin_pending();
        admin("fault?on=" ACCESS "&kind=problem&code=permission_denied&http=200&shape=%s", shapes[i]);
        HOLDS(etoauth_client_fetch_access_token(c, "CODE") != ETOAUTH_OK);
        SAYS("permission_denied");
        HOLDS(token_state(c) == ETOAUTH_TOKEN_PENDING);
    }
}

static void a18_a_verifier_that_is_refused(void)
{
    static const char *const words[] = {"code=verifier_invalid", "code=verifier_invalid&http=400", "code=token_rejected",
                                        "code=verifier_invalid&encoding=gzip"};
    static const char *const shapes[] = {"html", "json", "xml", "text", "header"};
    size_t i, j;

    for (i = 0; i < COUNT(words); i++)
        for (j = 0; j < COUNT(shapes); j++) {
            if (strcmp(shapes[j], "header") == 0 && strstr(words[i], "gzip") != NULL)
                continue;
            sprintf(context, "%s as %s", words[i], shapes[j]);
            begin_pending();
            admin("fault?on=" ACCESS "&kind=problem&%s&shape=%s", words[i], shapes[j]);
            GIVES(etoauth_client_fetch_access_token(c, "MISTYPED"), ETOAUTH_E_VERIFIER);
            /* The login is still pending: the code can be typed again. */
            GIVES(etoauth_client_fetch_access_token(c, approve(c)), ETOAUTH_OK);
        }
}

/* How a call ends whose request arrived and that is not answered, or is cut. */
static void unanswered(const char *fault, const char *on, etoauth_status (*call)(void), int32_t state, etoauth_status one,
                       etoauth_status other)
{
    sprintf(context, "%s %.400s", on, fault);
    /* On a new connection: a kept one that dies is another story. */
    OK(etoauth_client_set_user_agent(c, "test"));
    admin("fault?on=%s&%s", on, fault);
    GIVES_EITHER(call(), one, other);
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
        unanswered(faults[i], ACCESS, access_token, ETOAUTH_TOKEN_PENDING, ETOAUTH_E_UNCERTAIN, ETOAUTH_E_UNCERTAIN);
        SAYS("begin the login again");
        begin();
        short_time_out(faults[i]);
        unanswered(faults[i], RENEW, renew, ETOAUTH_TOKEN_ACTIVE, ETOAUTH_E_UNAVAILABLE, ETOAUTH_E_UNAVAILABLE);
        unanswered(faults[i], REVOKE, revoke, ETOAUTH_TOKEN_REVOKED, ETOAUTH_E_UNCERTAIN, ETOAUTH_E_UNCERTAIN);
        begin_without();
        short_time_out(faults[i]);
        unanswered(faults[i], REQUEST, request_token, ETOAUTH_TOKEN_NONE, cut ? ETOAUTH_E_CONNECT : ETOAUTH_E_TIMEOUT,
                   cut ? ETOAUTH_E_CONNECT : ETOAUTH_E_TIMEOUT);
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
        CASE(a10_a_request_token_refused_without_a_word),
        CASE(a11_redirects_as_etrade_writes_them),
        CASE(a12_token_replies_with_a_mark_or_control_characters),
        CASE(a13_a_pasted_key_with_a_newline),
        CASE(a16_a_success_that_names_a_problem),
        CASE(a18_a_verifier_that_is_refused),
        CASE(e3_a_call_that_is_not_answered),
    };

    return RUN(cases);
}

/* A login, from its key to its access token: cases A10, A11, A13, A16 and A18. */
#include "answers.h"

#define PAGE "&type=text/html&body=%3Chtml%3E%3Ch1%3EUnauthorized%3C/h1%3E%3C/html%3E"

static void a10_a_request_token_refused_without_a_word(void)
{
    static const char *const answers[] = {
        "kind=status&http=401",
        ("kind=status&http=401" PAGE),
        "kind=status&http=401&challenge=OAuth%20realm%3D%22x%22",
        "kind=problem&message=Unauthorized&shape=html",
        "kind=problem&message=Unauthorized&shape=json",
        "kind=status&http=401&body=oauth_problem%3D",
        "kind=status&http=401&body=oauth_problem%3DConsumer+key+has+expired",
    };
    static const char *const words[] = {"code=token_expired", "code=token_rejected",
                                        "message=Invalid%20access%20token%20used"};
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
static etoauth_status listen_to(int s, etoauth_listener *l, etoauth_client *of, char *page, size_t cap,
                                char **redirected)
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
    GIVES(etoauth_client_fetch_access_token(c,
                                            "https://myapplicationsite.com/?oauth_token=other&oauth_verifier=WXYZ89"),
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
        GIVES(listen_to(visit(url, "/back?x=1&oauth_verifier=WXYZ89"), l, NULL, page, sizeof page, &redirected),
              ETOAUTH_OK);
        if (redirected != NULL)
            OK(etoauth_string_free(redirected));
        OK(etoauth_client_fetch_request_token(c));
        GIVES(listen_to(visit(url, "/back?x=1&oauth_token=other&oauth_verifier=WXYZ89"), l, c, page, sizeof page,
                        &redirected),
              ETOAUTH_E_TIMEOUT);
        /* A verifier that is empty or a space is none: the person learns that the login was not finished. */
        GIVES(listen_to(visit(url, "/back?x=1"), l, c, page, sizeof page, &redirected), ETOAUTH_E_TIMEOUT);
        HOLDS(strstr(page, "not finished") != NULL);
        GIVES(listen_to(visit(url, "/back?x=1&oauth_verifier=%20"), l, c, page, sizeof page, &redirected),
              ETOAUTH_E_TIMEOUT);
        HOLDS(strstr(page, "You are logged in") == NULL);
        OK(etoauth_string_free(url));
        OK(etoauth_listener_free(l));
    }
}

static void a13_a_pasted_key_with_a_newline(void)
{
    static const char *const bad[] = {"ck\n", "ck\r\n", " ck", "ck ", "  ", "\tck", "ck\t", "c\nk", "c\x01k", "ck\x7f",
                                      "\n"};
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
    static const char *const words[] = {"code=verifier_invalid", "code=verifier_invalid&http=400",
                                        "code=token_rejected",
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

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(a10_a_request_token_refused_without_a_word),
        CASE(a11_redirects_as_etrade_writes_them),
        CASE(a13_a_pasted_key_with_a_newline),
        CASE(a16_a_success_that_names_a_problem),
        CASE(a18_a_verifier_that_is_refused),
    };

    return RUN(cases);
}

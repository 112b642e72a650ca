/* Secrets stay out of error sentences and out of freed memory. Each has SECRET in it, with letters only around it,
   so that no encoding changes it; the program's own copies are literals and static memory, never the heap. */
#include "misuse.h"
#include "sandbox.h"
#include "watch.h"

#define URL_WITH_SECRET "https://localhost/v1?password=querySECRETquery"

static etoauth_client *secret_client(const char *url)
{
    etoauth_client *c = NULL;
    char oauth[256];

    sprintf(oauth, "%s/oauth", url);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "keySECRETkey", "consumerSECRETconsumer", &c));
    OK(etoauth_client_set_base_urls(c, oauth, NULL, url));
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    OK(etoauth_client_set_proxy(c, ""));
    return c;
}

/* Arms an answer with a token of one's own choosing, so that it can be looked for. */
static void answer_with_token(void)
{
    admin("fault?kind=token_reply&on=/oauth&body=oauth_token%%3DtokenSECRETtoken%%26oauth_token_secret%%3DtokenSECRETsecret");
}

static void texts_in(etoauth_client *c)
{
    static const char bad[] = "badSECRETbad\xff";
    etoauth_signer *s = NULL;

    FAILS(etoauth_client_new(0, "keySECRETkey", "consumerSECRETconsumer", &out.client), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_new(1, bad, bad, &out.client), ETOAUTH_E_UTF8);
    FAILS(etoauth_client_new(1, "keySECRETkey", "", &out.client), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_signer_new(bad, bad, bad, bad, &s), ETOAUTH_E_UTF8);
    FAILS(etoauth_signer_new("keySECRETkey", "xSECRETx", NULL, "xSECRETx", &s), ETOAUTH_E_NULL);
    FAILS(etoauth_client_set_access_token(c, bad, bad, 0), ETOAUTH_E_UTF8);
    FAILS(etoauth_client_set_access_token(c, "", "xSECRETx", 0), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_set_access_token(c, "xSECRETx", "xSECRETx", -1), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_set_base_urls(c, "https://user:passSECRETword@localhost", NULL, NULL), ETOAUTH_E_URL);
    FAILS(etoauth_client_set_base_urls(c, "https://localhost/?SECRET", NULL, NULL), ETOAUTH_E_URL);
    FAILS(etoauth_client_set_base_urls(c, "http://example.com/SECRET", NULL, NULL), ETOAUTH_E_INSECURE);
    FAILS(etoauth_client_set_proxy(c, "socks5://user:passSECRETword@localhost:1"), ETOAUTH_E_URL);
    FAILS(etoauth_client_set_proxy(c, "http://user:passSECRETword@local host:1"), ETOAUTH_E_URL);
    FAILS(etoauth_client_set_ca_file(c, "/nowhere/at/all.pem"), ETOAUTH_E_FILE);
    FAILS(etoauth_client_set_user_agent(c, "SECRET\n"), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_fetch_access_token(c, "xSECRETx"), ETOAUTH_E_STATE);
    FAILS(etoauth_client_fetch_access_token(c, "http://localhost/?oauth_verifier=xSECRETx"), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_sign(c, "GET", URL_WITH_SECRET, &out.text), ETOAUTH_E_STATE);
    FAILS(etoauth_client_sign(c, "GET", URL_WITH_SECRET "|", &out.text), ETOAUTH_E_URL);
    FAILS(etoauth_client_sign(c, "SECRET1", URL_WITH_SECRET, &out.text), ETOAUTH_E_METHOD);
    FAILS(etoauth_client_sign_url(c, "GET", "https://user:xSECRETx@localhost/", &out.text), ETOAUTH_E_URL);
    OK(etoauth_signer_new("keySECRETkey", "consumerSECRETconsumer", "tokenSECRETtoken", "tokenSECRETsecret", &s));
    FAILS(etoauth_signer_sign(s, "GET", URL_WITH_SECRET, "formSECRETform=%", out.buf, sizeof out.buf, NULL), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_signer_sign(s, "GET", URL_WITH_SECRET, NULL, out.buf, 1, NULL), ETOAUTH_E_BUFFER);
    FAILS(etoauth_signer_sign_at(s, "GET", URL_WITH_SECRET, NULL, 1, "SECRET ", out.buf, sizeof out.buf, NULL), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_signer_get_base_string(s, "GET", URL_WITH_SECRET, NULL, 0, "n", &out.text), ETOAUTH_E_ARGUMENT);
    OK(etoauth_signer_free(s));
    FAILS(etoauth_signer_get_bound(s, &out.number), ETOAUTH_E_HANDLE);
}

/* The same for the calls that came with sending, sessions, exchanges and listeners. */
static void texts_in_calls(etoauth_client *c)
{
    static const char bad[] = "badSECRETbad\xff", form[] = "Content-Type: application/x-www-form-urlencoded";
    char *session = NULL;
    etoauth_exchange *x = NULL;
    etoauth_signer *s = NULL;

    FAILS(etoauth_client_send(c, "SECRET1", "/SECRET", NULL, NULL, 0, &out.response), ETOAUTH_E_METHOD);
    FAILS(etoauth_client_send(c, bad, bad, bad, NULL, 0, &out.response), ETOAUTH_E_UTF8);
    FAILS(etoauth_client_send(c, "GET", "/a b?SECRET", NULL, NULL, 0, &out.response), ETOAUTH_E_URL);
    FAILS(etoauth_client_send(c, "GET", "https://user:xSECRETx@localhost/", NULL, NULL, 0, &out.response), ETOAUTH_E_URL);
    FAILS(etoauth_client_send(c, "GET", "https://localhost:1/?a=xSECRETx", NULL, NULL, 0, &out.response), ETOAUTH_E_URL);
    FAILS(etoauth_client_send(c, "GET", "http://example.com/?a=xSECRETx", NULL, NULL, 0, &out.response), ETOAUTH_E_INSECURE);
    FAILS(etoauth_client_send(c, "GET", "/", "Authorization: xSECRETx", NULL, 0, &out.response), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_send(c, "GET", "/", "X SECRET: xSECRETx", NULL, 0, &out.response), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_send(c, "GET", "/", "X: xSECRETx\x01", NULL, 0, &out.response), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_send(c, "POST", "/", NULL, "xSECRETx", 8, &out.response), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_send(c, "POST", "/", form, "xSECRETx=%", 10, &out.response), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_client_send(c, "GET", "/?a=SECRET", "X: xSECRETx", NULL, 0, &out.response), ETOAUTH_E_STATE);
    FAILS(etoauth_client_set_session_file(c, "/nowhere/at/all"), ETOAUTH_E_FILE);
    FAILS(etoauth_client_import_session(c, "etoauth-session-1.SECRET.SECRET"), ETOAUTH_E_SESSION);
    FAILS(etoauth_listener_new("http://user:xSECRETx@localhost:0/", &out.listener), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_listener_new("http://example.com:0/?SECRET", &out.listener), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, "xSECRETx", &out.exchange), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, "xSECRETx", &out.exchange), ETOAUTH_E_STATE);
    FAILS(etoauth_client_diagnose(c, "GET", "xSECRETx", 200, "X: SECRET", "SECRET", 6, &out.advice), ETOAUTH_E_ARGUMENT);

    OK(etoauth_client_set_access_token(c, "tokenSECRETtoken", "tokenSECRETsecret", 0));
    OK(etoauth_client_export_session(c, &session));
    session[strlen(session) - 1] ^= 1;
    FAILS(etoauth_client_import_session(c, session), ETOAUTH_E_SESSION);
    OK(etoauth_string_free(session));
    OK(etoauth_client_get_signer(c, &s));
    OK(etoauth_client_set_access_token(c, "otherSECRETtoken", "otherSECRETsecret", 0));
    FAILS(etoauth_signer_sign(s, "GET", URL_WITH_SECRET, NULL, out.buf, sizeof out.buf, NULL), ETOAUTH_E_STALE);
    OK(etoauth_signer_free(s));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    FAILS(etoauth_exchange_finish(x, 401, "X: SECRET", "tokenSECRETtoken", 16), ETOAUTH_E_LOGIN);
    OK(etoauth_exchange_free(x));
    OK(etoauth_client_diagnose(c, "GET", "OAuth oauth_token=\"otherSECRETtoken\"", 401, "X: SECRET",
                               "tokenSECRETtoken oauth_problem=token_rejected", 45, &out.advice));
    no_secret_logged(c, 2);
}

/* What a server or a proxy can do. A login is pending and a token held, so that each call has all its secrets. */
static void answers(etoauth_client *c)
{
    static const struct {
        const char *fault;
        etoauth_status expected;
    } faults[] = {
        {"kind=problem&code=signature_invalid", ETOAUTH_E_SIGNATURE},
        {"kind=problem&code=consumer_key_rejected&shape=xml", ETOAUTH_E_CONSUMER_KEY},
        {"kind=problem&code=token_rejected&shape=json", ETOAUTH_E_VERIFIER},
        {"kind=problem&code=permission_denied&shape=text", ETOAUTH_E_DENIED},
        {"kind=problem&message=tokenSECRETtoken", ETOAUTH_E_VERIFIER},
        {"kind=status&http=429&body=tokenSECRETtoken", ETOAUTH_E_RATE_LIMIT},
        {"kind=status&http=503&body=tokenSECRETtoken", ETOAUTH_E_UNAVAILABLE},
        {"kind=status&http=400&body=oauth_verifier=xSECRETx", ETOAUTH_E_HTTP},
        {"kind=status&http=200&body=oauth_token=tokenSECRETtoken", ETOAUTH_E_RESPONSE},
        {"kind=redirect&to=http://localhost/?oauth_token=tokenSECRETtoken", ETOAUTH_E_HTTP},
        {"kind=drop&when=before", ETOAUTH_E_UNCERTAIN},
        {"kind=drop&when=headers&reset=1", ETOAUTH_E_UNCERTAIN},
        {"kind=oversize&bytes=1000000", ETOAUTH_E_LIMIT},
        {"kind=garbage", ETOAUTH_E_RESPONSE},
    };
    static const struct {
        const char *fault;
        etoauth_status expected;
    } api_faults[] = {
        {"kind=problem&code=signature_invalid", ETOAUTH_E_SIGNATURE},
        {"kind=problem&code=consumer_key_rejected", ETOAUTH_E_CONSUMER_KEY},
        {"kind=drop&when=before", ETOAUTH_E_UNCERTAIN},
        {"kind=garbage", ETOAUTH_E_UNCERTAIN},
    };
    size_t i;

    answer_with_token();
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_set_access_token(c, "tokenSECRETtoken", "tokenSECRETsecret", 0));
    FAILS(etoauth_client_fetch_access_token(c, "http://x/?oauth_token=otherSECRETother&oauth_verifier=xSECRETx"), ETOAUTH_E_ARGUMENT);
    for (i = 0; i < sizeof faults / sizeof *faults; i++) {
        admin("fault?on=/oauth/access_token&%s", faults[i].fault);
        FAILS(etoauth_client_fetch_access_token(c, "verifierSECRETverifier"), faults[i].expected);
    }
    no_secret_logged(c, (int)(sizeof faults / sizeof *faults));
    for (i = 0; i < sizeof api_faults / sizeof *api_faults; i++) {
        admin("fault?on=/v1&%s", api_faults[i].fault);
        FAILS(etoauth_client_send(c, "POST", "/v1/SECRET?a=SECRET", "X: xSECRETx\nContent-Type: a/b", "xSECRETx", 8, &out.response),
              api_faults[i].expected);
    }
    no_secret_logged(c, (int)(sizeof api_faults / sizeof *api_faults));
    /* Left alone, the sandbox knows neither the key nor the tokens. */
    FAILS(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONSUMER_KEY);
    FAILS(etoauth_client_renew_access_token(c), ETOAUTH_E_CONSUMER_KEY);
    FAILS(etoauth_client_revoke_access_token(c), ETOAUTH_E_CONSUMER_KEY);
    OK(etoauth_client_free(c));
    c = secret_client(sandbox("SANDBOX_TLS_URL"));
    OK(etoauth_client_set_proxy(c, "http://user:passSECRETword@127.0.0.1:1"));
    FAILS(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    OK(etoauth_client_free(c));
    FAILS(etoauth_client_fetch_request_token(c), ETOAUTH_E_HANDLE);
}

/* A proxy that the environment names is none that the caller has checked. */
static void environment(void)
{
    etoauth_client *c = NULL;

    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "keySECRETkey", "consumerSECRETconsumer", &c));
    CHECK(setenv("ALL_PROXY", "socks5://user:passSECRETword@127.0.0.1:1", 1) == 0);
    FAILS(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    CHECK(unsetenv("ALL_PROXY") == 0);
    OK(etoauth_client_free(c));
}

/* A person's browser, that follows the redirect to a listener; plain writes, since only the library is watched. */
static void redirect_to(const char *url)
{
    static char request[256];
    struct sockaddr_in address;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    sprintf(request, "GET /back?x=1&oauth_token=tokenSECRETtoken&oauth_verifier=verifierSECRETverifier HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(write(s, request, strlen(request)) == (ssize_t)strlen(request));
    close(s);
}

/* Answers, sessions, exchanges, a signer and a listener. */
static void hosted(etoauth_client *c)
{
    static const char answer[] = "oauth_token=tokenSECRETtoken&oauth_token_secret=tokenSECRETsecret";
    char *text = NULL, path[] = "/tmp/etoauth-secrets-XXXXXX", beside[64];
    etoauth_exchange *x = make_exchange(c);
    etoauth_listener *l = make_listener();
    etoauth_response *r = NULL;
    etoauth_signer *s = NULL;
    size_t length;
    int file = mkstemp(path);

    CHECK(file >= 0);
    close(file);
    unlink(path);
    admin("fault?kind=status&http=200&on=/v1&body=tokenSECRETtoken");
    OK(etoauth_client_send(c, "POST", "/v1/echo?a=SECRET", "X: xSECRETx\nContent-Type: a/b", "xSECRETx", 8, &r));
    OK(etoauth_response_get_body(r, &text, &length));
    CHECK(strcmp(text, "tokenSECRETtoken") == 0);
    OK(etoauth_string_free(text));
    OK(etoauth_response_free(r));

    OK(etoauth_client_export_session(c, &text));
    OK(etoauth_client_import_session(c, text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_set_session_file(c, path));
    OK(etoauth_client_set_access_token(c, "fileSECRETtoken", "fileSECRETsecret", 0));
    OK(etoauth_client_set_session_file(c, NULL));
    OK(etoauth_client_set_session_file(c, path));
    OK(etoauth_client_set_session_file(c, NULL));
    unlink(path);
    sprintf(beside, "%s.lock", path);
    unlink(beside);
    sprintf(beside, "%s.renew", path);
    unlink(beside);

    OK(etoauth_exchange_get_authorization(x, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_finish(x, 200, NULL, answer, sizeof answer - 1));
    OK(etoauth_exchange_free(x));
    OK(etoauth_listener_get_url(l, &text));
    redirect_to(text);
    OK(etoauth_string_free(text));
    OK(etoauth_listener_wait(l, c, 10000, &text));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, text, &x));
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_finish(x, 200, NULL, answer, sizeof answer - 1));
    OK(etoauth_exchange_free(x));
    OK(etoauth_listener_free(l));
    OK(etoauth_client_get_signer(c, &s));
    OK(etoauth_signer_sign(s, "GET", URL_WITH_SECRET, "a=SECRET", out.buf, sizeof out.buf, NULL));
    OK(etoauth_client_diagnose(c, "GET", out.buf, 200, NULL, answer, sizeof answer - 1, &out.advice));
    OK(etoauth_signer_free(s));
}

/* All that a program does with secrets, from login to logout. */
static void lifecycle(const char *url)
{
    char *text = NULL, *other = NULL;
    volatile const char *freed;
    etoauth_client *c = secret_client(url);
    etoauth_signer *s = NULL;
    size_t length;

    answer_with_token();
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_get_authorize_url(c, &text));
    OK(etoauth_string_free(text));
    answer_with_token();
    OK(etoauth_client_fetch_access_token(c, "verifierSECRETverifier"));
    OK(etoauth_client_sign(c, "GET", URL_WITH_SECRET, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_sign_url(c, "GET", URL_WITH_SECRET, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_set_access_token(c, "newSECRETtoken", "newSECRETsecret", 0));
    OK(etoauth_client_get_access_token(c, &text, &other));
    /* Held back for a while, a freed string can still be looked at. */
    freed = other;
    length = strlen(other);
    OK(etoauth_string_free(text));
    OK(etoauth_string_free(other));
    while (length > 0)
        CHECK(freed[--length] == '\0');
    hosted(c);
    EXPECT(etoauth_client_revoke_access_token(c), ETOAUTH_E_CONSUMER_KEY);
    no_secret_logged(c, 3);
    OK(etoauth_client_free(c));
    OK(etoauth_signer_new("keySECRETkey", "consumerSECRETconsumer", "tokenSECRETtoken", "tokenSECRETsecret", &s));
    OK(etoauth_signer_sign(s, "GET", URL_WITH_SECRET, "a=SECRET", out.buf, sizeof out.buf, NULL));
    OK(etoauth_signer_get_base_string(s, "GET", URL_WITH_SECRET, "a=SECRET", 1, "n", &text));
    OK(etoauth_string_free(text));
    OK(etoauth_signer_free(s));
}

int main(void)
{
    etoauth_client *c;
    int i;

    alarm(600);
    c = secret_client(sandbox("SANDBOX_URL"));
    texts_in(c);
    texts_in_calls(c);
    answers(c);
    environment();
    watch(1);
    can_see();
    lifecycle(sandbox("SANDBOX_URL"));
    lifecycle(sandbox("SANDBOX_TLS_URL"));
    /* Strings are held back no longer than until many more were freed. */
    for (i = 0; i < 2000; i++) {
        char *text = NULL;

        OK(etoauth_percent_encode("xSECRETx", &text));
        OK(etoauth_string_free(text));
    }
    watch(0);
    CHECK(counted(&blocks_freed) > 2000);
    if (counted(&blocks_with_secrets) > 0)
        fprintf(stderr, "%lu of %lu blocks were freed with a secret in them\n", counted(&blocks_with_secrets),
                counted(&blocks_freed));
    CHECK(counted(&blocks_with_secrets) == 0);
    CHECK(etoauth_live_objects() == 0);
    puts("no secret was told or left behind");
    return 0;
}

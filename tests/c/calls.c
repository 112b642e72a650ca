/* API calls, exchanges, listeners and verdicts that are refused before anything happens. */
#include "misuse.h"
#include "sandbox.h"

#include <sys/stat.h>

#define COUNT(array) (sizeof array / sizeof *array)

static etoauth_client *c;

static void no_headers(void)
{
    static const char *bad[] = {
        "A", "A b", ": b", ":", "A : b", "A\t: b", "A b: c", " A: b", "A: b\n folded", "A: b\n\tfolded", "A: b\rX: y",
        "A: b\r\r\nX: y", "\rA: b", "A: b\x01", "A: \x1b[0m", "A: b\x7f", "A: b\v", "A\x01: b", "A: b\nno colon", "A: b\n: c",
        "Authorization: x", "authorization:x", "AUTHORIZATION:", "Host: x", "hOST: x", "Content-Length: 0",
        "content-length:1", "Transfer-Encoding: chunked", "transfer-encoding:", "A: b\nHost: x", "A: b\r\nauthorization: x",
        "A: b\n\r\nTransfer-Encoding: chunked", "Authorization : x", "Host\r: x", "A: b\r\nContent-Length: 5\r\n",
    };
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        REFUSED(etoauth_client_send(c, "GET", "/v1/echo", bad[i], NULL, 0, &out.response), ETOAUTH_E_ARGUMENT, "headers");
        REFUSED(etoauth_client_send(c, "POST", "/v1/echo", bad[i], NULL, 0, &out.response), ETOAUTH_E_ARGUMENT, "headers");
    }
}

/* %s is the sandbox's host and port. */
static void no_urls(void)
{
    static const struct {
        const char *format;
        etoauth_status expected;
    } bad[] = {
        {"", ETOAUTH_E_URL}, {"v1", ETOAUTH_E_URL}, {"%s/v1", ETOAUTH_E_URL}, {"//%s/v1", ETOAUTH_E_URL},
        {"/a b", ETOAUTH_E_URL}, {"/a\nb", ETOAUTH_E_URL}, {"/\r\nHost: x", ETOAUTH_E_URL}, {"/a#b", ETOAUTH_E_URL},
        {"/%%", ETOAUTH_E_URL}, {"/\xc3\xa9", ETOAUTH_E_URL}, {"/a\\b", ETOAUTH_E_URL}, {"ftp://%s/v1", ETOAUTH_E_URL},
        {"https://%s/v1", ETOAUTH_E_URL}, {"https://api.etrade.com/v1", ETOAUTH_E_URL}, {"http://127.0.0.1:1/v1", ETOAUTH_E_URL},
        {"http://127.0.0.1/v1", ETOAUTH_E_URL}, {"http://localhost:1/v1", ETOAUTH_E_URL}, {"http://%s@example.com/v1", ETOAUTH_E_URL},
        {"http://user@%s/v1", ETOAUTH_E_URL}, {"http://%s0/v1", ETOAUTH_E_URL}, {"http://%s.example.com/v1", ETOAUTH_E_URL},
        {"http://example.com/v1", ETOAUTH_E_INSECURE}, {"http://api.etrade.com/v1", ETOAUTH_E_INSECURE},
        {"HTTP://apisb.etrade.com:443/v1", ETOAUTH_E_INSECURE}, {"http://127.0.0.1.example.com/v1", ETOAUTH_E_INSECURE},
    };
    const char *host = strstr(sandbox("SANDBOX_URL"), "//") + 2;
    char url[256];
    size_t i;

    for (i = 0; i < COUNT(bad); i++) {
        sprintf(url, bad[i].format, host);
        REFUSED(etoauth_client_send(c, "GET", url, NULL, NULL, 0, &out.response), bad[i].expected, "url");
    }
}

static void no_bodies(void)
{
    static const char form[] = "Content-Type: application/x-www-form-urlencoded";
    static const char *bad_forms[] = {"a=%", "a=%zz", "a=1\nb=2", "a=\x01", "a=\xff"};
    size_t i;

    REFUSED(etoauth_client_send(c, "POST", "/v1/echo", NULL, "x", 1, &out.response), ETOAUTH_E_ARGUMENT, "headers");
    REFUSED(etoauth_client_send(c, "POST", "/v1/echo", "Content-Typ: a/b", "x", 1, &out.response), ETOAUTH_E_ARGUMENT, "headers");
    REFUSED(etoauth_client_send(c, "POST", "/v1/echo", form, NULL, 1, &out.response), ETOAUTH_E_NULL, "body");
    REFUSED(etoauth_client_send(c, "POST", "/v1/echo", form, NULL, (size_t)-1, &out.response), ETOAUTH_E_NULL, "body");
    REFUSED(etoauth_client_send(c, "POST", "/v1/echo", form, "x", (size_t)-1, &out.response), ETOAUTH_E_ARGUMENT, "body_len");
    for (i = 0; i < COUNT(bad_forms); i++)
        REFUSED(etoauth_client_send(c, "POST", "/v1/echo", form, bad_forms[i], strlen(bad_forms[i]), &out.response),
                ETOAUTH_E_ARGUMENT, "body");
    REFUSED(etoauth_client_send(c, "", "/v1/echo", NULL, NULL, 0, &out.response), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_client_send(c, "G T", "/v1/echo", NULL, NULL, 0, &out.response), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_client_send(c, "GET / HTTP/1.1\r\nX:", "/v1/echo", NULL, NULL, 0, &out.response), ETOAUTH_E_METHOD, "method");
}

/* None of them left this machine; the next call does. */
static void sends(void)
{
    long sent = count("requests");

    no_headers();
    no_urls();
    no_bodies();
    CHECK(count("requests") == sent);
    OK(etoauth_client_send(c, "GET", "/v1/echo", "A: b\r\nC:\td e\n\n", NULL, 0, &out.response));
    OK(etoauth_response_free(out.response));
    CHECK(count("requests") == sent + 1);
}

static const int32_t no_status[] = {-2, 1, 99, 600, 1000, INT32_MAX, INT32_MIN};

static void exchanges(void)
{
    static const int32_t no_kind[] = {0, 5, -1, INT32_MIN, INT32_MAX};
    static const char answer[] = "oauth_token=a&oauth_token_secret=b&oauth_callback_confirmed=true";
    etoauth_client *other = make_client();
    etoauth_exchange *x = NULL;
    int32_t kind;
    size_t i;

    for (i = 0; i < COUNT(no_kind); i++) {
        REFUSED(etoauth_exchange_new(c, no_kind[i], NULL, &out.exchange), ETOAUTH_E_ARGUMENT, "kind");
        EXPECT(etoauth_exchange_new(c, no_kind[i], "x", &out.exchange), ETOAUTH_E_ARGUMENT);
    }
    for (kind = 1; kind <= 4; kind++)
        if (kind != ETOAUTH_EXCHANGE_ACCESS_TOKEN) {
            REFUSED(etoauth_exchange_new(c, kind, "x", &out.exchange), ETOAUTH_E_ARGUMENT, "verifier");
            REFUSED(etoauth_exchange_new(c, kind, "", &out.exchange), ETOAUTH_E_ARGUMENT, "verifier");
        }
    /* Neither a token nor a pending login. */
    EXPECT(etoauth_exchange_new(other, ETOAUTH_EXCHANGE_ACCESS_TOKEN, "x", &out.exchange), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_new(other, ETOAUTH_EXCHANGE_RENEW, NULL, &out.exchange), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_new(other, ETOAUTH_EXCHANGE_REVOKE, NULL, &out.exchange), ETOAUTH_E_STATE);

    /* An answer that is none leaves the exchange as it is. */
    x = make_exchange(other);
    for (i = 0; i < COUNT(no_status); i++)
        REFUSED(etoauth_exchange_finish(x, no_status[i], NULL, answer, sizeof answer - 1), ETOAUTH_E_ARGUMENT, "http_status");
    REFUSED(etoauth_exchange_finish(x, 200, NULL, NULL, 1), ETOAUTH_E_NULL, "body");
    REFUSED(etoauth_exchange_finish(x, 200, NULL, answer, (size_t)-1), ETOAUTH_E_ARGUMENT, "body_len");
    CHECK(token_state(other) == ETOAUTH_TOKEN_NONE);
    OK(etoauth_exchange_finish(x, 200, NULL, answer, sizeof answer - 1));
    CHECK(token_state(other) == ETOAUTH_TOKEN_PENDING);
    EXPECT(etoauth_exchange_finish(x, 200, NULL, answer, sizeof answer - 1), ETOAUTH_E_STATE);
    OK(etoauth_exchange_free(x));
    EXPECT(etoauth_exchange_new(other, ETOAUTH_EXCHANGE_ACCESS_TOKEN, " ", &out.exchange), ETOAUTH_E_ARGUMENT);

    /* Nor does one count that comes too late. */
    OK(etoauth_client_set_access_token(other, "one", "secret", 0));
    OK(etoauth_exchange_new(other, ETOAUTH_EXCHANGE_REVOKE, NULL, &x));
    OK(etoauth_client_set_access_token(other, "two", "secret", 0));
    EXPECT(etoauth_exchange_finish(x, 200, NULL, "Revoked Access Token", 20), ETOAUTH_E_STATE);
    CHECK(token_state(other) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_exchange_free(x));
    x = make_exchange(other);
    OK(etoauth_client_free(other));
    EXPECT(etoauth_exchange_finish(x, 200, NULL, answer, sizeof answer - 1), ETOAUTH_E_STATE);
    OK(etoauth_exchange_free(x));
}

static void verdicts(void)
{
    static const char *unsigned_values[] = {
        "", " ", "rubbish", "OAuth", "OAuth ", "OAuth oauth_consumer_key=\"k\"", "Bearer token", "OAuth oauth_token",
        "OAuth oauth_token=\"\"",
    };
    char *lines = NULL;
    size_t i;

    for (i = 0; i < COUNT(no_status); i++)
        REFUSED(etoauth_client_diagnose(c, "GET", AUTHORIZATION, no_status[i], NULL, NULL, 0, &out.advice), ETOAUTH_E_ARGUMENT, "http_status");
    REFUSED(etoauth_client_diagnose(c, "GET", AUTHORIZATION, 401, NULL, "x", (size_t)-1, &out.advice), ETOAUTH_E_ARGUMENT, "body_len");
    for (i = 0; i < COUNT(unsigned_values); i++) {
        REFUSED(etoauth_client_diagnose(c, "GET", unsigned_values[i], 401, NULL, NULL, 0, &out.advice), ETOAUTH_E_ARGUMENT, "authorization");
        REFUSED(etoauth_client_diagnose(c, "GET", unsigned_values[i], 0, NULL, NULL, 0, &out.advice), ETOAUTH_E_ARGUMENT, "authorization");
    }
    OK(etoauth_client_diagnose(c, "POST", AUTHORIZATION, 0, NULL, NULL, 0, &out.advice));
    CHECK(out.advice == ETOAUTH_ADVICE_CHECK);
    /* Whatever the method holds, an event is one line. */
    OK(etoauth_client_read_log(c, &lines));
    OK(etoauth_string_free(lines));
    lines = NULL;
    etoauth_client_diagnose(c, "GET\na forged line", AUTHORIZATION, 401, NULL, "oauth_problem=token_expired", 27, &out.advice);
    OK(etoauth_client_read_log(c, &lines));
    CHECK(strstr(lines, "\na forged") == NULL && strstr(lines, "\nA FORGED") == NULL);
    OK(etoauth_string_free(lines));
}

static void listeners(void)
{
    static const char *bad[] = {
        "", " ", "rubbish", "localhost:0", "//localhost:0/", "/back", "http://", "http:///back", "https://localhost:0/",
        "https://127.0.0.1:0/back", "ftp://localhost:0/", "http://example.com:0/", "http://localhost.example:0/",
        "http://10.0.0.1:0/", "http://0.0.0.0:0/", "http://[::]:0/", "http://[::2]:0/", "http://128.0.0.1:0/",
        "http://127.0.0.1.example:0/", "http://localhost@example.com:0/", "http://user@localhost:0/",
        "http://localhost:65536/", "http://localhost:x/", "http://localhost:-1/", "http://localhost:0/a b",
        "http://localhost:0/\r\nX: y", "http://localhost:0/#f", "http://localhost:0/\xc3\xa9", "http://localhost:0/%", "oob",
    };
    char *url = NULL, taken[300];
    etoauth_listener *l = NULL, *newer = NULL;
    size_t i;

    for (i = 0; i < COUNT(bad); i++)
        REFUSED(etoauth_listener_new(bad[i], &out.listener), ETOAUTH_E_ARGUMENT, "callback_url");
    l = make_listener();
    OK(etoauth_listener_get_url(l, &url));
    CHECK(strstr(url, ":0/") == NULL && strstr(url, "/back?x=1") != NULL);
    strcpy(taken, url);
    OK(etoauth_string_free(url));
    /* A newer listener takes its port over. */
    OK(etoauth_listener_new(taken, &newer));
    mark_outputs();
    EXPECT(etoauth_listener_wait(l, NULL, 0, &out.text), ETOAUTH_E_STATE);
    CHECK(outputs_untouched());
    OK(etoauth_listener_free(l));
    OK(etoauth_listener_free(newer));
    /* Its port is free again. */
    OK(etoauth_listener_new(taken, &l));
    OK(etoauth_listener_free(l));
}

/* Of a session file and its text; what can't be used leaves the client as it was. */
static void sessions(void)
{
    static const char *bad[] = {"", " ", ".", "etoauth-session-1", "etoauth-session-1..", "etoauth-session-2.e30.x", "{}"};
    etoauth_client *other = make_client();
    char *text = NULL, *again = NULL, byte;
    size_t i;

    OK(etoauth_client_export_session(c, &text));
    for (i = 0; i < COUNT(bad); i++)
        REFUSED(etoauth_client_import_session(c, bad[i]), ETOAUTH_E_SESSION, "text");
    EXPECT(etoauth_client_import_session(other, text), ETOAUTH_E_SESSION);
    for (i = strlen(text); i-- > 0;) {
        byte = text[i];
        text[i] = byte == 'A' ? 'B' : 'A';
        EXPECT(etoauth_client_import_session(c, text), ETOAUTH_E_SESSION);
        text[i] = '\0';
        EXPECT(etoauth_client_import_session(c, text), ETOAUTH_E_SESSION);
        text[i] = byte;
        if (i > 40)
            i -= 7;
    }
    OK(etoauth_client_export_session(c, &again));
    CHECK(strcmp(text, again) == 0 && token_state(other) == ETOAUTH_TOKEN_NONE);
    OK(etoauth_client_import_session(c, text));
    OK(etoauth_string_free(text));
    OK(etoauth_string_free(again));
    EXPECT(etoauth_client_set_session_file(c, "/nowhere/at/all"), ETOAUTH_E_FILE);
    REFUSED(etoauth_client_set_session_file(c, ""), ETOAUTH_E_ARGUMENT, "path");
    OK(etoauth_client_set_clock_offset(c, 86400));
    OK(etoauth_client_set_clock_offset(c, -86400));
    REFUSED(etoauth_client_set_clock_offset(c, 86401), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_client_set_clock_offset(c, -86401), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_client_set_clock_offset(c, INT64_MIN), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_client_set_clock_offset(c, INT64_MAX), ETOAUTH_E_ARGUMENT, "seconds");
    OK(etoauth_client_get_clock_offset(c, &out.seconds));
    CHECK(out.seconds == -86400);
    OK(etoauth_client_free(other));
}

#ifndef _WIN32
/* A pipe that nobody writes to has no end; neither may the call wait for it. The alarm ends a test that hangs. */
static void no_pipes(void)
{
    char directory[] = "/tmp/etoauth-pipe-XXXXXX", pipe[64], beside[80];
    etoauth_status status;

    CHECK(mkdtemp(directory) != NULL);
    sprintf(pipe, "%s/pipe", directory);
    sprintf(beside, "%s.lock", pipe);
    CHECK(mkfifo(pipe, 0600) == 0);
    status = etoauth_client_set_session_file(c, pipe);
    unlink(beside);
    unlink(pipe);
    rmdir(directory);
    EXPECT(status, ETOAUTH_E_FILE);
}
#endif

int main(void)
{
    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));
    log_in(c);
    sends();
    exchanges();
    listeners();
    sessions();
    verdicts();
#ifndef _WIN32
    no_pipes();
#endif
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no wrong call was carried out");
    return 0;
}

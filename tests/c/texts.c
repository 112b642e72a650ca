/* Texts that are not UTF-8, of a megabyte, or that mean nothing, in each argument that takes a text.
   The argument is the length of the long ones: more than goes into a request's head. */
#include "misuse.h"
#include "sandbox.h"

/* The sender holds a token and knows no server; the response is one from the sandbox. */
static etoauth_client *c, *sender;
static etoauth_signer *s;
static etoauth_response *r;

/* Each text argument: its name, what a text that means something begins with, the status of a long one, and what the
   call gives. */
static const struct argument {
    const char *name, *prefix;
    etoauth_status status;
    enum { NOTHING, CLIENT, SIGNER, LISTENER, TEXT, SIGNED_TEXT, SIGNED_BUFFER } gives;
} arguments[] = {
    {"consumer_key", "", ETOAUTH_OK, CLIENT},
    {"consumer_secret", "", ETOAUTH_OK, CLIENT},
    {"consumer_key", "", ETOAUTH_OK, SIGNER},
    {"consumer_secret", "", ETOAUTH_OK, SIGNER},
    {"token", "", ETOAUTH_OK, SIGNER},
    {"token_secret", "", ETOAUTH_OK, SIGNER},
    {"verifier", "", ETOAUTH_E_STATE, NOTHING},
    {"token", "", ETOAUTH_OK, NOTHING},
    {"token_secret", "", ETOAUTH_OK, NOTHING},
    {"oauth_base", "https://localhost/", ETOAUTH_OK, NOTHING},
    {"authorize_url", "https://localhost/", ETOAUTH_OK, NOTHING},
    {"api_base", "https://localhost/", ETOAUTH_OK, NOTHING},
    {"url", "http://", ETOAUTH_E_URL, NOTHING},
    {"pem_path", "/", ETOAUTH_E_FILE, NOTHING},
    {"text", "agent ", ETOAUTH_E_ARGUMENT, NOTHING},
    {"text", "", ETOAUTH_OK, TEXT},
    {"method", "", ETOAUTH_OK, SIGNED_TEXT},
    {"url", URL, ETOAUTH_OK, SIGNED_TEXT},
    {"method", "", ETOAUTH_OK, SIGNED_TEXT},
    {"url", URL, ETOAUTH_OK, SIGNED_TEXT},
    {"method", "", ETOAUTH_OK, SIGNED_BUFFER},
    {"url", URL, ETOAUTH_OK, SIGNED_BUFFER},
    {"form", "", ETOAUTH_OK, SIGNED_BUFFER},
    {"method", "", ETOAUTH_OK, SIGNED_BUFFER},
    {"url", URL, ETOAUTH_OK, SIGNED_BUFFER},
    {"form", "", ETOAUTH_OK, SIGNED_BUFFER},
    {"nonce", "", ETOAUTH_E_ARGUMENT, SIGNED_BUFFER},
    {"method", "", ETOAUTH_OK, TEXT},
    {"url", URL, ETOAUTH_OK, TEXT},
    {"form", "", ETOAUTH_OK, TEXT},
    {"nonce", "", ETOAUTH_E_ARGUMENT, TEXT},
    {"method", "", ETOAUTH_E_CONNECT, NOTHING},
    {"url", "/v1?", ETOAUTH_E_ARGUMENT, NOTHING},
    {"headers", "X: ", ETOAUTH_E_ARGUMENT, NOTHING},
    {"name", "", ETOAUTH_OK, NOTHING},
    {"path", "/nowhere/", ETOAUTH_E_FILE, NOTHING},
    {"text", "etoauth-session-1.", ETOAUTH_E_SESSION, NOTHING},
    {"callback_url", "http://127.0.0.1:0/", ETOAUTH_OK, LISTENER},
    {"verifier", "", ETOAUTH_E_STATE, NOTHING},
    {"headers", "X: ", ETOAUTH_E_UNAVAILABLE, NOTHING},
    {"method", "", ETOAUTH_OK, NOTHING},
    {"authorization", AUTHORIZATION ",", ETOAUTH_OK, NOTHING},
    {"headers", "X: ", ETOAUTH_OK, NOTHING},
};

#define ARGUMENTS (sizeof arguments / sizeof *arguments)
/* Those that are about a request to sign begin here. */
#define OF_REQUESTS 16
/* And end here. */
#define OF_CALLS 31

/* An exchange of its own for each answer. */
static etoauth_status finish(const char *headers)
{
    etoauth_exchange *x = make_exchange(c);
    etoauth_status status = etoauth_exchange_finish(x, 503, headers, NULL, 0);

    OK(etoauth_exchange_free(x));
    return status;
}

static etoauth_status call(size_t which, const char *text)
{
    char *buf = out.buf;
    size_t cap = sizeof out.buf, *len = &out.number;

    switch (which) {
    case 0: return etoauth_client_new(ETOAUTH_ENV_LIVE, text, "secret", &out.client);
    case 1: return etoauth_client_new(ETOAUTH_ENV_LIVE, "key", text, &out.client);
    case 2: return etoauth_signer_new(text, "secret", "token", "secret", &out.signer);
    case 3: return etoauth_signer_new("key", text, "token", "secret", &out.signer);
    case 4: return etoauth_signer_new("key", "secret", text, "secret", &out.signer);
    case 5: return etoauth_signer_new("key", "secret", "token", text, &out.signer);
    case 6: return etoauth_client_fetch_access_token(c, text);
    case 7: return etoauth_client_set_access_token(c, text, "secret", 0);
    case 8: return etoauth_client_set_access_token(c, "token", text, 0);
    case 9: return etoauth_client_set_base_urls(c, text, NULL, NULL);
    case 10: return etoauth_client_set_base_urls(c, NULL, text, NULL);
    case 11: return etoauth_client_set_base_urls(c, NULL, NULL, text);
    case 12: return etoauth_client_set_proxy(c, text);
    case 13: return etoauth_client_set_ca_file(c, text);
    case 14: return etoauth_client_set_user_agent(c, text);
    case 15: return etoauth_percent_encode(text, &out.text);
    case 16: return etoauth_client_sign(c, text, URL, &out.text);
    case 17: return etoauth_client_sign(c, "GET", text, &out.text);
    case 18: return etoauth_client_sign_url(c, text, URL, &out.text);
    case 19: return etoauth_client_sign_url(c, "GET", text, &out.text);
    case 20: return etoauth_signer_sign(s, text, URL, NULL, buf, cap, len);
    case 21: return etoauth_signer_sign(s, "GET", text, NULL, buf, cap, len);
    case 22: return etoauth_signer_sign(s, "GET", URL, text, buf, cap, len);
    case 23: return etoauth_signer_sign_at(s, text, URL, NULL, 1, "n", buf, cap, len);
    case 24: return etoauth_signer_sign_at(s, "GET", text, NULL, 1, "n", buf, cap, len);
    case 25: return etoauth_signer_sign_at(s, "GET", URL, text, 1, "n", buf, cap, len);
    case 26: return etoauth_signer_sign_at(s, "GET", URL, NULL, 1, text, buf, cap, len);
    case 27: return etoauth_signer_get_base_string(s, text, URL, NULL, 1, "n", &out.text);
    case 28: return etoauth_signer_get_base_string(s, "GET", text, NULL, 1, "n", &out.text);
    case 29: return etoauth_signer_get_base_string(s, "GET", URL, text, 1, "n", &out.text);
    case 30: return etoauth_signer_get_base_string(s, "GET", URL, NULL, 1, text, &out.text);
    case 31: return etoauth_client_send(sender, text, "/v1", NULL, NULL, 0, &out.response);
    case 32: return etoauth_client_send(sender, "GET", text, NULL, NULL, 0, &out.response);
    case 33: return etoauth_client_send(sender, "GET", "/v1", text, NULL, 0, &out.response);
    case 34: return etoauth_response_get_header(r, text, &out.text);
    case 35: return etoauth_client_set_session_file(c, text);
    case 36: return etoauth_client_import_session(c, text);
    case 37: return etoauth_listener_new(text, &out.listener);
    case 38: return etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, text, &out.exchange);
    case 39: return finish(text);
    case 40: return etoauth_client_diagnose(c, text, AUTHORIZATION, 200, NULL, NULL, 0, &out.advice);
    case 41: return etoauth_client_diagnose(c, "GET", text, 200, NULL, NULL, 0, &out.advice);
    default: return etoauth_client_diagnose(c, "GET", AUTHORIZATION, 200, text, NULL, 0, &out.advice);
    }
}

static int one_visible_line(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return *text == '\0';
}

/* HMAC-SHA1 in base64 has 28 characters, the last of them "=", percent-encoded. */
static void check_signature(const char *text)
{
    const char *start = strstr(text, "oauth_signature=");
    int length = 0;

    CHECK(start != NULL && one_visible_line(text));
    start += strlen("oauth_signature=");
    for (start += *start == '"'; *start != '\0' && strchr("\"&,", *start) == NULL; length++)
        start += *start == '%' ? 3 : 1;
    CHECK(length == 28 && memcmp(start - 3, "%3D", 3) == 0);
}

/* Looks at what a call gave, and gives it back. */
static void take(size_t which)
{
    switch (arguments[which].gives) {
    case CLIENT: OK(etoauth_client_free(out.client)); break;
    case SIGNER: OK(etoauth_signer_free(out.signer)); break;
    case LISTENER: OK(etoauth_listener_free(out.listener)); break;
    case SIGNED_BUFFER: check_signature(out.buf); break;
    case SIGNED_TEXT: check_signature(out.text); /* fall through */
    case TEXT:
        CHECK(one_visible_line(out.text));
        OK(etoauth_string_free(out.text));
        break;
    default: break;
    }
}

static void utf8(void)
{
    static const char *bad[] = {
        "\x80", "a\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
    };
    char text[64];
    size_t which, i;

    for (which = 0; which < ARGUMENTS; which++) {
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            sprintf(text, "%s%s", arguments[which].prefix, bad[i]);
            REFUSED(call(which, text), ETOAUTH_E_UTF8, arguments[which].name);
            strcat(text, "z");
            REFUSED(call(which, text), ETOAUTH_E_UTF8, arguments[which].name);
        }
    }
}

static void megabytes(size_t length)
{
    char *text = malloc(length + 1), *header;
    size_t which, bound, len;
    etoauth_signer *wide = NULL;

    CHECK(text != NULL);
    for (which = 0; which < ARGUMENTS; which++) {
        size_t prefix = strlen(arguments[which].prefix);

        memcpy(text, arguments[which].prefix, prefix);
        memset(text + prefix, 'a', length - prefix);
        text[length] = '\0';
        EXPECT(call(which, text), arguments[which].status);
        if (arguments[which].status == ETOAUTH_OK)
            take(which);
    }
    memset(text, '+', length);
    OK(etoauth_signer_new(text, text, text, text, &wide));
    OK(etoauth_signer_get_bound(wide, &bound));
    CHECK(bound > 6 * length);
    header = malloc(bound);
    CHECK(header != NULL);
    EXPECT(etoauth_signer_sign(wide, "GET", URL, NULL, header, bound - 1, &len), ETOAUTH_E_BUFFER);
    OK(etoauth_signer_sign(wide, "GET", URL, NULL, header, bound, &len));
    CHECK(strlen(header) == len && len < bound);
    check_signature(header);
    OK(etoauth_signer_free(wide));
    free(header);
    free(text);
}

/* Every byte in every argument: whatever is taken, what comes out is one line. */
static void bytes(void)
{
    char text[64];
    size_t which;
    int byte;

    for (which = 0; which < ARGUMENTS; which++) {
        for (byte = 1; byte < 128; byte++) {
            sprintf(text, "%s%cb", arguments[which].prefix, byte);
            mark_outputs();
            if (call(which, text) == ETOAUTH_OK)
                take(which);
            else
                CHECK(outputs_untouched());
        }
    }
}

/* A session with long texts survives its export and its file as a short one does. */
static void long_sessions(size_t length)
{
    char *text = malloc(length + 1), *session = NULL, *token = NULL, *secret = NULL;
    char path[] = "/tmp/etoauth-session-XXXXXX", beside[64];
    etoauth_client *first = make_client(), *second = make_client();
    int file = mkstemp(path);
    etoauth_status status;

    CHECK(text != NULL && file >= 0);
    close(file);
    CHECK(unlink(path) == 0);
    memset(text, 'a', length);
    text[length] = '\0';
    OK(etoauth_client_set_access_token(first, text, text, 0));
    OK(etoauth_client_export_session(first, &session));
    OK(etoauth_client_import_session(second, session));
    OK(etoauth_client_get_access_token(second, &token, &secret));
    CHECK(strcmp(token, text) == 0 && strcmp(secret, text) == 0);
    OK(etoauth_string_free(session));
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    /* What could be written can be read. */
    status = etoauth_client_set_session_file(first, path);
    status = status == ETOAUTH_OK ? etoauth_client_set_session_file(second, path) : ETOAUTH_OK;
    unlink(path);
    sprintf(beside, "%s.lock", path);
    unlink(beside);
    sprintf(beside, "%s.renew", path);
    unlink(beside);
    OK(status);
    OK(etoauth_client_free(first));
    OK(etoauth_client_free(second));
    free(text);
}

static void refused(const char *name, const char *text, etoauth_status status)
{
    size_t which;

    for (which = OF_REQUESTS; which < OF_CALLS; which++)
        if (strcmp(arguments[which].name, name) == 0)
            REFUSED(call(which, text), status, name);
}

static void request_texts(void)
{
    static const char *urls[] = {
        "", "localhost", "/v1", "//localhost/v1", "ftp://localhost/", "https:/localhost", "https://", "https:///v1",
        "https://localhost/a b", " https://localhost/", "https://localhost/ ", "https://localhost/?q=a b",
        "https://localhost/a\nb", "https://localhost/\r\nHost: x", "https://localhost/?q=a\nb", "https://localhost/\t",
        "https://local\nhost/", "https://localhost/\x01", "https://localhost/\x7f", "https://localhost/\"",
        "https://localhost/?q=\"", "https://localhost/a|b", "https://localhost/?a|b", "https://localhost/<", "https://localhost/>",
        "https://localhost/\\", "https://localhost/^", "https://localhost/`", "https://localhost/{}",
        "https://localhost/\xc3\xa9", "https://localhost/?q=\xc3\xa9", "https://\xc3\xa9/", "https://localhost/%",
        "https://localhost/%4", "https://localhost/%zz", "https://localhost/?q=%", "https://localhost/?q=%1",
        "https://localhost/?%g1", "https://localhost/#", "https://localhost/?q#f", "https://user@localhost/",
        "https://user:password@localhost/", "https://:@localhost/", "https://@localhost/", "https://localhost:0/",
        "https://localhost:65536/", "https://localhost:x/", "https://localhost:-1/", "https://[::1/", "https://[::g]/",
        "https://loc%61lhost/",
    };
    static const char *methods[] = {"", " ", "GET ", " GET", "G T", "GET\n", "GET\r\nX: y", "GE7", "GET-IT", "G\xc3\x89T", "G=T", "G&T"};
    static const char *nonces[] = {"", " ", "a b", "a\nb", "a\"b", "a,b", "a%20b", "a+b", "a=b", "a/b", "\xc3\xa9",
                                   "01234567890123456789012345678901234567890123456789012345678901234"};
    static const char *forms[] = {"a=%", "a=%1", "a=%zz", "a=1\nb=2", "a=1\r\n", "a=\x01"};
    static const int64_t times[] = {0, -1, INT64_MIN};
    size_t i;

    for (i = 0; i < sizeof urls / sizeof *urls; i++)
        refused("url", urls[i], ETOAUTH_E_URL);
    for (i = 0; i < sizeof methods / sizeof *methods; i++)
        refused("method", methods[i], ETOAUTH_E_METHOD);
    for (i = 0; i < sizeof nonces / sizeof *nonces; i++)
        refused("nonce", nonces[i], ETOAUTH_E_ARGUMENT);
    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        refused("form", forms[i], ETOAUTH_E_ARGUMENT);
    for (i = 0; i < sizeof times / sizeof *times; i++) {
        REFUSED(etoauth_signer_sign_at(s, "GET", URL, NULL, times[i], "n", out.buf, sizeof out.buf, NULL),
                ETOAUTH_E_ARGUMENT, "timestamp");
        REFUSED(etoauth_signer_get_base_string(s, "GET", URL, NULL, times[i], "n", &out.text), ETOAUTH_E_ARGUMENT, "timestamp");
    }
    OK(etoauth_signer_set_clock_offset(s, 86400));
    OK(etoauth_signer_set_clock_offset(s, -86400));
    REFUSED(etoauth_signer_set_clock_offset(s, 86401), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_signer_set_clock_offset(s, -86401), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_signer_set_clock_offset(s, INT64_MIN), ETOAUTH_E_ARGUMENT, "seconds");
}

int main(int argc, char **argv)
{
    alarm(120);
    CHECK(argc == 2);
    c = make_client();
    s = make_signer();
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
    sender = new_client(sandbox("SANDBOX_URL"));
    log_in(sender);
    r = make_response(sender);
    OK(etoauth_client_set_base_urls(sender, NULL, NULL, "http://127.0.0.1:1"));
    utf8();
    request_texts();
    bytes();
    megabytes((size_t)atol(argv[1]));
    long_sessions((size_t)atol(argv[1]));
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(sender));
    OK(etoauth_client_free(c));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    puts("no text was misread");
    return 0;
}

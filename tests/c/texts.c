/* Texts that are not UTF-8, too long, or that mean nothing, in each argument that takes a text.
   The argument is the length of the long ones: more than goes into a request's head. */
#include "arguments.h"

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
            if (TAKES_ANY_BYTES(which)) {
                EXPECT(call(which, text), arguments[which].status);
                continue;
            }
            REFUSED(call(which, text), ETOAUTH_E_UTF8, arguments[which].name);
            strcat(text, "z");
            REFUSED(call(which, text), ETOAUTH_E_UTF8, arguments[which].name);
        }
    }
}

/* A text of this length in each argument. */
static void fill(char *text, size_t length, size_t which)
{
    size_t prefix = strlen(arguments[which].prefix);

    memcpy(text, arguments[which].prefix, prefix);
    memset(text + prefix, 'a', length - prefix);
    text[length] = '\0';
}

static void long_texts(size_t length)
{
    char *text = malloc(length + 1), *header;
    size_t which, bound, len;
    etoauth_signer *wide = NULL;

    CHECK(text != NULL && length > LONGEST_TEXT);
    for (which = 0; which < ARGUMENTS; which++) {
        int any = TAKES_ANY_LENGTH(which);

        fill(text, any ? length : LONGEST_TEXT, which);
        EXPECT(call(which, text), arguments[which].status);
        if (arguments[which].status == ETOAUTH_OK)
            take(which);
        fill(text, LONGEST_TEXT + 1, which);
        mark_outputs();
        if (any)
            continue;
        REFUSED(call(which, text), ETOAUTH_E_ARGUMENT, arguments[which].name);
        SENTENCE("65,535");
    }
    length = LONGEST_TEXT;
    text[length] = '\0';
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
    static const char *methods[] = {"", " ", "GET ", " GET", "G T", "GET\n", "GET\r\nX: y", "GE7", "GET-IT", "G\xc3\x89T", "G=T", "G&T",
                                    "CONNECT", "connect", "Connect"};
    static const char *nonces[] = {"", " ", "a b", "a\nb", "a\"b", "a,b", "a%20b", "a+b", "a=b", "a/b", "\xc3\xa9",
                                   "01234567890123456789012345678901234567890123456789012345678901234"};
    static const char *forms[] = {"a=%", "a=%1", "a=%zz", "a=1\nb=2", "a=1\r\n", "a=\x01"};
    static const int64_t times[] = {0, -1, INT64_MIN};
    size_t i;

    for (i = 0; i < sizeof urls / sizeof *urls; i++)
        refused("url", urls[i], ETOAUTH_E_URL);
    for (i = 0; i < sizeof methods / sizeof *methods; i++)
        refused("method", methods[i], ETOAUTH_E_METHOD);
    for (i = 0; i < 2; i++) {
        const char *connect = i == 0 ? "CONNECT" : "connect";

        REFUSED(etoauth_client_send(sender, connect, "/v1", NULL, NULL, 0, &out.response), ETOAUTH_E_METHOD, "method");
        REFUSED(etoauth_client_diagnose(c, connect, AUTHORIZATION, 200, NULL, NULL, 0, &out.advice), ETOAUTH_E_METHOD, "method");
    }
    for (i = 0; i < sizeof nonces / sizeof *nonces; i++)
        refused("nonce", nonces[i], ETOAUTH_E_ARGUMENT);
    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        refused("form", forms[i], ETOAUTH_E_ARGUMENT);
    for (i = 0; i < sizeof times / sizeof *times; i++) {
        REFUSED(etoauth_signer_sign_at(s, "GET", URL, NULL, times[i], "n", out.buf, sizeof out.buf, NULL),
                ETOAUTH_E_ARGUMENT, "timestamp");
        REFUSED(etoauth_signer_get_base_string(s, "GET", URL, NULL, times[i], "n", &out.text), ETOAUTH_E_ARGUMENT, "timestamp");
        REFUSED(etoauth_prepared_sign_at(p, times[i], "n", out.buf, sizeof out.buf, &out.number), ETOAUTH_E_ARGUMENT,
                "timestamp");
        REFUSED(etoauth_prepared_sign_at(p, times[i], NULL, out.buf, sizeof out.buf, &out.number), ETOAUTH_E_ARGUMENT,
                "timestamp");
    }
    OK(etoauth_signer_set_clock_offset(s, 86400));
    OK(etoauth_signer_set_clock_offset(s, -86400));
    REFUSED(etoauth_signer_set_clock_offset(s, 86401), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_signer_set_clock_offset(s, -86401), ETOAUTH_E_ARGUMENT, "seconds");
    REFUSED(etoauth_signer_set_clock_offset(s, INT64_MIN), ETOAUTH_E_ARGUMENT, "seconds");
}

/* Symbols such as WYND# exist: whoever writes one into a URL hears how. */
static void symbols(void)
{
    static const char *urls[] = {
        "https://localhost/v1/market/quote/WYND#", "https://localhost/v1/market/quote/WYND#?detailFlag=ALL",
        "https://localhost/?symbol=WYND#", "https://localhost/?symbol=WYND#&count=1", "https://localhost#x",
    };
    size_t i;

    for (i = 0; i < sizeof urls / sizeof *urls; i++) {
        refused("url", urls[i], ETOAUTH_E_URL);
        SENTENCE("%23");
    }
    REFUSED(etoauth_client_send(sender, "GET", "/v1/market/quote/WYND#.json", NULL, NULL, 0, &out.response), ETOAUTH_E_URL,
            "url");
    SENTENCE("%23");
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    c = make_client();
    s = make_signer();
    p = make_prepared(s);
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
    sender = new_client(sandbox("SANDBOX_URL"));
    log_in(sender);
    r = make_response(sender);
    OK(etoauth_client_set_base_urls(sender, NULL, NULL, "http://127.0.0.1:1"));
    utf8();
    request_texts();
    symbols();
    bytes();
    long_texts((size_t)atol(argv[1]));
    long_sessions(LONGEST_TEXT);
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(sender));
    OK(etoauth_client_free(c));
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    puts("no text was misread");
    return 0;
}

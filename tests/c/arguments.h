/* Each text argument of the library, a call with a text in it, and a look at what the call gave. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "misuse.h"
#include "sandbox.h"

/* The sender holds a token and knows no server; the response is one from the sandbox. */
static etoauth_client *c, *sender;
static etoauth_signer *s;
static etoauth_prepared *p;
static etoauth_response *r;

/* Each text argument: its name, what a text that means something begins with, the status of a long one, and what the
   call gives. */
static const struct argument {
    const char *name, *prefix;
    etoauth_status status;
    enum { NOTHING, CLIENT, SIGNER, PREPARED, LISTENER, TEXT, SIGNED_TEXT, SIGNED_BUFFER } gives;
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
    {"method", "", ETOAUTH_OK, PREPARED},
    {"url", URL, ETOAUTH_OK, PREPARED},
    {"nonce", "", ETOAUTH_E_ARGUMENT, SIGNED_BUFFER},
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
#define OF_CALLS 34
/* Responses' headers are taken as they came. */
#define TAKES_ANY_BYTES(which) ((which) == 42 || (which) == 45)
/* A text that is encoded, forms that are signed, a session: these may be of any length, as blocks of any bytes may. */
#define TAKES_ANY_LENGTH(which)                                                                                        \
    ((which) == 15 || (which) == 22 || (which) == 25 || (which) == 29 || (which) == 39 || TAKES_ANY_BYTES(which))
/* The others take so many bytes. */
#define LONGEST_TEXT 65535

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
    case 31: return etoauth_prepared_new(s, text, URL, &out.prepared);
    case 32: return etoauth_prepared_new(s, "GET", text, &out.prepared);
    case 33: return etoauth_prepared_sign_at(p, 1, text, buf, cap, len);
    case 34: return etoauth_client_send(sender, text, "/v1", NULL, NULL, 0, &out.response);
    case 35: return etoauth_client_send(sender, "GET", text, NULL, NULL, 0, &out.response);
    case 36: return etoauth_client_send(sender, "GET", "/v1", text, NULL, 0, &out.response);
    case 37: return etoauth_response_get_header(r, text, &out.text);
    case 38: return etoauth_client_set_session_file(c, text);
    case 39: return etoauth_client_import_session(c, text);
    case 40: return etoauth_listener_new(text, &out.listener);
    case 41: return etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, text, &out.exchange);
    case 42: return finish(text);
    case 43: return etoauth_client_diagnose(c, text, AUTHORIZATION, 200, NULL, NULL, 0, &out.advice);
    case 44: return etoauth_client_diagnose(c, "GET", text, 200, NULL, NULL, 0, &out.advice);
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
    case PREPARED:
        OK(etoauth_prepared_sign(out.prepared, out.buf, sizeof out.buf, &out.number));
        check_signature(out.buf);
        OK(etoauth_prepared_free(out.prepared));
        break;
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

#endif

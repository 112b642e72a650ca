/* What the misuse programs share: outputs that must stay as they were, and every function that takes a handle. */
#ifndef MISUSE_H
#define MISUSE_H

#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <unistd.h>

#include "check.h"

#define URL "https://localhost/v1?a=1"
#define AUTHORIZATION "OAuth oauth_token=\"token\""
#define CALLBACK "http://127.0.0.1:0/back?x=1"

/* Where all calls here write to. A call that fails must leave it alone. */
static struct outputs {
    char *text, *other;
    etoauth_client *client;
    etoauth_signer *signer;
    etoauth_prepared *prepared;
    etoauth_response *response;
    etoauth_exchange *exchange;
    etoauth_listener *listener;
    size_t number;
    int64_t seconds;
    uint64_t revision;
    int32_t state, inactive, expires, advice;
    char buf[ETOAUTH_HEADER_MAX];
} out;

static void mark_outputs(void)
{
    memset(&out, 0xa5, sizeof out);
}

static int outputs_untouched(void)
{
    const unsigned char *byte = (const unsigned char *)&out, *end = byte + sizeof out;

    while (byte < end && *byte == 0xa5)
        byte++;
    return byte == end;
}

static int in_a_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether the last error's sentence has this argument's name in it, as a word. */
static int sentence_names(const char *argument)
{
    char text[2048] = "";
    const char *at = text;
    size_t length = strlen(argument);

    etoauth_last_error(NULL, text, sizeof text, NULL);
    while ((at = strstr(at, argument)) != NULL) {
        if ((at == text || !in_a_word(at[-1])) && !in_a_word(at[length]))
            return 1;
        at += length;
    }
    return 0;
}

static void check_refused(const char *file, int line, const char *call, etoauth_status got, etoauth_status expected,
                          const char *argument)
{
    char what[512];

    check_status(file, line, call, got, expected);
    sprintf(what, "%.300s: %.60s is not named, or an output was written", call, argument);
    if (!sentence_names(argument) || !outputs_untouched())
        check_failed(file, line, what);
}

/* The call must fail like this, name the argument and write nothing. */
#define REFUSED(call, expected, argument) \
    (mark_outputs(), check_refused(__FILE__, __LINE__, #call, (call), (expected), (argument)))

#define NULL_IN(argument, call) REFUSED(call, ETOAUTH_E_NULL, argument)

/* The functions that take a client, but for its free, with all else in order. */
#define CLIENT_CALLS 31

static etoauth_status client_call(int which, etoauth_client *c)
{
    switch (which) {
    case 0: return etoauth_client_fetch_request_token(c);
    case 1: return etoauth_client_get_authorize_url(c, &out.text);
    case 2: return etoauth_client_fetch_access_token(c, "CODE");
    case 3: return etoauth_client_sign(c, "GET", URL, &out.text);
    case 4: return etoauth_client_sign_url(c, "GET", URL, &out.text);
    case 5: return etoauth_client_renew_access_token(c);
    case 6: return etoauth_client_revoke_access_token(c);
    case 7: return etoauth_client_get_token_state(c, &out.state, &out.inactive, &out.expires);
    case 8: return etoauth_client_set_access_token(c, "token", "token secret", 0);
    case 9: return etoauth_client_get_access_token(c, &out.text, &out.other);
    case 10: return etoauth_client_set_base_urls(c, "https://localhost/oauth", NULL, NULL);
    case 11: return etoauth_client_set_timeout_ms(c, 1000);
    case 12: return etoauth_client_set_proxy(c, "");
    case 13: return etoauth_client_set_ca_file(c, "/nowhere");
    case 14: return etoauth_client_set_user_agent(c, "agent");
    case 15: return etoauth_client_ensure_active(c, 0);
    case 16: return etoauth_client_send(c, "GET", "/v1/echo", NULL, NULL, 0, &out.response);
    case 17: return etoauth_client_cancel(c);
    case 18: return etoauth_client_diagnose(c, "GET", AUTHORIZATION, 200, NULL, NULL, 0, &out.advice);
    case 19: return etoauth_client_set_session_file(c, NULL);
    case 20: return etoauth_client_export_session(c, &out.text);
    case 21: return etoauth_client_import_session(c, "text");
    case 22: return etoauth_client_get_clock_offset(c, &out.seconds);
    case 23: return etoauth_client_set_clock_offset(c, 0);
    case 24: return etoauth_client_read_log(c, &out.text);
    case 25: return etoauth_client_get_signer(c, &out.signer);
    case 26: return etoauth_client_get_renew_wait_s(c, &out.state);
    case 27: return etoauth_client_get_session_revision(c, &out.revision);
    case 28: return etoauth_client_share(c, &out.client);
    case 29: return etoauth_exchange_new_request(c, "GET", "/v1/x", NULL, &out.exchange);
    default: return etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, &out.exchange);
    }
}

/* The same for a signer. */
#define SIGNER_CALLS 6

static etoauth_status signer_call(int which, etoauth_signer *s)
{
    switch (which) {
    case 0: return etoauth_signer_sign(s, "GET", URL, NULL, out.buf, sizeof out.buf, &out.number);
    case 1: return etoauth_signer_sign_at(s, "GET", URL, NULL, 1, "n", out.buf, sizeof out.buf, &out.number);
    case 2: return etoauth_signer_get_base_string(s, "GET", URL, NULL, 1, "n", &out.text);
    case 3: return etoauth_signer_set_clock_offset(s, 0);
    case 4: return etoauth_signer_get_bound(s, &out.number);
    default: return etoauth_prepared_new(s, "GET", URL, &out.prepared);
    }
}

/* And for the other kinds. */
#define PREPARED_CALLS 3

static etoauth_status prepared_call(int which, etoauth_prepared *p)
{
    switch (which) {
    case 0: return etoauth_prepared_sign(p, out.buf, sizeof out.buf, &out.number);
    case 1: return etoauth_prepared_sign_at(p, 1, "n", out.buf, sizeof out.buf, &out.number);
    default: return etoauth_prepared_sign_at(p, 1, NULL, out.buf, sizeof out.buf, &out.number);
    }
}

#define RESPONSE_CALLS 6

static etoauth_status response_call(int which, etoauth_response *r)
{
    switch (which) {
    case 0: return etoauth_response_get_status(r, &out.state);
    case 1: return etoauth_response_get_header(r, "Content-Type", &out.text);
    case 2: return etoauth_response_get_body(r, &out.text, &out.number);
    case 3: return etoauth_response_get_advice(r, &out.advice);
    case 4: return etoauth_response_get_retry_after_s(r, &out.state);
    default: return etoauth_response_get_attempts(r, &out.state);
    }
}

#define EXCHANGE_CALLS 6

static etoauth_status exchange_call(int which, etoauth_exchange *x)
{
    switch (which) {
    case 0: return etoauth_exchange_get_method(x, &out.text);
    case 1: return etoauth_exchange_get_url(x, &out.text);
    case 2: return etoauth_exchange_get_authorization(x, &out.text);
    case 3: return etoauth_exchange_next(x, &out.state, &out.inactive);
    case 4: return etoauth_exchange_get_advice(x, &out.advice);
    default: return etoauth_exchange_finish(x, 0, NULL, NULL, 0);
    }
}

#define LISTENER_CALLS 2

static etoauth_status listener_call(int which, etoauth_listener *l)
{
    switch (which) {
    case 0: return etoauth_listener_get_url(l, &out.text);
    default: return etoauth_listener_wait(l, NULL, 0, &out.text);
    }
}

static etoauth_client *make_client(void)
{
    etoauth_client *c = NULL;

    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    CHECK(c != NULL);
    return c;
}

static etoauth_signer *make_signer(void)
{
    etoauth_signer *s = NULL;

    OK(etoauth_signer_new("key", "secret", "token", "token secret", &s));
    CHECK(s != NULL);
    return s;
}

static etoauth_prepared *make_prepared(etoauth_signer *s)
{
    etoauth_prepared *p = NULL;

    OK(etoauth_prepared_new(s, "GET", URL, &p));
    CHECK(p != NULL);
    return p;
}

static etoauth_exchange *make_exchange(etoauth_client *c)
{
    etoauth_exchange *x = NULL;

    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, &x));
    CHECK(x != NULL);
    return x;
}

static etoauth_listener *make_listener(void)
{
    etoauth_listener *l = NULL;

    OK(etoauth_listener_new(CALLBACK, &l));
    CHECK(l != NULL);
    return l;
}

/* The client must be logged in at the sandbox. */
static etoauth_response *make_response(etoauth_client *c)
{
    etoauth_response *r = NULL;

    OK(etoauth_client_send(c, "GET", "/v1/echo", NULL, NULL, 0, &r));
    CHECK(r != NULL);
    return r;
}

#endif

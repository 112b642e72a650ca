/* What the misuse programs share: outputs that must stay as they were, and every function that takes a handle. */
#ifndef MISUSE_H
#define MISUSE_H

#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <unistd.h>

#include "check.h"

#define URL "https://localhost/v1?a=1"

/* Where all calls here write to. A call that fails must leave it alone. */
static struct outputs {
    char *text, *other;
    etoauth_client *client;
    etoauth_signer *signer;
    size_t number;
    int32_t state, inactive, expires;
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

/* The functions that take a client, but for its free, with all else in order. */
#define CLIENT_CALLS 15

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
    default: return etoauth_client_set_user_agent(c, "agent");
    }
}

/* The same for a signer. */
#define SIGNER_CALLS 5

static etoauth_status signer_call(int which, etoauth_signer *s)
{
    switch (which) {
    case 0: return etoauth_signer_sign(s, "GET", URL, NULL, out.buf, sizeof out.buf, &out.number);
    case 1: return etoauth_signer_sign_at(s, "GET", URL, NULL, 1, "n", out.buf, sizeof out.buf, &out.number);
    case 2: return etoauth_signer_get_base_string(s, "GET", URL, NULL, 1, "n", &out.text);
    case 3: return etoauth_signer_set_clock_offset(s, 0);
    default: return etoauth_signer_get_bound(s, &out.number);
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

#endif

/* What 05_event_loop.c needs besides its loop: a login, the time, and advice in words.
 *
 * When etoauth-sandbox starts the program, it uses that sandbox. Otherwise it uses E*TRADE's sandbox, with the key in
 * ETRADE_CONSUMER_KEY and ETRADE_CONSUMER_SECRET. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "etoauth.h"

/* Milliseconds on a clock that is never set. */
static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void check(etoauth_status status)
{
    char text[ETOAUTH_ERROR_MAX];

    if (status == ETOAUTH_OK)
        return;
    etoauth_last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "%s: %s\n", etoauth_status_name(status), text);
    exit(1);
}

/* Returns a client that is logged in. A person logs in once a day, before the loop begins, so this may wait. */
static etoauth_client *log_in(void)
{
    const char *sandbox = getenv("ETOAUTH_SANDBOX_TLS_URL"), *code = getenv("ETOAUTH_SANDBOX_CODE");
    const char *key = getenv(sandbox ? "ETOAUTH_SANDBOX_KEY" : "ETRADE_CONSUMER_KEY");
    const char *secret = getenv(sandbox ? "ETOAUTH_SANDBOX_SECRET" : "ETRADE_CONSUMER_SECRET");
    char oauth[256], page[256], typed[64], *url = NULL;
    etoauth_client *c = NULL;

    check(etoauth_client_new(ETOAUTH_ENV_SANDBOX, key, secret, &c));
    if (sandbox) {
        snprintf(oauth, sizeof oauth, "%s/oauth", sandbox);
        snprintf(page, sizeof page, "%s/e/t/etws/authorize", sandbox);
        check(etoauth_client_set_base_urls(c, oauth, page, sandbox));
        check(etoauth_client_set_ca_file(c, getenv("ETOAUTH_SANDBOX_CA_FILE")));
        check(etoauth_client_set_proxy(c, ""));
    }
    check(etoauth_client_fetch_request_token(c));
    if (!code) {
        check(etoauth_client_get_authorize_url(c, &url));
        printf("Open this page, approve, and type the code that it shows:\n%s\n", url);
        etoauth_string_free(url);
        code = scanf("%63s", typed) == 1 ? typed : "";
    }
    check(etoauth_client_fetch_access_token(c, code));
    return c;
}

/* What to do at the end of a call. */
static const char *in_words(int32_t advice, int is_order)
{
    switch (advice) {
    case ETOAUTH_ADVICE_NONE:
        return "nothing to do";
    case ETOAUTH_ADVICE_RETRY:
        return "send it again";
    case ETOAUTH_ADVICE_LOGIN:
        return "log in again";
    case ETOAUTH_ADVICE_WAIT:
        return "wait, then try again";
    case ETOAUTH_ADVICE_FIX:
        return "fix this first";
    default:
        return is_order ? "list the orders before you repeat it" : "ask again";
    }
}

#endif

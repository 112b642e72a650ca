/* A login and an API call with your own HTTP stack: the library says what to send and what the response means. Here
 * libcurl does the sending, in curl_get.h.
 *
 * When etoauth-sandbox starts this program, it uses that sandbox. Otherwise it uses E*TRADE, with the key in
 * ETRADE_CONSUMER_KEY and ETRADE_CONSUMER_SECRET (a sandbox key, or a live key with ETRADE_LIVE=1). */
#include <stdlib.h>

#include "curl_get.h"

static etoauth_client *c;

static void check(etoauth_status status, const char *done)
{
    char text[ETOAUTH_ERROR_MAX];

    if (status != ETOAUTH_OK) {
        etoauth_last_error(NULL, text, sizeof text, NULL);
        fprintf(stderr, "%s: %s\n", etoauth_status_name(status), text);
        exit(1);
    }
    if (done)
        printf("%s\n", done);
}

/* One OAuth call. ETOAUTH_E_AGAIN: the library has corrected what was refused, such as the clock, and signed again. */
static void exchange(int32_t kind, const char *verifier, const char *done)
{
    char *url = NULL, *authorization = NULL;
    etoauth_exchange *x = NULL;
    etoauth_status status;
    int32_t http;

    check(etoauth_exchange_new(c, kind, verifier, &x), NULL);
    check(etoauth_exchange_get_url(x, &url), NULL);
    do {
        check(etoauth_exchange_get_authorization(x, &authorization), NULL);
        http = get(url, authorization);
        status = etoauth_exchange_finish(x, http, head.text, body.text, body.len);
        etoauth_string_free(authorization);
    } while (status == ETOAUTH_E_AGAIN);
    etoauth_string_free(url);
    etoauth_exchange_free(x);
    check(status, done);
}

/* An API call, repeated if that is the advice. */
static void call(const char *url)
{
    int32_t http, advice, sends = 0;
    char *authorization = NULL;

    do {
        check(etoauth_client_sign(c, "GET", url, &authorization), NULL);
        http = get(url, authorization);
        check(etoauth_client_diagnose(c, "GET", authorization, http, head.text, body.text, body.len, &advice), NULL);
        etoauth_string_free(authorization);
        if (advice == ETOAUTH_ADVICE_RENEW)
            exchange(ETOAUTH_EXCHANGE_RENEW, NULL, "access token renewed, since it was refused");
    } while (++sends < 3 && (advice == ETOAUTH_ADVICE_RETRY || advice == ETOAUTH_ADVICE_RENEW));
    printf("GET %s: HTTP %d, advice %d\n%s\n", url, (int)http, (int)advice, body.text);
}

int main(void)
{
    const char *sandbox = getenv("ETOAUTH_SANDBOX_URL"), *code = getenv("ETOAUTH_SANDBOX_CODE"), *api = sandbox;
    const char *key = getenv(sandbox ? "ETOAUTH_SANDBOX_KEY" : "ETRADE_CONSUMER_KEY");
    const char *secret = getenv(sandbox ? "ETOAUTH_SANDBOX_SECRET" : "ETRADE_CONSUMER_SECRET");
    int32_t env = getenv("ETRADE_LIVE") ? ETOAUTH_ENV_LIVE : ETOAUTH_ENV_SANDBOX;
    char url[256], typed[64], *page = NULL;

    check(etoauth_client_new(env, key, secret, &c), NULL);
    if (sandbox) {
        snprintf(url, sizeof url, "%s/oauth", sandbox);
        check(etoauth_client_set_base_urls(c, url, NULL, sandbox), NULL);
    } else {
        api = env == ETOAUTH_ENV_LIVE ? "https://api.etrade.com" : "https://apisb.etrade.com";
    }
    exchange(ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, "request token fetched");
    if (!sandbox) {
        check(etoauth_client_get_authorize_url(c, &page), NULL);
        printf("Open this page, approve, and type the code that it shows:\n%s\n", page);
        etoauth_string_free(page);
        if (scanf("%63s", typed) != 1)
            return 1;
        code = typed;
    }
    exchange(ETOAUTH_EXCHANGE_ACCESS_TOKEN, code, "access token fetched");
    snprintf(url, sizeof url, "%s/v1/accounts/list", api);
    call(url);
    exchange(ETOAUTH_EXCHANGE_RENEW, NULL, "access token renewed");
    exchange(ETOAUTH_EXCHANGE_REVOKE, NULL, "access token revoked");
    check(etoauth_client_free(c), NULL);
    return 0;
}

/* A login from beginning to end: request token, approval, access token, an API call, renew, revoke.
 *
 * When etoauth-sandbox starts it, it uses that sandbox, which approves by itself. Otherwise it uses E*TRADE, with the
 * key in ETRADE_CONSUMER_KEY and ETRADE_CONSUMER_SECRET (a sandbox key, or a live key with ETRADE_LIVE=1), and you
 * approve in your browser. With --callback URL, the callback registered for your key, nobody has to type a code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etoauth.h"

static etoauth_client *c;

/* Checks the result of every step. The library says what went wrong and what to do. */
static void check(etoauth_status status, const char *done)
{
    char text[ETOAUTH_ERROR_MAX];

    if (status == ETOAUTH_OK) {
        if (done)
            printf("  %s\n", done);
        return;
    }
    etoauth_last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "  failed: %s\n  %s\n", etoauth_status_name(status), text);
    etoauth_client_free(c);
    exit(1);
}

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fprintf(stderr, "Set %s, or run: make demo\n", name);
        exit(1);
    }
    return value;
}

int main(int argc, char **argv)
{
    const char *sandbox = getenv("ETOAUTH_SANDBOX_URL"), *code = NULL;
    const char *key = from_environment(sandbox ? "ETOAUTH_SANDBOX_KEY" : "ETRADE_CONSUMER_KEY");
    const char *secret = from_environment(sandbox ? "ETOAUTH_SANDBOX_SECRET" : "ETRADE_CONSUMER_SECRET");
    int32_t env = getenv("ETRADE_LIVE") ? ETOAUTH_ENV_LIVE : ETOAUTH_ENV_SANDBOX, seconds = 0, http = 0;
    char oauth[256], page[256], typed[128], *url = NULL, *redirected = NULL, *json = NULL;
    etoauth_listener *l = NULL;
    etoauth_response *r = NULL;
    size_t len = 0;

    check(etoauth_client_new(env, key, secret, &c), "client created");
    if (sandbox) {
        snprintf(oauth, sizeof oauth, "%s/oauth", sandbox);
        snprintf(page, sizeof page, "%s/e/t/etws/authorize", sandbox);
        check(etoauth_client_set_base_urls(c, oauth, page, sandbox), "using the sandbox on this machine");
        check(etoauth_client_set_proxy(c, ""), NULL);
    }
    if (argc == 3 && strcmp(argv[1], "--callback") == 0)
        check(etoauth_listener_new(argv[2], &l), "listening for the callback");

    printf("Log in\n");
    check(etoauth_client_fetch_request_token(c), "request token fetched");
    check(etoauth_client_get_authorize_url(c, &url), "the person approves on this page:");
    printf("    %s\n", url);
    check(etoauth_string_free(url), NULL);
    fflush(stdout);
    if (l) {
        check(etoauth_listener_wait(l, c, 300000, &redirected), "approved; the browser was redirected to this program");
        code = redirected;
    } else if (sandbox) {
        code = from_environment("ETOAUTH_SANDBOX_CODE");
        printf("  approved; the page shows the code %s\n", code);
    } else {
        printf("  Open it, approve, and type the code that it shows: ");
        fflush(stdout);
        code = scanf("%127s", typed) == 1 ? typed : "";
    }
    check(etoauth_client_fetch_access_token(c, code), "access token fetched");
    check(etoauth_client_get_token_state(c, NULL, NULL, &seconds), "token active");
    printf("    expires at midnight in New York, in %d h %d min\n", (int)seconds / 3600, (int)seconds / 60 % 60);

    printf("Call the API\n");
    check(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r), "GET /v1/accounts/list.json");
    check(etoauth_response_get_status(r, &http), NULL);
    check(etoauth_response_get_body(r, &json, &len), NULL);
    printf("    HTTP %d, %d bytes: %.60s...\n", (int)http, (int)len, json);

    printf("Renew and revoke\n");
    check(etoauth_client_renew_access_token(c), "access token renewed");
    check(etoauth_client_revoke_access_token(c), "access token revoked");

    check(etoauth_string_free(redirected), NULL);
    check(etoauth_string_free(json), NULL);
    check(etoauth_response_free(r), NULL);
    check(etoauth_listener_free(l), NULL);
    check(etoauth_client_free(c), "everything freed");
    return 0;
}

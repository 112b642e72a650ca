/* A login from its begin to its end: request token, approval, access token, a signed call, renew, revoke.
 *
 * Started by etoauth-sandbox it plays against that, and a robot approves. Otherwise it talks to E*TRADE, with the key
 * in ETRADE_CONSUMER_KEY and ETRADE_CONSUMER_SECRET (of the sandbox, or of the live service with ETRADE_LIVE=1), and
 * you approve in your browser. */
#include <stdio.h>
#include <stdlib.h>

#include "etoauth.h"

static etoauth_client *c;

/* Every step ends here: the library says in words what went wrong and what to do. */
static void check(etoauth_status status, const char *done)
{
    char text[1024] = "";

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

int main(void)
{
    const char *sandbox = getenv("ETOAUTH_SANDBOX_URL");
    const char *key = from_environment(sandbox ? "ETOAUTH_SANDBOX_KEY" : "ETRADE_CONSUMER_KEY");
    const char *secret = from_environment(sandbox ? "ETOAUTH_SANDBOX_SECRET" : "ETRADE_CONSUMER_SECRET");
    int32_t env = getenv("ETRADE_LIVE") ? ETOAUTH_ENV_LIVE : ETOAUTH_ENV_SANDBOX, seconds = 0;
    char oauth[256], page[256], typed[128], *url = NULL, *header = NULL;
    const char *code = typed;

    check(etoauth_client_new(env, key, secret, &c), "client made");
    if (sandbox) {
        snprintf(oauth, sizeof oauth, "%s/oauth", sandbox);
        snprintf(page, sizeof page, "%s/e/t/etws/authorize", sandbox);
        check(etoauth_client_set_base_urls(c, oauth, page, sandbox), "pointed at the sandbox on this machine");
        check(etoauth_client_set_proxy(c, ""), NULL);
    }

    printf("Log in\n");
    check(etoauth_client_fetch_request_token(c), "request token fetched");
    check(etoauth_client_get_authorize_url(c, &url), "this page asks the person for approval:");
    printf("    %s\n", url);
    check(etoauth_string_free(url), NULL);
    if (sandbox) {
        code = from_environment("ETOAUTH_SANDBOX_CODE");
        printf("  approved; the page shows the code %s\n", code);
    } else {
        printf("  Open it, approve, and type the code it shows: ");
        fflush(stdout);
        if (scanf("%127s", typed) != 1)
            return 1;
    }
    check(etoauth_client_fetch_access_token(c, code), "access token fetched");
    check(etoauth_client_get_token_state(c, NULL, NULL, &seconds), "token active");
    printf("    until midnight in New York, %d h %d min from now\n", (int)seconds / 3600, (int)seconds / 60 % 60);

    printf("Sign a call\n");
    check(etoauth_client_sign(c, "GET", "https://apisb.etrade.com/v1/accounts/list", &header), "GET /v1/accounts/list");
    printf("    Authorization: %s\n", header);
    check(etoauth_string_free(header), NULL);

    printf("Renew and revoke\n");
    check(etoauth_client_renew_access_token(c), "access token renewed");
    check(etoauth_client_revoke_access_token(c), "access token revoked");
    check(etoauth_client_free(c), "client freed");
    return 0;
}

/* A question, an order and the beginning of a login at a server whose TLS may be wrong. Arguments: its URL, the CA file,
 * the proxy or "". Prints the status of each call, and its sentence if it failed. */
#include "check.h"

static const char *const secrets[] = {"consumer-key-1", "consumer-secret-2", "access-token-3", "token-secret-4", "oauth_"};

static void tell(etoauth_status status)
{
    char text[ETOAUTH_ERROR_MAX] = "";
    size_t i;

    if (status != ETOAUTH_OK)
        OK(etoauth_last_error(NULL, text, sizeof text, NULL));
    for (i = 0; i < sizeof secrets / sizeof *secrets; i++)
        CHECK(strstr(text, secrets[i]) == NULL);
    printf("%d %s\n", (int)status, text);
}

static void call(etoauth_client *c, const char *method)
{
    etoauth_response *r = NULL;

    tell(etoauth_client_send(c, method, "/v1/x", NULL, NULL, 0, &r));
    etoauth_response_free(r);
}

int main(int argc, char **argv)
{
    etoauth_client *c = NULL;
    char *log = NULL;
    size_t i;

    CHECK(argc == 4);
    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, secrets[0], secrets[1], &c));
    OK(etoauth_client_set_base_urls(c, argv[1], NULL, argv[1]));
    OK(etoauth_client_set_ca_file(c, argv[2]));
    OK(etoauth_client_set_proxy(c, argv[3]));
    OK(etoauth_client_set_access_token(c, secrets[2], secrets[3], 0));
    call(c, "GET");
    call(c, "POST");
    tell(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_read_log(c, &log));
    for (i = 0; i < 4; i++)
        CHECK(strstr(log, secrets[i]) == NULL);
    OK(etoauth_string_free(log));
    OK(etoauth_client_free(c));
    return 0;
}

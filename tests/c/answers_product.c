/* Sends one call for each line of the standard input, which holds a method, a path and the token to sign with, and
 * prints what came of it: the call's status, the answer's, and the token's state. */
#include "check.h"

int main(int argc, char **argv)
{
    char line[512], method[16], path[256], token[64], base[256];
    etoauth_client *c = NULL;

    CHECK(argc == 2);
    sprintf(base, "%s/oauth", argv[1]);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    OK(etoauth_client_set_base_urls(c, base, NULL, argv[1]));
    OK(etoauth_client_set_proxy(c, ""));
    while (fgets(line, sizeof line, stdin) != NULL) {
        int post;
        etoauth_response *r = NULL;
        etoauth_status status;
        int32_t http = 0, state = -1, attempts = 0;

        CHECK(sscanf(line, "%15s %255s %63s", method, path, token) == 3);
        /* Each call begins with a new token, so that nothing is left of the one before. */
        OK(etoauth_client_set_access_token(c, token, "token secret", 0));
        OK(etoauth_client_set_clock_offset(c, 0));
        post = strcmp(method, "POST") == 0;
        status = etoauth_client_send(c, method, path, post ? "Content-Type: application/json" : NULL, post ? "{}" : NULL,
                                     post ? 2 : 0, &r);
        if (status == ETOAUTH_OK) {
            OK(etoauth_response_get_status(r, &http));
            OK(etoauth_response_get_attempts(r, &attempts));
            OK(etoauth_response_free(r));
        }
        OK(etoauth_client_get_token_state(c, &state, NULL, NULL));
        printf("%d %d %d %d\n", (int)status, (int)http, (int)attempts, (int)state);
    }
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    return 0;
}

/* Logs in, renews and revokes at the sandbox whose URL is the first argument; the second, if any, is its CA file. */
#include "sandbox.h"

int main(int argc, char **argv)
{
    int32_t state = -1, inactive_in = -1, expires_in = -1;
    char *token = NULL, *secret = NULL, *url = NULL, redirected[512];
    etoauth_client *c;
    long connections = count("connections");

    alarm(600);
    CHECK(argc >= 2);
    c = new_client(argv[1]);
    if (argc > 2)
        OK(etoauth_client_set_ca_file(c, argv[2]));

    CHECK(token_state(c) == ETOAUTH_TOKEN_NONE);
    EXPECT(etoauth_client_get_authorize_url(c, &url), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_fetch_access_token(c, "CODE"), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_revoke_access_token(c), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_sign(c, "GET", "https://localhost/", &token), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_get_access_token(c, &token, &secret), ETOAUTH_E_STATE);
    CHECK(url == NULL && token == NULL && secret == NULL);

    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_get_token_state(c, &state, &inactive_in, &expires_in));
    CHECK(state == ETOAUTH_TOKEN_PENDING && inactive_in == 0 && expires_in > 290 && expires_in <= 300);

    /* A mistyped code can be typed again; a redirect of another login is not even sent. */
    EXPECT(etoauth_client_fetch_access_token(c, "WRONG"), ETOAUTH_E_VERIFIER);
    CHECK(token_state(c) == ETOAUTH_TOKEN_PENDING);
    EXPECT(etoauth_client_fetch_access_token(c, "http://localhost/?oauth_token=x&oauth_verifier=y"), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_fetch_access_token(c, " \n"), ETOAUTH_E_ARGUMENT);

    /* The redirected URL carries the token as the authorize URL spells it. */
    OK(etoauth_client_get_authorize_url(c, &url));
    CHECK(strchr(strstr(url, "token="), '%') != NULL);
    sprintf(redirected, "http://localhost/back?x=1&oauth_%s&oauth_verifier=%s", strstr(url, "token="), approve(c));
    OK(etoauth_client_fetch_access_token(c, redirected));
    OK(etoauth_string_free(url));
    EXPECT(etoauth_client_fetch_access_token(c, redirected), ETOAUTH_E_STATE);

    OK(etoauth_client_get_token_state(c, &state, &inactive_in, &expires_in));
    CHECK(state == ETOAUTH_TOKEN_ACTIVE && inactive_in > 7190 && inactive_in <= 7200);
    CHECK(expires_in >= 0 && expires_in <= 25 * 3600);
    OK(etoauth_client_get_access_token(c, &token, &secret));
    CHECK(strlen(token) == 44 && strlen(secret) == 44);

    /* A second login stands beside the token and changes nothing yet. */
    OK(etoauth_client_fetch_request_token(c));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);

    OK(etoauth_client_renew_access_token(c));
    CHECK(count("renews") == 1);
    OK(etoauth_client_revoke_access_token(c));
    CHECK(token_state(c) == ETOAUTH_TOKEN_PENDING);
    EXPECT(etoauth_client_revoke_access_token(c), ETOAUTH_E_STATE);

    /* The token that was revoked is known to the server no more; one that is not renewed is over. */
    OK(etoauth_client_set_access_token(c, token, secret, 0));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
    OK(etoauth_client_fetch_access_token(c, approve(c)));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    CHECK(count("revokes") == 1 && count("access_tokens") == 2);

    /* One connection served it all. */
    CHECK(count("connections") == connections + 1);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("logged in, renewed, revoked");
    return 0;
}

/* A login, an API call and a revoke over TLS, and everything given back: what a check of a host's memory or threads
   looks at. */
#include "sandbox.h"

int main(void)
{
    etoauth_client *c;
    etoauth_response *r = NULL;
    char *body = NULL;
    size_t len;

    alarm(600);
    c = new_client(sandbox("SANDBOX_TLS_URL"));
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    log_in(c);
    OK(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r));
    OK(etoauth_response_get_body(r, &body, &len));
    OK(etoauth_string_free(body));
    OK(etoauth_response_free(r));
    OK(etoauth_client_renew_access_token(c));
    OK(etoauth_client_revoke_access_token(c));
    OK(etoauth_client_free(c));
    /* With the machine's own trust store, which does not know the sandbox. */
    c = new_client(sandbox("SANDBOX_TLS_URL"));
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TLS);
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("one call");
    return 0;
}

/* Logs in through the proxy whose URL is the first argument; the second is the status that is expected,
   and the third a part of its sentence. */
#include "sandbox.h"

int main(int argc, char **argv)
{
    etoauth_client *c;

    alarm(600);
    CHECK(argc == 3 || argc == 4);
    /* What is not encrypted stays on this machine: no proxy sees it. */
    c = new_client(sandbox("SANDBOX_URL"));
    OK(etoauth_client_set_proxy(c, argv[1]));
    log_in(c);
    OK(etoauth_client_free(c));

    c = new_client(sandbox("SANDBOX_TLS_URL"));
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    OK(etoauth_client_set_proxy(c, argv[1]));
    OK(etoauth_client_set_timeout_ms(c, 5000));
    if (atoi(argv[2]) == ETOAUTH_OK) {
        log_in(c);
        OK(etoauth_client_revoke_access_token(c));
    } else {
        EXPECT(etoauth_client_fetch_request_token(c), atoi(argv[2]));
        SENTENCE(argv[3]);
    }
    OK(etoauth_client_free(c));
    return 0;
}

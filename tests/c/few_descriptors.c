/* TLS with the trust store of SSL_CERT_FILE, while few descriptors are left: the sentence says so, and once there are
   more, the call succeeds. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <sys/resource.h>

#include "sandbox.h"

#define MOST 256

int main(void)
{
    struct rlimit limit = {MOST, MOST};
    int taken[MOST], count = 0, left;
    char url[128], oauth[160];
    etoauth_client *c = NULL;
    etoauth_status status;

    alarm(600);
    /* An address, for a name would have to be looked up in files. */
    sprintf(url, "https://127.0.0.1%s", strrchr(sandbox("SANDBOX_TLS_URL"), ':'));
    sprintf(oauth, "%s/oauth", url);
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, sandbox("SANDBOX_KEY"), sandbox("SANDBOX_SECRET"), &c));
    OK(etoauth_client_set_base_urls(c, oauth, url, url));
    while (count < MOST && (taken[count] = dup(0)) >= 0)
        count++;
    CHECK(count > 8 && errno == EMFILE);
    OK(etoauth_client_set_proxy(c, ""));
    EXPECT(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")), ETOAUTH_E_FILE);
    SENTENCE("no file descriptors left");
    /* The first that is left is the socket's. */
    for (left = 1; close(taken[--count]) == 0; left++) {
        status = etoauth_client_fetch_request_token(c);
        if (status == ETOAUTH_OK)
            break;
        CHECK(status == ETOAUTH_E_FILE || status == ETOAUTH_E_CONNECT);
        SENTENCE("no file descriptors left");
        CHECK(left < 8);
    }
    CHECK(left > 1);
    OK(etoauth_client_free(c));
    puts("it was said");
    return 0;
}

/* A certificate that is refused because of this machine's clock, and certificates that are refused for other reasons. The
 * argument is the port of a peer that closes within the handshake. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>

#include "sandbox.h"

#include "peer.h"

enum { RIGHT, A_DAY_AFTER_1970, IN_TWENTY_YEARS };

static volatile int set_to;

/* In place of the system's. */
int clock_gettime(clockid_t clock, struct timespec *at)
{
    int result = (int)syscall(SYS_clock_gettime, clock, at);

    if (clock == CLOCK_REALTIME && set_to == A_DAY_AFTER_1970)
        at->tv_sec = 86400;
    else if (clock == CLOCK_REALTIME && set_to == IN_TWENTY_YEARS)
        at->tv_sec += 20 * 365 * 86400L;
    return result;
}

int main(int argc, char **argv)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_TLS_URL"));
    char url[64], text[2048];

    alarm(600);
    CHECK(argc == 2);
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    set_to = A_DAY_AFTER_1970;
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TLS);
    SENTENCE("is not valid before");
    SENTENCE("by this machine's clock it is 1970-01-02 00:00 UTC");
    SENTENCE("Check this machine's clock");
    set_to = IN_TWENTY_YEARS;
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TLS);
    SENTENCE("the server's certificate expired at ");
    SENTENCE("Check this machine's clock");
    set_to = RIGHT;
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_free(c));

    /* The machine's own authorities don't know the sandbox's. */
    c = new_client(sandbox("SANDBOX_TLS_URL"));
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TLS);
    OK(etoauth_last_error(NULL, text, sizeof text, NULL));
    CHECK(strstr(text, "clock") == NULL && strstr(text, "CA file") != NULL);
    OK(etoauth_client_free(c));

    sprintf(url, "https://localhost:%s", argv[1]);
    c = client_for(url);
    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    EXPECT(get(c), ETOAUTH_E_TLS);
    SENTENCE("ended during the TLS handshake");
    OK(etoauth_client_free(c));
    puts("the clock was named");
    return 0;
}

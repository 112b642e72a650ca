/* A machine that slept for two hours trusts no connection from before, and one that did not trusts it. Arguments: the peer's
 * URL, the seconds of sleep between two calls, the method. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"

static volatile time_t slept;

/* In place of the system's: the clock that counts sleep jumps, the one that does not goes on. */
int clock_gettime(clockid_t clock, struct timespec *at)
{
    int result = (int)syscall(SYS_clock_gettime, clock, at);

    if (clock == CLOCK_BOOTTIME)
        at->tv_sec += slept;
    return result;
}

int main(int argc, char **argv)
{
    etoauth_client *c;

    CHECK(argc == 4);
    c = client_for(argv[1]);
    OK(ask(c, argv[3]));
    slept = atol(argv[2]);
    OK(ask(c, argv[3]));
    OK(etoauth_client_free(c));
    puts("two calls");
    return 0;
}

/* Two libraries in Rust in one process. Both panic, each catches its own, and libetoauth goes on. It has no way to
   panic but a clock that fails: this program's stands before the C library's. */
#include <errno.h>
#include <etoauth.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern uint32_t other_catches(uint32_t panics);

static int broken;

int clock_gettime(clockid_t id, struct timespec *now)
{
    if (broken) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_clock_gettime, id, now);
}

int main(void)
{
    etoauth_client *c = NULL;
    int round;

    for (round = 0; round < 3; ++round) {
        if (other_catches(4) != 4)
            return 1;
        if (etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c) != ETOAUTH_OK)
            return 2;
        broken = 1;
        if (etoauth_client_fetch_request_token(c) != ETOAUTH_E_INTERNAL)
            return 3;
        broken = 0;
        if (etoauth_self_test() != ETOAUTH_OK || etoauth_client_free(c) != ETOAUTH_OK)
            return 4;
    }
    puts("each caught its own");
    return 0;
}

/* One call that must end at its time-out of a second, or well before it, while a timer's signal interrupts it all the time.
 * Arguments: URL, proxy or "", CA file or "", bytes of a body to POST, the status expected, a part of its sentence, whether
 * the handler restarts system calls. */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t interruptions;

static void interrupt(int number)
{
    static const char late[] = "the call does not end\n";

    (void)number;
    if (++interruptions < 300)
        return;
    (void)!write(2, late, sizeof late - 1);
    _exit(1);
}

static void set_timer(int flags)
{
    const struct itimerval often = { { 0, 100000 }, { 0, 100000 } };
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = interrupt;
    action.sa_flags = flags;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static double now(void)
{
    struct timespec at;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    size_t length;
    etoauth_status status, expected;
    etoauth_response *r = NULL;
    etoauth_client *c;
    double begun, took;
    char *body;

    CHECK(argc == 8);
    length = (size_t)atol(argv[4]);
    expected = atoi(argv[5]);
    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", &c));
    OK(etoauth_client_set_base_urls(c, argv[1], NULL, argv[1]));
    OK(etoauth_client_set_proxy(c, argv[2]));
    if (argv[3][0] != '\0')
        OK(etoauth_client_set_ca_file(c, argv[3]));
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
    OK(etoauth_client_set_timeout_ms(c, 1000));
    body = calloc(length + 1, 1);
    CHECK(body != NULL);

    set_timer(strcmp(argv[7], "restart") == 0 ? SA_RESTART : 0);
    begun = now();
    if (length > 0)
        status = etoauth_client_send(c, "POST", "/v1/x", "Content-Type: text/plain", body, length, &r);
    else
        status = etoauth_client_send(c, "GET", "/v1/x", NULL, NULL, 0, &r);
    took = now() - begun;
    if (took > 1.5 || (status != ETOAUTH_OK && took < 0.9))
        fprintf(stderr, "it took %f s\n", took);
    EXPECT(status, expected);
    SENTENCE(argv[6]);
    CHECK(took < 1.5 && (status == ETOAUTH_OK || took >= 0.9));
    CHECK(interruptions > 0);
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(c));
    free(body);
    puts("in time");
    return 0;
}

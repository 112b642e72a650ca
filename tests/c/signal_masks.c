/* Helper threads block all signals, so a host's handlers never run on them, and the caller's own mask stays as it was. The
 * argument is the port of a peer on 127.0.0.1. */
#define _DEFAULT_SOURCE
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "peer.h"

static pthread_t host;
static volatile sig_atomic_t handled, handled_elsewhere;
static int looked_up, connected;

static void note(int number)
{
    (void)number;
    handled++;
    if (!pthread_equal(pthread_self(), host))
        handled_elsewhere++;
}

/* On a helper thread, whose host blocks SIGUSR1 for the moment: if this thread took signals, it would get this one now. */
static void is_deaf(void)
{
    sigset_t mask;
    int number;

    CHECK(!pthread_equal(pthread_self(), host));
    CHECK(kill(getpid(), SIGUSR1) == 0);
    CHECK(handled == 0);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0);
    for (number = 1; number <= SIGRTMAX; number++) {
        /* Two can't be blocked; those between are the C library's own. */
        if (number != SIGKILL && number != SIGSTOP && (number < 32 || number >= SIGRTMIN))
            CHECK(sigismember(&mask, number) == 1);
    }
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    static struct sockaddr_in address;
    static struct addrinfo one;

    (void)node, (void)service, (void)hints;
    is_deaf();
    looked_up++;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    one.ai_family = AF_INET;
    one.ai_socktype = SOCK_STREAM;
    one.ai_addr = (struct sockaddr *)&address;
    one.ai_addrlen = sizeof address;
    *found = &one;
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    (void)found;
}

int connect(int s, const struct sockaddr *address, socklen_t length)
{
    is_deaf();
    connected++;
    return (int)syscall(SYS_connect, s, address, length);
}

int main(int argc, char **argv)
{
    struct sigaction action;
    sigset_t one, before, after;
    etoauth_client *c;
    char url[64];
    int number;

    CHECK(argc == 2);
    host = pthread_self();
    memset(&action, 0, sizeof action);
    action.sa_handler = note;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    CHECK(pthread_sigmask(SIG_BLOCK, &one, &before) == 0);

    sprintf(url, "http://localhost:%s", argv[1]);
    c = client_for(url);
    OK(get(c));
    CHECK(looked_up == 1 && connected == 1);
    CHECK(handled == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, &after) == 0);
    CHECK(handled == 1 && handled_elsewhere == 0);
    for (number = 1; number <= SIGRTMAX; number++)
        CHECK(sigismember(&after, number) == (number == SIGUSR1 ? 1 : sigismember(&before, number)));
    OK(etoauth_client_free(c));
    puts("undisturbed");
    return 0;
}

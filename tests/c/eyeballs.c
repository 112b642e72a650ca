/* A name with several addresses: a silent one costs a quarter of a second and only once, a refused one nothing, and when all
 * have failed the next call looks the name up again. The argument is the port of a peer on 127.0.0.2 that answers. */
#define _GNU_SOURCE
#include <netdb.h>
#include <pthread.h>
#include <time.h>

#include "sandbox.h"

#include "peer.h"

#define MOST 4

static const char *answer[MOST];
static int lookups;

/* In place of the system's: what `answer` says. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    static struct sockaddr_in addresses[MOST];
    static struct addrinfo list[MOST];
    int i;

    (void)node, (void)service, (void)hints;
    lookups++;
    memset(list, 0, sizeof list);
    for (i = 0; i < MOST && answer[i] != NULL; i++) {
        addresses[i].sin_family = AF_INET;
        CHECK(inet_pton(AF_INET, answer[i], &addresses[i].sin_addr) == 1);
        list[i].ai_family = AF_INET;
        list[i].ai_socktype = SOCK_STREAM;
        list[i].ai_addr = (struct sockaddr *)&addresses[i];
        list[i].ai_addrlen = sizeof addresses[i];
        if (i > 0)
            list[i - 1].ai_next = &list[i];
    }
    *found = list;
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    (void)found;
}

static void answer_with(const char *one, const char *two, const char *three)
{
    answer[0] = one;
    answer[1] = two;
    answer[2] = three;
}

static struct sockaddr_in address_of(const char *host, int port)
{
    struct sockaddr_in address;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    CHECK(inet_pton(AF_INET, host, &address.sin_addr) == 1);
    return address;
}

static int listening(const char *host, int port, int backlog)
{
    struct sockaddr_in address = address_of(host, port);
    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

    CHECK(setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(s, backlog) == 0);
    return s;
}

/* Knows nothing of what others found. */
static etoauth_client *new_one(int port)
{
    etoauth_client *c;
    char url[64];

    sprintf(url, "http://localhost:%d", port);
    c = client_for(url);
    OK(etoauth_client_set_timeout_ms(c, 60000));
    return c;
}

static double now(void)
{
    struct timespec at;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* Connections beyond a listener's backlog are neither taken nor refused: nobody answers at 127.0.0.1. */
static void a_silent_address(int port)
{
    etoauth_client *c = new_one(port);
    struct sockaddr_in address = address_of("127.0.0.1", port);
    int i, tried, full = listening("127.0.0.1", port, 0), fillers[2];
    double begun = now();

    for (i = 0; i < 2; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    tried = connections_in_state(port, 2);
    answer_with("127.0.0.1", "127.0.0.2", NULL);
    OK(get(c));
    /* The time-out is a minute, and the share of one address of two would be half of it. */
    CHECK(now() - begun < 15);
    CHECK(connections_in_state(port, 2) == tried + 1);
    /* The peer has closed the connection. What answered is tried first now. */
    OK(get(c));
    CHECK(connections_in_state(port, 2) == tried + 1);
    CHECK(lookups == 1);

    OK(etoauth_client_free(c));

    /* With nobody else to try, the call ends at its time-out. */
    c = new_one(port);
    OK(etoauth_client_set_timeout_ms(c, 500));
    answer_with("127.0.0.1", "127.0.0.1", NULL);
    begun = now();
    EXPECT(get(c), ETOAUTH_E_TIMEOUT);
    SENTENCE("while connecting");
    CHECK(now() - begun < 1);
    OK(etoauth_client_free(c));
    for (i = 0; i < 2; i++)
        close(fillers[i]);
    close(full);
}

/* Serves one request, and then nobody listens any more. */
static void *serve_one(void *listener)
{
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char request[8192] = "";
    size_t got = 0;
    int s = accept(*(int *)listener, NULL, NULL);

    close(*(int *)listener);
    while (strstr(request, "\r\n\r\n") == NULL) {
        ssize_t n = read(s, request + got, sizeof request - 1 - got);

        CHECK(n > 0);
        got += (size_t)n;
    }
    CHECK(write(s, response, sizeof response - 1) == (ssize_t)sizeof response - 1);
    close(s);
    return NULL;
}

static void a_server_that_moves(int port)
{
    etoauth_client *c = new_one(port);
    int before = lookups, listener = listening("127.0.0.3", port, 4);
    pthread_t thread;

    answer_with("127.0.0.3", NULL, NULL);
    CHECK(pthread_create(&thread, NULL, serve_one, &listener) == 0);
    OK(get(c));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(lookups == before + 1);
    /* The old address refuses, and then it is forgotten. */
    answer_with("127.0.0.2", NULL, NULL);
    EXPECT(get(c), ETOAUTH_E_CONNECT);
    OK(get(c));
    CHECK(lookups == before + 2);
    OK(etoauth_client_free(c));
}

/* Two refuse, and the third is tried at once. */
static void refused_addresses(int port)
{
    etoauth_client *c = new_one(port);

    answer_with("127.0.0.4", "127.0.0.5", "127.0.0.2");
    OK(get(c));
    /* Remembered. */
    answer_with(NULL, NULL, NULL);
    OK(get(c));
    OK(etoauth_client_free(c));
}

int main(int argc, char **argv)
{
    int port;

    alarm(600);
    CHECK(argc == 2);
    port = atoi(argv[1]);
    a_silent_address(port);
    refused_addresses(port);
    a_server_that_moves(port);
    puts("the one that answers");
    return 0;
}

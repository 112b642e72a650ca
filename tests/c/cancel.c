/* A call is cancelled, and times out, wherever it waits: in a name look-up, a connect, a handshake, a read, or for
 * another thread's renew. Each time the program first sees that the call has come that far. */
#include "sandbox.h"

#include <netdb.h>
#include <pthread.h>

static etoauth_client *c;
static int lookup_begun[2], lookup_may_end[2];

/* In place of the system's: a name server that does not answer. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    char byte = 0;

    (void)node, (void)service, (void)hints, (void)found;
    CHECK(write(lookup_begun[1], "", 1) == 1);
    CHECK(read(lookup_may_end[0], &byte, 1) >= 0);
    return EAI_FAIL;
}

static int listening(int backlog, unsigned short *port)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(s, backlog) == 0);
    CHECK(getsockname(s, (struct sockaddr *)&address, &size) == 0);
    *port = ntohs(address.sin_port);
    return s;
}

static void point_at(const char *scheme, const char *host, unsigned short port)
{
    char url[128];

    sprintf(url, "%s://%s:%d", scheme, host, (int)port);
    OK(etoauth_client_set_base_urls(c, url, NULL, url));
}

/* How a thread tells its call's status while another looks, which finds 1 before. */
static void end(etoauth_status *status, etoauth_status ended)
{
    __atomic_store_n(status, ended, __ATOMIC_RELEASE);
}

static int is_under_way(const etoauth_status *status)
{
    return __atomic_load_n(status, __ATOMIC_ACQUIRE) == 1;
}

static void *ask(void *status)
{
    etoauth_response *r = NULL;

    end(status, etoauth_client_send(c, "GET", "/v1/accounts/list", NULL, NULL, 0, &r));
    CHECK(r == NULL);
    return NULL;
}

static void *renew(void *status)
{
    end(status, etoauth_client_renew_access_token(c));
    return NULL;
}

/* Runs a call and, once it waits where it should, cancels it. */
static etoauth_status cancelled(void (*has_come_so_far)(int), int at)
{
    etoauth_status status = 1;
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, ask, &status) == 0);
    has_come_so_far(at);
    OK(etoauth_client_cancel(c));
    pthread_join(thread, NULL);
    return status;
}

static etoauth_status timed_out(const char *where)
{
    etoauth_status status = 1;

    OK(etoauth_client_set_timeout_ms(c, 200));
    ask(&status);
    SENTENCE(where);
    OK(etoauth_client_set_timeout_ms(c, 60000));
    return status;
}

static void in_lookup(int unused)
{
    char byte;

    (void)unused;
    CHECK(read(lookup_begun[0], &byte, 1) == 1);
}

static int tried_by_fillers;

static void in_connect(int port)
{
    while (connections_in_state(port, 2) <= tried_by_fillers)
        continue;
}

static int accepted = -1;

/* The first bytes of the handshake, or of the request, are here. */
static void has_spoken(int listener)
{
    char byte;

    accepted = accept(listener, NULL, NULL);
    CHECK(read(accepted, &byte, 1) == 1);
}

static void connecting(void)
{
    unsigned short port;
    int i, full = listening(0, &port), fillers[2];
    struct sockaddr_in address;

    /* Connections beyond the backlog are neither taken nor refused. */
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    for (i = 0; i < 2; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    tried_by_fillers = connections_in_state(port, 2);
    point_at("http", "127.0.0.1", port);
    CHECK(timed_out("connecting") == ETOAUTH_E_TIMEOUT);
    /* The attempt that was given up may outlive its call by a moment. */
    while (connections_in_state(port, 2) > tried_by_fillers)
        continue;
    CHECK(cancelled(in_connect, port) == ETOAUTH_E_CANCELLED);
    for (i = 0; i < 2; i++)
        close(fillers[i]);
    close(full);
}

/* One thread renews, another waits for it: both end, and the token is kept. */
static void sharing_a_renew(int listener)
{
    etoauth_status renewing = 1, waiting = 1;
    pthread_t one, two;

    CHECK(pthread_create(&one, NULL, renew, &renewing) == 0);
    has_spoken(listener);
    CHECK(pthread_create(&two, NULL, renew, &waiting) == 0);
    while (is_under_way(&waiting) || is_under_way(&renewing)) {
        OK(etoauth_client_cancel(c));
        if (!is_under_way(&renewing) && is_under_way(&waiting))
            shutdown(listener, SHUT_RDWR);
    }
    pthread_join(one, NULL);
    pthread_join(two, NULL);
    CHECK(renewing == ETOAUTH_E_UNCERTAIN);
    CHECK(waiting == ETOAUTH_E_UNCERTAIN || waiting == ETOAUTH_E_CANCELLED || waiting == ETOAUTH_E_CONNECT);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
}

int main(void)
{
    unsigned short port;
    int listener;

    alarm(600);
    CHECK(pipe(lookup_begun) == 0 && pipe(lookup_may_end) == 0);
    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", &c));
    OK(etoauth_client_set_proxy(c, ""));
    OK(etoauth_client_set_timeout_ms(c, 60000));
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));

    point_at("https", "a-name-to-look-up.invalid", 443);
    CHECK(timed_out("looking up") == ETOAUTH_E_TIMEOUT);
    in_lookup(0);
    CHECK(cancelled(in_lookup, 0) == ETOAUTH_E_CANCELLED);
    close(lookup_may_end[1]);

    connecting();

    listener = listening(8, &port);
    point_at("https", "127.0.0.1", port);
    CHECK(cancelled(has_spoken, listener) == ETOAUTH_E_CANCELLED);
    close(accepted);
    point_at("http", "127.0.0.1", port);
    CHECK(cancelled(has_spoken, listener) == ETOAUTH_E_UNCERTAIN);
    close(accepted);
    sharing_a_renew(listener);
    close(accepted);
    close(listener);
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("every wait was cut short");
    return 0;
}

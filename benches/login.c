/* A program of its own, started by etoauth-sandbox: logs in over TLS, then makes calls on what stands, then one call by
   each of many clients, whose connections stay open. It prints the requests and connections of the login, its
   milliseconds, those of the calls, and the bytes of RSS for each of the clients. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

#include "sandbox.h"

#define CALLS 10
#define CLIENTS 50

static double milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* In KiB. */
static long resident(void)
{
    char line[256];
    long rss = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "r");

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        sscanf(line, "Rss: %ld", &rss);
    if (f != NULL)
        fclose(f);
    return rss;
}

static void call(etoauth_client *c)
{
    etoauth_response *r = NULL;

    check(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r) == ETOAUTH_OK, "A call");
    etoauth_response_free(r);
}

/* The bytes that a client with its connection takes, given one that is logged in. */
static double size_of_client(etoauth_client *first)
{
    static etoauth_client *clients[CLIENTS];
    char *session = NULL;
    long before;
    int i;

    check(etoauth_client_export_session(first, &session) == ETOAUTH_OK, "The session");
    before = resident();
    for (i = 0; i < CLIENTS; i++) {
        clients[i] = sandbox_client(1);
        check(etoauth_client_import_session(clients[i], session) == ETOAUTH_OK, "The session");
        call(clients[i]);
    }
    before = resident() - before;
    for (i = 0; i < CLIENTS; i++)
        etoauth_client_free(clients[i]);
    etoauth_string_free(session);
    return (double)before * 1024 / CLIENTS;
}

int main(void)
{
    etoauth_client *c = sandbox_client(1);
    long requests, connections;
    double start, login, calls;
    int i;

    start = milliseconds();
    check(etoauth_client_fetch_request_token(c) == ETOAUTH_OK, "A request token");
    check(etoauth_client_fetch_access_token(c, sandbox_fact("ETOAUTH_SANDBOX_CODE")) == ETOAUTH_OK, "An access token");
    login = milliseconds() - start;
    requests = sandbox_count("requests");
    connections = sandbox_count("connections");
    start = milliseconds();
    for (i = 0; i < CALLS; i++)
        call(c);
    calls = (milliseconds() - start) / CALLS;
    printf("%ld %ld %f %d %ld %ld %f", requests, connections, login, CALLS, sandbox_count("requests") - requests,
           sandbox_count("connections") - connections, calls);
    printf(" %f\n", size_of_client(c));
    etoauth_client_free(c);
    return 0;
}

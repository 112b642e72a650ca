/* A program of its own, started by etoauth-sandbox: logs in over TLS, then makes calls on what stands.
   It prints the requests and connections of the login, its milliseconds, and those of the calls. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <time.h>

#include "sandbox.h"

#define CALLS 10

static double milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

int main(void)
{
    etoauth_client *c = sandbox_client(1);
    etoauth_response *r;
    long requests, connections;
    double start, login;
    int i;

    start = milliseconds();
    check(etoauth_client_fetch_request_token(c) == ETOAUTH_OK, "A request token");
    check(etoauth_client_fetch_access_token(c, sandbox_fact("ETOAUTH_SANDBOX_CODE")) == ETOAUTH_OK, "An access token");
    login = milliseconds() - start;
    requests = sandbox_count("requests");
    connections = sandbox_count("connections");
    start = milliseconds();
    for (i = 0; i < CALLS; i++) {
        r = NULL;
        check(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r) == ETOAUTH_OK, "A call");
        etoauth_response_free(r);
    }
    printf("%ld %ld %f %d %ld %ld %f\n", requests, connections, login, CALLS, sandbox_count("requests") - requests,
           sandbox_count("connections") - connections, (milliseconds() - start) / CALLS);
    etoauth_client_free(c);
    return 0;
}

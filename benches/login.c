/* A program of its own, started by etoauth-sandbox: logs in over TLS, then makes calls on what stands.
   It prints the requests and connections of the login, its milliseconds, and those of the calls. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "etoauth.h"

#define CALLS 10

static void check(int ok, const char *what)
{
    char text[512] = "";

    if (ok)
        return;
    etoauth_last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "login: %s failed. %s\n", what, text);
    exit(1);
}

static const char *fact(const char *name)
{
    const char *value = getenv(name);

    check(value != NULL, name);
    return value;
}

static double milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

/* One of the sandbox's counters, from its plain port; it does not count this connection. */
static long count(const char *counter)
{
    static const char request[] = "GET /sandbox/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_in address;
    char answer[8192], name[64];
    const char *found;
    size_t got = 0;
    ssize_t n;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(fact("ETOAUTH_SANDBOX_URL"), ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(connect(s, (struct sockaddr *)&address, sizeof address) == 0, "the sandbox's admin path");
    check(write(s, request, sizeof request - 1) == (ssize_t)sizeof request - 1, "the sandbox's admin path");
    while ((n = read(s, answer + got, sizeof answer - 1 - got)) > 0)
        got += (size_t)n;
    answer[got] = '\0';
    close(s);
    snprintf(name, sizeof name, "\"%s\":", counter);
    found = strstr(answer, name);
    check(found != NULL, counter);
    return atol(found + strlen(name));
}

int main(void)
{
    const char *url = fact("ETOAUTH_SANDBOX_TLS_URL");
    char oauth[256], page[256];
    etoauth_client *c = NULL;
    etoauth_response *r;
    long requests, connections;
    double start, login;
    int i;

    snprintf(oauth, sizeof oauth, "%s/oauth", url);
    snprintf(page, sizeof page, "%s/e/t/etws/authorize", url);
    check(etoauth_client_new(ETOAUTH_ENV_SANDBOX, fact("ETOAUTH_SANDBOX_KEY"), fact("ETOAUTH_SANDBOX_SECRET"), &c) ==
                  ETOAUTH_OK && etoauth_client_set_base_urls(c, oauth, page, url) == ETOAUTH_OK &&
              etoauth_client_set_proxy(c, "") == ETOAUTH_OK &&
              etoauth_client_set_ca_file(c, fact("ETOAUTH_SANDBOX_CA_FILE")) == ETOAUTH_OK, "a client");
    start = milliseconds();
    check(etoauth_client_fetch_request_token(c) == ETOAUTH_OK, "a request token");
    check(etoauth_client_fetch_access_token(c, fact("ETOAUTH_SANDBOX_CODE")) == ETOAUTH_OK, "an access token");
    login = milliseconds() - start;
    requests = count("requests");
    connections = count("connections");
    start = milliseconds();
    for (i = 0; i < CALLS; i++) {
        r = NULL;
        check(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r) == ETOAUTH_OK, "a call");
        etoauth_response_free(r);
    }
    printf("%ld %ld %f %d %ld %ld %f\n", requests, connections, login, CALLS, count("requests") - requests,
           count("connections") - connections, (milliseconds() - start) / CALLS);
    etoauth_client_free(c);
    return 0;
}

#define _POSIX_C_SOURCE 200809L
#include "sandbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void check(int ok, const char *what)
{
    char text[512] = "";

    if (ok)
        return;
    etoauth_last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "%s failed. %s\n", what, text);
    exit(1);
}

const char *sandbox_fact(const char *name)
{
    const char *value = getenv(name);

    check(value != NULL, name);
    return value;
}

void sandbox_ask(const char *target, char *answer, size_t cap)
{
    struct sockaddr_in address;
    char request[512];
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target);
    size_t got = 0;
    ssize_t n;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(sandbox_fact("ETOAUTH_SANDBOX_URL"), ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(connect(s, (struct sockaddr *)&address, sizeof address) == 0, "The sandbox's admin path");
    check(write(s, request, (size_t)len) == len, "The sandbox's admin path");
    while ((n = read(s, answer + got, cap - 1 - got)) > 0)
        got += (size_t)n;
    answer[got] = '\0';
    close(s);
    check(strstr(answer, " 200 ") != NULL, target);
}

long sandbox_count(const char *counter)
{
    char answer[8192], name[64];
    const char *found;

    sandbox_ask("/sandbox/state", answer, sizeof answer);
    snprintf(name, sizeof name, "\"%s\":", counter);
    found = strstr(answer, name);
    check(found != NULL, counter);
    return atol(found + strlen(name));
}

etoauth_client *sandbox_client(int tls)
{
    const char *url = sandbox_fact(tls ? "ETOAUTH_SANDBOX_TLS_URL" : "ETOAUTH_SANDBOX_URL");
    char oauth[256], page[256];
    etoauth_client *c = NULL;

    snprintf(oauth, sizeof oauth, "%s/oauth", url);
    snprintf(page, sizeof page, "%s/e/t/etws/authorize", url);
    check(etoauth_client_new(ETOAUTH_ENV_SANDBOX, sandbox_fact("ETOAUTH_SANDBOX_KEY"),
                             sandbox_fact("ETOAUTH_SANDBOX_SECRET"), &c) == ETOAUTH_OK &&
              etoauth_client_set_base_urls(c, oauth, page, url) == ETOAUTH_OK &&
              etoauth_client_set_proxy(c, "") == ETOAUTH_OK &&
              etoauth_client_set_ca_file(c, sandbox_fact("ETOAUTH_SANDBOX_CA_FILE")) == ETOAUTH_OK,
          "A client");
    return c;
}

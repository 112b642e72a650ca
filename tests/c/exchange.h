/* A host's own HTTP, here a bare socket, for the exchanges of the C tests. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <time.h>

#include "sandbox.h"

static etoauth_client *c;
static int sends;

/* The last answer, apart. */
static struct {
    int32_t status;
    char text[16384], *body;
    size_t body_len;
} answer;

static void get(const char *url, const char *authorization)
{
    char request[4096];
    const char *path = strchr(url + strlen("http://"), '/');
    struct sockaddr_in address;
    size_t got = 0;
    ssize_t n;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    sprintf(request, "GET %s HTTP/1.1\r\nHost: %.*s\r\nAuthorization: %s\r\nConnection: close\r\n\r\n", path,
            (int)(path - url - strlen("http://")), url + strlen("http://"), authorization);
    CHECK(write(s, request, strlen(request)) == (ssize_t)strlen(request));
    while ((n = read(s, answer.text + got, sizeof answer.text - 1 - got)) > 0)
        got += (size_t)n;
    close(s);
    answer.text[got] = '\0';
    answer.body = strstr(answer.text, "\r\n\r\n");
    CHECK(answer.body != NULL && sscanf(answer.text, "HTTP/1.1 %d", &answer.status) == 1);
    *answer.body = '\0';
    answer.body += 4;
    answer.body_len = got - (size_t)(answer.body - answer.text);
    sends++;
}

static etoauth_exchange *begin(int32_t kind, const char *verifier)
{
    etoauth_exchange *x = NULL;

    OK(etoauth_exchange_new(c, kind, verifier, &x));
    return x;
}

/* Sends once and hands the answer back. */
static etoauth_status send_once(etoauth_exchange *x)
{
    char *url = NULL, *authorization = NULL;

    OK(etoauth_exchange_get_url(x, &url));
    OK(etoauth_exchange_get_authorization(x, &authorization));
    get(url, authorization);
    OK(etoauth_string_free(url));
    OK(etoauth_string_free(authorization));
    return etoauth_exchange_finish(x, answer.status, answer.text, answer.body, answer.body_len);
}

static etoauth_status whole(int32_t kind, const char *verifier)
{
    etoauth_exchange *x = begin(kind, verifier);
    etoauth_status status;

    sends = 0;
    while ((status = send_once(x)) == ETOAUTH_E_AGAIN)
        ;
    etoauth_exchange_free(x);
    return status;
}

/* An answer that nobody sent. */
static etoauth_status finish(etoauth_exchange *x, int32_t http, const char *body)
{
    return etoauth_exchange_finish(x, http, NULL, body, strlen(body));
}

#endif

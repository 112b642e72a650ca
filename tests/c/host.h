/* A host's own HTTP over a bare socket, with all that is needed to tell a complete answer from another. */
#ifndef HOST_H
#define HOST_H

#ifndef _WIN32 /* There, tests/windows/posix.h stands for these. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include "check.h"

/* The last answer. The status is ETOAUTH_ANSWER_NONE, which is 0, for a cut one and for one without a length to a call
 * that may change something. */
static struct {
    int32_t status;
    char bytes[65536], headers[8192], *body;
    size_t body_len;
} answered;

/* What follows this header's name, or NULL. */
static const char *header_of(const char *name)
{
    const char *line;

    for (line = answered.headers; (line = strchr(line, '\n')) != NULL;)
        if (strncmp(++line, name, strlen(name)) == 0)
            return line + strlen(name);
    return NULL;
}

/* Puts the chunks together where they stand; whether the last one was there. */
static int join_chunks(const char *end)
{
    char *from = answered.body, *to = answered.body, *data;
    unsigned long size = 1;

    while (size > 0) {
        size = strtoul(from, &data, 16);
        if (data == from || end - data < 2 || (size_t)(end - data - 2) < size)
            return 0;
        memmove(to, data + 2, size);
        to += size;
        from = data + 2 + size + 2;
        if (from > end)
            return size == 0;
    }
    answered.body_len = (size_t)(to - answered.body);
    return 1;
}

/* Splits what came until the connection's end; whether it is a complete answer. */
static int is_complete(size_t got, int asks)
{
    const char *length;

    answered.bytes[got] = '\0';
    answered.body = strstr(answered.bytes, "\r\n\r\n");
    if (answered.body == NULL || sscanf(answered.bytes, "HTTP/1.%*d %d", &answered.status) != 1)
        return 0;
    answered.body += 4;
    CHECK((size_t)(answered.body - answered.bytes) < sizeof answered.headers);
    memcpy(answered.headers, answered.bytes, (size_t)(answered.body - answered.bytes));
    answered.headers[answered.body - answered.bytes] = '\0';
    answered.body_len = got - (size_t)(answered.body - answered.bytes);
    if (header_of("Transfer-Encoding: chunked") != NULL)
        return join_chunks(answered.bytes + got);
    length = header_of("Content-Length: ");
    return length == NULL ? asks : strtoul(length, NULL, 10) == answered.body_len;
}

/* Sends one request to http://127.0.0.1:PORT/..., on a connection of its own. */
static void exchange_http(const char *method, const char *url, const char *authorization, const char *body)
{
    const char *path = strchr(url + strlen("http://"), '/');
    char request[4096];
    struct sockaddr_in address;
    size_t got = 0;
    ssize_t n;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    sprintf(request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: %s\r\nContent-Length: %d\r\n\r\n%s",
            method, path, authorization, (int)strlen(body), body);
    CHECK(write(s, request, strlen(request)) == (ssize_t)strlen(request));
    /* Nothing more is to come: the server closes its side after its answer. */
    CHECK(shutdown(s, SHUT_WR) == 0);
    while ((n = read(s, answered.bytes + got, sizeof answered.bytes - 1 - got)) > 0)
        got += (size_t)n;
    close(s);
    if (!is_complete(got, strcmp(method, "GET") == 0)) {
        answered.status = 0;
        answered.headers[0] = '\0';
        answered.body = NULL;
        answered.body_len = 0;
    }
}

#endif

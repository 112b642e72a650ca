/* A listener of the tests, and visitors of it: their sockets, what they ask, and what they are answered. */
#ifndef VISITOR_H
#define VISITOR_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "sandbox.h"

#define REDIRECT "oauth_token=T&oauth_verifier=V"

static etoauth_listener *l;
/* Of l: its URL without the path, and its port. */
static char origin[128];
static unsigned short port;

/* Listens on this callback, whose port is 0. */
static void listen_on(const char *callback)
{
    const char *path = strstr(callback, ":0") + 2;
    char *url = NULL, zero[256];

    l = NULL;
    OK(etoauth_listener_new(callback, &l));
    OK(etoauth_listener_get_url(l, &url));
    CHECK(sscanf(strrchr(url, ':'), ":%hu", &port) == 1 && port != 0);
    sprintf(zero, "%.*s:%hu%s", (int)(path - 2 - callback), callback, port, path);
    CHECK(strcmp(url, zero) == 0);
    sprintf(origin, "%.*s:%hu", (int)(path - 2 - callback), callback, port);
    OK(etoauth_string_free(url));
}

static int has_ipv6(void)
{
    struct sockaddr_in6 address;
    int s = socket(AF_INET6, SOCK_STREAM, 0), found;

    memset(&address, 0, sizeof address);
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    found = s >= 0 && bind(s, (struct sockaddr *)&address, sizeof address) == 0;
    if (s >= 0)
        close(s);
    return found;
}

/* A visitor's socket, connected; -1 if nobody listens. */
static int visit(int family)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    int s = socket(family, SOCK_STREAM, 0), status;

    CHECK(s >= 0);
    memset(&v4, 0, sizeof v4);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(&v6, 0, sizeof v6);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    status = family == AF_INET ? connect(s, (struct sockaddr *)&v4, sizeof v4)
                               : connect(s, (struct sockaddr *)&v6, sizeof v6);
    if (status == 0)
        return s;
    close(s);
    return -1;
}

static void say(int s, const char *text)
{
    /* A listener that has hung up already is judged by what it said. */
    CHECK(send(s, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text) || errno == EPIPE || errno == ECONNRESET);
}

static int ask(int family, const char *target)
{
    char request[1024];
    int s = visit(family);

    CHECK(s >= 0);
    sprintf(request, "GET %s HTTP/1.1\r\nHost: localhost:%hu\r\nAccept: */*\r\n\r\n", target, port);
    say(s, request);
    return s;
}

/* Polls while nobody may end the wait, until this visitor has had his whole answer, which begins so. */
static void turned_away(int s, etoauth_client *c, const char *answer)
{
    char text[4096] = "", *url = NULL;
    size_t got = 0;
    ssize_t n;

    fcntl(s, F_SETFL, O_NONBLOCK);
    for (;;) {
        EXPECT(etoauth_listener_wait(l, c, 0, &url), ETOAUTH_E_TIMEOUT);
        n = read(s, text + got, sizeof text - 1 - got);
        if (n > 0)
            got += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            break;
        sched_yield();
    }
    close(s);
    CHECK(url == NULL && strncmp(text, answer, strlen(answer)) == 0);
}

#define NOT_FOUND "HTTP/1.1 404 "
#define FOUND "HTTP/1.1 200 ", "close this window"

/* The whole answer to a visitor whom somebody else waits for. */
static void answered(int s, const char *begin, const char *part)
{
    char text[4096];
    size_t got = 0;
    ssize_t n;

    while ((n = read(s, text + got, sizeof text - 1 - got)) > 0)
        got += (size_t)n;
    text[got] = '\0';
    close(s);
    CHECK(n == 0 && strncmp(text, begin, strlen(begin)) == 0 && strstr(text, part) != NULL);
}

/* Polls until the redirect is there, and compares; the visitor sees that he is done. */
static void let_in(int s, etoauth_client *c, const char *target)
{
    char text[1], expected[1024], *url = NULL;
    etoauth_status status;
    ssize_t n;

    while ((status = etoauth_listener_wait(l, c, 0, &url)) == ETOAUTH_E_TIMEOUT) {
        /* A hang-up without a page would be waited on for ever. */
        n = recv(s, text, sizeof text, MSG_PEEK | MSG_DONTWAIT);
        CHECK(n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
        sched_yield();
    }
    OK(status);
    sprintf(expected, "%s%s", origin, target);
    CHECK(strcmp(url, expected) == 0);
    OK(etoauth_string_free(url));
    answered(s, FOUND);
}

#endif

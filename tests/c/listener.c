/* The callback listener: the redirect ends the wait and no other visitor does, whatever he brings. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>

#include "sandbox.h"

#define CROWD 100
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

static void urls(void)
{
    static const char *const wrong[] = {"", "localhost:0", "https://localhost:0/", "ftp://localhost:0/",
                                        "http://example.com:0/", "http://192.0.2.1:0/", "http://0.0.0.0:0/",
                                        "http://localhost:x/", "http://localhost:65536/", "http://u@localhost:0/",
                                        "http://localhost:0/#here"};
    etoauth_listener *none = NULL;
    char *url = NULL, taken[256];
    size_t i;

    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(etoauth_listener_new(wrong[i], &none), ETOAUTH_E_ARGUMENT);
    CHECK(none == NULL);
    listen_on("http://localhost:0/back?x=1");
    EXPECT(etoauth_listener_wait(l, NULL, 0, &url), ETOAUTH_E_TIMEOUT);
    EXPECT(etoauth_listener_wait(l, NULL, 1, &url), ETOAUTH_E_TIMEOUT);
    sprintf(taken, "%s/", origin);
    EXPECT(etoauth_listener_new(taken, &none), ETOAUTH_E_CONNECT);
    sprintf(taken, "http://127.0.0.1:%hu/other", port);
    EXPECT(etoauth_listener_new(taken, &none), ETOAUTH_E_CONNECT);
    CHECK(none == NULL && url == NULL);
    /* A freed listener's port is free. */
    OK(etoauth_listener_free(l));
    EXPECT(etoauth_listener_free(l), ETOAUTH_E_HANDLE);
    CHECK(visit(AF_INET) < 0);
    OK(etoauth_listener_new(taken, &l));
    OK(etoauth_listener_free(l));
}

/* Only the registered path and query, with a token and a verifier after them. */
static void targets(void)
{
    static const char *const wrong[] = {
        "/favicon.ico", "/", "/back", "/back?x=1", "/back?" REDIRECT, "/back?x=12&" REDIRECT, "/back?x=1" REDIRECT,
        "/back?y=2&x=1&" REDIRECT, "/?x=1&" REDIRECT, "/back/?x=1&" REDIRECT, "/Back?x=1&" REDIRECT,
        "/back?x=1&oauth_token=T", "/back?x=1&oauth_verifier=V", "/back?x=1&oauth_token=&oauth_verifier=V",
        "/back?x=1&oauth_token=T&oauth_verifier=", "/back?x=1&xoauth_token=T&xoauth_verifier=V"};
    size_t i;

    listen_on("http://localhost:0/back?x=1");
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        turned_away(ask(AF_INET, wrong[i]), NULL, NOT_FOUND);
    let_in(ask(AF_INET, "/back?x=1&" REDIRECT), NULL, "/back?x=1&" REDIRECT);
    let_in(ask(AF_INET, "/back?x=1&oauth_verifier=V&z&oauth_token=a%2Bb%3D"), NULL,
           "/back?x=1&oauth_verifier=V&z&oauth_token=a%2Bb%3D");
    if (has_ipv6())
        let_in(ask(AF_INET6, "/back?x=1&" REDIRECT), NULL, "/back?x=1&" REDIRECT);
    OK(etoauth_listener_free(l));

    listen_on("http://127.0.0.1:0/");
    let_in(ask(AF_INET, "/?" REDIRECT), NULL, "/?" REDIRECT);
    OK(etoauth_listener_free(l));
    if (!has_ipv6())
        return;
    listen_on("http://[::1]:0/a/b");
    let_in(ask(AF_INET6, "/a/b?" REDIRECT), NULL, "/a/b?" REDIRECT);
    OK(etoauth_listener_free(l));
}

/* Visitors that are no browsers, or browsers with other things in mind. */
static void odd_visitors(void)
{
    static const char request[] = "GET /?" REDIRECT " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static char large[40000];
    int silent, slow, crowd[CROWD], i;

    listen_on("http://localhost:0/");
    close(visit(AF_INET));
    turned_away(ask(AF_INET, "/"), NULL, NOT_FOUND);
    i = visit(AF_INET);
    say(i, "\x16\x03\x01\x02 no HTTP at all\r\n\r\n");
    turned_away(i, NULL, "");
    i = visit(AF_INET);
    say(i, "POST /?" REDIRECT " HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    turned_away(i, NULL, "");
    memset(large, 'a', sizeof large - 1);
    memcpy(large, "GET /", 5);
    i = visit(AF_INET);
    say(i, large);
    turned_away(i, NULL, "");

    /* One says nothing, one says half and goes, one says it byte by byte, and is heard at the end. */
    silent = visit(AF_INET);
    i = visit(AF_INET);
    say(i, "GET /?oauth_token");
    close(i);
    slow = visit(AF_INET);
    for (i = 0; request[i + 1] != '\0'; i++) {
        char *url = NULL;

        CHECK(send(slow, request + i, 1, MSG_NOSIGNAL) == 1);
        EXPECT(etoauth_listener_wait(l, NULL, 0, &url), ETOAUTH_E_TIMEOUT);
    }
    turned_away(ask(AF_INET, "/favicon.ico"), NULL, NOT_FOUND);
    say(slow, "\n");
    let_in(slow, NULL, "/?" REDIRECT);

    /* A crowd that stands in the door keeps the redirect out no more than one visitor does. */
    for (i = 0; i < CROWD; i++) {
        char *url = NULL;

        crowd[i] = visit(AF_INET);
        CHECK(crowd[i] >= 0);
        EXPECT(etoauth_listener_wait(l, NULL, 0, &url), ETOAUTH_E_TIMEOUT);
    }
    let_in(ask(AF_INET, "/?" REDIRECT), NULL, "/?" REDIRECT);
    for (i = 0; i < CROWD; i++)
        close(crowd[i]);
    close(silent);
    OK(etoauth_listener_free(l));
}

static etoauth_status outcome;
static char *redirected;

static void *waits(void *client)
{
    outcome = etoauth_listener_wait(l, client, 600000, &redirected);
    return NULL;
}

/* A free ends a wait that is under way: a visitor who had his answer proves that it is. */
static void freed(void)
{
    pthread_t thread;

    listen_on("http://localhost:0/");
    CHECK(pthread_create(&thread, NULL, waits, NULL) == 0);
    answered(ask(AF_INET, "/favicon.ico"), NOT_FOUND, "");
    OK(etoauth_listener_free(l));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(outcome == ETOAUTH_E_HANDLE && redirected == NULL);
    CHECK(visit(AF_INET) < 0);
}

/* A login from its begin to its end, while the program waits. */
static void login(void)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_URL"));
    char target[512], *page = NULL;
    pthread_t thread;

    listen_on("http://localhost:0/back?x=1");
    turned_away(ask(AF_INET, "/back?x=1&" REDIRECT), c, NOT_FOUND);
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_get_authorize_url(c, &page));
    sprintf(target, "/back?x=1&oauth_%s&oauth_verifier=%s", strstr(page, "token="), approve(c));
    OK(etoauth_string_free(page));
    CHECK(pthread_create(&thread, NULL, waits, c) == 0);
    answered(ask(AF_INET, "/back?x=1&" REDIRECT), NOT_FOUND, "");
    answered(ask(has_ipv6() ? AF_INET6 : AF_INET, target), FOUND);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(outcome == ETOAUTH_OK && strcmp(strchr(redirected + 7, '/'), target) == 0);
    OK(etoauth_client_fetch_access_token(c, redirected));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_string_free(redirected));
    /* That login is over: its redirect, come again, is another's. */
    turned_away(ask(AF_INET, target), c, NOT_FOUND);
    OK(etoauth_listener_free(l));
    OK(etoauth_client_free(c));
}

int main(void)
{
    alarm(600);
    urls();
    targets();
    freed();
    login();
    odd_visitors();
    CHECK(etoauth_live_objects() == 0);
    puts("only the redirect was heard");
    return 0;
}

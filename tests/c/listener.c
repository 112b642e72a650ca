/* The callback listener: the redirect ends the wait and no other visitor does, whatever he brings. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

#include "visitor.h"

#define CROWD 100

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
    CHECK(none == NULL && url == NULL);
    sprintf(taken, "http://127.0.0.1:%hu/other", port);
    /* A freed listener's port is free. */
    OK(etoauth_listener_free(l));
    EXPECT(etoauth_listener_free(l), ETOAUTH_E_HANDLE);
    CHECK(visit(AF_INET) < 0);
    OK(etoauth_listener_new(taken, &l));
    OK(etoauth_listener_free(l));
}

/* Only the registered path and query, with a verifier after them. */
static void targets(void)
{
    static const char *const wrong[] = {
        "/favicon.ico", "/", "/back", "/back?x=1", "/back?" REDIRECT, "/back?x=12&" REDIRECT, "/back?x=1" REDIRECT,
        "/back?y=2&x=1&" REDIRECT, "/?x=1&" REDIRECT, "/back/?x=1&" REDIRECT, "/Back?x=1&" REDIRECT,
        "/back?x=1&oauth_token=T", "/back?oauth_verifier=V", "/back?x=1&oauth_token=&oauth_verifier=V",
        "/back?x=1&oauth_token=T&oauth_verifier=", "/back?x=1&xoauth_token=T&xoauth_verifier=V"};
    size_t i;

    listen_on("http://localhost:0/back?x=1");
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        turned_away(ask(AF_INET, wrong[i]), NULL, NOT_FOUND);
    let_in(ask(AF_INET, "/back?x=1&" REDIRECT), NULL, "/back?x=1&" REDIRECT);
    let_in(ask(AF_INET, "/back?x=1&oauth_verifier=V&z&oauth_token=a%2Bb%3D"), NULL,
           "/back?x=1&oauth_verifier=V&z&oauth_token=a%2Bb%3D");
    /* As in E*TRADE's own examples. */
    let_in(ask(AF_INET, "/back?x=1&oauth_verifier=WXYZ89"), NULL, "/back?x=1&oauth_verifier=WXYZ89");
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

/* A person who comes back without a verifier is told; the wait goes on. */
static void unfinished(void)
{
    static const char *const targets[] = {"/back", "/back?", "/back?x=1", "/back?x=1&oauth_token=T", "/back?denied=1",
                                          "/back?x=1&oauth_token=T&oauth_verifier=", "/back?x=1&oauth_verifier=%20",
                                          "/back?x=1&oauth_token=T&oauth_verifier=%20%09"};
    char *url = NULL;
    size_t i;

    listen_on("http://localhost:0/back?x=1");
    for (i = 0; i < sizeof targets / sizeof *targets; i++) {
        int s = ask(AF_INET, targets[i]);
        char first;

        while (recv(s, &first, 1, MSG_PEEK | MSG_DONTWAIT) < 0) {
            EXPECT(etoauth_listener_wait(l, NULL, 0, &url), ETOAUTH_E_TIMEOUT);
            sched_yield();
        }
        answered(s, NOT_FOUND, "The login was not finished");
    }
    let_in(ask(AF_INET, "/back?x=1&" REDIRECT), NULL, "/back?x=1&" REDIRECT);
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
static pthread_t thread;

static void *waits(void *client)
{
    outcome = etoauth_listener_wait(l, client, 600000, &redirected);
    return NULL;
}

/* A free ends a wait that is under way: a visitor who had his answer proves that it is. */
static void freed(void)
{
    listen_on("http://localhost:0/");
    CHECK(pthread_create(&thread, NULL, waits, NULL) == 0);
    answered(ask(AF_INET, "/favicon.ico"), NOT_FOUND, "");
    OK(etoauth_listener_free(l));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(outcome == ETOAUTH_E_HANDLE && redirected == NULL);
    CHECK(visit(AF_INET) < 0);
}

/* With a client, a redirect without a token belongs to the pending login; one with another token does not. */
static void login_without_token(void)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_URL"));
    char target[512];

    listen_on("http://localhost:0/back");
    turned_away(ask(AF_INET, "/back?oauth_verifier=V"), c, NOT_FOUND);
    OK(etoauth_client_fetch_request_token(c));
    sprintf(target, "/back?oauth_verifier=%s", approve(c));
    turned_away(ask(AF_INET, "/back?" REDIRECT), c, NOT_FOUND);
    turned_away(ask(AF_INET, "/back?oauth_token=&oauth_verifier=V"), c, NOT_FOUND);
    turned_away(ask(AF_INET, "/back?oauth_verifier=%20"), c, NOT_FOUND);
    CHECK(pthread_create(&thread, NULL, waits, c) == 0);
    answered(ask(AF_INET, target), FOUND);
    CHECK(pthread_join(thread, NULL) == 0);
    OK(outcome);
    CHECK(strcmp(strchr(redirected + 7, '/'), target) == 0);
    OK(etoauth_client_fetch_access_token(c, redirected));
    OK(etoauth_string_free(redirected));
    OK(etoauth_listener_free(l));
    OK(etoauth_client_free(c));
}

/* A cancel of the client's calls ends a wait for its login. */
static void cancelled(void)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_URL"));

    listen_on("http://localhost:0/");
    redirected = NULL;
    CHECK(pthread_create(&thread, NULL, waits, c) == 0);
    answered(ask(AF_INET, "/favicon.ico"), NOT_FOUND, "");
    OK(etoauth_client_cancel(c));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(outcome == ETOAUTH_E_CANCELLED && redirected == NULL);
    OK(etoauth_listener_free(l));
    OK(etoauth_client_free(c));
}

/* A login from its begin to its end, while the program waits. */
static void login(void)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_URL"));
    char target[512], *page = NULL;

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
    unfinished();
    freed();
    login();
    login_without_token();
    cancelled();
    odd_visitors();
    CHECK(etoauth_live_objects() == 0);
    puts("only the redirect was heard");
    return 0;
}

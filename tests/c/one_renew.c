/* 64 threads of one process meet an idle token: one renew is sent, and all share how it ended. */
#include "session.h"

#include <pthread.h>
#ifndef _WIN32
#include <poll.h>
#endif

#define THREADS 64

static etoauth_client *c;
static pthread_barrier_t together;
static etoauth_status (*call)(void);
static etoauth_status ended[THREADS];

static etoauth_status send_one(void)
{
    return send_get(c);
}

static etoauth_status ensure(void)
{
    return etoauth_client_ensure_active(c, 60);
}

/* Stands between the client and the sandbox's OAuth calls, to hold a renew back until every thread was refused: none
 * comes so late that it meets the renew's result in place of the renew. With 0 to be refused, it holds the renew back
 * between two steps of the test's. */
static struct {
    int listener;
    long refused;
    pthread_barrier_t step;
    const char *answer;
    pthread_t thread;
} gate;

static void pass_on(int from, int to)
{
    char bytes[4096];
    ssize_t n = read(from, bytes, sizeof bytes);

    if (n > 0)
        CHECK(write(to, bytes, (size_t)n) == n);
    else
        shutdown(to, SHUT_WR);
}

static int sandbox_connection(void)
{
    struct sockaddr_in address;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)atoi(strrchr(sandbox("SANDBOX_URL"), ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(connect(s, (struct sockaddr *)&address, sizeof address) == 0);
    return s;
}

/* One connection; the client closes it when it has its answer, or is freed. */
static void *keep_gate(void *unused)
{
    struct pollfd ends[2];
    char bytes[4096];
    int visitor = accept(gate.listener, NULL, NULL);

    CHECK(visitor >= 0);
    ends[0].fd = visitor;
    CHECK(recv(ends[0].fd, bytes, sizeof bytes, MSG_PEEK) > 0);
    if (gate.refused == 0) {
        pthread_barrier_wait(&gate.step);
        pthread_barrier_wait(&gate.step);
    }
    while (count("refused") < gate.refused)
        poll(NULL, 0, 5);
    if (gate.answer != NULL) {
        CHECK(read(ends[0].fd, bytes, sizeof bytes) > 0);
        CHECK(write(ends[0].fd, gate.answer, strlen(gate.answer)) == (ssize_t)strlen(gate.answer));
    } else {
        ends[1].fd = sandbox_connection();
        ends[0].events = ends[1].events = POLLIN;
        pass_on(ends[0].fd, ends[1].fd);
        CHECK(poll(&ends[1], 1, -1) == 1);
        pass_on(ends[1].fd, ends[0].fd);
        close(ends[1].fd);
    }
    close(ends[0].fd);
    return unused;
}

static void begin_gate(long refused, const char *answer)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    char base[64];

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    gate.listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(gate.listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(gate.listener, THREADS) == 0);
    CHECK(getsockname(gate.listener, (struct sockaddr *)&address, &length) == 0);
    gate.refused = refused;
    gate.answer = answer;
    CHECK(pthread_barrier_init(&gate.step, NULL, 2) == 0);
    CHECK(pthread_create(&gate.thread, NULL, keep_gate, NULL) == 0);
    sprintf(base, "http://127.0.0.1:%d/oauth", ntohs(address.sin_port));
    OK(etoauth_client_set_base_urls(c, base, NULL, NULL));
}

/* A second renew would wait here, unanswered. */
static void end_gate(void)
{
    struct pollfd another;

    CHECK(pthread_join(gate.thread, NULL) == 0);
    another.fd = gate.listener;
    another.events = POLLIN;
    CHECK(poll(&another, 1, 0) == 0);
    close(gate.listener);
    CHECK(pthread_barrier_destroy(&gate.step) == 0);
}

static void *one(void *number)
{
    pthread_barrier_wait(&together);
    ended[(size_t)number] = call();
    return NULL;
}

static void all_call(etoauth_status (*what)(void), etoauth_status expected)
{
    pthread_t threads[THREADS];
    size_t i;

    call = what;
    CHECK(pthread_barrier_init(&together, NULL, THREADS) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, one, (void *)i) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (i = 0; i < THREADS; i++)
        EXPECT(ended[i], expected);
    CHECK(pthread_barrier_destroy(&together) == 0);
}

static void fall_asleep(void)
{
    char oauth[256];

    admin("reset");
    at_noon();
    sprintf(oauth, "%s/oauth", sandbox("SANDBOX_URL"));
    OK(etoauth_client_set_base_urls(c, oauth, NULL, NULL));
    sync_clock(c);
    log_in(c);
    three_hours_later(c);
    CHECK(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
}

static void all_are_served(void)
{
    fall_asleep();
    begin_gate(THREADS, NULL);
    all_call(send_one, ETOAUTH_OK);
    end_gate();
    CHECK(count("renews") == 1 && count("api_calls") == THREADS && count("refused") == THREADS);
    CHECK(requests("/v1/accounts/list") == 2 * THREADS && requests("/oauth/renew_access_token") == 1);

    /* Without a gate some come so late that nothing is left to repair. */
    fall_asleep();
    all_call(send_one, ETOAUTH_OK);
    CHECK(count("renews") == 1 && count("api_calls") == THREADS);

    fall_asleep();
    all_call(ensure, ETOAUTH_OK);
    CHECK(count("renews") == 1 && requests("/oauth/renew_access_token") == 1);
    all_call(send_one, ETOAUTH_OK);
    CHECK(count("renews") == 1 && count("api_calls") == THREADS && count("refused") == 0);
}

/* A renew that fails on the way is tried for all or for none; the next call tries again. */
static void all_are_put_off(void)
{
    fall_asleep();
    begin_gate(THREADS, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    all_call(send_one, ETOAUTH_E_UNAVAILABLE);
    end_gate();
    CHECK(count("renews") == 0 && count("api_calls") == 0 && requests("/v1/accounts/list") == THREADS);
    CHECK(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    begin_gate(THREADS, NULL);
    OK(send_get(c));
    end_gate();
    CHECK(count("renews") == 1);
}

static void all_are_refused(void)
{
    fall_asleep();
    admin("fault?on=/oauth/renew&kind=problem&code=token_rejected");
    all_call(send_one, ETOAUTH_E_LOGIN);
    CHECK(requests("/oauth/renew_access_token") == 1 && count("renews") == 0 && count("api_calls") == 0);
    CHECK(token_state(c) == ETOAUTH_TOKEN_EXPIRED);

    fall_asleep();
    admin("fault?on=/oauth/renew&kind=problem&code=token_rejected");
    all_call(ensure, ETOAUTH_E_LOGIN);
    CHECK(requests("/oauth/renew_access_token") == 1);
    all_call(send_one, ETOAUTH_E_LOGIN);
    CHECK(requests("/oauth/renew_access_token") == 1 && requests("/v1/accounts/list") == 0);
}

/* Someone logs in anew while the renew of the old token is under way: the call goes on with the new one. */
static void overtaken(void)
{
    static const char *const answers[] = {
        NULL, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 28\r\nConnection: close\r\n\r\noauth_problem=token_rejected"};
    char *token = NULL, *secret = NULL;
    etoauth_client *other = synced_client();
    pthread_t thread;
    size_t i;

    for (i = 0; i < 2; i++) {
        fall_asleep();
        sync_clock(other);
        begin_gate(0, answers[i]);
        call = send_one;
        CHECK(pthread_barrier_init(&together, NULL, 1) == 0);
        CHECK(pthread_create(&thread, NULL, one, (void *)0) == 0);
        pthread_barrier_wait(&gate.step);
        log_in(other);
        OK(etoauth_client_get_access_token(other, &token, &secret));
        OK(etoauth_client_set_access_token(c, token, secret, 0));
        pthread_barrier_wait(&gate.step);
        CHECK(pthread_join(thread, NULL) == 0);
        OK(ended[0]);
        end_gate();
        CHECK(count("api_calls") == 1);
        CHECK(pthread_barrier_destroy(&together) == 0);
        OK(etoauth_string_free(token));
        OK(etoauth_string_free(secret));
    }
    OK(etoauth_client_free(other));
}

int main(void)
{
    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));
    all_are_served();
    all_are_put_off();
    all_are_refused();
    overtaken();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("one renew served all");
    return 0;
}

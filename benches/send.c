/* Table 5, a program of its own that etoauth-sandbox starts: what a signed call costs this process in CPU time, beside
   libcurl. The server is another process, on loopback, and its time does not count. Nothing here judges a time. Compare
   the ratios, each the middle of the rounds' ratios: the times themselves may double from one run to the next. */
#define _DEFAULT_SOURCE
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "allocations.h"
#include "harness.h"
#include "sandbox.h"
#include "sender.h"
#include "system_calls.h"

#define ROUNDS 60
#define SENDS 320           /* in a turn, by all threads together */
#define STEPS 10
#define SHARES 1000         /* in a round */
#define COUNTED 100         /* calls whose allocations are counted */

static const struct sender *const senders[] = {&libcurl_sender, &etoauth_sender, &etoauth_sender_with_shares,
                                               &etoauth_sender_with_file};
enum { LIBCURL, ETOAUTH, WITH_SHARES, WITH_FILE, SENDERS };

struct row {
    const struct sender *sender;
    int tls, threads;
    void *state;
    long connections_in_step, connections_later;
    double allocations, system_calls;
    double cpu[ROUNDS];     /* a call, in microseconds */
    double kernel;          /* of it in the kernel, by all rounds together: a single one is too short to tell */
};

static pthread_barrier_t turn, step;

struct worker {
    const struct row *row;
    int thread, sends, in_step, failed;
};

/* CPU time of this process, in microseconds. */
static double cpu_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec * 1e-3;
}

static double kernel_time(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_stime.tv_sec * 1e6 + (double)usage.ru_stime.tv_usec;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    int i;

    /* A thread's first call sets its state up, and its connection if there is none. */
    w->failed = !w->row->sender->send(w->row->state, w->thread);
    pthread_barrier_wait(&turn);
    pthread_barrier_wait(&turn);
    for (i = 0; i < w->sends; i++) {
        if (w->in_step)
            pthread_barrier_wait(&step);
        w->failed |= !w->row->sender->send(w->row->state, w->thread);
    }
    pthread_barrier_wait(&turn);
    pthread_barrier_wait(&turn);
    return NULL;
}

/* So many calls of each of the row's threads, as fast as they can or each together with the others'. */
static void run(const struct row *row, int sends, int in_step, double *cpu, double *kernel)
{
    struct worker workers[MOST_THREADS];
    pthread_t ids[MOST_THREADS];
    double cpu_before, kernel_before;
    int i;

    pthread_barrier_init(&turn, NULL, (unsigned)row->threads + 1);
    pthread_barrier_init(&step, NULL, (unsigned)row->threads);
    for (i = 0; i < row->threads; i++) {
        workers[i].row = row;
        workers[i].thread = i;
        workers[i].sends = sends;
        workers[i].in_step = in_step;
        check(pthread_create(&ids[i], NULL, work, &workers[i]) == 0, "A thread");
    }
    pthread_barrier_wait(&turn);
    kernel_before = kernel_time();
    cpu_before = cpu_time();
    pthread_barrier_wait(&turn);
    pthread_barrier_wait(&turn);
    *cpu = (cpu_time() - cpu_before) / (sends * row->threads);
    *kernel = (kernel_time() - kernel_before) / (sends * row->threads);
    pthread_barrier_wait(&turn);
    for (i = 0; i < row->threads; i++) {
        pthread_join(ids[i], NULL);
        check(!workers[i].failed, row->sender->name);
    }
    pthread_barrier_destroy(&turn);
    pthread_barrier_destroy(&step);
}

/* Threads in step, twice. Their first calls get their answers a byte a millisecond, so that all of them are under way
   at once; after that the connections are there. */
static void count_connections_in_step(struct row *row)
{
    char target[128], answer[1024];
    long before = sandbox_count("connections");
    double ignored;
    int i;

    snprintf(target, sizeof target, "/sandbox/fault?kind=slow&ms=1&on=/v1&times=%d", row->threads);
    for (i = 0; i < 2; i++) {
        sandbox_ask(target, answer, sizeof answer);
        run(row, STEPS, 1, &ignored, &ignored);
    }
    row->connections_in_step = sandbox_count("connections") - before;
}

static void count_what_a_call_needs(struct row *row, const struct access_token *token)
{
    int i;

    allocations_start();
    for (i = 0; i < COUNTED; i++)
        check(row->sender->send(row->state, 0), row->sender->name);
    row->allocations = (double)allocations_stop() / COUNTED;
    row->system_calls = count_system_calls(row->sender, row->tls, token);
}

static double median_ratio(const struct row *a, const struct row *b)
{
    double ratios[ROUNDS];
    int i;

    for (i = 0; i < ROUNDS; i++)
        ratios[i] = a->cpu[i] / b->cpu[i];
    return median_of(ratios, ROUNDS);
}

/* The rows of one setting. */
static void print_group(struct row *rows)
{
    double of_libcurl[SENDERS], of_send[SENDERS];
    int i;

    /* The ratios first: taking a median sorts the times. */
    for (i = 0; i < SENDERS; i++) {
        of_libcurl[i] = median_ratio(&rows[i], &rows[LIBCURL]);
        of_send[i] = median_ratio(&rows[i], &rows[ETOAUTH]);
    }
    printf("%s, %d thread%s\n", rows->tls ? "TLS 1.3" : "http", rows->threads, rows->threads > 1 ? "s" : "");
    for (i = 0; i < SENDERS; i++) {
        struct row *r = &rows[i];

        printf("  %-28s %8.1f %8.1f %12.2f", r->sender->name, median_of(r->cpu, ROUNDS), r->kernel, of_libcurl[i]);
        if (i > ETOAUTH)
            printf(" %10.2f", of_send[i]);
        else
            printf(" %10s", "");
        printf(" %8ld %8ld", r->connections_in_step, r->connections_later);
        if (r->threads == 1)
            printf(" %8.1f", r->allocations);
        if (r->threads == 1 && r->system_calls >= 0)
            printf(" %8.1f", r->system_calls);
        printf("\n");
    }
}

static struct access_token log_in(void)
{
    struct access_token token = {NULL, NULL};
    etoauth_client *c = sandbox_client(0);

    check(etoauth_client_fetch_request_token(c) == ETOAUTH_OK &&
              etoauth_client_fetch_access_token(c, sandbox_fact("ETOAUTH_SANDBOX_CODE")) == ETOAUTH_OK &&
              etoauth_client_get_access_token(c, &token.token, &token.secret) == ETOAUTH_OK, "A login");
    etoauth_client_free(c);
    return token;
}

/* Making and freeing a shared handle, in microseconds: too little to be told from the rows. */
static double cost_of_share(void)
{
    etoauth_client *c = sandbox_client(0), *share = NULL;
    double times[ROUNDS], before;
    int round, i;

    for (round = 0; round < ROUNDS; round++) {
        before = cpu_time();
        for (i = 0; i < SHARES; i++)
            check(etoauth_client_share(c, &share) == ETOAUTH_OK && etoauth_client_free(share) == ETOAUTH_OK, "A share");
        times[round] = (cpu_time() - before) / SHARES;
    }
    etoauth_client_free(c);
    return median_of(times, ROUNDS);
}

/* One turn of a row's. */
static void time_turn(struct row *r, int round)
{
    long before = sandbox_count("connections");
    double kernel;

    run(r, SENDS / r->threads, 0, &r->cpu[round], &kernel);
    r->kernel += kernel / ROUNDS;
    r->connections_later += sandbox_count("connections") - before;
}

int main(void)
{
    static struct row rows[4 * SENDERS];
    struct access_token token;
    double ignored;
    int count = sizeof rows / sizeof *rows, round, i;

    check(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, "libcurl");
    token = log_in();
    for (i = 0; i < count; i++) {
        struct row *r = &rows[i];

        r->sender = senders[i % SENDERS];
        r->tls = i / SENDERS >= 2;
        r->threads = i / SENDERS % 2 ? MOST_THREADS : 1;
        r->state = r->sender->open(r->tls, r->threads, &token);
        check(r->state != NULL, r->sender->name);
        count_connections_in_step(r);
        if (r->threads == 1)
            count_what_a_call_needs(r, &token);
    }
    /* Meanwhile the first rows' connections have been idle for so long that they count as dead. */
    for (i = 0; i < count; i++)
        run(&rows[i], SENDS / rows[i].threads, 0, &ignored, &ignored);
    /* Each has another one before it in another round. */
    for (round = 0; round < ROUNDS; round++)
        for (i = 0; i < count; i++)
            time_turn(&rows[(round % 2 ? round + i : round + count - i) % count], round);

    printf("\n5  A call: a signed GET, answered by etoauth-sandbox on loopback, on connections that stand. CPU time of\n"
           "   this process, in microseconds a call: the middle of %d rounds of %d calls. %.40s\n\n"
           "%-30s %8s %8s %12s %10s %8s %8s %8s %8s\n%-30s %8s %8s %12s %10s %8s %8s %8s %8s\n", ROUNDS, SENDS,
           curl_version(), "", "", "of it in", "", "", "connections", "", "alloca-", "system", "", "CPU us", "kernel",
           "of libcurl", "of send", "in step", "later", "tions", "calls");
    for (i = 0; i < count; i += SENDERS)
        print_group(&rows[i]);
    printf("\nA shared handle, made and freed without a call: %.2f us.\n", cost_of_share());
    printf("Meant to be: send at most 1.05 of libcurl; with a shared handle for each call at most 1.02 of send, with a\n"
           "session file at most 1.15; %d connections for %d threads in step, and none later.\n", MOST_THREADS, MOST_THREADS);
    for (i = 0; i < count; i++)
        rows[i].sender->close(rows[i].state);
    etoauth_string_free(token.token);
    etoauth_string_free(token.secret);
    curl_global_cleanup();
    return 0;
}

/* Table 3: signatures per second from several threads, with a handle for each and with one for all. */
#define _POSIX_C_SOURCE 200809L
#include "threads.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "etoauth.h"
#include "harness.h"
#include "workload.h"

#define MOST 8
#define REPEATS 5
#define RUN_NS 150000000L
#define BETWEEN_LOOKS 64    /* signatures */

struct worker {
    etoauth_signer *signer;     /* NULL if it has a prepared request */
    etoauth_prepared *prepared;
    double rate, cpu_ns;
    int failed;
};

static pthread_barrier_t ready;
static int stop;

static etoauth_status sign(const struct worker *w)
{
    char buf[ETOAUTH_HEADER_MAX];

    if (w->signer != NULL)
        return etoauth_signer_sign(w->signer, "GET", workloads[0].url, NULL, buf, sizeof buf, NULL);
    return etoauth_prepared_sign(w->prepared, buf, sizeof buf, NULL);
}

static void *work(void *argument)
{
    struct worker *w = argument;
    double start, cpu;
    long done = 0;
    /* Nothing that another thread's line of cache may hold is written until the end. */
    int i, failed = sign(w) != ETOAUTH_OK;  /* and a thread's first call sets its state up */

    pthread_barrier_wait(&ready);
    start = seconds_now();
    cpu = seconds_of_thread();
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        for (i = 0; i < BETWEEN_LOOKS; i++)
            failed |= sign(w) != ETOAUTH_OK;
        done += BETWEEN_LOOKS;
    }
    w->cpu_ns = (seconds_of_thread() - cpu) * 1e9 / (double)done;
    w->rate = (double)done / (seconds_now() - start);
    w->failed = failed;
    return NULL;
}

static int run(struct worker *workers, int threads, double *rate, double *cpu_ns)
{
    static const struct timespec time = {0, RUN_NS};
    pthread_t ids[MOST];
    int i, failed = 0;

    stop = 0;
    pthread_barrier_init(&ready, NULL, (unsigned)threads + 1);
    for (i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, work, &workers[i]) != 0)
            return 0;
    pthread_barrier_wait(&ready);
    nanosleep(&time, NULL);
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    *rate = *cpu_ns = 0;
    for (i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        *rate += workers[i].rate;
        *cpu_ns += workers[i].cpu_ns / threads;
        failed |= workers[i].failed;
    }
    pthread_barrier_destroy(&ready);
    return !failed;
}

/* As many threads as in its heading, with a handle for each or one for all; rates and times of each repeat. */
struct row {
    const char *name;
    const struct worker *handles;
    int shared, threads;
    double rates[REPEATS], cpu_ns[REPEATS];
};

/* Every row has its turn in each repeat, so that none has a slow moment of the machine to itself. */
static int time_rows(struct row *rows, int count)
{
    struct worker workers[MOST];
    int repeat, row, i;

    for (repeat = 0; repeat < REPEATS; repeat++)
        for (row = 0; row < count; row++) {
            struct row *r = &rows[row];

            for (i = 0; i < r->threads; i++)
                workers[i] = r->handles[r->shared ? 0 : i];
            if (!run(workers, r->threads, &r->rates[repeat], &r->cpu_ns[repeat]))
                return 0;
        }
    return 1;
}

static void print_rows(struct row *rows, int count)
{
    int i;

    printf("\n3  Threads that sign W1 at once, on %ld cores, by the wall's clock; beside it a signature's CPU time,\n"
           "   which waiting for a core does not touch\n\n%-34s %8s %14s %14s %12s\n",
           sysconf(_SC_NPROCESSORS_ONLN), "", "threads", "per second", "per thread", "CPU ns");
    for (i = 0; i < count; i++) {
        double rate = median_of(rows[i].rates, REPEATS);

        printf("%-34s %8d %14.0f %14.0f %12.0f\n", rows[i].name, rows[i].threads, rate, rate / rows[i].threads,
               median_of(rows[i].cpu_ns, REPEATS));
    }
    fflush(stdout);
}

int time_threads(void)
{
    struct worker prepared[MOST] = {{0}}, signers[MOST] = {{0}};
    const struct row kinds[] = {
        {"prepared, a handle for each", prepared, 0, 1, {0}, {0}},
        {"prepared, one handle for all", prepared, 1, 1, {0}, {0}},
        {"signer, a handle for each", signers, 0, 1, {0}, {0}},
        {"signer, one handle for all", signers, 1, 1, {0}, {0}},
    };
    struct row rows[16];
    int i, threads, count = 0, ok = 1;

    for (i = 0; i < 4; i++)
        for (threads = 1; threads <= MOST; threads *= 2, count++) {
            rows[count] = kinds[i];
            rows[count].threads = threads;
        }
    for (i = 0; i < MOST; i++)
        ok = ok &&
             etoauth_signer_new(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, &signers[i].signer) == ETOAUTH_OK &&
             etoauth_prepared_new(signers[i].signer, "GET", workloads[0].url, &prepared[i].prepared) == ETOAUTH_OK;
    ok = ok && time_rows(rows, count);
    if (ok)
        print_rows(rows, count);
    else
        fprintf(stderr, "A thread failed to sign.\n");
    for (i = 0; i < MOST; i++) {
        etoauth_prepared_free(prepared[i].prepared);
        etoauth_signer_free(signers[i].signer);
    }
    return ok;
}

#define _POSIX_C_SOURCE 200809L
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "allocations.h"

#define MIN_ROUNDS 100
#define MAX_ROUNDS 5000
#define BATCH_SECONDS 1.2e-3
#define COUNTED 100         /* calls whose allocations are counted */

static double seconds_by(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double seconds_now(void)
{
    return seconds_by(CLOCK_MONOTONIC);
}

double seconds_of_thread(void)
{
    return seconds_by(CLOCK_THREAD_CPUTIME_ID);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Sorts them. */
double median_of(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double time_batch(const struct subject *s)
{
    char buf[2048];
    double start = seconds_of_thread();
    long i;

    for (i = 0; i < s->batch; i++)
        s->call(buf, sizeof buf);
    return seconds_of_thread() - start;
}

/* Doubles the batch until it takes long enough to be timed, which warms everything up, too. */
static void size_batch(struct subject *s)
{
    s->batch = 1;
    while (time_batch(s) < BATCH_SECONDS / 2)
        s->batch *= 2;
}

static void count_allocations(struct subject *s)
{
    char buf[2048];
    int i;

    allocations_start();
    for (i = 0; i < COUNTED; i++)
        s->call(buf, sizeof buf);
    s->allocations = (double)allocations_stop() / COUNTED;
}

static void summarize(struct subject *subjects, int count, int baseline, int rounds)
{
    double *ratios = malloc((size_t)rounds * sizeof *ratios);
    const struct subject *b = &subjects[baseline];
    int i, round;

    if (ratios == NULL)
        abort();
    /* The ratios first: taking a median sorts the times. */
    for (i = 0; i < count; i++) {
        for (round = 0; round < rounds; round++)
            ratios[round] = subjects[i].times[round] / b->times[round];
        subjects[i].ratio = median_of(ratios, rounds);
        subjects[i].ratio_quartile = ratios[rounds / 4];
    }
    for (i = 0; i < count; i++) {
        subjects[i].median = median_of(subjects[i].times, rounds) * 1e9;
        subjects[i].quartile = subjects[i].times[rounds / 4] * 1e9;
        free(subjects[i].times);
    }
    free(ratios);
}

int harness_run(struct subject *subjects, int count, int baseline, double seconds)
{
    double start;
    int i, round;

    for (i = 0; i < count; i++) {
        subjects[i].times = malloc(MAX_ROUNDS * sizeof *subjects[i].times);
        if (subjects[i].times == NULL)
            abort();
        size_batch(&subjects[i]);
        count_allocations(&subjects[i]);
    }
    start = seconds_now();
    for (round = 0; round < MAX_ROUNDS && (round < MIN_ROUNDS || seconds_now() - start < seconds); round++) {
        /* Each has another one before it in another round. */
        for (i = 0; i < count; i++) {
            struct subject *s = &subjects[(round % 2 ? round + i : round + count - i) % count];

            s->times[round] = time_batch(s) / (double)s->batch;
        }
    }
    summarize(subjects, count, baseline, round);
    return round;
}

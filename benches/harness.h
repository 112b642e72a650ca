/* Times calls against each other in a thread's CPU time, so that other programs on the machine hardly matter. */
#ifndef HARNESS_H
#define HARNESS_H

#include <stddef.h>

struct subject {
    const char *name;
    size_t (*call)(char *buf, size_t cap);
    /* Filled in by harness_run, in nanoseconds a call: the middle round, and the one that a quarter are quicker than.
       The clock's speed drifts on many machines: compare the ratios. */
    double median, quartile;
    /* The same of the rounds' ratios to the baseline's time in the same round, so that a drift of the clock's speed
       cancels out. */
    double ratio, ratio_quartile;
    double allocations;     /* per call */
    /* The harness's own. */
    long batch;
    double *times;
};

/* Rounds in which every subject has its turn, for about so many seconds and at least 100. Returns their number. */
int harness_run(struct subject *subjects, int count, int baseline, double seconds);

double median_of(double *values, int count);
double seconds_now(void);       /* on the wall's clock */
double seconds_of_thread(void); /* this thread's CPU time */

#endif

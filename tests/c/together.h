/* THREADS threads, to be defined before, that begin together: each waits for the start itself, and is given its number. */
#ifndef TOGETHER_H
#define TOGETHER_H

#include <pthread.h>

#include "check.h"

static pthread_barrier_t start;

static void all_run(void *(*body)(void *))
{
    pthread_t threads[THREADS];
    size_t i;

    CHECK(pthread_barrier_init(&start, NULL, THREADS) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, body, (void *)i) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(pthread_barrier_destroy(&start) == 0);
}

#endif

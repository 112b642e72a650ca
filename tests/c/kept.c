/* Threads that call in step, round after round, keep a connection each; only what connections are made by drops them. The
 * argument is the peer's URL, which counts. */
#define _POSIX_C_SOURCE 200809L
#define THREADS 16
#define ROUNDS 20

#include "peer.h"
#include "together.h"

static etoauth_client *c;

static void *call_in_step(void *number)
{
    int round;

    (void)number;
    for (round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&start);
        OK(ask(c, round % 2 == 0 ? "GET" : "POST"));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    c = client_for(argv[1]);
    all_run(call_in_step);
    OK(etoauth_client_set_timeout_ms(c, 20000));
    OK(etoauth_client_set_base_urls(c, argv[1], NULL, argv[1]));
    all_run(call_in_step);
    OK(etoauth_client_free(c));
    puts("all rounds");
    return 0;
}

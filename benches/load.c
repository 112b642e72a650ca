/* A program of its own, not linked with the library: what it costs to load that, and what idle clients hold.
   It prints: milliseconds to load, to the first signature, RSS and private dirty memory added in KiB, and after that
   the bytes of RSS for each of many clients. */
#define _POSIX_C_SOURCE 200809L
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "etoauth.h"
#include "workload.h"

#define CLIENTS 10000

static double milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static void read_memory(long *rss, long *dirty)
{
    char line[256];
    FILE *f = fopen("/proc/self/smaps_rollup", "r");

    *rss = *dirty = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        sscanf(line, "Rss: %ld", rss);
        sscanf(line, "Private_Dirty: %ld", dirty);
    }
    if (f != NULL)
        fclose(f);
}

/* POSIX lets dlsym give functions; C99 knows no such cast. */
#define FIND(function) *(void **)&function = dlsym(library, "etoauth_" #function)

int main(int argc, char **argv)
{
    static etoauth_client *clients[CLIENTS];
    etoauth_status (*signer_new)(const char *, const char *, const char *, const char *, etoauth_signer **);
    etoauth_status (*signer_sign)(etoauth_signer *, const char *, const char *, const char *, char *, size_t, size_t *);
    etoauth_status (*client_new)(int32_t, const char *, const char *, etoauth_client **);
    char buf[ETOAUTH_HEADER_MAX];
    etoauth_signer *s = NULL;
    long rss[3], dirty[3];
    double start, loaded, signed_;
    void *library;
    int i;

    read_memory(&rss[0], &dirty[0]);
    memset(clients, 1, sizeof clients);     /* its pages and stdio's are there from now on */
    read_memory(&rss[0], &dirty[0]);
    start = milliseconds();
    library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    loaded = milliseconds();
    if (library == NULL)
        return 1;
    FIND(signer_new);
    FIND(signer_sign);
    FIND(client_new);
    if (signer_new(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, &s) != ETOAUTH_OK ||
        signer_sign(s, "GET", workloads[0].url, NULL, buf, sizeof buf, NULL) != ETOAUTH_OK)
        return 1;
    signed_ = milliseconds();
    read_memory(&rss[1], &dirty[1]);
    for (i = 0; i < CLIENTS; i++)
        if (client_new(ETOAUTH_ENV_SANDBOX, CONSUMER_KEY, CONSUMER_SECRET, &clients[i]) != ETOAUTH_OK)
            return 1;
    read_memory(&rss[2], &dirty[2]);
    printf("%f %f %ld %ld %f\n", loaded - start, signed_ - start, rss[1] - rss[0], dirty[1] - dirty[0],
           (double)(rss[2] - rss[1]) * 1024 / CLIENTS);
    return 0;
}

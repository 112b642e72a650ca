/* Table 2: what it costs that a handle is looked up and not dereferenced. */
#include <stdio.h>

#include "contender.h"
#include "etoauth.h"
#include "harness.h"
#include "speed.h"

#define SECONDS 3.0

static etoauth_signer *signer;

/* Passes the entry guard and finds its thread's state, as every call does, and has nothing else to do: no handle is
   looked up for NULL. A function that fails would not do: it has a failure to store, which others don't. */
static size_t guard(char *buf, size_t cap)
{
    (void)buf, (void)cap;
    return (size_t)etoauth_signer_free(NULL);
}

/* The look-up, and the arithmetic of the bound. */
static size_t get_bound(char *buf, size_t cap)
{
    size_t bound = 0;

    (void)buf, (void)cap;
    etoauth_signer_get_bound(signer, &bound);
    return bound;
}

/* The look-up, and one word stored. */
static size_t set_offset(char *buf, size_t cap)
{
    (void)buf, (void)cap;
    return (size_t)etoauth_signer_set_clock_offset(signer, 0);
}

int time_handle_check(void)
{
    struct subject s[] = {
        {.name = "a prepared signature, W1", .call = etoauth_with_prepared.sign},
        {.name = "etoauth_signer_free(NULL)", .call = guard},
        {.name = "etoauth_signer_set_clock_offset", .call = set_offset},
        {.name = "etoauth_signer_get_bound", .call = get_bound},
    };
    enum { COUNT = sizeof s / sizeof *s };
    static const char *const does[COUNT] = {
        "", "entry guard and thread state only", "the same, a look-up, one store", "the same, a look-up, the bound"};
    size_t bound = 0;
    double lookup;
    int i;

    if (!etoauth_with_prepared.set_up(&workloads[0]) ||
        etoauth_signer_new(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, &signer) != ETOAUTH_OK ||
        etoauth_signer_free(NULL) != ETOAUTH_OK || etoauth_signer_set_clock_offset(signer, 0) != ETOAUTH_OK ||
        etoauth_signer_get_bound(signer, &bound) != ETOAUTH_OK || bound == 0) {
        fprintf(stderr, "A signer can't be made or used.\n");
        return 0;
    }
    harness_run(s, COUNT, 0, SECONDS);
    printf("\n2  The handle check, beside a prepared signature\n\n%-34s %8s %10s %8s\n", "", "ns", "quartile", "share");
    for (i = 0; i < COUNT; i++)
        printf("%-34s %8.1f %10.1f %7.1f%%  %s\n", s[i].name, s[i].median, s[i].quartile, 100 * s[i].ratio, does[i]);
    lookup = s[2].ratio < s[3].ratio ? s[2].ratio : s[3].ratio;
    printf("%-34s %8.1f %10s %7.1f%%  at most: the quicker one less the guard\n", "the look-up alone",
           (lookup - s[1].ratio) * s[0].median, "", 100 * (lookup - s[1].ratio));
    fflush(stdout);
    etoauth_signer_free(signer);
    etoauth_with_prepared.tear_down();
    return 1;
}

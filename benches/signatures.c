/* Table 1: a whole Authorization header, by everyone. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "contender.h"
#include "harness.h"
#include "speed.h"
#include "verify.h"

#define SECONDS 14.0    /* for each workload */
#define BASELINE 2

static const struct contender *const contenders[] = {
    &etoauth_with_prepared, &etoauth_with_signer, &openssl_hmac_copied, &openssl_hmac, &openssl_sha1,
    &oauth1_request,        &liboauth,            &floor_prepared,      &floor_signer,
};
enum { COUNT = sizeof contenders / sizeof *contenders };

static struct subject results[WORKLOADS][COUNT];

/* Two headers: both are right, and their nonces differ. */
static const char *check(const struct contender *c, const struct workload *w)
{
    char header[2][HEADER_CAP], nonce[2][NONCE_CAP];
    const char *fault;
    int i;

    if (c->is_right != NULL)
        return c->is_right() ? NULL : "its result is not OpenSSL's";
    for (i = 0; i < 2; i++) {
        size_t len = c->sign(header[i], HEADER_CAP);

        if (len == 0 || strlen(header[i]) != len)
            return "it makes no header";
        fault = verify(w, header[i], time(NULL), nonce[i]);
        if (fault != NULL) {
            fprintf(stderr, "%s\n", header[i]);
            return fault;
        }
    }
    return strcmp(nonce[0], nonce[1]) == 0 ? "it uses a nonce twice" : NULL;
}

static int check_all(const struct workload *w)
{
    int i;

    for (i = 0; i < COUNT; i++) {
        const char *fault = contenders[i]->set_up(w) ? check(contenders[i], w) : "it can't be set up";

        if (fault != NULL) {
            fprintf(stderr, "%s, %s: %s\n", contenders[i]->name, w->name, fault);
            return 0;
        }
    }
    return 1;
}

static void print(const struct workload *w, const struct subject *s, int rounds)
{
    int i;

    printf("\n%s  GET %s, %d parameters in its query\n", w->name, w->base_url, (int)(w->n_before + w->n_after));
    printf("%-32s %8s %10s %8s %10s %12s\n", "", "ns", "quartile", "ratio", "quartile", "allocations");
    for (i = 0; i < COUNT; i++)
        printf("%-32s %8.0f %10.0f %8.2f %10.2f %12.4g\n", s[i].name, s[i].median, s[i].quartile, s[i].ratio,
               s[i].ratio_quartile, s[i].allocations);
    printf("%d rounds\n", rounds);
    fflush(stdout);
}

int check_and_time_signatures(void)
{
    const char *fault = verify_verifier();
    int w, i;

    if (fault != NULL) {
        fprintf(stderr, "The verifier is wrong: %s\n", fault);
        return 0;
    }
    printf("1  CPU time of a whole Authorization header, with a fresh nonce and the time of now\n"
           "   Medians, and the quartile that a quarter of the rounds are quicker than. The ratio is to\n"
           "   %s, in the same round: less is quicker.\n",
           contenders[BASELINE]->name);
    fflush(stdout);
    for (w = 0; w < WORKLOADS; w++) {
        int rounds;

        if (!check_all(&workloads[w]))
            return 0;
        for (i = 0; i < COUNT; i++) {
            results[w][i].name = contenders[i]->name;
            results[w][i].call = contenders[i]->sign;
        }
        rounds = harness_run(results[w], COUNT, BASELINE, SECONDS);
        /* What signs wrongly when it is warm is found, too. */
        for (i = 0; i < COUNT; i++) {
            fault = check(contenders[i], &workloads[w]);
            if (fault != NULL) {
                fprintf(stderr, "%s, %s, after its rounds: %s\n", contenders[i]->name, workloads[w].name, fault);
                return 0;
            }
        }
        print(&workloads[w], results[w], rounds);
        for (i = 0; i < COUNT; i++)
            contenders[i]->tear_down();
    }
    return 1;
}

void print_markdown(void)
{
    const struct subject *a = results[0], *b = results[1];
    int i;

    printf("| CPU time of a header | W1 | W2 | W1, ns | W2, ns | allocations, W1 and W2 |\n"
           "|---|---:|---:|---:|---:|---:|\n");
    for (i = 0; i < COUNT; i++)
        printf("| %s | %.2f | %.2f | %.0f | %.0f | %.4g, %.4g |\n", a[i].name, a[i].ratio, b[i].ratio, a[i].median,
               b[i].median, a[i].allocations, b[i].allocations);
}

/* The oauth1-request crate: its Builder and its sorted parameters are kept, and it writes into our buffer. */
#include "contender.h"
#include "peers.h"

static void *builder;

static int set_up(const struct workload *w)
{
    struct pair query[8];
    size_t count = 0, i;

    for (i = 0; i < w->n_before; i++, count++) {
        query[count].name = w->before[i].name;
        query[count].value = w->before[i].value;
    }
    for (i = 0; i < w->n_after; i++, count++) {
        query[count].name = w->after[i].name;
        query[count].value = w->after[i].value;
    }
    builder = oauth1_request_new(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, w->base_url, query, count);
    return builder != NULL;
}

static size_t sign(char *buf, size_t cap)
{
    return oauth1_request_sign(builder, buf, cap);
}

static void tear_down(void)
{
    oauth1_request_free(builder);
}

const struct contender oauth1_request = {"oauth1-request 0.6 (Rust)", set_up, sign, tear_down, NULL};

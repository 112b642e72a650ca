/* This library: a prepared request, and a signer that gets the URL with each call. */
#include "contender.h"
#include "etoauth.h"

static const struct workload *workload;
static etoauth_signer *signer;
static etoauth_prepared *prepared;

static void tear_down(void)
{
    etoauth_prepared_free(prepared);
    etoauth_signer_free(signer);
    prepared = NULL;
    signer = NULL;
}

/* Both contenders use one signer. */
static int set_up(const struct workload *w)
{
    workload = w;
    if (signer != NULL)
        return 1;
    return etoauth_signer_new(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, &signer) == ETOAUTH_OK &&
           etoauth_prepared_new(signer, "GET", w->url, &prepared) == ETOAUTH_OK;
}

static size_t sign_prepared(char *buf, size_t cap)
{
    size_t len = 0;

    return etoauth_prepared_sign(prepared, buf, cap, &len) == ETOAUTH_OK ? len : 0;
}

static size_t sign(char *buf, size_t cap)
{
    size_t len = 0;

    return etoauth_signer_sign(signer, "GET", workload->url, NULL, buf, cap, &len) == ETOAUTH_OK ? len : 0;
}

const struct contender etoauth_with_prepared = {"etoauth, prepared", set_up, sign_prepared, tear_down, NULL};
const struct contender etoauth_with_signer = {"etoauth, signer", set_up, sign, tear_down, NULL};

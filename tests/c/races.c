/* Threads sign with prepared requests and signers that another frees, and with those of a client whose token another
   replaces. Each signature is right; each refusal says why. The argument is how many rounds to run. */
#define _POSIX_C_SOURCE 200809L
#include "header.h"
#include "misuse.h"

#define THREADS 4
#include "together.h"

#define HANDLES 16

static etoauth_signer *witness;
static long rounds;

/* The one that the witness gives for this URL, nonce and time. */
static void is_right(const char *header, const char *url)
{
    char expected[ETOAUTH_HEADER_MAX];
    nonce own;

    read_nonce(header, own);
    OK(etoauth_signer_sign_at(witness, "GET", url, NULL, read_timestamp(header), own, expected, sizeof expected, NULL));
    CHECK(strcmp(header, expected) == 0);
}

/* Whether it signed; if not, for want of the handle. */
static int signed_or_gone(etoauth_status status, const char *header, const char *url)
{
    if (status == ETOAUTH_OK)
        is_right(header, url);
    else
        EXPECT(status, ETOAUTH_E_HANDLE);
    return status == ETOAUTH_OK;
}

static etoauth_signer *s;
static etoauth_prepared *shared[HANDLES];

static void url_of(size_t number, char url[64])
{
    sprintf(url, "https://localhost/v1?oauth_m=%lu&z=1", (unsigned long)number);
}

/* The first thread frees, the others sign until all is gone. */
static void *sign_or_free(void *number)
{
    char header[ETOAUTH_HEADER_MAX], url[64];
    size_t i, left = 1;

    pthread_barrier_wait(&start);
    if (number == NULL) {
        for (i = 0; i < HANDLES; i++) {
            OK(etoauth_prepared_sign(shared[i], header, sizeof header, NULL));
            OK(etoauth_prepared_free(shared[i]));
            if (i == HANDLES / 2)
                OK(etoauth_signer_free(s));
        }
        return NULL;
    }
    while (left > 0) {
        for (i = left = 0; i < HANDLES; i++) {
            url_of(i, url);
            left += signed_or_gone(etoauth_prepared_sign(shared[i], header, sizeof header, NULL), header, url);
            left += signed_or_gone(etoauth_prepared_sign_at(shared[i], 1, NULL, header, sizeof header, NULL), header, url);
        }
        left += signed_or_gone(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL), header, URL);
    }
    return NULL;
}

static void freed_under_signers(void)
{
    char url[64];
    size_t i;

    s = make_signer();
    for (i = 0; i < HANDLES; i++) {
        url_of(i, url);
        OK(etoauth_prepared_new(s, "GET", url, &shared[i]));
    }
    all_run(sign_or_free);
    CHECK(etoauth_live_objects() == 1);
}

/* Each makes, signs and frees its own; those that it gets are no one else's. */
static void *make_and_free(void *number)
{
    etoauth_prepared *own[HANDLES];
    char header[ETOAUTH_HEADER_MAX], url[HANDLES][64];
    long round;
    size_t i;

    pthread_barrier_wait(&start);
    for (round = 0; round < rounds; round++) {
        etoauth_signer *signer = make_signer();

        for (i = 0; i < HANDLES; i++) {
            url_of((size_t)round * 1000 + i * THREADS + (size_t)number, url[i]);
            own[i] = NULL;
            OK(etoauth_prepared_new(i % 2 ? signer : witness, "GET", url[i], &own[i]));
        }
        OK(etoauth_signer_free(signer));
        for (i = 0; i < HANDLES; i++) {
            OK(etoauth_prepared_sign(own[i], header, sizeof header, NULL));
            is_right(header, url[i]);
            OK(etoauth_prepared_free(own[i]));
            EXPECT(etoauth_prepared_sign(own[i], header, sizeof header, NULL), ETOAUTH_E_HANDLE);
        }
    }
    return NULL;
}

static etoauth_client *c;
static etoauth_signer *of_client;
static int replaced;
static pthread_mutex_t replacing = PTHREAD_MUTEX_INITIALIZER;

/* A call that begins after the token was replaced is refused; one before may be. */
static void *sign_until_stale(void *number)
{
    char header[ETOAUTH_HEADER_MAX];
    etoauth_status of_prepared, of_signer;
    int know, i;

    pthread_barrier_wait(&start);
    if (number == NULL) {
        for (i = 0; i < 4; i++)
            OK(etoauth_signer_sign(witness, "GET", URL, NULL, header, sizeof header, NULL));
        OK(etoauth_client_set_access_token(c, "another", "token secret", 0));
        pthread_mutex_lock(&replacing);
        replaced = 1;
        pthread_mutex_unlock(&replacing);
    }
    do {
        pthread_mutex_lock(&replacing);
        know = replaced;
        pthread_mutex_unlock(&replacing);
        of_prepared = etoauth_prepared_sign(shared[0], header, sizeof header, NULL);
        if (of_prepared == ETOAUTH_OK)
            is_right(header, URL);
        of_signer = etoauth_signer_sign(of_client, "GET", URL, NULL, header, sizeof header, NULL);
        if (know || of_prepared != ETOAUTH_OK) {
            EXPECT(of_prepared, ETOAUTH_E_STALE);
            EXPECT(of_signer, ETOAUTH_E_STALE);
        }
    } while (!know);
    return NULL;
}

static void replaced_under_signers(void)
{
    c = make_client();
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    of_client = NULL;
    OK(etoauth_client_get_signer(c, &of_client));
    shared[0] = make_prepared(of_client);
    replaced = 0;
    all_run(sign_until_stale);
    OK(etoauth_prepared_free(shared[0]));
    OK(etoauth_signer_free(of_client));
    OK(etoauth_client_free(c));
}

int main(int argc, char **argv)
{
    long round;

    alarm(600);
    CHECK(argc == 2);
    rounds = atol(argv[1]);
    witness = make_signer();
    for (round = 0; round < rounds; round++) {
        freed_under_signers();
        replaced_under_signers();
    }
    all_run(make_and_free);
    OK(etoauth_signer_free(witness));
    CHECK(etoauth_live_objects() == 0);
    puts("no race was lost");
    return 0;
}

/* Mistakes that a sanitizer must see. The first two happen in the library, which does as it is told. The argument is
   which: race, overflow, leak or undefined. */
#include "../c/check.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#define URL "https://api.etrade.com/v1/accounts/list"

static etoauth_signer *s;
static char header[ETOAUTH_HEADER_MAX];

/* Two threads sign into one buffer. */
static void *sign(void *none)
{
    int i;

    for (i = 0; i < 1000; i++)
        OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
    return none;
}

static void race(void)
{
    pthread_t other;

    CHECK(pthread_create(&other, NULL, sign, NULL) == 0);
    sign(NULL);
    CHECK(pthread_join(other, NULL) == 0);
}

/* A capacity that is larger than its buffer. */
static void overflow(void)
{
    char *small = malloc(16);

    OK(etoauth_signer_sign(s, "GET", URL, NULL, small, ETOAUTH_HEADER_MAX, NULL));
    free(small);
}

/* What the library does not free stays within its reach, by its tables of handles and strings. This does not. */
static void leak(void)
{
    int i;

    /* An address of one may still lie on the stack. */
    for (i = 0; i < 100; i++) {
        void *volatile block = malloc(64);

        CHECK(block != NULL);
    }
}

static void undefined(int many)
{
    volatile int most = INT_MAX;

    most += many;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    OK(etoauth_signer_new("key", "secret", "token", "token secret", &s));
    if (strcmp(what, "race") == 0)
        race();
    else if (strcmp(what, "overflow") == 0)
        overflow();
    else if (strcmp(what, "leak") == 0)
        leak();
    else if (strcmp(what, "undefined") == 0)
        undefined(argc);
    OK(etoauth_signer_free(s));
    return 0;
}

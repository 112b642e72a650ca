/* Mistakes that a sanitizer must see. All but the last happen in the library, which does as it is told. The argument is
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

/* Texts that nobody frees. An address of one may still lie on the stack. */
static void leak(void)
{
    etoauth_client *c = NULL;
    int i;

    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", &c));
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    for (i = 0; i < 100; i++) {
        char *text = NULL;

        OK(etoauth_client_sign(c, "GET", URL, &text));
    }
    OK(etoauth_client_free(c));
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

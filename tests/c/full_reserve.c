/* Without memory, a call begins only while at least half of the memory in reserve is free, since it may need that. */
#define _XOPEN_SOURCE 700
#include <string.h>
#include <unistd.h>

#include "check.h"

#include "allocator.h"

/* Fifteen of these are more than half of it, and fourteen are not. */
#define LENGTH 36000
#define MOST 15

static char letters[LENGTH + 1];

/* Begins a call that needs no connection, since there is no token to renew. */
static etoauth_status begin(etoauth_client *c)
{
    etoauth_status status;

    refusing = 1;
    status = etoauth_client_renew_access_token(c);
    refusing = 0;
    return status;
}

int main(void)
{
    char *texts[MOST] = {NULL}, sentence[512] = "";
    etoauth_client *c = NULL;
    int i;

    alarm(300);
    memset(letters, 'x', LENGTH);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    /* A thread's first call needs some. */
    CHECK(etoauth_client_renew_access_token(c) == ETOAUTH_E_STATE);
    CHECK(begin(c) == ETOAUTH_E_STATE);
    for (i = 0; i < MOST; i++) {
        refusing = 1;
        OK(etoauth_percent_encode(letters, &texts[i]));
        refusing = 0;
        CHECK(begin(c) == (i < MOST - 1 ? ETOAUTH_E_STATE : ETOAUTH_E_MEMORY));
    }
    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    CHECK(strstr(sentence, "not enough memory to begin a call") != NULL);
    OK(etoauth_string_free(texts[0]));
    CHECK(begin(c) == ETOAUTH_E_STATE);
    for (i = 1; i < MOST; i++)
        OK(etoauth_string_free(texts[i]));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no call was begun that could not end");
    return 0;
}

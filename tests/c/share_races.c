/* Threads that make shared handles, send with them, cancel them and free them, their own and each other's. Each call
 * ends as it may, and what was taken is given back. The arguments: how many handles to make in all, and how many of them
 * to send with. */
#include "session.h"

#define THREADS 8
#include "together.h"

#define LIST "/v1/accounts/list"

static etoauth_client *c;
static long handles, sends;

static long resident_kb(void)
{
    long kilobytes = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");

    CHECK(status != NULL);
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kilobytes) == 1)
            break;
    fclose(status);
    CHECK(kilobytes > 0);
    return kilobytes;
}

static etoauth_status ask(etoauth_client *handle)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(handle, "GET", LIST, NULL, NULL, 0, &r);

    OK(etoauth_response_free(r));
    return status;
}

static void *make_use_free(void *number)
{
    size_t own = (size_t)number;
    long i, mine = handles / THREADS, every = handles / sends;
    char *header = NULL;

    pthread_barrier_wait(&start);
    for (i = 0; i < mine; i++) {
        etoauth_client *share = share_of(c);

        if (i % every == (long)own % every)
            OK(ask(share));
        else if (i % 3 == 0) {
            OK(etoauth_client_sign(share, "GET", "https://localhost/v1", &header));
            OK(etoauth_string_free(header));
        } else if (i % 3 == 1)
            EXPECT(etoauth_client_set_timeout_ms(share, 0), ETOAUTH_E_ARGUMENT);
        OK(etoauth_client_free(share));
    }
    return NULL;
}

/* A hundred thousand handles take no more memory than the first few thousand. */
static void no_growth(void)
{
    long before, after, wanted = handles;

    handles = wanted / 20;
    all_run(make_use_free);
    handles = wanted;
    before = resident_kb();
    all_run(make_use_free);
    after = resident_kb();
    fprintf(stderr, "%ld handles: %ld KB before, %ld KB after\n", wanted, before, after);
    CHECK(after < before + before / 4);
    CHECK(etoauth_live_objects() == 1);
}

static etoauth_client *common[THREADS];

static etoauth_client *look(size_t place)
{
    return __atomic_load_n(&common[place], __ATOMIC_ACQUIRE);
}

/* Each thread has a place for one handle that all others use, cancel and free as well. */
static void *meddle(void *number)
{
    size_t own = (size_t)number, i;

    pthread_barrier_wait(&start);
    for (i = 0; i < 100; i++) {
        etoauth_client *share = NULL, *other = look((own + i) % THREADS);
        etoauth_status status = etoauth_client_share(other, &share);

        if (status != ETOAUTH_OK) {
            EXPECT(status, ETOAUTH_E_HANDLE);
            OK(etoauth_client_share(c, &share));
        }
        other = __atomic_exchange_n(&common[own], share, __ATOMIC_ACQ_REL);
        status = etoauth_client_free(other);
        CHECK(status == ETOAUTH_OK || status == ETOAUTH_E_HANDLE);
        other = look((own + 3 * i + 1) % THREADS);
        if (i % 5 == 0)
            status = etoauth_client_cancel(other);
        else if (i % 7 == 0)
            status = etoauth_client_free(other);
        else
            status = ask(other);
        CHECK(status == ETOAUTH_OK || status == ETOAUTH_E_HANDLE || status == ETOAUTH_E_CANCELLED ||
              status == ETOAUTH_E_UNCERTAIN);
    }
    return NULL;
}

static void each_others(void)
{
    int i;

    for (i = 0; i < THREADS; i++)
        common[i] = share_of(c);
    all_run(meddle);
    for (i = 0; i < THREADS; i++) {
        etoauth_status status = etoauth_client_free(common[i]);

        CHECK(status == ETOAUTH_OK || status == ETOAUTH_E_HANDLE);
    }
    CHECK(etoauth_live_objects() == 1);
    OK(ask(c));
}

static etoauth_client *last[THREADS];

static void *free_and_share(void *number)
{
    size_t own = (size_t)number;
    etoauth_client *share = NULL;
    etoauth_status status;

    pthread_barrier_wait(&start);
    if (own % 2 == 0) {
        OK(etoauth_client_free(last[own]));
        return NULL;
    }
    status = etoauth_client_share(last[own - 1], &share);
    OK(etoauth_client_free(last[own]));
    if (status != ETOAUTH_OK) {
        EXPECT(status, ETOAUTH_E_HANDLE);
        return NULL;
    }
    /* Whatever was freed meanwhile: a handle that was made holds a login that lives. */
    CHECK(token_state(share) == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_client_free(share));
    return NULL;
}

/* Handles are made while the last ones are freed. */
static void at_the_end(void)
{
    int round, i;

    for (round = 0; round < 300; round++) {
        etoauth_client *login = new_client("http://127.0.0.1:1");

        OK(etoauth_client_set_access_token(login, "token", "secret", 0));
        for (i = 0; i < THREADS; i++)
            last[i] = share_of(login);
        OK(etoauth_client_free(login));
        all_run(free_and_share);
        CHECK(etoauth_live_objects() == 1);
    }
}

int main(int argc, char **argv)
{
    CHECK(argc == 3);
    handles = atol(argv[1]);
    sends = atol(argv[2]);
    alarm(600);
    at_noon();
    c = synced_client();
    log_in(c);
    no_growth();
    each_others();
    at_the_end();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("every handle came and went");
    return 0;
}

/* After a thread's first signature, signing allocates and frees nothing, whether it succeeds or fails, nor does asking
   why it failed; and both go on when there is no memory left. The argument is how many rounds to sign. */
#include "allocator.h"
#include "misuse.h"

#include <pthread.h>

#define THREADS 4
#define W1 "https://api.etrade.com/v1/accounts/list"
#define W2                                                                                                            \
    "https://api.etrade.com/v1/market/quote/GOOG,AAPL,MSFT?detailFlag=ALL&requireEarningsDate=true&"                  \
    "overrideSymbolCount=true&skipMiniOptionsCheck=false"
/* The most that a signer takes without an allocation, and what a prepared request takes, too. */
#define PARAMETERS 40
#define MORE_PARAMETERS 1000

static char many[64 * PARAMETERS], *more;
static const char *const urls[] = {W1, W2, many};

#define URLS (sizeof urls / sizeof *urls)

static etoauth_signer *s, *stale_signer;
static etoauth_prepared *prepared[URLS], *of_more, *stale;
static int rounds;

static void all_sign(void)
{
    char buf[ETOAUTH_HEADER_MAX];
    size_t cap = sizeof buf, len, i;

    for (i = 0; i < URLS; i++) {
        OK(etoauth_signer_sign(s, "GET", urls[i], NULL, buf, cap, &len));
        OK(etoauth_signer_sign_at(s, "GET", urls[i], NULL, 1344885636, "n", buf, cap, &len));
        OK(etoauth_signer_sign_at(s, "GET", urls[i], NULL, 1344885636, NULL, buf, cap, &len));
        OK(etoauth_prepared_sign(prepared[i], buf, cap, &len));
        OK(etoauth_prepared_sign_at(prepared[i], 1344885636, "n", buf, cap, &len));
        OK(etoauth_prepared_sign_at(prepared[i], INT64_MAX, NULL, buf, cap, &len));
        CHECK(strlen(buf) == len);
    }
    OK(etoauth_signer_sign(s, "POST", W1, "grant=a+b&c=%20", buf, cap, &len));
    /* What is prepared has its parameters behind it, and may have more of them. */
    OK(etoauth_prepared_sign(of_more, buf, cap, &len));
}

static void fails(int line, etoauth_status got, etoauth_status expected)
{
    char text[512] = "";
    etoauth_status status = 1;

    check_status(__FILE__, line, "the call", got, expected);
    OK(etoauth_last_error(&status, text, sizeof text, NULL));
    CHECK(status == expected && text[0] != '\0');
}

#define FAILS(call, expected) fails(__LINE__, (call), (expected))

static void all_fail(void)
{
    char buf[ETOAUTH_HEADER_MAX];
    size_t cap = sizeof buf, len;
    etoauth_prepared *p = NULL;

    FAILS(etoauth_signer_sign(s, "GET", "localhost", NULL, buf, cap, &len), ETOAUTH_E_URL);
    FAILS(etoauth_signer_sign(s, "1", W1, NULL, buf, cap, &len), ETOAUTH_E_METHOD);
    FAILS(etoauth_signer_sign(s, "GET", W1, "a=%", buf, cap, &len), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_signer_sign(s, "GET", W2, NULL, buf, 100, &len), ETOAUTH_E_BUFFER);
    FAILS(etoauth_signer_sign(s, "GET", W1, "\xff", buf, cap, &len), ETOAUTH_E_UTF8);
    FAILS(etoauth_signer_sign(stale_signer, "GET", W1, NULL, buf, cap, &len), ETOAUTH_E_STALE);
    FAILS(etoauth_signer_sign((etoauth_signer *)(void *)stale, "GET", W1, NULL, buf, cap, &len), ETOAUTH_E_HANDLE);
    FAILS(etoauth_signer_sign_at(s, "GET", W1, NULL, 0, "n", buf, cap, &len), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_prepared_new(s, "GET", "localhost", &p), ETOAUTH_E_URL);
    FAILS(etoauth_prepared_new(s, "1", W1, &p), ETOAUTH_E_METHOD);
    FAILS(etoauth_prepared_sign(prepared[1], buf, 100, &len), ETOAUTH_E_BUFFER);
    FAILS(etoauth_prepared_sign(prepared[1], NULL, 1, &len), ETOAUTH_E_NULL);
    FAILS(etoauth_prepared_sign((etoauth_prepared *)(void *)s, buf, cap, &len), ETOAUTH_E_HANDLE);
    FAILS(etoauth_prepared_sign(stale, buf, cap, &len), ETOAUTH_E_STALE);
    FAILS(etoauth_prepared_sign_at(stale, 1, "n", buf, cap, &len), ETOAUTH_E_STALE);
    FAILS(etoauth_prepared_sign_at(prepared[0], 1, "a b", buf, cap, &len), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_prepared_sign_at(prepared[0], -1, "n", buf, cap, &len), ETOAUTH_E_ARGUMENT);
    FAILS(etoauth_prepared_sign_at(prepared[0], 1, "\xff", buf, cap, &len), ETOAUTH_E_UTF8);
}

static void nothing_is_asked_for(void)
{
    unsigned long asked_before = asked, given_back_before = given_back;
    int round;

    for (round = 0; round < rounds; round++) {
        all_sign();
        if (round % 8 == 0)
            all_fail();
    }
    CHECK(asked == asked_before);
    CHECK(given_back == given_back_before);
}

static void *sign_in_thread(void *unused)
{
    char buf[ETOAUTH_HEADER_MAX];

    /* The first call may allocate; whichever it is. */
    if (unused == NULL)
        OK(etoauth_prepared_sign(prepared[1], buf, sizeof buf, NULL));
    else
        OK(etoauth_signer_sign(s, "GET", W1, NULL, buf, sizeof buf, NULL));
    nothing_is_asked_for();
    refusing = 1;
    nothing_is_asked_for();
    /* What can't do without has the memory in reserve. */
    OK(etoauth_signer_sign(s, "GET", more, NULL, buf, sizeof buf, NULL));
    refusing = 0;
    return NULL;
}

/* The count itself must be able to see. */
static void can_see(void)
{
    unsigned long asked_before = asked, given_back_before = given_back;
    void *volatile block = malloc(64);
    etoauth_prepared *p;

    CHECK(block != NULL && asked == asked_before + 1);
    free(block);
    CHECK(given_back == given_back_before + 1);
    asked_before = asked;
    given_back_before = given_back;
    p = make_prepared(s);
    OK(etoauth_prepared_free(p));
    CHECK(asked > asked_before && given_back > given_back_before);
    refusing = 1;
    block = malloc(64);
    CHECK(block == NULL);
    refusing = 0;
}

static void make_urls(void)
{
    char *to = many + sprintf(many, W1 "?");
    int i;

    for (i = 0; i < PARAMETERS; i++)
        to += sprintf(to, "%sname%d=value%%20%d", i > 0 ? "&" : "", PARAMETERS - i, i);
    more = malloc(64 * MORE_PARAMETERS + sizeof W1 + 1);
    CHECK(more != NULL);
    to = more + sprintf(more, W1 "?");
    for (i = 0; i < MORE_PARAMETERS; i++)
        to += sprintf(to, "&%s%d=value%d", i % 2 ? "name" : "z", i, i);
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    etoauth_client *c;
    size_t i;

    CHECK(argc == 2);
    rounds = atoi(argv[1]);
    alarm(600);
    make_urls();
    s = make_signer();
    for (i = 0; i < URLS; i++)
        OK(etoauth_prepared_new(s, "GET", urls[i], &prepared[i]));
    OK(etoauth_prepared_new(s, "GET", more, &of_more));
    c = make_client();
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    OK(etoauth_client_get_signer(c, &stale_signer));
    stale = make_prepared(stale_signer);
    OK(etoauth_client_set_access_token(c, "another", "token secret", 0));
    can_see();
    sign_in_thread(NULL);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, sign_in_thread, i % 2 ? &threads[i] : NULL) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    OK(etoauth_client_free(c));
    OK(etoauth_signer_free(stale_signer));
    OK(etoauth_prepared_free(stale));
    OK(etoauth_prepared_free(of_more));
    free(more);
    for (i = 0; i < URLS; i++)
        OK(etoauth_prepared_free(prepared[i]));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    puts("nothing was allocated");
    return 0;
}

/* A prepared request judges its arguments as its signer does, copies them, and tells the time by its signer's clock.
   Time is what this program says it is. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sys/time.h>
#include <time.h>

#include "header.h"
#include "misuse.h"

static volatile long long now = 1344885636;

/* These stand before the C library's for the whole process, the shared library included. */
int clock_gettime(clockid_t clock, struct timespec *at)
{
    (void)clock;
    at->tv_sec = (time_t)now;
    at->tv_nsec = 999999999;
    return 0;
}

int gettimeofday(struct timeval *at, void *zone)
{
    (void)zone;
    at->tv_sec = (time_t)now;
    at->tv_usec = 999999;
    return 0;
}

time_t time(time_t *at)
{
    if (at != NULL)
        *at = (time_t)now;
    return (time_t)now;
}

static etoauth_signer *s;
static etoauth_prepared *before, *after;

/* A signature of now, which must be this one. */
static void is_signed_at(etoauth_prepared *p, long long expected)
{
    char header[ETOAUTH_HEADER_MAX], again[ETOAUTH_HEADER_MAX];
    nonce own;
    size_t len;

    OK(etoauth_prepared_sign(p, header, sizeof header, &len));
    CHECK(strlen(header) == len);
    CHECK(read_timestamp(header) == expected);
    read_nonce(header, own);
    OK(etoauth_signer_sign_at(s, "GET", URL, NULL, expected, own, again, sizeof again, NULL));
    CHECK(strcmp(header, again) == 0);
}

static void all_are_signed_at(long long expected)
{
    char header[ETOAUTH_HEADER_MAX];

    is_signed_at(before, expected);
    is_signed_at(after, expected);
    is_signed_at(before, expected);
    OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
    CHECK(read_timestamp(header) == expected);
    /* Another's time is of no account. */
    OK(etoauth_prepared_sign_at(before, 77, NULL, header, sizeof header, NULL));
    CHECK(read_timestamp(header) == 77);
    is_signed_at(after, expected);
}

/* Seconds at which few, many and all digits change, forwards and backwards. */
static void *every_second(void *unused)
{
    static const long long times[] = {
        1344885636, 1344885637, 1344885639, 1344885640, 1344885699, 1344885700, 1344899999, 1344900000, 1999999999, 2000000000,
        2147483647, 2147483648, 4294967295, 4294967296, 9999999999, 10000000000, 10000000001, 9999999999, 999999999,
        1000000000, 1, 9, 10, 99, 100, 1344885636, 1344885635, 253402300799,
    };
    size_t i;

    for (i = 0; i < sizeof times / sizeof *times; i++) {
        now = times[i];
        all_are_signed_at(now);
    }
    return unused;
}

/* The offset is the signer's, whenever the request was prepared; every thread learns of it. */
static void *corrected(void *unused)
{
    static const int64_t offsets[] = {1, -1, 86400, -86400, 3600, 0};
    etoauth_prepared *between;
    size_t i;

    now = 1344885636;
    for (i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        OK(etoauth_signer_set_clock_offset(s, offsets[i]));
        all_are_signed_at(now + offsets[i]);
        between = make_prepared(s);
        is_signed_at(between, now + offsets[i]);
        OK(etoauth_prepared_free(between));
        now += 1000;
        all_are_signed_at(now + offsets[i]);
    }
    EXPECT(etoauth_signer_set_clock_offset(s, 86401), ETOAUTH_E_ARGUMENT);
    all_are_signed_at(now);
    return unused;
}

/* A client's signer goes by its client's clock. */
static void corrected_by_client(void)
{
    etoauth_client *c = make_client();
    etoauth_prepared *p;
    char header[ETOAUTH_HEADER_MAX];
    etoauth_signer *of_client = NULL;

    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    OK(etoauth_client_get_signer(c, &of_client));
    p = make_prepared(of_client);
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    CHECK(read_timestamp(header) == now);
    OK(etoauth_client_set_clock_offset(c, 5000));
    OK(etoauth_signer_free(of_client));
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    CHECK(read_timestamp(header) == now + 5000);
    OK(etoauth_client_free(c));
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    CHECK(read_timestamp(header) == now + 5000);
    OK(etoauth_prepared_free(p));
}

/* A clock before 1970 is unusable. A time of the caller's needs none. */
static void without_clock(void)
{
    now = -1;
    mark_outputs();
    EXPECT(etoauth_prepared_sign(before, out.buf, sizeof out.buf, &out.number), ETOAUTH_E_CLOCK);
    CHECK(outputs_untouched());
    OK(etoauth_prepared_sign_at(before, 1, NULL, out.buf, sizeof out.buf, &out.number));
    now = 1344885636;
    all_are_signed_at(now);
}

/* Each of time, nonce and capacity right and wrong: the verdict is the signer's. */
static void judged_alike(void)
{
    static const char long_nonce[] = "01234567890123456789012345678901234567890123456789012345678901234";
    static const int64_t times[] = {1, INT64_MAX, 0, -1, INT64_MIN};
    const char *nonces[] = {NULL, "n", "", " ", "a b", "%41", "\xff", long_nonce + 1, long_nonce};
    size_t i, j, cap, bound;
    etoauth_status expected;

    OK(etoauth_signer_get_bound(s, &bound));
    for (i = 0; i < sizeof times / sizeof *times; i++) {
        for (j = 0; j < sizeof nonces / sizeof *nonces; j++) {
            for (cap = bound - 1; cap <= bound; cap++) {
                expected = etoauth_signer_sign_at(s, "GET", URL, NULL, times[i], nonces[j], out.buf, cap, NULL);
                CHECK(times[i] > 0 || expected != ETOAUTH_OK);
                mark_outputs();
                EXPECT(etoauth_prepared_sign_at(before, times[i], nonces[j], out.buf, cap, NULL), expected);
                CHECK(expected == ETOAUTH_OK || outputs_untouched());
            }
        }
    }
}

/* The caller's texts may be overwritten at once. */
static void texts_are_copied(void)
{
    char method[] = "GET", url[] = URL;
    etoauth_prepared *p = NULL;

    OK(etoauth_prepared_new(s, method, url, &p));
    memset(method, 'X', sizeof method - 1);
    memset(url, 'X', sizeof url - 1);
    is_signed_at(p, now);
    OK(etoauth_prepared_free(p));
}

static void in_a_thread(void *(*body)(void *))
{
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, body, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

int main(void)
{
    alarm(600);
    s = make_signer();
    before = make_prepared(s);
    after = make_prepared(s);
    judged_alike();
    texts_are_copied();
    every_second(NULL);
    in_a_thread(every_second);
    corrected(NULL);
    in_a_thread(corrected);
    all_are_signed_at(now);
    corrected_by_client();
    without_clock();
    OK(etoauth_prepared_free(before));
    OK(etoauth_prepared_free(after));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    puts("no time or argument was mistaken");
    return 0;
}

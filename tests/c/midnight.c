/* When a token expires, for every day from 1970 to 2100: midnight in New York by the library, whose zone is compiled in,
 * against the C library's, which reads the system's. The clock is the test's. */
#define _GNU_SOURCE
#include <time.h>

#include "check.h"

static time_t now;

/* In place of the system's. */
int clock_gettime(clockid_t clock, struct timespec *at)
{
    (void)clock;
    at->tv_sec = now;
    at->tv_nsec = 0;
    return 0;
}

/* This time of the day of this month in New York, by the system's zone. */
static time_t local(int year, int month, int day, int hour, int minute)
{
    struct tm at;
    time_t moment;

    memset(&at, 0, sizeof at);
    at.tm_year = year - 1900;
    at.tm_mon = month;
    at.tm_mday = day;
    at.tm_hour = hour;
    at.tm_min = minute;
    at.tm_isdst = -1;
    moment = mktime(&at);
    CHECK(moment != (time_t)-1);
    return moment;
}

static void expires(etoauth_client *c, time_t moment, int32_t expected_state, time_t expected)
{
    int32_t state = 0, expires_in = 0;
    char what[200];

    now = moment;
    OK(etoauth_client_get_token_state(c, &state, NULL, &expires_in));
    if (state == expected_state && expires_in == expected)
        return;
    sprintf(what, "at %lld: state %d, and %d s left instead of %lld", (long long)moment, (int)state, (int)expires_in,
            (long long)expected);
    check_failed(__FILE__, __LINE__, what);
}

static void issue(etoauth_client *c, time_t moment)
{
    now = moment;
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
}

int main(void)
{
    etoauth_client *c = NULL;
    time_t midnight, next, moment;
    int year, day, changes, days = 0, lengths[3] = {0, 0, 0};

    CHECK(setenv("TZ", "America/New_York", 1) == 0);
    tzset();
    OK(etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", &c));
    for (year = 1970; year <= 2100; year++)
        for (day = 1; local(year, 0, day, 12, 0) < local(year + 1, 0, 1, 0, 0); day++, days++) {
            midnight = local(year, 0, day, 0, 0);
            next = local(year, 0, day + 1, 0, 0);
            CHECK((next - midnight) % 3600 == 0 && next - midnight >= 23 * 3600 && next - midnight <= 25 * 3600);
            lengths[(next - midnight) / 3600 - 23]++;
            issue(c, midnight);
            expires(c, midnight, ETOAUTH_TOKEN_ACTIVE, next - midnight);
            /* Around every hour of a day on which the clocks change, else around noon. */
            changes = next - midnight != 24 * 3600;
            for (moment = midnight + (changes ? 1 : 12) * 3600; moment < next; moment += (changes ? 1 : 12) * 3600) {
                issue(c, moment - 1);
                expires(c, moment - 1, ETOAUTH_TOKEN_ACTIVE, next - moment + 1);
                issue(c, moment);
                expires(c, moment, ETOAUTH_TOKEN_ACTIVE, next - moment);
            }
            issue(c, next - 1);
            expires(c, next - 1, ETOAUTH_TOKEN_ACTIVE, 1);
            expires(c, next, ETOAUTH_TOKEN_INACTIVE, 0);
        }
    OK(etoauth_client_free(c));
    printf("%d days, of 23 hours %d, of 25 hours %d\n", days, lengths[0], lengths[2]);
    return 0;
}

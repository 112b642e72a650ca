/* A whole day: login, calls, three idle hours, calls, midnight in New York, login. The sandbox's clock is moved; this
 * machine's stays, and the client is told the difference. */
#include "sandbox.h"

static etoauth_client *c;

static void advance(int seconds)
{
    admin("clock?advance=%d", seconds);
    OK(etoauth_client_set_clock_offset(c, count("offset")));
}

static etoauth_status call(void)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send(c, "GET", "/v1/accounts/list", NULL, NULL, 0, &r);

    etoauth_response_free(r);
    return status;
}

int main(void)
{
    int32_t state = 0, inactive_in = 0, expires_in = 0;
    int64_t offset = 0;
    char *log = NULL;

    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));

    /* 14 minutes off: the login goes through all the same. 40 minutes are for a person to set. */
    admin("clock?offset=840");
    log_in(c);
    OK(etoauth_client_get_clock_offset(c, &offset));
    CHECK(offset > 830 && offset < 850);
    admin("clock?offset=-840");
    OK(call());
    OK(etoauth_client_get_clock_offset(c, &offset));
    CHECK(offset > -850 && offset < -830);
    admin("clock?offset=2400");
    EXPECT(call(), ETOAUTH_E_CLOCK_SKEW);
    OK(etoauth_client_set_clock_offset(c, 2400));
    OK(call());
    OK(etoauth_client_set_clock_offset(c, 0));
    admin("clock?offset=0");
    OK(call());

    /* The first login may have been after midnight, by the clock of then. */
    log_in(c);

    /* The day begins 22 hours before midnight in New York: one of 23, 24 or 25 hours has as many. */
    OK(etoauth_client_get_token_state(c, NULL, NULL, &expires_in));
    advance((int)expires_in - 22 * 3600);
    log_in(c);
    OK(call());
    OK(etoauth_client_get_token_state(c, &state, &inactive_in, &expires_in));
    CHECK(state == ETOAUTH_TOKEN_ACTIVE && inactive_in > 7100 && expires_in > 21 * 3600);
    CHECK(count("renews") == 0);

    /* Three idle hours: the token sleeps, one renew wakes it, no call is lost. */
    advance(10800);
    OK(call());
    OK(call());
    CHECK(count("renews") == 1);
    OK(etoauth_client_ensure_active(c, 60));
    CHECK(count("renews") == 1);
    OK(etoauth_client_ensure_active(c, 7200));
    CHECK(count("renews") == 2);

    /* Midnight: the renewal is refused, and nothing is asked for after that. */
    OK(etoauth_client_get_token_state(c, NULL, NULL, &expires_in));
    advance((int)expires_in + 60);
    EXPECT(call(), ETOAUTH_E_LOGIN);
    EXPECT(call(), ETOAUTH_E_LOGIN);
    EXPECT(etoauth_client_ensure_active(c, 0), ETOAUTH_E_LOGIN);
    CHECK(token_state(c) == ETOAUTH_TOKEN_EXPIRED);
    CHECK(count("renews") == 2 && count("renews_refused") == 1);
    log_in(c);
    OK(call());

    OK(etoauth_client_read_log(c, &log));
    CHECK(strstr(log, "timestamp_refused") != NULL && strstr(log, "token_expired") != NULL);
    CHECK(strstr(log, "Renew Access Token") != NULL && strstr(log, "Get Access Token") != NULL);
    OK(etoauth_string_free(log));
    OK(etoauth_client_read_log(c, &log));
    CHECK(strcmp(log, "") == 0);
    OK(etoauth_string_free(log));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("a whole day");
    return 0;
}

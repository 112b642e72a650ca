/* The four OAuth calls for a host with its own HTTP: what is sent, and sent once more. */
#define _POSIX_C_SOURCE 200809L
#include "exchange.h"

/* The value of a field of the exchange's header; the getter says the same twice. */
static void field(etoauth_exchange *x, const char *name, char *value)
{
    char *first = NULL, *second = NULL, *found, key[64];

    OK(etoauth_exchange_get_authorization(x, &first));
    OK(etoauth_exchange_get_authorization(x, &second));
    CHECK(first != second && strcmp(first, second) == 0 && strncmp(first, "OAuth ", 6) == 0);
    sprintf(key, "%s=\"", name);
    found = strstr(first, key);
    CHECK(found != NULL && sscanf(found + strlen(key), "%127[^\"]", value) == 1);
    OK(etoauth_string_free(first));
    OK(etoauth_string_free(second));
}

static void lifecycle(void)
{
    char *text = NULL, expected[256], value[128], redirected[512];
    etoauth_exchange *x = NULL;
    int32_t kind;

    c = new_client(sandbox("SANDBOX_URL"));
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, "CODE", &x), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REVOKE, NULL, &x), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_new(c, 0, NULL, &x), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_exchange_new(c, 5, NULL, &x), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, NULL, &x), ETOAUTH_E_NULL);
    for (kind = ETOAUTH_EXCHANGE_REQUEST_TOKEN; kind <= ETOAUTH_EXCHANGE_REVOKE; kind++)
        if (kind != ETOAUTH_EXCHANGE_ACCESS_TOKEN)
            EXPECT(etoauth_exchange_new(c, kind, "CODE", &x), ETOAUTH_E_ARGUMENT);
    CHECK(x == NULL);

    x = begin(ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL);
    OK(etoauth_exchange_get_method(x, &text));
    CHECK(strcmp(text, "GET") == 0);
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_get_url(x, &text));
    sprintf(expected, "%s/oauth/request_token", sandbox("SANDBOX_URL"));
    CHECK(strcmp(text, expected) == 0);
    OK(etoauth_string_free(text));
    field(x, "oauth_callback", value);
    CHECK(strcmp(value, "oob") == 0);
    OK(etoauth_exchange_free(x));
    EXPECT(etoauth_exchange_free(x), ETOAUTH_E_HANDLE);
    CHECK(token_state(c) == ETOAUTH_TOKEN_NONE && count("requests") == 0);

    OK(whole(ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL));
    CHECK(token_state(c) == ETOAUTH_TOKEN_PENDING && sends == 1);
    EXPECT(whole(ETOAUTH_EXCHANGE_ACCESS_TOKEN, "WRONG"), ETOAUTH_E_VERIFIER);
    CHECK(token_state(c) == ETOAUTH_TOKEN_PENDING);
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, " ", &x), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, "http://localhost/?oauth_token=x&oauth_verifier=y", &x),
           ETOAUTH_E_ARGUMENT);
    OK(etoauth_client_get_authorize_url(c, &text));
    sprintf(redirected, "http://localhost/?oauth_%s&oauth_verifier=%s", strstr(text, "token="), approve(c));
    OK(etoauth_string_free(text));
    OK(whole(ETOAUTH_EXCHANGE_ACCESS_TOKEN, redirected));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE && count("access_tokens") == 1);

    admin("expire?what=idle");
    OK(whole(ETOAUTH_EXCHANGE_RENEW, NULL));
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE && count("renews") == 1);
    OK(whole(ETOAUTH_EXCHANGE_REVOKE, NULL));
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED && count("revokes") == 1);

    /* The client's own HTTP and the host's go together. */
    OK(whole(ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL));
    OK(etoauth_client_fetch_access_token(c, approve(c)));
    OK(whole(ETOAUTH_EXCHANGE_RENEW, NULL));

    /* Past the estimated midnight E*TRADE is asked all the same. */
    OK(etoauth_client_set_access_token(c, "t", "s", time(NULL) - 2 * 86400));
    OK(etoauth_exchange_free(begin(ETOAUTH_EXCHANGE_RENEW, NULL)));
    OK(etoauth_client_free(c));
}

/* Sends, and the header differs from then on, its nonce included. */
static void again(etoauth_exchange *x)
{
    char before[128], after[128], signature[2][128];

    field(x, "oauth_nonce", before);
    field(x, "oauth_signature", signature[0]);
    EXPECT(send_once(x), ETOAUTH_E_AGAIN);
    field(x, "oauth_nonce", after);
    field(x, "oauth_signature", signature[1]);
    CHECK(strcmp(before, after) != 0 && strcmp(signature[0], signature[1]) != 0);
}

/* One more send for each fault, three in all. */
static void repeats(void)
{
    static const char *const passing[] = {"parameter_absent", "nonce_used"};
    int64_t offset = 0;
    char stamp[128];
    etoauth_exchange *x;
    size_t i;

    admin("reset");
    c = new_client(sandbox("SANDBOX_URL"));
    admin("clock?offset=600");
    x = begin(ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL);
    again(x);
    CHECK(token_state(c) == ETOAUTH_TOKEN_NONE);
    OK(etoauth_client_get_clock_offset(c, &offset));
    CHECK(offset > 600 - 120 && offset < 600 + 120);
    field(x, "oauth_timestamp", stamp);
    CHECK(atol(stamp) > (long)time(NULL) + 600 - 120);
    OK(send_once(x));
    OK(etoauth_exchange_free(x));
    OK(whole(ETOAUTH_EXCHANGE_ACCESS_TOKEN, approve(c)));
    CHECK(sends == 1);

    /* What can't be a skew isn't followed. */
    x = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
    EXPECT(finish(x, 401, "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=1-2"), ETOAUTH_E_CLOCK_SKEW);
    OK(etoauth_exchange_free(x));

    for (i = 0; i < 2; i++) {
        admin("fault?on=/oauth&kind=problem&code=%s", passing[i]);
        x = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
        again(x);
        OK(send_once(x));
        OK(etoauth_exchange_free(x));
        admin("fault?on=/oauth&kind=problem&code=%s&times=2", passing[i]);
        x = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
        again(x);
        EXPECT(send_once(x), ETOAUTH_E_HTTP);
        EXPECT(send_once(x), ETOAUTH_E_STATE);
        OK(etoauth_exchange_free(x));
    }
    admin("fault?on=/oauth&kind=problem&code=parameter_absent");
    admin("fault?on=/oauth&kind=problem&code=timestamp_refused");
    admin("fault?on=/oauth&kind=problem&code=nonce_used");
    x = begin(ETOAUTH_EXCHANGE_REVOKE, NULL);
    again(x);
    again(x);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    EXPECT(send_once(x), ETOAUTH_E_HTTP);
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED && count("faults") == 0);
    OK(etoauth_exchange_free(x));
    OK(etoauth_client_free(c));
}

int main(void)
{
    alarm(600);
    lifecycle();
    repeats();
    CHECK(etoauth_live_objects() == 0);
    puts("four calls by hand");
    return 0;
}

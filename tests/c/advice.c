/* What a host that decides by itself asks for: what to do about a status, how long to wait, and when to export again. */
#define _POSIX_C_SOURCE 200809L
#include "session.h"

static etoauth_client *c;

static void advice_about_statuses(void)
{
    static const struct {
        etoauth_status status;
        int32_t advice;
    } rows[] = {
        {ETOAUTH_OK, ETOAUTH_ADVICE_NONE},           {ETOAUTH_E_CANCELLED, ETOAUTH_ADVICE_NONE},
        {ETOAUTH_E_STALE, ETOAUTH_ADVICE_RETRY},     {ETOAUTH_E_AGAIN, ETOAUTH_ADVICE_RETRY},
        {ETOAUTH_E_CONNECT, ETOAUTH_ADVICE_WAIT},    {ETOAUTH_E_TLS, ETOAUTH_ADVICE_WAIT},
        {ETOAUTH_E_TIMEOUT, ETOAUTH_ADVICE_WAIT},    {ETOAUTH_E_RATE_LIMIT, ETOAUTH_ADVICE_WAIT},
        {ETOAUTH_E_UNAVAILABLE, ETOAUTH_ADVICE_WAIT}, {ETOAUTH_E_LOGIN, ETOAUTH_ADVICE_LOGIN},
        {ETOAUTH_E_UNCERTAIN, ETOAUTH_ADVICE_CHECK}, {ETOAUTH_E_INTERNAL, ETOAUTH_ADVICE_CHECK},
    };
    etoauth_status status;
    size_t i;

    for (status = -200; status < 20; status++) {
        int known = strcmp(etoauth_status_name(status), "unknown") != 0;
        int32_t expected = known ? ETOAUTH_ADVICE_FIX : ETOAUTH_ADVICE_CHECK;

        for (i = 0; i < sizeof rows / sizeof *rows; i++)
            if (rows[i].status == status)
                expected = rows[i].advice;
        CHECK(etoauth_status_advice(status) == expected);
    }
    CHECK(etoauth_status_advice(INT32_MIN) == ETOAUTH_ADVICE_CHECK);
    CHECK(etoauth_status_advice(INT32_MAX) == ETOAUTH_ADVICE_CHECK);
}

static int32_t wait_after(const char *fault)
{
    etoauth_response *r = NULL;
    int32_t seconds = -1;

    if (fault != NULL)
        admin("fault?on=/v1&kind=status&http=429&%s", fault);
    OK(etoauth_client_send(c, "GET", "/v1/accounts/list", NULL, NULL, 0, &r));
    OK(etoauth_response_get_retry_after_s(r, &seconds));
    OK(etoauth_response_free(r));
    return seconds;
}

static void retry_after(void)
{
    CHECK(wait_after(NULL) == 0);
    CHECK(wait_after("body=x") == 0);
    CHECK(wait_after("retry_after=7") == 7);
    CHECK(wait_after("retry_after=0") == 0);
    CHECK(wait_after("retry_after=soon") == 0);
    CHECK(wait_after("retry_after=99999999999999999999") == INT32_MAX);
    /* As a date, it is compared with the response's own. */
    CHECK(wait_after("retry_after=Sun,%2006%20Nov%201994%2008:49:37%20GMT") == 0);
    CHECK(wait_after("retry_after=Thu,%2031%20Dec%209998%2023:59:59%20GMT") == INT32_MAX);
}

static uint64_t revision(void)
{
    uint64_t revision = 0;

    OK(etoauth_client_get_session_revision(c, &revision));
    return revision;
}

static uint64_t known;

static int has_grown(void)
{
    uint64_t before = known;

    known = revision();
    CHECK(known >= before);
    return known > before;
}

static void revisions(void)
{
    char *text, *other;

    known = revision();
    OK(etoauth_client_fetch_request_token(c));
    CHECK(has_grown());
    OK(etoauth_client_fetch_access_token(c, approve(c)));
    CHECK(has_grown());
    OK(send_get(c));
    sign_once(c);
    CHECK(!has_grown());
    OK(etoauth_client_renew_access_token(c));
    CHECK(has_grown());
    admin("fault?on=/oauth/renew&kind=status&http=503");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    CHECK(!has_grown());
    text = export_of(c);
    OK(etoauth_client_import_session(c, text));
    CHECK(!has_grown());
    OK(etoauth_client_set_access_token(c, "another", "secret", 0));
    CHECK(has_grown());
    other = export_of(c);
    OK(etoauth_client_import_session(c, text));
    CHECK(has_grown());
    EXPECT(etoauth_client_import_session(c, "damaged"), ETOAUTH_E_SESSION);
    CHECK(!has_grown());
    admin("fault?on=/oauth/renew&kind=problem&code=token_rejected");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
    CHECK(has_grown() && token_state(c) == ETOAUTH_TOKEN_EXPIRED);
    log_in(c);
    CHECK(has_grown());
    OK(etoauth_client_revoke_access_token(c));
    CHECK(has_grown());
    OK(etoauth_string_free(text));
    OK(etoauth_string_free(other));
}

int main(void)
{
    alarm(600);
    advice_about_statuses();
    c = synced_client();
    log_in(c);
    retry_after();
    revisions();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("every question was answered");
    return 0;
}

/* API.md, "what counts as use": a case for each sentence. */
#include "answers.h"

/* "An answer that is no OAuth failure, seen by `send`, `exchange_finish` or `diagnose`." */
static void use_is_an_answer_that_is_no_oauth_failure(void)
{
    static const int32_t statuses[] = {200, 204, 302, 400, 403, 404, 429, 500, 503};
    etoauth_exchange *x = NULL;
    char fault[128];
    size_t i;

    for (i = 0; i < COUNT(statuses); i++) {
        sprintf(context, "HTTP %d", (int)statuses[i]);
        begin();
        age_token(3 * 3600);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
        judge_text(statuses[i], "");
        HOLDS(times() == ETOAUTH_TOKEN_ACTIVE && inactive_in > 7200 - 60);
        age_token(3 * 3600);
        sprintf(fault, "fault?on=" LIST "&kind=status&http=%d", (int)statuses[i]);
        admin("%s", fault);
        IS(ask(), ETOAUTH_OK, 1, 0);
        HOLDS(times() == ETOAUTH_TOKEN_ACTIVE && inactive_in > 7200 - 60);
    }
    begin();
    age_token(3 * 3600);
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    GIVES(etoauth_exchange_finish(x, 200, NULL, "Access Token has been renewed", 29), ETOAUTH_OK);
    OK(etoauth_exchange_free(x));
    HOLDS(times() == ETOAUTH_TOKEN_ACTIVE && inactive_in > 7200 - 60);
}

/* "Never a signature, never a refusal." */
static void use_is_never_a_signature_and_never_a_refusal(void)
{
    static const char *const bodies[] = {
        "oauth_problem=token_expired", "oauth_problem=signature_invalid", "oauth_problem=nonce_used",
            "oauth_problem=permission_denied",
        "oauth_problem=something_new", "oauth_problem=consumer_key_rejected", "", "oauth_problem=",
            "oauth_problem='token_expired'",
        "Unauthorized", "oauth_problem=Consumer+key+has+expired",
    };
    char header[ETOAUTH_HEADER_MAX], *sent;
    etoauth_signer *s = NULL;
    size_t i;

    begin();
    age_token(3 * 3600);
    OK(etoauth_client_get_signer(c, &s));
    OK(etoauth_signer_sign(s, "GET", "https://localhost/v1", NULL, header, sizeof header, NULL));
    OK(etoauth_signer_free(s));
    OK(etoauth_string_free(signature()));
    HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    for (i = 0; i < COUNT(bodies); i++) {
        sprintf(context, "%s", bodies[i]);
        age_token(3 * 3600);
        judge_text(401, bodies[i]);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
        admin("fault?on=" RENEW "&kind=status&http=503");
        fault_with("on=" LIST "&kind=status&http=401&times=1&body", bodies[i]);
        fault_with("on=" LIST "&kind=status&http=401&times=1&body", bodies[i]);
        age_token(3 * 3600);
        HOLDS(ask().status != ETOAUTH_OK);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
        admin("reset");
        begin();
    }
    /* No answer is none. */
    age_token(3 * 3600);
    sent = signature();
    judge("GET", sent, 0, NULL, NULL, 0);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    OK(etoauth_string_free(sent));
}

/* "A host that reports none pays at most one needless renew." */
static void use_that_nobody_reports_costs_one_renew(void)
{
    begin();
    age_token(3 * 3600);
    GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_OK);
    GIVES(etoauth_client_ensure_active(c, 0), ETOAUTH_OK);
    GIVES(etoauth_client_ensure_active(c, 60), ETOAUTH_OK);
    HOLDS(requests(RENEW) == 1);
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(use_is_an_answer_that_is_no_oauth_failure),
        CASE(use_is_never_a_signature_and_never_a_refusal),
        CASE(use_that_nobody_reports_costs_one_renew),
    };

    return RUN(cases);
}

/* Every error shape and problem that the sandbox can answer with, and every network fault that the OAuth calls meet. */
#include "sandbox.h"

static etoauth_client *c;

static void problem_is(int32_t http, const char *problem)
{
    char got[128] = "?";
    int32_t status = -1;

    OK(etoauth_last_problem(&status, got, sizeof got, NULL));
    CHECK(status == http);
    CHECK(strcmp(got, problem) == 0);
}

/* Each problem, in each shape, as the answer to Get Request Token. */
static void shapes(void)
{
    static const char *const all[] = {"html", "html_old", "json", "xml", "xml_code", "text", "header"};
    static const struct {
        const char *code;
        int32_t http;
        etoauth_status status;
        const char *sentence;
    } problems[] = {
        {"signature_invalid", 401, ETOAUTH_E_SIGNATURE, "secret"},
        {"consumer_key_rejected", 401, ETOAUTH_E_CONSUMER_KEY, "api.etrade.com"},
        {"consumer_key_unknown", 400, ETOAUTH_E_CONSUMER_KEY, "expired"},
        {"permission_denied", 403, ETOAUTH_E_DENIED, "allowed"},
        {"callback_rejected", 400, ETOAUTH_E_HTTP, "callback_rejected"},
        {"something_new", 401, ETOAUTH_E_HTTP, "something_new"},
    };
    size_t i, j;

    for (i = 0; i < sizeof problems / sizeof *problems; i++) {
        for (j = 0; j < sizeof all / sizeof *all; j++) {
            admin("fault?on=/oauth&kind=problem&code=%s&shape=%s&http=%d", problems[i].code, all[j], problems[i].http);
            EXPECT(etoauth_client_fetch_request_token(c), problems[i].status);
            problem_is(problems[i].http, problems[i].code);
            SENTENCE(problems[i].sentence);
            SENTENCE("Get Request Token");
            SENTENCE("127.0.0.1");
        }
    }
}

/* Sentences and statuses without an oauth_problem. */
static void without_a_code(void)
{
    admin("fault?on=/oauth&kind=problem&message=Number%%20of%%20requests%%20exceeded%%20the%%20rate%%20limit%%20set&shape=xml"
          "&http=400");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_RATE_LIMIT);
    problem_is(400, "");
    admin("fault?on=/oauth&kind=status&http=429&retry_after=1");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_RATE_LIMIT);
    admin("fault?on=/oauth&kind=status&http=500");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_UNAVAILABLE);
    admin("fault?on=/oauth&kind=status&http=503&body=down");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_UNAVAILABLE);
    admin("fault?on=/oauth&kind=status&http=404");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_HTTP);
    problem_is(404, "");
    admin("fault?on=/oauth&kind=redirect&to=https://localhost/");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_HTTP);
    problem_is(302, "");
    admin("fault?on=/oauth&kind=token_reply&body=nonsense");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_RESPONSE);
    admin("fault?on=/oauth&kind=garbage");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_RESPONSE);
    admin("fault?on=/oauth&kind=oversize&bytes=5000000");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_LIMIT);
}

/* What the network does: the phase decides. */
static void network(void)
{
    admin("fault?on=/oauth&kind=drop&when=before");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    admin("fault?on=/oauth&kind=drop&when=after&reset=1");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    admin("fault?on=/oauth&kind=drop&when=body");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    OK(etoauth_client_set_timeout_ms(c, 300));
    admin("fault?on=/oauth&kind=stall&when=before");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TIMEOUT);
    admin("fault?on=/oauth&kind=stall&when=body");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_TIMEOUT);
    OK(etoauth_client_set_timeout_ms(c, 30000));
    OK(etoauth_client_set_base_urls(c, "http://localhost:1/oauth", NULL, NULL));
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    OK(etoauth_client_set_base_urls(c, "https://no-such-host.invalid/oauth", NULL, NULL));
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
    SENTENCE("no-such-host.invalid");
    OK(etoauth_client_set_proxy(c, "http://127.0.0.1:1"));
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_CONNECT);
}

/* Without its CA file the sandbox's TLS is a stranger's; and not everything that listens speaks TLS. */
static void tls(void)
{
    char url[256];
    etoauth_client *stranger = new_client(sandbox("SANDBOX_TLS_URL"));

    EXPECT(etoauth_client_fetch_request_token(stranger), ETOAUTH_E_TLS);
    SENTENCE("localhost");
    sprintf(url, "https%s/oauth", sandbox("SANDBOX_URL") + strlen("http"));
    OK(etoauth_client_set_base_urls(stranger, url, NULL, NULL));
    EXPECT(etoauth_client_fetch_request_token(stranger), ETOAUTH_E_TLS);
    admin("fault?kind=drop&when=accept");
    EXPECT(etoauth_client_fetch_request_token(stranger), ETOAUTH_E_TLS);
    OK(etoauth_client_set_timeout_ms(stranger, 300));
    admin("fault?kind=stall&when=accept");
    EXPECT(etoauth_client_fetch_request_token(stranger), ETOAUTH_E_TIMEOUT);
    SENTENCE("TLS handshake");
    OK(etoauth_client_free(stranger));
}

/* What the other calls make of a refusal. */
static void other_calls(void)
{
    c = new_client(sandbox("SANDBOX_URL"));
    OK(etoauth_client_fetch_request_token(c));
    admin("fault?on=/oauth&kind=problem&code=token_expired");
    EXPECT(etoauth_client_fetch_access_token(c, approve(c)), ETOAUTH_E_VERIFIER);
    OK(etoauth_client_fetch_access_token(c, approve(c)));
    admin("fault?on=/oauth&kind=status&http=500");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    /* Twice, since a question is asked again when a kept connection turns out dead. */
    admin("fault?on=/oauth&kind=drop&when=before&times=2");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    admin("fault?on=/oauth&kind=status&http=403");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_UNAVAILABLE);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    admin("fault?on=/oauth&kind=problem&code=token_rejected");
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_LOGIN);
    CHECK(token_state(c) == ETOAUTH_TOKEN_EXPIRED);
    CHECK(count("renews") == 0);
    log_in(c);
    admin("fault?on=/oauth&kind=drop&when=before&times=2");
    EXPECT(etoauth_client_revoke_access_token(c), ETOAUTH_E_UNCERTAIN);
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    EXPECT(etoauth_client_revoke_access_token(c), ETOAUTH_E_STATE);
    OK(etoauth_client_free(c));
}

int main(void)
{
    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));
    shapes();
    without_a_code();
    network();
    OK(etoauth_client_free(c));
    tls();
    other_calls();
    CHECK(etoauth_live_objects() == 0);
    puts("every error was told");
    return 0;
}

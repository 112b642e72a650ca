/* NULL in each pointer argument of each function, one at a time. */
#include "misuse.h"
#include "sandbox.h"

static void logging_in(etoauth_client *c)
{
    NULL_IN("consumer_key", etoauth_client_new(ETOAUTH_ENV_LIVE, NULL, "secret", &out.client));
    NULL_IN("consumer_secret", etoauth_client_new(ETOAUTH_ENV_LIVE, "key", NULL, &out.client));
    NULL_IN("out", etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", NULL));
    NULL_IN("c", etoauth_client_fetch_request_token(NULL));
    NULL_IN("c", etoauth_client_get_authorize_url(NULL, &out.text));
    NULL_IN("url", etoauth_client_get_authorize_url(c, NULL));
    NULL_IN("c", etoauth_client_fetch_access_token(NULL, "CODE"));
    NULL_IN("verifier", etoauth_client_fetch_access_token(c, NULL));
    NULL_IN("c", etoauth_client_sign(NULL, "GET", URL, &out.text));
    NULL_IN("method", etoauth_client_sign(c, NULL, URL, &out.text));
    NULL_IN("url", etoauth_client_sign(c, "GET", NULL, &out.text));
    NULL_IN("header", etoauth_client_sign(c, "GET", URL, NULL));
    NULL_IN("c", etoauth_client_sign_url(NULL, "GET", URL, &out.text));
    NULL_IN("method", etoauth_client_sign_url(c, NULL, URL, &out.text));
    NULL_IN("url", etoauth_client_sign_url(c, "GET", NULL, &out.text));
    NULL_IN("signed_url", etoauth_client_sign_url(c, "GET", URL, NULL));
    NULL_IN("c", etoauth_client_renew_access_token(NULL));
    NULL_IN("c", etoauth_client_revoke_access_token(NULL));
}

static void settings(etoauth_client *c)
{
    NULL_IN("c", etoauth_client_get_token_state(NULL, &out.state, &out.inactive, &out.expires));
    OK(etoauth_client_get_token_state(c, NULL, &out.inactive, &out.expires));
    OK(etoauth_client_get_token_state(c, &out.state, NULL, &out.expires));
    OK(etoauth_client_get_token_state(c, &out.state, &out.inactive, NULL));
    OK(etoauth_client_get_token_state(c, NULL, NULL, NULL));
    NULL_IN("c", etoauth_client_set_access_token(NULL, "token", "secret", 0));
    NULL_IN("token", etoauth_client_set_access_token(c, NULL, "secret", 0));
    NULL_IN("token_secret", etoauth_client_set_access_token(c, "token", NULL, 0));
    NULL_IN("c", etoauth_client_get_access_token(NULL, &out.text, &out.other));
    NULL_IN("token", etoauth_client_get_access_token(c, NULL, &out.other));
    NULL_IN("token_secret", etoauth_client_get_access_token(c, &out.text, NULL));
    NULL_IN("c", etoauth_client_set_base_urls(NULL, URL, URL, URL));
    OK(etoauth_client_set_base_urls(c, NULL, "https://localhost", "https://localhost"));
    OK(etoauth_client_set_base_urls(c, "https://localhost", NULL, "https://localhost"));
    OK(etoauth_client_set_base_urls(c, "https://localhost", "https://localhost", NULL));
    OK(etoauth_client_set_base_urls(c, NULL, NULL, NULL));
    NULL_IN("c", etoauth_client_set_timeout_ms(NULL, 1000));
    NULL_IN("c", etoauth_client_set_proxy(NULL, ""));
    NULL_IN("url", etoauth_client_set_proxy(c, NULL));
    NULL_IN("c", etoauth_client_set_ca_file(NULL, "/nowhere"));
    NULL_IN("pem_path", etoauth_client_set_ca_file(c, NULL));
    NULL_IN("c", etoauth_client_set_user_agent(NULL, "agent"));
    NULL_IN("text", etoauth_client_set_user_agent(c, NULL));
}

static void signing(etoauth_signer *s)
{
    char *buf = out.buf;
    size_t cap = sizeof out.buf, *len = &out.number;

    NULL_IN("consumer_key", etoauth_signer_new(NULL, "secret", "token", "secret", &out.signer));
    NULL_IN("consumer_secret", etoauth_signer_new("key", NULL, "token", "secret", &out.signer));
    NULL_IN("token", etoauth_signer_new("key", "secret", NULL, "secret", &out.signer));
    NULL_IN("token_secret", etoauth_signer_new("key", "secret", "token", NULL, &out.signer));
    NULL_IN("out", etoauth_signer_new("key", "secret", "token", "secret", NULL));
    OK(etoauth_signer_new("key", "secret", NULL, NULL, &out.signer));
    OK(etoauth_signer_free(out.signer));

    NULL_IN("s", etoauth_signer_sign(NULL, "GET", URL, "a=1", buf, cap, len));
    NULL_IN("method", etoauth_signer_sign(s, NULL, URL, "a=1", buf, cap, len));
    NULL_IN("url", etoauth_signer_sign(s, "GET", NULL, "a=1", buf, cap, len));
    NULL_IN("buf", etoauth_signer_sign(s, "GET", URL, "a=1", NULL, cap, len));
    OK(etoauth_signer_sign(s, "GET", URL, NULL, buf, cap, len));
    OK(etoauth_signer_sign(s, "GET", URL, "a=1", buf, cap, NULL));

    NULL_IN("s", etoauth_signer_sign_at(NULL, "GET", URL, "a=1", 1, "n", buf, cap, len));
    NULL_IN("method", etoauth_signer_sign_at(s, NULL, URL, "a=1", 1, "n", buf, cap, len));
    NULL_IN("url", etoauth_signer_sign_at(s, "GET", NULL, "a=1", 1, "n", buf, cap, len));
    NULL_IN("buf", etoauth_signer_sign_at(s, "GET", URL, "a=1", 1, "n", NULL, cap, len));
    OK(etoauth_signer_sign_at(s, "GET", URL, NULL, 1, "n", buf, cap, len));
    OK(etoauth_signer_sign_at(s, "GET", URL, "a=1", 1, NULL, buf, cap, len));
    OK(etoauth_signer_sign_at(s, "GET", URL, "a=1", 1, "n", buf, cap, NULL));

    NULL_IN("s", etoauth_signer_get_base_string(NULL, "GET", URL, "a=1", 1, "n", &out.text));
    NULL_IN("method", etoauth_signer_get_base_string(s, NULL, URL, "a=1", 1, "n", &out.text));
    NULL_IN("url", etoauth_signer_get_base_string(s, "GET", NULL, "a=1", 1, "n", &out.text));
    NULL_IN("out", etoauth_signer_get_base_string(s, "GET", URL, "a=1", 1, "n", NULL));
    OK(etoauth_signer_get_base_string(s, "GET", URL, NULL, 1, "n", &out.text));
    OK(etoauth_string_free(out.text));
    OK(etoauth_signer_get_base_string(s, "GET", URL, "a=1", 1, NULL, &out.text));
    OK(etoauth_string_free(out.text));

    NULL_IN("s", etoauth_signer_set_clock_offset(NULL, 0));
    NULL_IN("s", etoauth_signer_get_bound(NULL, &out.number));
    NULL_IN("out", etoauth_signer_get_bound(s, NULL));
    NULL_IN("text", etoauth_percent_encode(NULL, &out.text));
    NULL_IN("out", etoauth_percent_encode("text", NULL));
}

static void preparing(etoauth_signer *s, etoauth_prepared *p)
{
    char *buf = out.buf;
    size_t cap = sizeof out.buf, *len = &out.number;

    NULL_IN("s", etoauth_prepared_new(NULL, "GET", URL, &out.prepared));
    NULL_IN("method", etoauth_prepared_new(s, NULL, URL, &out.prepared));
    NULL_IN("url", etoauth_prepared_new(s, "GET", NULL, &out.prepared));
    NULL_IN("out", etoauth_prepared_new(s, "GET", URL, NULL));

    NULL_IN("p", etoauth_prepared_sign(NULL, buf, cap, len));
    NULL_IN("buf", etoauth_prepared_sign(p, NULL, cap, len));
    OK(etoauth_prepared_sign(p, buf, cap, NULL));

    NULL_IN("p", etoauth_prepared_sign_at(NULL, 1, "n", buf, cap, len));
    NULL_IN("buf", etoauth_prepared_sign_at(p, 1, "n", NULL, cap, len));
    OK(etoauth_prepared_sign_at(p, 1, NULL, buf, cap, len));
    OK(etoauth_prepared_sign_at(p, 1, "n", buf, cap, NULL));
}

static void sending(etoauth_client *c, etoauth_response *r)
{
    char *text = NULL;

    NULL_IN("c", etoauth_client_ensure_active(NULL, 0));
    NULL_IN("c", etoauth_client_send(NULL, "GET", "/", NULL, NULL, 0, &out.response));
    NULL_IN("method", etoauth_client_send(c, NULL, "/", NULL, NULL, 0, &out.response));
    NULL_IN("url", etoauth_client_send(c, "GET", NULL, NULL, NULL, 0, &out.response));
    NULL_IN("body", etoauth_client_send(c, "POST", "/", "Content-Type: a/b", NULL, 1, &out.response));
    NULL_IN("out", etoauth_client_send(c, "GET", "/", NULL, NULL, 0, NULL));
    NULL_IN("c", etoauth_client_cancel(NULL));
    NULL_IN("c", etoauth_client_share(NULL, &out.client));
    NULL_IN("out", etoauth_client_share(c, NULL));

    NULL_IN("r", etoauth_response_get_status(NULL, &out.state));
    NULL_IN("status", etoauth_response_get_status(r, NULL));
    NULL_IN("r", etoauth_response_get_header(NULL, "name", &out.text));
    NULL_IN("name", etoauth_response_get_header(r, NULL, &out.text));
    NULL_IN("value", etoauth_response_get_header(r, "name", NULL));
    NULL_IN("r", etoauth_response_get_body(NULL, &out.text, &out.number));
    NULL_IN("data", etoauth_response_get_body(r, NULL, &out.number));
    NULL_IN("len", etoauth_response_get_body(r, &out.text, NULL));
    NULL_IN("r", etoauth_response_get_advice(NULL, &out.advice));
    NULL_IN("advice", etoauth_response_get_advice(r, NULL));
    NULL_IN("r", etoauth_response_get_retry_after_s(NULL, &out.state));
    NULL_IN("seconds", etoauth_response_get_retry_after_s(r, NULL));
    NULL_IN("r", etoauth_response_get_attempts(NULL, &out.state));
    NULL_IN("attempts", etoauth_response_get_attempts(r, NULL));
    /* A header that is not there is no failure. */
    OK(etoauth_response_get_header(r, "CONTENT-type", &text));
    CHECK(text != NULL);
    OK(etoauth_string_free(text));
    OK(etoauth_response_get_header(r, "X-Not-There", &text));
    CHECK(text == NULL);
}

static void sessions(etoauth_client *c)
{
    NULL_IN("c", etoauth_client_set_session_file(NULL, "/nowhere/file"));
    OK(etoauth_client_set_session_file(c, NULL));
    NULL_IN("c", etoauth_client_export_session(NULL, &out.text));
    NULL_IN("text", etoauth_client_export_session(c, NULL));
    NULL_IN("c", etoauth_client_import_session(NULL, "text"));
    NULL_IN("text", etoauth_client_import_session(c, NULL));
    NULL_IN("c", etoauth_client_get_clock_offset(NULL, &out.seconds));
    NULL_IN("seconds", etoauth_client_get_clock_offset(c, NULL));
    NULL_IN("c", etoauth_client_set_clock_offset(NULL, 0));
    NULL_IN("c", etoauth_client_get_session_revision(NULL, &out.revision));
    NULL_IN("revision", etoauth_client_get_session_revision(c, NULL));
    NULL_IN("c", etoauth_client_get_renew_wait_s(NULL, &out.state));
    NULL_IN("seconds", etoauth_client_get_renew_wait_s(c, NULL));
    NULL_IN("c", etoauth_client_read_log(NULL, &out.text));
    NULL_IN("lines", etoauth_client_read_log(c, NULL));
    NULL_IN("c", etoauth_client_get_signer(NULL, &out.signer));
    NULL_IN("out", etoauth_client_get_signer(c, NULL));
}

static void hosting(etoauth_client *c, etoauth_exchange *x, etoauth_listener *l)
{
    NULL_IN("callback_url", etoauth_listener_new(NULL, &out.listener));
    NULL_IN("out", etoauth_listener_new(CALLBACK, NULL));
    NULL_IN("l", etoauth_listener_get_url(NULL, &out.text));
    NULL_IN("url", etoauth_listener_get_url(l, NULL));
    NULL_IN("l", etoauth_listener_wait(NULL, c, 0, &out.text));
    NULL_IN("redirected_url", etoauth_listener_wait(l, c, 0, NULL));
    EXPECT(etoauth_listener_wait(l, NULL, 0, &out.text), ETOAUTH_E_TIMEOUT);

    NULL_IN("c", etoauth_exchange_new(NULL, 1, NULL, &out.exchange));
    NULL_IN("verifier", etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, NULL, &out.exchange));
    NULL_IN("out", etoauth_exchange_new(c, 1, NULL, NULL));
    NULL_IN("c", etoauth_exchange_new_request(NULL, "GET", "/", NULL, &out.exchange));
    NULL_IN("method", etoauth_exchange_new_request(c, NULL, "/", NULL, &out.exchange));
    NULL_IN("url", etoauth_exchange_new_request(c, "GET", NULL, NULL, &out.exchange));
    NULL_IN("out", etoauth_exchange_new_request(c, "GET", "/", NULL, NULL));
    NULL_IN("x", etoauth_exchange_next(NULL, &out.state, &out.inactive));
    NULL_IN("step", etoauth_exchange_next(x, NULL, &out.inactive));
    NULL_IN("x", etoauth_exchange_get_advice(NULL, &out.advice));
    NULL_IN("advice", etoauth_exchange_get_advice(x, NULL));
    NULL_IN("x", etoauth_exchange_get_method(NULL, &out.text));
    NULL_IN("method", etoauth_exchange_get_method(x, NULL));
    NULL_IN("x", etoauth_exchange_get_url(NULL, &out.text));
    NULL_IN("url", etoauth_exchange_get_url(x, NULL));
    NULL_IN("x", etoauth_exchange_get_authorization(NULL, &out.text));
    NULL_IN("header", etoauth_exchange_get_authorization(x, NULL));
    NULL_IN("x", etoauth_exchange_finish(NULL, 200, "a: b", "", 0));
    NULL_IN("body", etoauth_exchange_finish(x, 200, "a: b", NULL, 1));
    /* What was refused did not end the exchange. */
    EXPECT(etoauth_exchange_finish(x, 503, NULL, NULL, 0), ETOAUTH_E_UNAVAILABLE);

    NULL_IN("c", etoauth_client_diagnose(NULL, "GET", AUTHORIZATION, 200, "", "", 0, &out.advice));
    NULL_IN("method", etoauth_client_diagnose(c, NULL, AUTHORIZATION, 200, "", "", 0, &out.advice));
    NULL_IN("authorization", etoauth_client_diagnose(c, "GET", NULL, 200, "", "", 0, &out.advice));
    NULL_IN("body", etoauth_client_diagnose(c, "GET", AUTHORIZATION, 200, "", NULL, 1, &out.advice));
    NULL_IN("advice", etoauth_client_diagnose(c, "GET", AUTHORIZATION, 200, "", "", 0, NULL));
    OK(etoauth_client_diagnose(c, "GET", AUTHORIZATION, 200, NULL, NULL, 0, &out.advice));
}

/* Those that read the last error leave it alone even when they fail. */
static void reading(etoauth_client *c)
{
    etoauth_status status = 1;
    int32_t http = 1;
    char text[256];
    size_t len = 99;

    OK(etoauth_self_test());
    EXPECT(etoauth_last_error(&status, NULL, 1, &len), ETOAUTH_E_NULL);
    EXPECT(etoauth_last_problem(&http, NULL, 1, &len), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_last_error(NULL, &status, text, sizeof text, &len), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_last_error(c, &status, NULL, 1, &len), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_last_problem(NULL, &http, text, sizeof text, &len), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_last_problem(c, &http, NULL, 1, &len), ETOAUTH_E_NULL);
    CHECK(status == 1 && http == 1 && len == 99);
    OK(etoauth_client_last_error(c, NULL, NULL, 0, NULL));
    OK(etoauth_client_last_problem(c, NULL, NULL, 0, NULL));
    OK(etoauth_last_error(NULL, text, sizeof text, &len));
    OK(etoauth_last_error(&status, text, sizeof text, NULL));
    CHECK(status == ETOAUTH_OK && len == 0 && text[0] == '\0');
    OK(etoauth_last_problem(NULL, text, sizeof text, &len));
    OK(etoauth_last_problem(&http, text, sizeof text, NULL));
    CHECK(http == 0 && len == 0 && text[0] == '\0');
    OK(etoauth_client_free(NULL));
    OK(etoauth_signer_free(NULL));
    OK(etoauth_prepared_free(NULL));
    OK(etoauth_string_free(NULL));
    OK(etoauth_response_free(NULL));
    OK(etoauth_exchange_free(NULL));
    OK(etoauth_listener_free(NULL));
}

int main(void)
{
    etoauth_client *c, *logged_in;
    etoauth_signer *s;
    etoauth_prepared *p;
    etoauth_response *r;
    etoauth_exchange *x;
    etoauth_listener *l;

    alarm(600);
    c = make_client();
    s = make_signer();
    p = make_prepared(s);
    logging_in(c);
    settings(c);
    signing(s);
    preparing(s, p);
    reading(c);
    logged_in = new_client(sandbox("SANDBOX_URL"));
    log_in(logged_in);
    r = make_response(logged_in);
    x = make_exchange(c);
    l = make_listener();
    sending(logged_in, r);
    sessions(logged_in);
    hosting(c, x, l);
    OK(etoauth_listener_free(l));
    OK(etoauth_exchange_free(x));
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(logged_in));
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("NULL is refused everywhere");
    return 0;
}

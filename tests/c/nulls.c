/* NULL in each pointer argument of each function, one at a time, and the order in which arguments are judged. */
#include "misuse.h"
#include "sandbox.h"

#define NULL_IN(argument, call) REFUSED(call, ETOAUTH_E_NULL, argument)

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
static void reading(void)
{
    etoauth_status status = 1;
    int32_t http = 1;
    char text[256];
    size_t len = 99;

    OK(etoauth_self_test());
    EXPECT(etoauth_last_error(&status, NULL, 1, &len), ETOAUTH_E_NULL);
    EXPECT(etoauth_last_problem(&http, NULL, 1, &len), ETOAUTH_E_NULL);
    CHECK(status == 1 && http == 1 && len == 99);
    OK(etoauth_last_error(NULL, text, sizeof text, &len));
    OK(etoauth_last_error(&status, text, sizeof text, NULL));
    CHECK(status == ETOAUTH_OK && len == 0 && text[0] == '\0');
    OK(etoauth_last_problem(NULL, text, sizeof text, &len));
    OK(etoauth_last_problem(&http, text, sizeof text, NULL));
    CHECK(http == 0 && len == 0 && text[0] == '\0');
    OK(etoauth_client_free(NULL));
    OK(etoauth_signer_free(NULL));
    OK(etoauth_string_free(NULL));
    OK(etoauth_response_free(NULL));
    OK(etoauth_exchange_free(NULL));
    OK(etoauth_listener_free(NULL));
}

/* NULL, handle, UTF-8, the argument's meaning, state: with two mistakes, the earlier one is told. */
static void order(etoauth_client *c, etoauth_signer *s)
{
    static const char bad[] = "\xff";
    etoauth_client *no_client = (etoauth_client *)(void *)&out;
    etoauth_signer *no_signer = (etoauth_signer *)(void *)&out;

    NULL_IN("header", etoauth_client_sign(no_client, "GET", URL, NULL));
    NULL_IN("verifier", etoauth_client_fetch_access_token(no_client, NULL));
    NULL_IN("token_secret", etoauth_client_get_access_token(no_client, &out.text, NULL));
    NULL_IN("text", etoauth_client_set_user_agent(no_client, NULL));
    NULL_IN("buf", etoauth_signer_sign(no_signer, "GET", URL, NULL, NULL, 1, NULL));
    NULL_IN("out", etoauth_signer_get_bound(no_signer, NULL));
    NULL_IN("url", etoauth_client_sign(c, bad, NULL, &out.text));
    NULL_IN("out", etoauth_percent_encode(bad, NULL));
    NULL_IN("out", etoauth_client_new(0, bad, "", NULL));
    NULL_IN("token_secret", etoauth_signer_new(bad, "", "token", NULL, &out.signer));
    NULL_IN("token", etoauth_signer_new(bad, "secret", NULL, "secret", &out.signer));
    NULL_IN("token", etoauth_signer_new("", "secret", NULL, "secret", &out.signer));

    REFUSED(etoauth_client_sign(no_client, bad, URL, &out.text), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_client_set_base_urls(no_client, bad, NULL, NULL), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_client_set_timeout_ms(no_client, 0), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_signer_sign(no_signer, bad, URL, NULL, out.buf, 0, NULL), ETOAUTH_E_HANDLE, "s");

    REFUSED(etoauth_client_new(0, "key", bad, &out.client), ETOAUTH_E_UTF8, "consumer_secret");
    REFUSED(etoauth_client_new(1, "", bad, &out.client), ETOAUTH_E_UTF8, "consumer_secret");
    REFUSED(etoauth_client_sign(c, "1", bad, &out.text), ETOAUTH_E_UTF8, "url");
    REFUSED(etoauth_client_set_access_token(c, "", bad, -1), ETOAUTH_E_UTF8, "token_secret");
    REFUSED(etoauth_client_set_base_urls(c, "nonsense", NULL, bad), ETOAUTH_E_UTF8, "api_base");
    REFUSED(etoauth_signer_new("", "secret", "", bad, &out.signer), ETOAUTH_E_UTF8, "token_secret");
    REFUSED(etoauth_signer_sign(s, "1", "", bad, out.buf, 1, NULL), ETOAUTH_E_UTF8, "form");
    REFUSED(etoauth_signer_sign_at(s, "1", "", NULL, -1, bad, out.buf, 1, NULL), ETOAUTH_E_UTF8, "nonce");
    REFUSED(etoauth_signer_get_base_string(s, "1", "", NULL, -1, bad, &out.text), ETOAUTH_E_UTF8, "nonce");

    /* The client holds no token and has no login pending. */
    REFUSED(etoauth_client_sign(c, "1", URL, &out.text), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_client_sign_url(c, "GET", "localhost", &out.text), ETOAUTH_E_URL, "url");
    REFUSED(etoauth_client_fetch_access_token(c, " "), ETOAUTH_E_ARGUMENT, "verifier");
    EXPECT(etoauth_client_sign(c, "GET", URL, &out.text), ETOAUTH_E_STATE);
}

/* The same for the functions that came with sending, sessions, exchanges and listeners. */
static void order_of_more(etoauth_client *c, etoauth_exchange *x, etoauth_listener *l)
{
    static const char bad[] = "\xff";
    etoauth_client *no_client = (etoauth_client *)(void *)&out;
    etoauth_response *no_response = (etoauth_response *)(void *)&out;
    etoauth_exchange *no_exchange = (etoauth_exchange *)(void *)&out;
    etoauth_listener *no_listener = (etoauth_listener *)(void *)&out;

    NULL_IN("out", etoauth_client_send(no_client, bad, "", "x", NULL, 0, NULL));
    NULL_IN("body", etoauth_client_send(no_client, bad, "", "x", NULL, 1, &out.response));
    NULL_IN("value", etoauth_response_get_header(no_response, bad, NULL));
    NULL_IN("len", etoauth_response_get_body(no_response, &out.text, NULL));
    NULL_IN("text", etoauth_client_import_session(no_client, NULL));
    NULL_IN("out", etoauth_listener_new(bad, NULL));
    NULL_IN("redirected_url", etoauth_listener_wait(no_listener, no_client, 0, NULL));
    NULL_IN("out", etoauth_exchange_new(no_client, 0, bad, NULL));
    NULL_IN("verifier", etoauth_exchange_new(no_client, ETOAUTH_EXCHANGE_ACCESS_TOKEN, NULL, &out.exchange));
    NULL_IN("body", etoauth_exchange_finish(no_exchange, -1, bad, NULL, 1));
    NULL_IN("advice", etoauth_client_diagnose(no_client, bad, "", -1, bad, NULL, 0, NULL));
    NULL_IN("body", etoauth_client_diagnose(no_client, bad, "", -1, bad, NULL, 1, &out.advice));

    REFUSED(etoauth_client_send(no_client, bad, "", "x", "", 1, &out.response), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_response_get_header(no_response, bad, &out.text), ETOAUTH_E_HANDLE, "r");
    REFUSED(etoauth_client_import_session(no_client, bad), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_client_set_session_file(no_client, bad), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_client_set_clock_offset(no_client, INT64_MAX), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_listener_wait(l, no_client, 0, &out.text), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_exchange_new(no_client, 0, bad, &out.exchange), ETOAUTH_E_HANDLE, "c");
    REFUSED(etoauth_exchange_finish(no_exchange, -1, bad, NULL, 0), ETOAUTH_E_HANDLE, "x");
    REFUSED(etoauth_client_diagnose(no_client, bad, "", -1, bad, NULL, 0, &out.advice), ETOAUTH_E_HANDLE, "c");

    REFUSED(etoauth_client_send(c, "1", "", bad, "", 1, &out.response), ETOAUTH_E_UTF8, "headers");
    REFUSED(etoauth_exchange_new(c, 0, bad, &out.exchange), ETOAUTH_E_UTF8, "verifier");
    REFUSED(etoauth_client_diagnose(c, "1", "", -1, bad, NULL, 0, &out.advice), ETOAUTH_E_UTF8, "headers");
    /* This exchange is over. */
    REFUSED(etoauth_exchange_finish(x, -1, bad, NULL, 0), ETOAUTH_E_UTF8, "headers");
    REFUSED(etoauth_exchange_finish(x, -1, NULL, NULL, 0), ETOAUTH_E_ARGUMENT, "http_status");
    EXPECT(etoauth_exchange_finish(x, 200, NULL, NULL, 0), ETOAUTH_E_STATE);

    /* This client has neither a token nor a pending login. */
    REFUSED(etoauth_client_send(c, "1", "/", NULL, NULL, 0, &out.response), ETOAUTH_E_METHOD, "method");
    REFUSED(etoauth_client_send(c, "GET", "/", "x", NULL, 0, &out.response), ETOAUTH_E_ARGUMENT, "headers");
    REFUSED(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, "x", &out.exchange), ETOAUTH_E_ARGUMENT, "verifier");
    REFUSED(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_ACCESS_TOKEN, " ", &out.exchange), ETOAUTH_E_ARGUMENT, "verifier");
    EXPECT(etoauth_client_send(c, "GET", "/", NULL, NULL, 0, &out.response), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_get_signer(c, &out.signer), ETOAUTH_E_STATE);
}

int main(void)
{
    etoauth_client *c, *logged_in;
    etoauth_signer *s;
    etoauth_response *r;
    etoauth_exchange *x;
    etoauth_listener *l;

    alarm(120);
    c = make_client();
    s = make_signer();
    logging_in(c);
    settings(c);
    signing(s);
    reading();
    order(c, s);
    logged_in = new_client(sandbox("SANDBOX_URL"));
    log_in(logged_in);
    r = make_response(logged_in);
    x = make_exchange(c);
    l = make_listener();
    sending(logged_in, r);
    sessions(logged_in);
    hosting(c, x, l);
    order_of_more(c, x, l);
    OK(etoauth_listener_free(l));
    OK(etoauth_exchange_free(x));
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(logged_in));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("NULL is refused everywhere");
    return 0;
}

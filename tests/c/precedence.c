/* NULL, handle, UTF-8, the argument's meaning, state: with two mistakes, the earlier one is told. */
#include "misuse.h"

static void order_of_signing(etoauth_client *c, etoauth_signer *s)
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

/* And for prepared requests: a small buffer and a stale signer are states. */
static void order_of_prepared(etoauth_signer *s, etoauth_prepared *p)
{
    static const char bad[] = "\xff";
    etoauth_signer *no_signer = (etoauth_signer *)(void *)&out;
    etoauth_prepared *no_prepared = (etoauth_prepared *)(void *)&out;
    char *buf = out.buf;
    size_t cap = sizeof out.buf, *len = &out.number;

    NULL_IN("method", etoauth_prepared_new(no_signer, NULL, bad, &out.prepared));
    NULL_IN("url", etoauth_prepared_new(no_signer, bad, NULL, &out.prepared));
    NULL_IN("out", etoauth_prepared_new(no_signer, bad, "", NULL));
    NULL_IN("out", etoauth_prepared_new(s, "1", "", NULL));
    NULL_IN("buf", etoauth_prepared_sign(no_prepared, NULL, 1, len));
    NULL_IN("buf", etoauth_prepared_sign_at(no_prepared, -1, bad, NULL, 1, len));
    NULL_IN("p", etoauth_prepared_sign_at(NULL, -1, bad, buf, 0, len));

    REFUSED(etoauth_prepared_new(no_signer, bad, bad, &out.prepared), ETOAUTH_E_HANDLE, "s");
    REFUSED(etoauth_prepared_sign(no_prepared, buf, 0, len), ETOAUTH_E_HANDLE, "p");
    REFUSED(etoauth_prepared_sign_at(no_prepared, -1, bad, buf, 0, len), ETOAUTH_E_HANDLE, "p");

    REFUSED(etoauth_prepared_new(s, bad, "", &out.prepared), ETOAUTH_E_UTF8, "method");
    REFUSED(etoauth_prepared_new(s, "1", bad, &out.prepared), ETOAUTH_E_UTF8, "url");
    REFUSED(etoauth_prepared_sign_at(p, -1, bad, buf, cap, len), ETOAUTH_E_UTF8, "nonce");
    REFUSED(etoauth_prepared_sign_at(p, 1, bad, buf, 1, len), ETOAUTH_E_UTF8, "nonce");
}

/* And for sending, sessions, exchanges and listeners. */
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
    REFUSED(etoauth_client_diagnose(c, bad, "", -2, bad, NULL, 0, &out.advice), ETOAUTH_E_UTF8, "method");
    REFUSED(etoauth_exchange_new_request(c, "1", "x", bad, &out.exchange), ETOAUTH_E_UTF8, "form");
    /* This exchange is over. */
    REFUSED(etoauth_exchange_finish(x, -2, bad, NULL, 0), ETOAUTH_E_ARGUMENT, "http_status");
    EXPECT(etoauth_exchange_finish(x, 200, bad, NULL, 0), ETOAUTH_E_STATE);

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
    etoauth_client *c;
    etoauth_signer *s;
    etoauth_prepared *p;
    etoauth_exchange *x;
    etoauth_listener *l;

    alarm(600);
    c = make_client();
    s = make_signer();
    p = make_prepared(s);
    x = make_exchange(c);
    l = make_listener();
    OK(etoauth_client_set_proxy(c, ""));
    EXPECT(etoauth_exchange_finish(x, 503, NULL, NULL, 0), ETOAUTH_E_UNAVAILABLE);
    order_of_signing(c, s);
    order_of_prepared(s, p);
    order_of_more(c, x, l);
    OK(etoauth_listener_free(l));
    OK(etoauth_exchange_free(x));
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("the first mistake was told");
    return 0;
}

/* Every problem of an API call, in every shape: what the library makes of it, counted at the sandbox. */
#include "sandbox.h"

#define LIST "/v1/accounts/list"
#define ORDER "/v1/accounts/1/orders/place"

static etoauth_client *c;
static const char *const shapes[] = {"html", "html_old", "json", "xml", "xml_code", "text", "header"};
#define EACH_SHAPE(i) for (i = 0; i < sizeof shapes / sizeof *shapes; i++)

/* What a call brought: its status, the answer's, how often it was sent, and how often a renew was. */
typedef struct {
    etoauth_status status;
    int32_t http, advice, attempts;
    long sent, renews;
} result;

static result call(const char *method, const char *path, const char *body)
{
    result got = {0, 0, -1, 0, 0, 0};
    etoauth_response *r = NULL;
    long sent = requests(path), renews = requests("/oauth/renew_access_token");

    got.status = etoauth_client_send(c, method, path, body ? "Content-Type: application/json\r\n" : NULL, body,
                                     body ? strlen(body) : 0, &r);
    if (got.status == ETOAUTH_OK) {
        OK(etoauth_response_get_status(r, &got.http));
        OK(etoauth_response_get_advice(r, &got.advice));
        OK(etoauth_response_get_attempts(r, &got.attempts));
        OK(etoauth_response_free(r));
    }
    got.sent = requests(path) - sent;
    got.renews = requests("/oauth/renew_access_token") - renews;
    return got;
}

#define IS(got, status_, sent_, renews_)                                                                               \
    do {                                                                                                               \
        result g = (got);                                                                                              \
        check_status(__FILE__, __LINE__, #got, g.status, (status_));                                                   \
        CHECK(g.sent == (sent_));                                                                                      \
        CHECK(g.renews == (renews_));                                                                                  \
        CHECK(g.status != ETOAUTH_OK || g.attempts == g.sent);                                                         \
    } while (0)

static void fault(const char *on, const char *what, const char *shape, int times)
{
    admin("fault?on=%s&kind=problem&%s&shape=%s&times=%d", on, what, shape, times);
}

/* Nothing to repair: the reason is told, once. */
static void to_be_mended(const char *shape)
{
    fault(LIST, "code=signature_invalid", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_SIGNATURE, 1, 0);
    fault(LIST, "code=consumer_key_rejected", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_CONSUMER_KEY, 1, 0);
    SENTENCE("etrade.com");
    fault(LIST, "code=consumer_key_unknown&http=400", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_CONSUMER_KEY, 1, 0);
    fault(LIST, "code=permission_denied&http=403", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_DENIED, 1, 0);
    fault(LIST, "code=callback_rejected&http=400", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_HTTP, 1, 0);
    fault(LIST, "code=something_new", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_HTTP, 1, 0);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
}

/* A refused token: one renew, then the call once more, an order, too, since it was not carried out. */
static void refused_token(const char *shape)
{
    static const char *const words[] = {"code=token_expired", "code=token_rejected&http=400", "message=token_rejected",
                                        "message=Invalid%20access%20token%20used"};
    size_t i;
    long orders = count("orders");

    for (i = 0; i < sizeof words / sizeof *words; i++) {
        fault(LIST, words[i], shape, 1);
        IS(call("GET", LIST, NULL), ETOAUTH_OK, 2, 1);
    }
    fault(ORDER, "code=token_expired", shape, 1);
    IS(call("POST", ORDER, "{}"), ETOAUTH_OK, 2, 1);
    CHECK(count("orders") == orders + 1);

    /* The renew fails on the way: the token is kept. */
    fault(LIST, "code=token_expired", shape, 1);
    admin("fault?on=/oauth/renew&kind=status&http=503");
    IS(call("GET", LIST, NULL), ETOAUTH_E_UNAVAILABLE, 1, 1);
    log_in(c);
    fault(LIST, "code=token_expired", shape, 1);
    admin("fault?on=/oauth/renew&kind=drop&when=headers");
    IS(call("GET", LIST, NULL), ETOAUTH_E_UNAVAILABLE, 1, 1);
    log_in(c);
    fault(LIST, "code=token_expired", shape, 1);
    fault("/oauth/renew", "message=Number%20of%20requests%20exceeded%20the%20rate%20limit%20set&http=400", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_RATE_LIMIT, 1, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_OK, 1, 0);
    log_in(c);

    /* Refused again after a renewal that succeeded: not renewed again for a while, but the token is kept. */
    fault(LIST, "code=token_expired", shape, 3);
    IS(call("GET", LIST, NULL), ETOAUTH_E_LOGIN, 2, 1);
    CHECK(token_state(c) == ETOAUTH_TOKEN_INACTIVE);
    IS(call("GET", LIST, NULL), ETOAUTH_E_LOGIN, 1, 0);
    IS(call("GET", LIST, NULL), ETOAUTH_OK, 1, 0);
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    log_in(c);

    /* Only a refusal of the renewal itself ends it. */
    fault(LIST, "code=token_rejected", shape, 1);
    fault("/oauth/renew", "code=token_rejected", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_LOGIN, 1, 1);
    CHECK(token_state(c) == ETOAUTH_TOKEN_EXPIRED);
    log_in(c);
}

/* Passing faults: once more, freshly signed, and each only once. */
static void passing(const char *shape)
{
    long orders = count("orders");

    fault(LIST, "code=parameter_absent&http=400", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_OK, 2, 0);
    fault(ORDER, "code=parameter_absent", shape, 1);
    IS(call("POST", ORDER, "{}"), ETOAUTH_OK, 2, 0);
    fault(LIST, "code=parameter_absent", shape, 2);
    IS(call("GET", LIST, NULL), ETOAUTH_E_HTTP, 2, 0);
    fault(LIST, "code=nonce_used", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_OK, 2, 0);
    fault(ORDER, "code=nonce_used", shape, 1);
    IS(call("POST", ORDER, "{}"), ETOAUTH_E_UNCERTAIN, 1, 0);
    fault(ORDER, "code=timestamp_refused", shape, 1);
    IS(call("POST", ORDER, "{}"), ETOAUTH_OK, 2, 0);
    CHECK(count("orders") == orders + 2);

    /* Two faults in one call are repaired, a third is not. */
    fault(LIST, "code=parameter_absent", shape, 1);
    fault(LIST, "code=token_expired", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_OK, 3, 1);
    fault(LIST, "code=parameter_absent", shape, 1);
    fault(LIST, "code=token_expired", shape, 1);
    fault(LIST, "code=nonce_used", shape, 1);
    IS(call("GET", LIST, NULL), ETOAUTH_E_HTTP, 3, 1);
}

static void advice_is(result got, int32_t http, int32_t advice)
{
    CHECK(got.status == ETOAUTH_OK);
    CHECK(got.http == http);
    CHECK(got.advice == advice);
    CHECK(got.sent == 1 && got.renews == 0);
}

/* Whole answers go to the caller, with advice. */
static void answers(const char *shape)
{
    fault(LIST, "message=Number%20of%20requests%20exceeded%20the%20rate%20limit%20set&http=400", shape, 1);
    advice_is(call("GET", LIST, NULL), 400, ETOAUTH_ADVICE_WAIT);
    admin("fault?on=/v1&kind=status&http=429&retry_after=3");
    advice_is(call("POST", ORDER, "{}"), 429, ETOAUTH_ADVICE_WAIT);
    admin("fault?on=/v1&kind=status&http=500");
    advice_is(call("GET", LIST, NULL), 500, ETOAUTH_ADVICE_WAIT);
    admin("fault?on=/v1&kind=status&http=503");
    advice_is(call("POST", ORDER, "{}"), 503, ETOAUTH_ADVICE_CHECK);
    advice_is(call("GET", "/v1/no/such/thing", NULL), 404, ETOAUTH_ADVICE_NONE);
    admin("fault?on=/v1&kind=redirect&to=https://localhost/");
    advice_is(call("GET", LIST, NULL), 302, ETOAUTH_ADVICE_NONE);
    advice_is(call("GET", LIST, NULL), 200, ETOAUTH_ADVICE_NONE);
}

/* The OAuth calls themselves are tried once more for what passes. */
static void oauth_calls(const char *shape)
{
    long asked = requests("/oauth/request_token");

    fault("/oauth/request_token", "code=parameter_absent", shape, 1);
    OK(etoauth_client_fetch_request_token(c));
    fault("/oauth/request_token", "code=nonce_used", shape, 1);
    OK(etoauth_client_fetch_request_token(c));
    fault("/oauth/request_token", "code=nonce_used", shape, 2);
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_HTTP);
    CHECK(requests("/oauth/request_token") == asked + 6);
    log_in(c);
}

/* Only form bodies are signed: the sandbox checks each signature by itself. */
static void bodies(void)
{
    static const char *const types[] = {"application/x-www-form-urlencoded", "application/json", "text/plain"};
    char header[128], *data = NULL;
    etoauth_response *r = NULL;
    size_t i, len = 0;

    for (i = 0; i < 3; i++) {
        sprintf(header, "Accept: application/json\nContent-Type: %s", types[i]);
        OK(etoauth_client_send(c, "put", "/v1/echo?q=a%20b&q=%2B", header, "b=2&a=%C3%A9+1", 14, &r));
        OK(etoauth_response_get_body(r, &data, &len));
        CHECK(strlen(data) == len);
        CHECK(strstr(data, "b=2&a=%C3%A9+1") != NULL && strstr(data, "\"PUT\"") != NULL);
        OK(etoauth_string_free(data));
        OK(etoauth_response_get_header(r, "content-TYPE", &data));
        CHECK(strstr(data, "json") != NULL);
        OK(etoauth_string_free(data));
        OK(etoauth_response_get_header(r, "X-None", &data));
        CHECK(data == NULL);
        OK(etoauth_response_free(r));
    }
}

int main(void)
{
    size_t i;

    alarm(600);
    c = new_client(sandbox("SANDBOX_URL"));
    log_in(c);
    EACH_SHAPE(i)
    {
        to_be_mended(shapes[i]);
        refused_token(shapes[i]);
        passing(shapes[i]);
        answers(shapes[i]);
        oauth_calls(shapes[i]);
    }
    bodies();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("every fault was repaired or told");
    return 0;
}

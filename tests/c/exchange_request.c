/* API calls whose HTTP is the host's: a thousand at once on one thread, each as if a server had answered. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>
#include <unistd.h>

#include "check.h"

#define LIST "/v1/accounts/list"
#define ORDER "/v1/accounts/1/orders/place"
#define EXPIRED "oauth_problem=token_expired"
#define MANY 1000

static etoauth_client *c;

static void log_in(void)
{
    OK(etoauth_client_set_access_token(c, "token", "secret", 0));
}

static etoauth_exchange *begin(const char *method, const char *url)
{
    etoauth_exchange *x = NULL;

    OK(etoauth_exchange_new_request(c, method, url, NULL, &x));
    return x;
}

static int32_t waited_ms;

static int32_t next(etoauth_exchange *x)
{
    int32_t step = 0;

    OK(etoauth_exchange_next(x, &step, &waited_ms));
    CHECK((step == ETOAUTH_STEP_WAIT) == (waited_ms != 0));
    return step;
}

static etoauth_status finish(etoauth_exchange *x, int32_t http, const char *body)
{
    return etoauth_exchange_finish(x, http, NULL, body, strlen(body));
}

static int32_t advice(etoauth_exchange *x)
{
    int32_t advice = -1;

    OK(etoauth_exchange_get_advice(x, &advice));
    return advice;
}

static char *authorization(etoauth_exchange *x)
{
    char *header = NULL;

    OK(etoauth_exchange_get_authorization(x, &header));
    return header;
}

static int32_t back_off(void)
{
    int32_t seconds = -1;

    OK(etoauth_client_get_renew_wait_s(c, &seconds));
    return seconds;
}

/* An exchange whose request was refused for its token. */
static etoauth_exchange *refused(const char *method, const char *url)
{
    etoauth_exchange *x = begin(method, url);

    CHECK(next(x) == ETOAUTH_STEP_SEND);
    EXPECT(finish(x, 401, EXPIRED), ETOAUTH_E_AGAIN);
    return x;
}

static void a_thousand(void)
{
    static etoauth_exchange *all[MANY];
    int i, waits = 0, leader = -1;

    log_in();
    for (i = 0; i < MANY; i++)
        all[i] = begin(i % 2 == 0 ? "GET" : "POST", i % 2 == 0 ? LIST : ORDER);
    for (i = 0; i < MANY; i++)
        CHECK(next(all[i]) == ETOAUTH_STEP_SEND);
    for (i = 0; i < MANY; i++)
        EXPECT(finish(all[i], 401, EXPIRED), ETOAUTH_E_AGAIN);
    for (i = MANY - 1; i >= 0; i--) {
        int32_t step = next(all[i]);

        if (step == ETOAUTH_STEP_RENEW) {
            CHECK(leader == -1);
            leader = i;
        } else {
            CHECK(step == ETOAUTH_STEP_WAIT && waited_ms == 20);
            waits++;
        }
    }
    CHECK(leader != -1 && waits == MANY - 1);
    CHECK(next(all[leader]) == ETOAUTH_STEP_RENEW);
    while (next(all[leader == 0]) == ETOAUTH_STEP_WAIT && waited_ms < 250)
        continue;
    CHECK(waited_ms == 250);
    EXPECT(finish(all[leader], 200, "Access Token has been renewed"), ETOAUTH_E_AGAIN);
    for (i = 0; i < MANY; i++) {
        CHECK(next(all[i]) == ETOAUTH_STEP_SEND);
        OK(finish(all[i], 200, "{}"));
        CHECK(next(all[i]) == ETOAUTH_STEP_DONE && advice(all[i]) == ETOAUTH_ADVICE_NONE);
        OK(etoauth_exchange_free(all[i]));
    }
}

static void what_is_sent(void)
{
    etoauth_exchange *x = NULL;
    char *text = NULL, *first, *second;

    log_in();
    OK(etoauth_exchange_new_request(c, "post", ORDER, "symbol=WYND%23&n=1", &x));
    EXPECT(etoauth_exchange_get_method(x, &text), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_get_url(x, &text), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_get_authorization(x, &text), ETOAUTH_E_STATE);
    EXPECT(finish(x, 200, ""), ETOAUTH_E_STATE);
    CHECK(next(x) == ETOAUTH_STEP_SEND);
    OK(etoauth_exchange_get_method(x, &text));
    CHECK(strcmp(text, "POST") == 0);
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_get_url(x, &text));
    CHECK(strcmp(text, "https://apisb.etrade.com" ORDER) == 0);
    OK(etoauth_string_free(text));
    first = authorization(x);
    CHECK(next(x) == ETOAUTH_STEP_SEND);
    second = authorization(x);
    CHECK(strcmp(first, second) == 0);
    OK(etoauth_string_free(second));
    /* A token that was replaced is not used any more. */
    OK(etoauth_client_set_access_token(c, "another", "secret", 0));
    CHECK(next(x) == ETOAUTH_STEP_SEND);
    second = authorization(x);
    CHECK(strcmp(first, second) != 0 && strstr(second, "oauth_token=\"another\"") != NULL);
    OK(etoauth_string_free(second));
    OK(etoauth_string_free(first));
    EXPECT(finish(x, 401, EXPIRED), ETOAUTH_E_AGAIN);
    CHECK(next(x) == ETOAUTH_STEP_RENEW);
    OK(etoauth_exchange_get_method(x, &text));
    CHECK(strcmp(text, "GET") == 0);
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_get_url(x, &text));
    CHECK(strcmp(text, "https://api.etrade.com/oauth/renew_access_token") == 0);
    OK(etoauth_string_free(text));
    OK(etoauth_exchange_free(x));
}

/* A host that asks again while its renewal is under way is told to send the call, if the token was replaced meanwhile.
 * The renewal's response, which comes then, is not taken for the call's. */
static void asked_too_early(void)
{
    etoauth_exchange *x;
    int sent;

    for (sent = 0; sent < 2; sent++) {
        log_in();
        x = refused("POST", ORDER);
        CHECK(next(x) == ETOAUTH_STEP_RENEW);
        OK(etoauth_client_set_access_token(c, "another", "secret", 0));
        CHECK(next(x) == ETOAUTH_STEP_SEND);
        if (!sent) {
            EXPECT(finish(x, 200, "Access Token has been renewed"), ETOAUTH_E_AGAIN);
            EXPECT(finish(x, 200, "{}"), ETOAUTH_E_STATE);
            CHECK(next(x) == ETOAUTH_STEP_SEND);
        }
        OK(finish(x, 200, "{}"));
        CHECK(advice(x) == ETOAUTH_ADVICE_NONE);
        OK(etoauth_exchange_free(x));
    }
}

static void arguments(void)
{
    static const int32_t wrong[] = {-2, 1, 99, 600, INT32_MAX, INT32_MIN};
    etoauth_exchange *x = NULL;
    int32_t judged = -1;
    size_t i;

    EXPECT(etoauth_exchange_new_request(c, "GET", "https://example.com/", NULL, &x), ETOAUTH_E_URL);
    EXPECT(etoauth_exchange_new_request(c, "CONNECT", LIST, NULL, &x), ETOAUTH_E_METHOD);
    EXPECT(etoauth_exchange_new_request(c, "POST", ORDER, "a=%", &x), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_API, NULL, &x), ETOAUTH_E_ARGUMENT);
    CHECK(x == NULL);
    log_in();
    x = begin("GET", LIST);
    CHECK(next(x) == ETOAUTH_STEP_SEND);
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        EXPECT(finish(x, wrong[i], ""), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_exchange_get_advice(x, &judged), ETOAUTH_E_STATE);
    OK(finish(x, 429, ""));
    CHECK(advice(x) == ETOAUTH_ADVICE_WAIT);
    EXPECT(finish(x, 200, ""), ETOAUTH_E_STATE);
    CHECK(next(x) == ETOAUTH_STEP_DONE);
    OK(etoauth_exchange_free(x));
}

/* Of several blocks the last one counts, and in it what is "Name: value", whatever bytes there are. */
static void header_blocks(void)
{
#define PROBLEM "WWW-Authenticate: OAuth oauth_problem=\"signature_invalid\"\r\n"
    static const struct {
        const char *headers;
        etoauth_status status;
    } rows[] = {
        {"HTTP/1.1 100 Continue\r\n" PROBLEM "\r\nHTTP/1.1 400 Bad Request\r\nX: y\r\n\r\n", ETOAUTH_OK},
        {"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 400 Bad Request\r\n" PROBLEM "\r\n", ETOAUTH_E_SIGNATURE},
        {"no colon\nX: \xff\xfe\n" PROBLEM, ETOAUTH_E_SIGNATURE},
    };
    etoauth_exchange *x;
    size_t i;

    log_in();
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        x = begin("GET", LIST);
        CHECK(next(x) == ETOAUTH_STEP_SEND);
        EXPECT(etoauth_exchange_finish(x, 400, rows[i].headers, NULL, 0), rows[i].status);
        OK(etoauth_exchange_free(x));
    }
}

static void unanswered(void)
{
    static const struct {
        const char *method;
        int32_t answer;
        etoauth_status status;
        int32_t advice;
    } rows[] = {
        {"POST", ETOAUTH_ANSWER_NONE, ETOAUTH_E_UNCERTAIN, ETOAUTH_ADVICE_CHECK},
        {"POST", ETOAUTH_ANSWER_UNSENT, ETOAUTH_E_CONNECT, ETOAUTH_ADVICE_WAIT},
        {"GET", ETOAUTH_ANSWER_NONE, ETOAUTH_E_UNCERTAIN, ETOAUTH_ADVICE_CHECK},
        {"GET", ETOAUTH_ANSWER_UNSENT, ETOAUTH_E_CONNECT, ETOAUTH_ADVICE_WAIT},
    };
    etoauth_exchange *x;
    size_t i;

    log_in();
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        x = begin(rows[i].method, ORDER);
        CHECK(next(x) == ETOAUTH_STEP_SEND);
        EXPECT(finish(x, rows[i].answer, ""), rows[i].status);
        CHECK(next(x) == ETOAUTH_STEP_DONE && advice(x) == rows[i].advice);
        OK(etoauth_exchange_free(x));
    }
    for (i = 0; i < 2; i++) {
        int sent = i == 0;

        log_in();
        x = refused("POST", ORDER);
        CHECK(next(x) == ETOAUTH_STEP_RENEW);
        EXPECT(finish(x, sent ? ETOAUTH_ANSWER_NONE : ETOAUTH_ANSWER_UNSENT, ""), ETOAUTH_E_UNAVAILABLE);
        CHECK(next(x) == ETOAUTH_STEP_DONE && advice(x) == ETOAUTH_ADVICE_WAIT);
        CHECK((back_off() > 0) == sent);
        OK(etoauth_exchange_free(x));
    }
}

/* The others of a failed renewal get its failure, and so does who needs one while the back-off lasts. */
static void a_renewal_that_fails(void)
{
    etoauth_exchange *one, *two, *three;
    int32_t step = 0;

    log_in();
    one = refused("POST", ORDER);
    two = refused("GET", LIST);
    CHECK(next(one) == ETOAUTH_STEP_RENEW && next(two) == ETOAUTH_STEP_WAIT);
    EXPECT(etoauth_exchange_finish(one, 503, "Retry-After: 100\n", "", 0), ETOAUTH_E_UNAVAILABLE);
    EXPECT(etoauth_exchange_next(two, &step, NULL), ETOAUTH_E_UNAVAILABLE);
    CHECK(next(two) == ETOAUTH_STEP_DONE && back_off() > 90);
    three = begin("POST", ORDER);
    CHECK(next(three) == ETOAUTH_STEP_SEND);
    EXPECT(finish(three, 401, EXPIRED), ETOAUTH_E_UNAVAILABLE);
    EXPECT(etoauth_client_ensure_active(c, 60), ETOAUTH_E_UNAVAILABLE);
    OK(etoauth_exchange_free(one));
    OK(etoauth_exchange_free(two));
    OK(etoauth_exchange_free(three));

    /* Refused in plain words, it ends the login. */
    log_in();
    one = refused("GET", LIST);
    two = refused("GET", LIST);
    CHECK(next(one) == ETOAUTH_STEP_RENEW);
    EXPECT(finish(one, 401, "oauth_problem=token_rejected"), ETOAUTH_E_LOGIN);
    CHECK(advice(one) == ETOAUTH_ADVICE_LOGIN);
    EXPECT(etoauth_exchange_next(two, &step, NULL), ETOAUTH_E_LOGIN);
    OK(etoauth_exchange_free(one));
    OK(etoauth_exchange_free(two));
    EXPECT(etoauth_exchange_new_request(c, "GET", LIST, NULL, &one), ETOAUTH_E_LOGIN);
}

/* Two calls that were refused; the lead of the first one has run out, and the second one leads. */
static void lose_lead(etoauth_exchange **one, etoauth_exchange **two)
{
    int32_t step;
    time_t begun = time(NULL);

    log_in();
    OK(etoauth_client_set_timeout_ms(c, 50));
    *one = refused("GET", LIST);
    *two = refused("GET", LIST);
    CHECK(next(*one) == ETOAUTH_STEP_RENEW);
    OK(etoauth_client_set_timeout_ms(c, 30000));
    while ((step = next(*two)) == ETOAUTH_STEP_WAIT)
        continue;
    /* Well before the ten seconds that a lead has at the most. */
    CHECK(step == ETOAUTH_STEP_RENEW && time(NULL) - begun < 5);
}

/* A lead ends with the exchange, and with the client's timeout. A late response still counts. */
static void leads(void)
{
    etoauth_exchange *one, *two;

    log_in();
    one = refused("GET", LIST);
    two = refused("GET", LIST);
    CHECK(next(one) == ETOAUTH_STEP_RENEW && next(two) == ETOAUTH_STEP_WAIT);
    OK(etoauth_exchange_free(one));
    CHECK(next(two) == ETOAUTH_STEP_RENEW);
    OK(etoauth_exchange_free(two));

    lose_lead(&one, &two);
    CHECK(next(one) == ETOAUTH_STEP_WAIT);
    EXPECT(finish(one, 200, "Access Token has been renewed"), ETOAUTH_E_AGAIN);
    CHECK(next(two) == ETOAUTH_STEP_SEND && next(one) == ETOAUTH_STEP_SEND);
    OK(etoauth_exchange_free(one));
    OK(etoauth_exchange_free(two));

    lose_lead(&one, &two);
    EXPECT(finish(one, ETOAUTH_ANSWER_NONE, ""), ETOAUTH_E_UNAVAILABLE);
    CHECK(back_off() == 0 && next(two) == ETOAUTH_STEP_RENEW);
    OK(etoauth_exchange_free(one));
    OK(etoauth_exchange_free(two));
}

/* What became of client and token meanwhile does not matter to an answer. */
static void overtaken(void)
{
    etoauth_exchange *one, *two, *three;
    int32_t step = 0;

    log_in();
    one = begin("POST", ORDER);
    two = begin("GET", LIST);
    CHECK(next(one) == ETOAUTH_STEP_SEND && next(two) == ETOAUTH_STEP_SEND);
    OK(etoauth_client_set_access_token(c, "another", "secret", 0));
    OK(finish(one, 200, "{}"));
    EXPECT(finish(two, 401, EXPIRED), ETOAUTH_E_AGAIN);
    CHECK(next(two) == ETOAUTH_STEP_SEND);
    OK(finish(two, 200, "{}"));
    OK(etoauth_exchange_free(one));
    OK(etoauth_exchange_free(two));

    one = begin("POST", ORDER);
    two = begin("GET", LIST);
    three = begin("GET", LIST);
    CHECK(next(one) == ETOAUTH_STEP_SEND && next(two) == ETOAUTH_STEP_SEND);
    OK(etoauth_client_free(c));
    OK(finish(one, 503, ""));
    CHECK(advice(one) == ETOAUTH_ADVICE_CHECK);
    EXPECT(finish(two, 401, EXPIRED), ETOAUTH_E_AGAIN);
    EXPECT(etoauth_exchange_next(two, &step, NULL), ETOAUTH_E_STATE);
    CHECK(next(two) == ETOAUTH_STEP_DONE && next(three) == ETOAUTH_STEP_SEND);
    OK(etoauth_exchange_free(one));
    OK(etoauth_exchange_free(two));
    OK(etoauth_exchange_free(three));
}

int main(void)
{
    etoauth_exchange *x = NULL;

    alarm(120);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    EXPECT(etoauth_exchange_new_request(c, "GET", LIST, NULL, &x), ETOAUTH_E_STATE);
    a_thousand();
    what_is_sent();
    asked_too_early();
    arguments();
    header_blocks();
    unanswered();
    a_renewal_that_fails();
    leads();
    overtaken();
    CHECK(etoauth_live_objects() == 0);
    puts("every call came to its end");
    return 0;
}

/* What the library makes of answers to API calls that the host sent by itself, and what a client and its signers learn
 * from them. Nothing is sent. */
#define _POSIX_C_SOURCE 200809L
#include <time.h>
#include <unistd.h>

#include "check.h"

#define URL "https://apisb.etrade.com/v1/accounts/list"
#define ELEMENTS(array) (sizeof(array) / sizeof *(array))

static etoauth_client *c;

/* Noon at a server in New York, give or take an hour, whatever the time is here: midnight is far away. */
static int64_t noon_offset(void)
{
    int64_t now = time(NULL);

    return now / 86400 * 86400 + 17 * 3600 - now;
}

static int64_t server_time(void)
{
    int64_t offset = 0;

    OK(etoauth_client_get_clock_offset(c, &offset));
    return time(NULL) + offset;
}

static int32_t state(void)
{
    int32_t state = -1;

    OK(etoauth_client_get_token_state(c, &state, NULL, NULL));
    return state;
}

static char *signature(const char *method)
{
    char *header = NULL;

    OK(etoauth_client_sign(c, method, URL, &header));
    return header;
}

/* Holds a token that was issued this many seconds ago, and gives a request signed with it. */
static char *hold(const char *name, int64_t age)
{
    OK(etoauth_client_set_access_token(c, name, "s", server_time() - age));
    return signature("GET");
}

static int32_t judge(const char *authorization, const char *method, int32_t http, const char *headers, const char *body)
{
    int32_t advice = -1;

    OK(etoauth_client_diagnose(c, method, authorization, http, headers, body, strlen(body), &advice));
    return advice;
}

enum shape { HTML, HTML_OLD, JSON, XML, XML_CODE, TEXT, HEADER, SHAPES };

/* The message in the shapes that were seen on the wire. */
static int32_t judge_shape(const char *authorization, const char *method, int32_t http, enum shape shape,
                           const char *message)
{
    static const char *const forms[] = {
        ("<!DOCTYPE html><html><head><title>HTTP Status 401 - Unauthorized</title></head><body><h1>HTTP Status 401</h1>"
         "<hr><p><b>Message</b> %s</p></body></html>"),
        "<html><body><h1>HTTP Status 401 - %s</h1></body></html>",
        "{\"Error\":{\"message\":\"%s\"}}",
        "<?xml version=\"1.0\"?>\n<Error><message>%s</message></Error>",
        "<Error><code>0</code><message>%s</message></Error>",
        "%s\r\n",
        "HTTP/1.1 401 Unauthorized\r\ncontent-type: text/html\nwww-authenticate: OAuth realm=\"x\",%s\n",
    };
    char text[1024];

    sprintf(text, forms[shape], message);
    return shape == HEADER ? judge(authorization, method, http, text, "") : judge(authorization, method, http, NULL, text);
}

/* The rows of the problems that were seen, each with what a question and what an order should do. */
static void every_row(void)
{
    char range[128];
    const struct {
        const char *message;
        int32_t ask, order;
    } rows[] = {
        {"oauth_problem=signature_invalid", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        {"oauth_problem=consumer_key_rejected", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        {"oauth_problem=consumer_key_unknown", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        {"oauth_problem=token_expired", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {"oauth_problem=token_rejected", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {"oauth_problem=parameter_absent", ETOAUTH_ADVICE_RETRY, ETOAUTH_ADVICE_RETRY},
        {"oauth_problem=nonce_used", ETOAUTH_ADVICE_RETRY, ETOAUTH_ADVICE_CHECK},
        {range, ETOAUTH_ADVICE_RETRY, ETOAUTH_ADVICE_RETRY},
        {"oauth_problem=timestamp_refused,oauth_acceptable_timestamps=1-2", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        {"oauth_problem=callback_rejected,oauth_acceptable_callback=oob", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        {"oauth_problem=permission_denied", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        {"oauth_problem=something_new", ETOAUTH_ADVICE_FIX, ETOAUTH_ADVICE_FIX},
        /* Sentences have never been seen in a header: from here on that shape is left out. */
        {"Invalid access token used", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {"Unauthorized request - invalid Consumer key and/or session token", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {"Number of requests exceeded the rate limit set", ETOAUTH_ADVICE_WAIT, ETOAUTH_ADVICE_WAIT},
    };
    static const char *const methods[] = {"GET", "HEAD", "get", "POST", "PUT", "DELETE"};
    size_t row, method;
    int shape, http;

    for (row = 0; row < ELEMENTS(rows); row++) {
        for (method = 0; method < ELEMENTS(methods); method++) {
            for (shape = HTML; shape < (row < 12 ? SHAPES : HEADER); shape++) {
                for (http = 400; http <= 401; http++) {
                    int32_t expected = method < 3 ? rows[row].ask : rows[row].order, got;
                    int64_t now, offset;
                    char *sent;

                    OK(etoauth_client_set_clock_offset(c, noon_offset()));
                    sent = hold("t", 0);
                    now = server_time() - 600;
                    sprintf(range, "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=%ld-%ld",
                            (long)now - 300, (long)now + 300);
                    got = judge_shape(sent, methods[method], http, (enum shape)shape, rows[row].message);
                    if (got != expected)
                        fprintf(stderr, "%s %d shape %d %s: %d\n", methods[method], http, shape, rows[row].message,
                                (int)got);
                    CHECK(got == expected);
                    CHECK((state() == ETOAUTH_TOKEN_INACTIVE) == (expected == ETOAUTH_ADVICE_RENEW));
                    OK(etoauth_client_get_clock_offset(c, &offset));
                    CHECK((offset < noon_offset() - 500) == (rows[row].message == range));
                    OK(etoauth_string_free(sent));
                }
            }
        }
    }
}

/* Answers that are no word of OAuth's, or none at all; then the status decides, but only then. */
static void other_answers(void)
{
    static const struct {
        int32_t http;
        const char *body;
        int32_t ask, order;
    } rows[] = {
        {200, "{}", ETOAUTH_ADVICE_NONE, ETOAUTH_ADVICE_NONE},
        {200, "oauth_problem=token_expired", ETOAUTH_ADVICE_NONE, ETOAUTH_ADVICE_NONE},
        {302, "", ETOAUTH_ADVICE_NONE, ETOAUTH_ADVICE_NONE},
        {404, "<html>", ETOAUTH_ADVICE_NONE, ETOAUTH_ADVICE_NONE},
        {400, "{\"Error\":{\"message\":\"Invalid quantity\"}}", ETOAUTH_ADVICE_NONE, ETOAUTH_ADVICE_NONE},
        {400, "{\"Error\":{\"message\":\"token_rejected\"}}", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {401, "", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {429, "", ETOAUTH_ADVICE_WAIT, ETOAUTH_ADVICE_WAIT},
        {500, "", ETOAUTH_ADVICE_WAIT, ETOAUTH_ADVICE_CHECK},
        {503, "<html>down</html>", ETOAUTH_ADVICE_WAIT, ETOAUTH_ADVICE_CHECK},
        {500, "oauth_problem=token_expired", ETOAUTH_ADVICE_RENEW, ETOAUTH_ADVICE_RENEW},
        {0, "", ETOAUTH_ADVICE_WAIT, ETOAUTH_ADVICE_CHECK},
    };
    int32_t advice = -1;
    char *sent;
    size_t i;

    OK(etoauth_client_set_clock_offset(c, noon_offset()));
    for (i = 0; i < ELEMENTS(rows); i++) {
        sent = hold("t", 0);
        CHECK(judge(sent, "GET", rows[i].http, NULL, rows[i].body) == rows[i].ask);
        CHECK(judge(sent, "POST", rows[i].http, "", rows[i].body) == rows[i].order);
        OK(etoauth_string_free(sent));
    }
    sent = hold("t", 0);
    EXPECT(etoauth_client_diagnose(c, "GET", sent, 42, NULL, NULL, 0, &advice), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_diagnose(c, "GET", sent, -2, NULL, NULL, 0, &advice), ETOAUTH_E_ARGUMENT);
    OK(etoauth_client_diagnose(c, "POST", sent, ETOAUTH_ANSWER_UNSENT, NULL, NULL, 0, &advice));
    CHECK(advice == ETOAUTH_ADVICE_RETRY);
    advice = -1;
    EXPECT(etoauth_client_diagnose(c, "GET", "", 401, NULL, NULL, 0, &advice), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_diagnose(c, "GET", "Bearer t", 401, NULL, NULL, 0, &advice), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_diagnose(c, "GET", "OAuth oauth_nonce=\"1\"", 401, NULL, NULL, 0, &advice), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_diagnose(c, "GET", "Bearer t", 0, NULL, NULL, 0, &advice), ETOAUTH_E_ARGUMENT);
    CHECK(advice == -1);
    OK(etoauth_string_free(sent));
}

/* What counts as use, and what an answer says of the token that it was asked with, and of no other. */
static void tokens(void)
{
    int32_t inactive_in = -1;
    char *old, *sent;

    OK(etoauth_client_set_clock_offset(c, noon_offset()));
    sent = hold("t", 3 * 3600);
    CHECK(state() == ETOAUTH_TOKEN_INACTIVE);
    CHECK(judge(sent, "GET", 0, NULL, "") == ETOAUTH_ADVICE_WAIT);
    CHECK(judge(sent, "GET", 401, NULL, "oauth_problem=signature_invalid") == ETOAUTH_ADVICE_FIX);
    CHECK(judge(sent, "GET", 401, NULL, "oauth_problem=nonce_used") == ETOAUTH_ADVICE_RETRY);
    CHECK(state() == ETOAUTH_TOKEN_INACTIVE);
    CHECK(judge(sent, "GET", 404, NULL, "") == ETOAUTH_ADVICE_NONE);
    OK(etoauth_client_get_token_state(c, NULL, &inactive_in, NULL));
    CHECK(state() == ETOAUTH_TOKEN_ACTIVE && inactive_in > 7200 - 120);
    CHECK(judge(sent, "GET", 401, NULL, "oauth_problem=token_expired") == ETOAUTH_ADVICE_RENEW);
    CHECK(state() == ETOAUTH_TOKEN_INACTIVE);
    CHECK(judge(sent, "POST", 200, NULL, "") == ETOAUTH_ADVICE_NONE);
    CHECK(state() == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_string_free(sent));

    old = hold("old", 0);
    OK(etoauth_string_free(hold("new", 3 * 3600)));
    CHECK(judge(old, "GET", 200, NULL, "") == ETOAUTH_ADVICE_NONE);
    CHECK(state() == ETOAUTH_TOKEN_INACTIVE);
    sent = hold("new", 0);
    CHECK(judge(old, "GET", 401, NULL, "oauth_problem=token_expired") == ETOAUTH_ADVICE_RETRY);
    CHECK(judge(old, "POST", 401, NULL, "oauth_problem=token_rejected") == ETOAUTH_ADVICE_RETRY);
    CHECK(state() == ETOAUTH_TOKEN_ACTIVE);
    OK(etoauth_string_free(old));
    OK(etoauth_string_free(sent));

    /* Midnight is an estimate: a renewal tells. */
    sent = hold("t", 2 * 86400);
    CHECK(state() == ETOAUTH_TOKEN_INACTIVE);
    CHECK(judge(sent, "GET", 401, NULL, "oauth_problem=token_expired") == ETOAUTH_ADVICE_RENEW);
    CHECK(state() == ETOAUTH_TOKEN_INACTIVE);
    OK(etoauth_string_free(sent));
}

/* The time in a header is this machine's now, moved by so much; begin was noted before it was signed. */
static void stamped(const char *header, int64_t begin, int64_t offset)
{
    const char *found = strstr(header, "oauth_timestamp=\"");
    int64_t stamp;

    CHECK(found != NULL);
    stamp = atol(found + strlen("oauth_timestamp=\""));
    CHECK(begin + offset <= stamp && stamp <= time(NULL) + offset);
}

static void clocks_and_signers(void)
{
    static const int64_t offsets[] = {0, 3600, -7200, 86400, -86400};
    char header[ETOAUTH_HEADER_MAX], text[256], *sent = NULL;
    etoauth_signer *s = NULL, *late = NULL;
    etoauth_exchange *x = NULL;
    int64_t offset, learned, begin;
    size_t i;
    time_t date;

    OK(etoauth_client_set_clock_offset(c, 0));
    sent = hold("t", 0);
    OK(etoauth_client_get_signer(c, &s));
    for (i = 0; i < ELEMENTS(offsets); i++) {
        OK(etoauth_client_set_clock_offset(c, offsets[i]));
        begin = time(NULL);
        OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
        stamped(header, begin, offsets[i]);
    }
    EXPECT(etoauth_client_set_clock_offset(c, 86401), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_set_clock_offset(c, -86401), ETOAUTH_E_ARGUMENT);
    EXPECT(etoauth_client_set_clock_offset(c, INT64_MIN), ETOAUTH_E_ARGUMENT);
    OK(etoauth_client_get_clock_offset(c, &offset));
    CHECK(offset == -86400);

    /* Learned from a refused timestamp: from its range, or else from the date, by at most 15 minutes; signers follow. */
    OK(etoauth_client_set_clock_offset(c, 0));
    begin = time(NULL);
    sprintf(text, "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=%ld-%ld", (long)begin + 500,
            (long)begin + 1100);
    CHECK(judge(sent, "POST", 401, "Date: Sun, 06 Nov 1994 08:49:37 GMT", text) == ETOAUTH_ADVICE_RETRY);
    OK(etoauth_client_get_clock_offset(c, &learned));
    CHECK(begin + 800 - time(NULL) <= learned && learned <= 800);
    begin = time(NULL);
    OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
    stamped(header, begin, learned);
    date = (time_t)(begin - 800);
    strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime(&date));
    CHECK(judge(sent, "GET", 400, text, "oauth_problem=timestamp_refused") == ETOAUTH_ADVICE_RETRY);
    OK(etoauth_client_get_clock_offset(c, &learned));
    CHECK(date - time(NULL) <= learned && learned <= -800);
    CHECK(judge(sent, "GET", 401, "Date: Sun, 06 Nov 1994 08:49:37 GMT", "oauth_problem=timestamp_refused") ==
          ETOAUTH_ADVICE_FIX);
    CHECK(judge(sent, "GET", 401, NULL, "oauth_problem=timestamp_refused") == ETOAUTH_ADVICE_FIX);
    CHECK(judge(sent, "GET", 200, "Date: Sun, 06 Nov 1994 08:49:37 GMT", "") == ETOAUTH_ADVICE_NONE);
    OK(etoauth_client_get_clock_offset(c, &offset));
    CHECK(offset == learned);
    OK(etoauth_string_free(sent));

    /* A renew leaves signers alone; a replaced or revoked token doesn't. */
    OK(etoauth_client_set_clock_offset(c, noon_offset()));
    OK(etoauth_string_free(hold("renewed", 0)));
    EXPECT(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL), ETOAUTH_E_STALE);
    OK(etoauth_client_get_signer(c, &late));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x));
    OK(etoauth_exchange_finish(x, 200, NULL, NULL, 0));
    OK(etoauth_signer_sign(late, "GET", URL, NULL, header, sizeof header, NULL));
    OK(etoauth_exchange_free(x));
    OK(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_REVOKE, NULL, &x));
    EXPECT(etoauth_exchange_finish(x, 0, NULL, NULL, 0), ETOAUTH_E_UNCERTAIN);
    EXPECT(etoauth_signer_sign(late, "GET", URL, NULL, header, sizeof header, NULL), ETOAUTH_E_STALE);
    OK(etoauth_exchange_free(x));
    OK(etoauth_signer_free(s));
    OK(etoauth_signer_free(late));
}

int main(void)
{
    alarm(600);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    every_row();
    other_answers();
    tokens();
    clocks_and_signers();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("every answer was judged");
    return 0;
}

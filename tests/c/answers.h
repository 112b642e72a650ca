/* What the programs about answers share. Each is run with the name of one of its cases; a claim that does not hold is
 * told and counted, and the case goes on, so that one run shows all that is wrong. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "session.h"

#include <pthread.h>

#define LIST "/v1/accounts/list"
#define ORDER "/v1/accounts/1/orders/place"
#define RENEW "/oauth/renew_access_token"
#define REQUEST "/oauth/request_token"
#define ACCESS "/oauth/access_token"
#define REVOKE "/oauth/revoke_access_token"
#define MOST_TOLD 20
#define COUNT(array) (sizeof(array) / sizeof *(array))

static int wrong;
static etoauth_client *c;

/* Tells the first of them. */
static void report(const char *file, int line, const char *what)
{
    char text[1024] = "";

    if (++wrong > MOST_TOLD)
        return;
    etoauth_last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "%s:%d: %s\n", strrchr(file, '/') ? strrchr(file, '/') + 1 : file, line, what);
    if (text[0] != '\0')
        fprintf(stderr, "    last error: %s\n", text);
}

/* The context of a claim that is made in a loop; "" elsewhere. */
static char context[512];

static void claim(const char *file, int line, const char *what, int holds)
{
    char text[1200];

    if (holds)
        return;
    sprintf(text, "%.400s does not hold; %.500s", what, context);
    report(file, line, text);
}

#define HOLDS(condition) claim(__FILE__, __LINE__, #condition, (condition))

static void gave(const char *file, int line, const char *call, etoauth_status got, etoauth_status one,
                 etoauth_status other)
{
    char text[1400];

    if (got == one || got == other)
        return;
    sprintf(text, "%.400s gave %s, not %s%s%s; %.500s", call, etoauth_status_name(got), etoauth_status_name(one),
            one == other ? "" : " or ", one == other ? "" : etoauth_status_name(other), context);
    report(file, line, text);
}

#define GIVES(call, expected) gave(__FILE__, __LINE__, #call, (call), (expected), (expected))
#define GIVES_EITHER(call, one, other) gave(__FILE__, __LINE__, #call, (call), (one), (other))

static void says(const char *file, int line, const char *part, int wanted)
{
    char text[2048] = "", what[400];

    etoauth_last_error(NULL, text, sizeof text, NULL);
    if ((strstr(text, part) != NULL) == wanted)
        return;
    sprintf(what, "the sentence %s \"%.200s\"", wanted ? "lacks" : "has", part);
    report(file, line, what);
}

#define SAYS(part) says(__FILE__, __LINE__, (part), 1)
#define SAYS_NOT(part) says(__FILE__, __LINE__, (part), 0)

/* What a call brought: its status, the answer's, how often it arrived, and how often a renew did. */
typedef struct {
    etoauth_status status;
    int32_t http, advice, attempts;
    long sent, renews;
} result;

static result call_of(etoauth_client *of, const char *method, const char *path, const char *headers, const char *body)
{
    result got = {0, 0, -1, 0, 0, 0};
    etoauth_response *r = NULL;
    long sent = requests(path), renews = requests(RENEW);

    got.status = etoauth_client_send(of, method, path, headers, body, body ? strlen(body) : 0, &r);
    if (got.status == ETOAUTH_OK) {
        OK(etoauth_response_get_status(r, &got.http));
        OK(etoauth_response_get_advice(r, &got.advice));
        OK(etoauth_response_get_attempts(r, &got.attempts));
        OK(etoauth_response_free(r));
    }
    got.sent = requests(path) - sent;
    got.renews = requests(RENEW) - renews;
    return got;
}

static result ask(void)
{
    return call_of(c, "GET", LIST, NULL, NULL);
}

static result order(void)
{
    return call_of(c, "POST", ORDER, "Content-Type: application/json", "{}");
}

static void ended(const char *file, int line, const char *what, result got, etoauth_status status, long sent,
                  long renews)
{
    char text[1400];

    if (got.status == status && got.sent == sent && got.renews == renews)
        return;
    sprintf(text, "%.200s: %s, HTTP %d, sent %ld times, %ld renews; not %s, %ld, %ld; %.500s", what,
            etoauth_status_name(got.status), (int)got.http, got.sent, got.renews, etoauth_status_name(status), sent,
                renews,
            context);
    report(file, line, text);
}

/* The call's status, how often it arrived at the server, and how many renews did. */
#define IS(got, status, sent, renews) ended(__FILE__, __LINE__, #got, (got), (status), (sent), (renews))

/* Arms a fault whose text stands in the parameter that is named last. */
static void fault_with(const char *parameters, const char *text)
{
    char *encoded = NULL;

    OK(etoauth_percent_encode(text, &encoded));
    admin("fault?%s=%s", parameters, encoded);
    OK(etoauth_string_free(encoded));
}

/* A client with a token of the sandbox's at noon in New York, whatever the case before left. */
static void begin(void)
{
    if (c != NULL)
        OK(etoauth_client_free(c));
    admin("reset");
    at_noon();
    c = synced_client();
    log_in(c);
}

/* A client without a token. */
static void begin_without(void)
{
    if (c != NULL)
        OK(etoauth_client_free(c));
    admin("reset");
    at_noon();
    c = synced_client();
}

/* A client whose login is pending. */
static void begin_pending(void)
{
    begin_without();
    OK(etoauth_client_fetch_request_token(c));
}

/* The same token, issued so many seconds ago by this client's books; the sandbox's are not asked. */
static void age_token(long seconds)
{
    char *token = NULL, *secret = NULL;
    int64_t now = (int64_t)time(NULL) + count("offset");

    OK(etoauth_client_get_access_token(c, &token, &secret));
    OK(etoauth_client_set_access_token(c, token, secret, now - seconds));
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
}

/* Of the token, as of the last question for its state. */
static int32_t inactive_in, expires_in;

static int32_t times(void)
{
    int32_t state = -1;

    OK(etoauth_client_get_token_state(c, &state, &inactive_in, &expires_in));
    return state;
}

/* Seconds of back-off; -1 where the library can't tell. */
static int32_t renew_wait(void)
{
    int32_t seconds = -1;

    OK(etoauth_client_get_renew_wait_s(c, &seconds));
    return seconds;
}

static int32_t judge(const char *method, const char *authorization, int32_t http, const char *headers, const void *body,
                     size_t length)
{
    int32_t advice = -1;

    OK(etoauth_client_diagnose(c, method, authorization, http, headers, body, length, &advice));
    return advice;
}

static char *signature(void)
{
    char *header = NULL;

    OK(etoauth_client_sign(c, "GET", "https://localhost/v1", &header));
    return header;
}

/* A GET of the host's own, signed now and answered so. */
static int32_t judge_text(int32_t http, const char *body)
{
    char *header = signature();
    int32_t advice = judge("GET", header, http, NULL, body, strlen(body));

    OK(etoauth_string_free(header));
    return advice;
}

/* Cancels when a request for this path arrives: begin_cancel before the call, end_cancel after it. */
static struct {
    const char *path;
    long before;
    etoauth_client *of;
    pthread_t thread;
} canceller;

static void *cancel_on_arrival(void *unused)
{
    while (requests(canceller.path) == canceller.before)
        continue;
    OK(etoauth_client_cancel(canceller.of));
    return unused;
}

static void begin_cancel(etoauth_client *of, const char *path)
{
    canceller.path = path;
    canceller.before = requests(path);
    canceller.of = of;
    CHECK(pthread_create(&canceller.thread, NULL, cancel_on_arrival, NULL) == 0);
}

static void end_cancel(void)
{
    CHECK(pthread_join(canceller.thread, NULL) == 0);
}

typedef struct {
    const char *name;
    void (*body)(void);
} named_case;

#define CASE(name) {#name, name}

static int run_case(const named_case *cases, size_t how_many, int argc, char **argv)
{
    size_t i;

    CHECK(argc == 2);
    alarm(120);
    for (i = 0; i < how_many && strcmp(cases[i].name, argv[1]) != 0; i++)
        continue;
    CHECK(i < how_many);
    cases[i].body();
    if (c != NULL)
        OK(etoauth_client_free(c));
    if (wrong > 0)
        fprintf(stderr, "%d claims did not hold\n", wrong);
    CHECK(wrong > 0 || etoauth_live_objects() == 0);
    return wrong > 0;
}

#define RUN(cases) run_case(cases, COUNT(cases), argc, argv)

#endif

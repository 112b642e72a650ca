/* One call for each line of the standard input, which holds a method, a path and the token to sign with: sent by the
 * library, by a host of its own through an exchange, or by a host that asks for a diagnosis. Prints what came of it:
 * status, the answer's status, how often it was sent, the advice, and the token's state. */
#include "host.h"

static etoauth_client *c;
static const char *base;

/* What came of a call. */
static struct {
    etoauth_status status;
    int32_t http, attempts, advice;
} ended;

static const char *body_for(const char *method)
{
    return strcmp(method, "POST") == 0 ? "{}" : "";
}

static void by_send(const char *method, const char *path)
{
    const char *body = body_for(method);
    etoauth_response *r = NULL;

    ended.status = etoauth_client_send(c, method, path, body[0] ? "Content-Type: application/json" : NULL,
                                       body[0] ? body : NULL, strlen(body), &r);
    if (ended.status != ETOAUTH_OK)
        return;
    OK(etoauth_response_get_status(r, &ended.http));
    OK(etoauth_response_get_attempts(r, &ended.attempts));
    OK(etoauth_response_get_advice(r, &ended.advice));
    OK(etoauth_response_free(r));
}

/* Does what the exchange says until it is done; the last finish, or the next that failed, is how the call ends. */
static void by_exchange(const char *method, const char *path)
{
    etoauth_exchange *x = NULL;
    int32_t step = 0;

    ended.status = etoauth_exchange_new_request(c, method, path, NULL, &x);
    if (ended.status != ETOAUTH_OK)
        return;
    for (;;) {
        char *how = NULL, *url = NULL, *authorization = NULL;
        etoauth_status status = etoauth_exchange_next(x, &step, NULL);

        if (status != ETOAUTH_OK) {
            ended.status = status;
            break;
        }
        if (step == ETOAUTH_STEP_DONE)
            break;
        CHECK(step == ETOAUTH_STEP_SEND || step == ETOAUTH_STEP_RENEW);
        OK(etoauth_exchange_get_method(x, &how));
        OK(etoauth_exchange_get_url(x, &url));
        OK(etoauth_exchange_get_authorization(x, &authorization));
        CHECK(strcmp(how, step == ETOAUTH_STEP_SEND ? method : "GET") == 0);
        exchange_http(how, url, authorization, step == ETOAUTH_STEP_SEND ? body_for(method) : "");
        ended.attempts += step == ETOAUTH_STEP_SEND;
        ended.status = etoauth_exchange_finish(x, answered.status, answered.headers, answered.body, answered.body_len);
        ended.http = ended.status == ETOAUTH_OK ? answered.status : 0;
        OK(etoauth_string_free(how));
        OK(etoauth_string_free(url));
        OK(etoauth_string_free(authorization));
    }
    if (ended.status == ETOAUTH_OK)
        OK(etoauth_exchange_get_advice(x, &ended.advice));
    OK(etoauth_exchange_free(x));
}

static void by_diagnosis(const char *method, const char *path)
{
    char url[512], *authorization = NULL;

    sprintf(url, "%s%s", base, path);
    OK(etoauth_client_sign(c, method, url, &authorization));
    exchange_http(method, url, authorization, body_for(method));
    ended.attempts = 1;
    ended.http = answered.status;
    ended.status = etoauth_client_diagnose(c, method, authorization, answered.status, answered.headers, answered.body,
                                           answered.body_len, &ended.advice);
    OK(etoauth_string_free(authorization));
}

int main(int argc, char **argv)
{
    char line[512], method[16], path[256], token[64], oauth[256];
    void (*call)(const char *, const char *);

    CHECK(argc == 3);
    alarm(600);
    base = argv[1];
    call = strcmp(argv[2], "send") == 0 ? by_send : strcmp(argv[2], "exchange") == 0 ? by_exchange : by_diagnosis;
    sprintf(oauth, "%s/oauth", base);
    OK(etoauth_client_new(ETOAUTH_ENV_SANDBOX, "key", "secret", &c));
    OK(etoauth_client_set_base_urls(c, oauth, NULL, base));
    OK(etoauth_client_set_proxy(c, ""));
    while (fgets(line, sizeof line, stdin) != NULL) {
        int32_t state = -1;

        CHECK(sscanf(line, "%15s %255s %63s", method, path, token) == 3);
        /* Each call begins with a new token, so that nothing is left of the one before. */
        OK(etoauth_client_set_access_token(c, token, "token secret", 0));
        OK(etoauth_client_set_clock_offset(c, 0));
        memset(&ended, 0, sizeof ended);
        ended.advice = -1;
        call(method, path);
        OK(etoauth_client_get_token_state(c, &state, NULL, NULL));
        printf("%d %d %d %d %d\n", (int)ended.status, (int)ended.http, (int)ended.attempts, (int)ended.advice,
               (int)state);
    }
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    return 0;
}

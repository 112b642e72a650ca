/* The same answers, handed back to exchanges by a host of its own: the one judgement says the same of them. */
#include "answers.h"

/* What a finish of this kind of exchange gives; the client is made ready for it. */
static etoauth_status finish(int32_t kind, int32_t http, const char *headers, const char *body)
{
    etoauth_exchange *x = NULL;
    etoauth_status status;

    if (kind == ETOAUTH_EXCHANGE_REQUEST_TOKEN)
        begin_without();
    else if (kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN)
        begin_pending();
    else
        begin();
    OK(etoauth_exchange_new(c, kind, kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN ? "CODE" : NULL, &x));
    status = etoauth_exchange_finish(x, http, headers, body, body == NULL ? 0 : strlen(body));
    /* The end leaves its sentence to be asked for. */
    etoauth_exchange_free(x);
    return status;
}

#define PAGE "<html><h1>Unauthorized</h1></html>"

static void a6_a_renew_by_exchange_answered_by_somebody_else(void)
{
    static const struct {
        int32_t http;
        const char *headers, *body;
    } strangers[] = {
        {403, "Content-Type: text/html", "<html><title>403 ERROR</title>Request blocked.</html>"},
        {400, NULL, NULL},
        {200, "Content-Type: text/html", "<!DOCTYPE html><html><body>Down for maintenance</body></html>"},
        {200, NULL, "\n <HTML><head><title>Maintenance</title></head></HTML>"},
        {401, NULL, NULL},
        {401, "WWW-Authenticate: OAuth realm=\"x\"", PAGE},
        {401, "WWW-Authenticate: OAuth oauth_problem=\"\"", ""},
        {404, NULL, PAGE},
        {500, NULL, NULL},
        {302, "Location: /login", NULL},
    };
    size_t i;

    for (i = 0; i < COUNT(strangers); i++) {
        sprintf(context, "%d %s", (int)strangers[i].http, strangers[i].body ? strangers[i].body : "");
        GIVES(finish(ETOAUTH_EXCHANGE_RENEW, strangers[i].http, strangers[i].headers, strangers[i].body),
              ETOAUTH_E_UNAVAILABLE);
        HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    }
    sprintf(context, "a success");
    GIVES(finish(ETOAUTH_EXCHANGE_RENEW, 200, NULL, NULL), ETOAUTH_OK);
    GIVES(finish(ETOAUTH_EXCHANGE_RENEW, 200, "Content-Type: text/html", "Access Token has been renewed"), ETOAUTH_OK);
    GIVES(finish(ETOAUTH_EXCHANGE_RENEW, 200, NULL, "<ok/>"), ETOAUTH_OK);
    sprintf(context, "the plain word");
    GIVES(finish(ETOAUTH_EXCHANGE_RENEW, 401, NULL, "oauth_problem='token_rejected'"), ETOAUTH_E_LOGIN);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_EXPIRED);
}

static void a10_a_request_token_by_exchange_refused_without_a_word(void)
{
    GIVES(finish(ETOAUTH_EXCHANGE_REQUEST_TOKEN, 401, NULL, NULL), ETOAUTH_E_CONSUMER_KEY);
    SAYS("environment");
    GIVES(finish(ETOAUTH_EXCHANGE_REQUEST_TOKEN, 401, "Content-Type: text/html", PAGE), ETOAUTH_E_CONSUMER_KEY);
    SAYS("secret");
    HOLDS(finish(ETOAUTH_EXCHANGE_REQUEST_TOKEN, 401, NULL, "oauth_problem=token_rejected") != ETOAUTH_E_LOGIN);
}

static void a12_token_replies_to_an_exchange(void)
{
    static const char *const bad[] = {"oauth_token=aaa%0D%0A&oauth_token_secret=s",
                                      "oauth_token=a&oauth_token_secret=%00",
                                      "oauth_token=a\nb&oauth_token_secret=s"};
    size_t i;
    int32_t kind;

    for (kind = ETOAUTH_EXCHANGE_REQUEST_TOKEN; kind <= ETOAUTH_EXCHANGE_ACCESS_TOKEN; kind++) {
        GIVES(finish(kind, 200, NULL, "\xEF\xBB\xBFoauth_token=a%2Bb&oauth_token_secret=s"), ETOAUTH_OK);
        HOLDS(token_state(c) == (kind == ETOAUTH_EXCHANGE_REQUEST_TOKEN ? ETOAUTH_TOKEN_PENDING : ETOAUTH_TOKEN_ACTIVE));
        for (i = 0; i < COUNT(bad); i++) {
            sprintf(context, "%s", bad[i]);
            GIVES(finish(kind, 200, NULL, bad[i]), ETOAUTH_E_RESPONSE);
        }
    }
}

static void a18_a_verifier_that_an_exchange_brings(void)
{
    GIVES(finish(ETOAUTH_EXCHANGE_ACCESS_TOKEN, 401, NULL, "oauth_problem=verifier_invalid"), ETOAUTH_E_VERIFIER);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_PENDING);
    GIVES(finish(ETOAUTH_EXCHANGE_ACCESS_TOKEN, 400, "WWW-Authenticate: OAuth oauth_problem=\"verifier_invalid\"",
                 NULL),
          ETOAUTH_E_VERIFIER);
    GIVES(finish(ETOAUTH_EXCHANGE_ACCESS_TOKEN, 401, NULL, "oauth_problem=token_rejected"), ETOAUTH_E_VERIFIER);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_PENDING);
}

/* No answer came, or a cut one. */
static void e3_an_exchange_that_is_not_answered(void)
{
    GIVES(finish(ETOAUTH_EXCHANGE_ACCESS_TOKEN, 0, NULL, NULL), ETOAUTH_E_UNCERTAIN);
    SAYS("begin the login again");
    GIVES(finish(ETOAUTH_EXCHANGE_REVOKE, 0, NULL, NULL), ETOAUTH_E_UNCERTAIN);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    GIVES(finish(ETOAUTH_EXCHANGE_RENEW, 0, NULL, NULL), ETOAUTH_E_UNAVAILABLE);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
    GIVES_EITHER(finish(ETOAUTH_EXCHANGE_REQUEST_TOKEN, 0, NULL, NULL), ETOAUTH_E_TIMEOUT, ETOAUTH_E_CONNECT);
    HOLDS(token_state(c) == ETOAUTH_TOKEN_NONE);
}

/* "What counts as use", seen by a finish of an API call. */
static void use_seen_by_an_exchange(void)
{
    static const struct {
        int32_t http;
        const char *body;
        int use;
    } rows[] = {
        {200, "{}", 1},
        {404, "", 1},
        {503, "", 1},
        {401, "oauth_problem=signature_invalid", 0},
        {401, "oauth_problem=token_expired", 0},
        {401, "", 0},
        {0, "", 0},
    };
    size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        etoauth_exchange *x = NULL;
        int32_t step = 0;

        sprintf(context, "%d %s", (int)rows[i].http, rows[i].body);
        begin();
        age_token(3 * 3600);
        OK(etoauth_exchange_new_request(c, "GET", LIST, NULL, &x));
        OK(etoauth_exchange_next(x, &step, NULL));
        HOLDS(step == 1);
        etoauth_exchange_finish(x, rows[i].http, NULL, rows[i].body, strlen(rows[i].body));
        HOLDS(token_state(c) == (rows[i].use ? ETOAUTH_TOKEN_ACTIVE : ETOAUTH_TOKEN_INACTIVE));
        OK(etoauth_exchange_free(x));
    }
}

int main(int argc, char **argv)
{
    static const named_case cases[] = {
        CASE(a6_a_renew_by_exchange_answered_by_somebody_else),
        CASE(a10_a_request_token_by_exchange_refused_without_a_word),
        CASE(a12_token_replies_to_an_exchange),
        CASE(a18_a_verifier_that_an_exchange_brings),
        CASE(e3_an_exchange_that_is_not_answered),
        CASE(use_seen_by_an_exchange),
    };

    return RUN(cases);
}

/* How an exchange ends: refused in every shape, as the client's own calls are; unanswered; or too late to matter. */
#define _POSIX_C_SOURCE 200809L
#include "exchange.h"

static void token_is(const char *expected)
{
    char *token = NULL, *secret = NULL;

    OK(etoauth_client_get_access_token(c, &token, &secret));
    CHECK(strcmp(token, expected) == 0);
    OK(etoauth_string_free(token));
    OK(etoauth_string_free(secret));
}

#define EVERY ETOAUTH_EXCHANGE_REVOKE

/* What each call, in the order of ETOAUTH_EXCHANGE_, makes of each refusal, in the words of the admin path. */
static const struct {
    const char *fault;
    etoauth_status status[EVERY];
} refusals[] = {
#define ALIKE(status) {status, status, status, status}
    {"code=signature_invalid", ALIKE(ETOAUTH_E_SIGNATURE)},
    {"code=consumer_key_rejected", ALIKE(ETOAUTH_E_CONSUMER_KEY)},
    {"code=consumer_key_unknown&http=400", ALIKE(ETOAUTH_E_CONSUMER_KEY)},
    {"code=callback_rejected&http=400", ALIKE(ETOAUTH_E_HTTP)},
    {"code=permission_denied&http=403", ALIKE(ETOAUTH_E_DENIED)},
    {"code=parameter_absent&times=2", ALIKE(ETOAUTH_E_HTTP)},
    {"code=nonce_used&times=2", ALIKE(ETOAUTH_E_HTTP)},
    {"code=timestamp_refused&times=2", ALIKE(ETOAUTH_E_CLOCK_SKEW)},
    {"code=token_expired", {ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_VERIFIER, ETOAUTH_E_LOGIN, ETOAUTH_E_LOGIN}},
    {"code=token_rejected&http=400", {ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_VERIFIER, ETOAUTH_E_LOGIN, ETOAUTH_E_LOGIN}},
    {"code=something_new", ALIKE(ETOAUTH_E_HTTP)},
    {"code=something_new&http=500", ALIKE(ETOAUTH_E_HTTP)},
};

/* The same without a code, each in its own shape. */
static const struct {
    const char *fault;
    etoauth_status status[EVERY];
} plain[] = {
    {"kind=problem&shape=xml&http=400&message=Number%20of%20requests%20exceeded%20the%20rate%20limit%20set",
     ALIKE(ETOAUTH_E_RATE_LIMIT)},
    {"kind=problem&shape=json&message=Invalid%20access%20token%20used",
     {ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_VERIFIER, ETOAUTH_E_LOGIN, ETOAUTH_E_LOGIN}},
    {"kind=problem&shape=json&message=token_rejected",
     {ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_VERIFIER, ETOAUTH_E_LOGIN, ETOAUTH_E_LOGIN}},
    {"kind=status&http=401",
     {ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_VERIFIER, ETOAUTH_E_UNAVAILABLE, ETOAUTH_E_LOGIN}},
    {"kind=status&http=429", ALIKE(ETOAUTH_E_RATE_LIMIT)},
    {"kind=status&http=500", ALIKE(ETOAUTH_E_UNAVAILABLE)},
    {"kind=status&http=503", ALIKE(ETOAUTH_E_UNAVAILABLE)},
    {"kind=status&http=404", {ETOAUTH_E_HTTP, ETOAUTH_E_HTTP, ETOAUTH_E_UNAVAILABLE, ETOAUTH_E_HTTP}},
    {"kind=redirect&to=http://localhost:1/", {ETOAUTH_E_HTTP, ETOAUTH_E_HTTP, ETOAUTH_E_UNAVAILABLE, ETOAUTH_E_HTTP}},
};

/* A client as each kind of call needs it. A refused code leaves its login pending. */
static void prepare(etoauth_client *of, int32_t kind)
{
    if (kind == ETOAUTH_EXCHANGE_RENEW || kind == ETOAUTH_EXCHANGE_REVOKE)
        OK(etoauth_client_set_access_token(of, "token", "secret", 0));
    else if (kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN && token_state(of) != ETOAUTH_TOKEN_PENDING)
        OK(etoauth_client_fetch_request_token(of));
}

static etoauth_client *ready(int32_t kind)
{
    etoauth_client *made = new_client(sandbox("SANDBOX_URL"));

    prepare(made, kind);
    return made;
}

static const char *verifier_of(int32_t kind)
{
    return kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN ? "CODE" : NULL;
}

static etoauth_status blocking(etoauth_client *of, int32_t kind)
{
    switch (kind) {
    case ETOAUTH_EXCHANGE_REQUEST_TOKEN:
        return etoauth_client_fetch_request_token(of);
    case ETOAUTH_EXCHANGE_ACCESS_TOKEN:
        return etoauth_client_fetch_access_token(of, "CODE");
    case ETOAUTH_EXCHANGE_RENEW:
        return etoauth_client_renew_access_token(of);
    default:
        return etoauth_client_revoke_access_token(of);
    }
}

static etoauth_client *other;

/* Both ways meet this fault, and tell the same. */
static void refused(int32_t kind, const char *fault, const char *shape, etoauth_status expected)
{
    char problem[2][128];
    int32_t http[2], states[2];

    prepare(other, kind);
    prepare(c, kind);
    admin("fault?on=/oauth&%s%s", fault, shape);
    EXPECT(blocking(other, kind), expected);
    OK(etoauth_last_problem(&http[0], problem[0], sizeof problem[0], NULL));
    admin("fault?on=/oauth&%s%s", fault, shape);
    EXPECT(whole(kind, verifier_of(kind)), expected);
    OK(etoauth_last_problem(&http[1], problem[1], sizeof problem[1], NULL));
    CHECK(http[0] == answer.status && http[1] == answer.status && strcmp(problem[0], problem[1]) == 0);
    CHECK((problem[1][0] != '\0') == (strstr(fault, "code=") != NULL || strstr(fault, "token_rejected") != NULL));
    states[0] = token_state(other);
    states[1] = token_state(c);
    CHECK(states[0] == states[1]);
    CHECK((states[1] == ETOAUTH_TOKEN_REVOKED) == (kind == ETOAUTH_EXCHANGE_REVOKE));
    CHECK((states[1] == ETOAUTH_TOKEN_EXPIRED) ==
          (kind == ETOAUTH_EXCHANGE_RENEW && expected == ETOAUTH_E_LOGIN));
    CHECK((states[1] == ETOAUTH_TOKEN_PENDING) == (kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN));
}

static void every_refusal(void)
{
    static const char *const shapes[] = {"html", "html_old", "json", "xml", "xml_code", "text", "header"};
    char fault[256], shape[32];
    int32_t kind;
    size_t i, j;

    for (kind = 1; kind <= EVERY; kind++) {
        other = ready(kind);
        c = ready(kind);
        for (i = 0; i < sizeof refusals / sizeof *refusals; i++) {
            for (j = 0; j < sizeof shapes / sizeof *shapes; j++) {
                sprintf(fault, "kind=problem&%s", refusals[i].fault);
                sprintf(shape, "&shape=%s", shapes[j]);
                refused(kind, fault, shape, refusals[i].status[kind - 1]);
            }
        }
        for (i = 0; i < sizeof plain / sizeof *plain; i++)
            refused(kind, plain[i].fault, "", plain[i].status[kind - 1]);
        OK(etoauth_client_free(other));
        OK(etoauth_client_free(c));
    }
    CHECK(count("faults") == 0);
}

/* No answer: the token is kept, but a revoked one is gone. */
static void unanswered(void)
{
    int32_t kind;

    admin("reset");
    for (kind = ETOAUTH_EXCHANGE_REQUEST_TOKEN; kind <= ETOAUTH_EXCHANGE_REVOKE; kind++) {
        static const etoauth_status status[] = {ETOAUTH_E_CONNECT, ETOAUTH_E_UNCERTAIN, ETOAUTH_E_UNAVAILABLE,
                                                ETOAUTH_E_UNCERTAIN};
        static const int32_t left[] = {ETOAUTH_TOKEN_NONE, ETOAUTH_TOKEN_PENDING, ETOAUTH_TOKEN_ACTIVE,
                                       ETOAUTH_TOKEN_REVOKED};
        etoauth_exchange *x;
        int32_t http = -1;
        char problem[64];

        c = ready(kind);
        x = begin(kind, verifier_of(kind));
        EXPECT(etoauth_exchange_finish(x, -2, NULL, NULL, 0), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_exchange_finish(x, 600, NULL, NULL, 0), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_exchange_finish(x, 42, NULL, NULL, 0), ETOAUTH_E_ARGUMENT);
        EXPECT(etoauth_exchange_finish(x, 200, NULL, NULL, 1), ETOAUTH_E_NULL);
        EXPECT(etoauth_exchange_finish(x, 0, NULL, NULL, 0), status[kind - 1]);
        OK(etoauth_last_problem(&http, problem, sizeof problem, NULL));
        CHECK(http == 0 && problem[0] == '\0');
        CHECK(token_state(c) == left[kind - 1]);
        EXPECT(finish(x, 200, "oauth_token=t&oauth_token_secret=s"), ETOAUTH_E_STATE);
        CHECK(token_state(c) == left[kind - 1]);
        OK(etoauth_exchange_free(x));
        OK(etoauth_client_free(c));
    }
}

/* What a late answer, whichever, must not touch. */
static void late(etoauth_exchange *x, const char *token)
{
    int32_t state = token_state(c);

    EXPECT(finish(x, 401, "oauth_problem=token_rejected"), ETOAUTH_E_STATE);
    EXPECT(finish(x, 401, "oauth_problem=nonce_used"), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_finish(x, 0, NULL, NULL, 0), ETOAUTH_E_STATE);
    EXPECT(finish(x, 200, "oauth_token=late&oauth_token_secret=s"), ETOAUTH_E_STATE);
    CHECK(token_state(c) == state);
    if (token != NULL)
        token_is(token);
    OK(etoauth_exchange_free(x));
}

static void overtaken(void)
{
    static const char *const reply = "oauth_token=first&oauth_token_secret=s";
    etoauth_exchange *renew, *revoke, *first, *second;
    char *session = NULL;

    admin("reset");
    c = ready(ETOAUTH_EXCHANGE_RENEW);
    renew = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
    revoke = begin(ETOAUTH_EXCHANGE_REVOKE, NULL);
    OK(etoauth_client_set_access_token(c, "new", "secret", 0));
    late(renew, "new");
    late(revoke, "new");

    /* Another login, ended meanwhile. */
    renew = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
    revoke = begin(ETOAUTH_EXCHANGE_REVOKE, NULL);
    OK(etoauth_client_fetch_request_token(c));
    first = begin(ETOAUTH_EXCHANGE_ACCESS_TOKEN, "CODE");
    second = begin(ETOAUTH_EXCHANGE_ACCESS_TOKEN, "CODE");
    OK(finish(first, 200, reply));
    late(first, "first");
    late(second, "first");
    late(renew, "first");
    late(revoke, "first");

    /* Another login, begun meanwhile: the old one's answer is not the new one's. */
    OK(etoauth_client_fetch_request_token(c));
    first = begin(ETOAUTH_EXCHANGE_ACCESS_TOKEN, "CODE");
    OK(etoauth_client_fetch_request_token(c));
    late(first, "first");
    OK(etoauth_client_fetch_access_token(c, approve(c)));

    /* A session that comes back with the same token overtakes nothing. */
    renew = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
    OK(etoauth_client_export_session(c, &session));
    OK(etoauth_client_import_session(c, session));
    OK(etoauth_string_free(session));
    OK(send_once(renew));
    late(renew, NULL);

    renew = begin(ETOAUTH_EXCHANGE_RENEW, NULL);
    OK(etoauth_client_revoke_access_token(c));
    late(renew, NULL);
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);

    /* Unfinished, whatever was sent, it leaves no trace. */
    OK(etoauth_client_set_access_token(c, "kept", "secret", 0));
    OK(etoauth_exchange_free(begin(ETOAUTH_EXCHANGE_REVOKE, NULL)));
    token_is("kept");
    CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);

    first = begin(ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL);
    second = begin(ETOAUTH_EXCHANGE_REVOKE, NULL);
    OK(etoauth_client_free(c));
    EXPECT(finish(first, 200, reply), ETOAUTH_E_STATE);
    EXPECT(etoauth_exchange_finish(second, 0, NULL, NULL, 0), ETOAUTH_E_STATE);
    OK(etoauth_exchange_free(first));
    OK(etoauth_exchange_free(second));
}

int main(void)
{
    alarm(600);
    every_refusal();
    unanswered();
    overtaken();
    CHECK(etoauth_live_objects() == 0);
    puts("every exchange came to its end");
    return 0;
}

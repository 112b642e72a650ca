/* Every capacity from 0 to beyond the bound, for each function that writes into the caller's buffer. */
#include "misuse.h"
#include "sandbox.h"

#define FILL 0xa5
#define GUARD 64

static char memory[2 * ETOAUTH_HEADER_MAX + GUARD];

static int filled_from(size_t at)
{
    while (at < sizeof memory && (unsigned char)memory[at] == FILL)
        at++;
    return at == sizeof memory;
}

/* A call that writes a text to buf, and what it needs. */
struct text {
    etoauth_status (*call)(const void *subject, char *buf, size_t cap, size_t *len);
    const void *subject;
    /* The least capacity that succeeds. */
    size_t needed;
    /* NULL for a text that is another each time. */
    const char *expected;
};

static void every_capacity(const struct text *t)
{
    size_t cap, len;

    CHECK(t->needed + 2 + GUARD <= sizeof memory);
    for (cap = 0; cap <= t->needed + 1; cap++) {
        etoauth_status expected = cap < t->needed ? ETOAUTH_E_BUFFER : ETOAUTH_OK;
        int with_len;

        for (with_len = 0; with_len < 2; with_len++) {
            memset(memory, FILL, sizeof memory);
            len = 12345;
            EXPECT(t->call(t->subject, memory, cap, with_len ? &len : NULL), expected);
            CHECK(with_len || len == 12345);
            if (expected != ETOAUTH_OK) {
                CHECK(filled_from(0));
                CHECK(!with_len || len == t->needed);
                continue;
            }
            CHECK(filled_from(cap));
            CHECK(memchr(memory, '\0', cap) != NULL);
            CHECK(!with_len || strlen(memory) == len);
            CHECK(t->expected == NULL || strcmp(memory, t->expected) == 0);
        }
    }
    /* A capacity that no buffer has must not be added to anything. */
    memset(memory, FILL, sizeof memory);
    OK(t->call(t->subject, memory, (size_t)-1, &len));
    CHECK(filled_from(t->needed));
    len = 12345;
    EXPECT(t->call(t->subject, NULL, 0, &len), ETOAUTH_E_BUFFER);
    CHECK(len == t->needed);
    EXPECT(t->call(t->subject, NULL, 0, NULL), ETOAUTH_E_BUFFER);
    EXPECT(t->call(t->subject, NULL, 1, &len), ETOAUTH_E_NULL);
    CHECK(len == t->needed);
}

static etoauth_status sign(const void *s, char *buf, size_t cap, size_t *len)
{
    return etoauth_signer_sign((etoauth_signer *)s, "GET", URL, NULL, buf, cap, len);
}

static etoauth_status sign_at(const void *s, char *buf, size_t cap, size_t *len)
{
    return etoauth_signer_sign_at((etoauth_signer *)s, "GET", URL, NULL, 1, "n", buf, cap, len);
}

static etoauth_status prepared_sign(const void *p, char *buf, size_t cap, size_t *len)
{
    return etoauth_prepared_sign((etoauth_prepared *)p, buf, cap, len);
}

static etoauth_status prepared_sign_at(const void *p, char *buf, size_t cap, size_t *len)
{
    return etoauth_prepared_sign_at((etoauth_prepared *)p, 1, "n", buf, cap, len);
}

static etoauth_status prepared_sign_fresh_at(const void *p, char *buf, size_t cap, size_t *len)
{
    return etoauth_prepared_sign_at((etoauth_prepared *)p, INT64_MAX, NULL, buf, cap, len);
}

static void signatures(size_t key_length, int letter, int with_token)
{
    char key[257], expected[ETOAUTH_HEADER_MAX];
    struct text t;
    etoauth_signer *s = NULL;
    etoauth_prepared *p;

    memset(key, letter, key_length);
    key[key_length] = '\0';
    OK(etoauth_signer_new(key, "secret", with_token ? key : NULL, with_token ? "secret" : NULL, &s));
    OK(etoauth_signer_get_bound(s, &t.needed));
    CHECK(t.needed <= ETOAUTH_HEADER_MAX);
    t.subject = s;
    t.call = sign;
    t.expected = NULL;
    every_capacity(&t);
    OK(sign_at(s, expected, sizeof expected, NULL));
    t.call = sign_at;
    t.expected = expected;
    every_capacity(&t);

    /* What is prepared wants its signer's bound, and gives its signer's text. */
    p = make_prepared(s);
    t.subject = p;
    t.call = prepared_sign_at;
    every_capacity(&t);
    t.call = prepared_sign;
    t.expected = NULL;
    every_capacity(&t);
    t.call = prepared_sign_fresh_at;
    every_capacity(&t);
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
}

/* The bound holds for the longest nonce and timestamp; signatures of many lengths occur. */
static void longest(void)
{
    static const char nonce[] = "0123456789012345678901234567890123456789012345678901234567890123";
    etoauth_signer *s = make_signer();
    etoauth_prepared *p = make_prepared(s);
    size_t bound, len, shortest = ETOAUTH_HEADER_MAX, longest = 0;
    int i;

    OK(etoauth_signer_get_bound(s, &bound));
    for (i = 0; i < 300; i++) {
        OK(etoauth_signer_sign_at(s, "GET", URL, NULL, INT64_MAX - i, nonce, memory, bound, &len));
        CHECK(strlen(memory) == len && len < bound);
        shortest = len < shortest ? len : shortest;
        longest = len > longest ? len : longest;
        memset(memory, FILL, sizeof memory);
        OK(etoauth_prepared_sign_at(p, INT64_MAX - i, nonce, memory, bound, &len));
        CHECK(strlen(memory) == len && len < bound && filled_from(bound));
    }
    CHECK(shortest < longest);
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
}

/* Reading does not use the last error up. The status is written with the text, or not at all. */
static etoauth_status last_error(const void *expected, char *buf, size_t cap, size_t *len)
{
    etoauth_status status = 1, result = etoauth_last_error(&status, buf, cap, len);

    CHECK(status == (result == ETOAUTH_OK ? *(const etoauth_status *)expected : 1));
    return result;
}

static etoauth_status last_problem(const void *expected, char *buf, size_t cap, size_t *len)
{
    int32_t http = 1;
    etoauth_status result = etoauth_last_problem(&http, buf, cap, len);

    CHECK(http == (result == ETOAUTH_OK ? *(const int32_t *)expected : 1));
    return result;
}

/* What tells of a failure never fails for want of room: its text is cut and ended, and its whole length told. */
static void cut_at_every_capacity(const struct text *t)
{
    size_t cap, len, whole = strlen(t->expected);

    for (cap = 0; cap <= whole + 2; cap++) {
        size_t kept = cap == 0 ? 0 : cap <= whole ? cap - 1 : whole;
        int with_len;

        for (with_len = 0; with_len < 2; with_len++) {
            memset(memory, FILL, sizeof memory);
            len = 12345;
            OK(t->call(t->subject, memory, cap, with_len ? &len : NULL));
            CHECK(len == (with_len ? whole : 12345));
            CHECK(memcmp(memory, t->expected, kept) == 0);
            CHECK(cap == 0 || memory[kept] == '\0');
            CHECK(filled_from(cap == 0 ? 0 : kept + 1));
        }
    }
    memset(memory, FILL, sizeof memory);
    OK(t->call(t->subject, memory, (size_t)-1, &len));
    CHECK(strcmp(memory, t->expected) == 0 && filled_from(whole + 1));
    len = 12345;
    OK(t->call(t->subject, NULL, 0, &len));
    CHECK(len == whole);
    OK(t->call(t->subject, NULL, 0, NULL));
    EXPECT(t->call(t->subject, NULL, 1, &len), ETOAUTH_E_NULL);
}

static void errors(etoauth_status status, int32_t http, const char *problem)
{
    char sentence[ETOAUTH_ERROR_MAX];
    struct text t;

    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    CHECK((status == ETOAUTH_OK) == (sentence[0] == '\0'));
    t.call = last_error;
    t.subject = &status;
    t.expected = sentence;
    cut_at_every_capacity(&t);
    t.call = last_problem;
    t.subject = &http;
    t.expected = problem;
    cut_at_every_capacity(&t);
}

int main(void)
{
    etoauth_client *c;

    alarm(600);
    signatures(1, 'k', 0);
    signatures(30, '+', 1);
    signatures(256, '+', 1);
    longest();

    OK(etoauth_self_test());
    errors(ETOAUTH_OK, 0, "");
    EXPECT(etoauth_client_set_timeout_ms(NULL, 1), ETOAUTH_E_NULL);
    errors(ETOAUTH_E_NULL, 0, "");
    c = new_client(sandbox("SANDBOX_URL"));
    admin("fault?kind=problem&code=signature_invalid&on=/oauth");
    EXPECT(etoauth_client_fetch_request_token(c), ETOAUTH_E_SIGNATURE);
    errors(ETOAUTH_E_SIGNATURE, 401, "signature_invalid");
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no buffer was overrun");
    return 0;
}

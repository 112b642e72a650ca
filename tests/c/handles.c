/* Handles and strings that are stale, doubled, of the wrong kind or invented; and what the last error remembers.
   The argument is how many handles to make. */
#include "misuse.h"
#include "sandbox.h"

#include <pthread.h>

enum kind { CLIENT, SIGNER, PREPARED, RESPONSE, EXCHANGE, LISTENER, KINDS };

static const struct {
    const char *argument;
    int calls;
} kinds[KINDS] = {
    {"c", CLIENT_CALLS},   {"s", SIGNER_CALLS},   {"p", PREPARED_CALLS},
    {"r", RESPONSE_CALLS}, {"x", EXCHANGE_CALLS}, {"l", LISTENER_CALLS},
};

/* A live one of each kind. */
static uintptr_t live[KINDS];

static etoauth_status call(int kind, int which, uintptr_t value)
{
    switch (kind) {
    case CLIENT: return client_call(which, (etoauth_client *)value);
    case SIGNER: return signer_call(which, (etoauth_signer *)value);
    case PREPARED: return prepared_call(which, (etoauth_prepared *)value);
    case RESPONSE: return response_call(which, (etoauth_response *)value);
    case EXCHANGE: return exchange_call(which, (etoauth_exchange *)value);
    default: return listener_call(which, (etoauth_listener *)value);
    }
}

static etoauth_status free_as(int kind, uintptr_t value)
{
    switch (kind) {
    case CLIENT: return etoauth_client_free((etoauth_client *)value);
    case SIGNER: return etoauth_signer_free((etoauth_signer *)value);
    case PREPARED: return etoauth_prepared_free((etoauth_prepared *)value);
    case RESPONSE: return etoauth_response_free((etoauth_response *)value);
    case EXCHANGE: return etoauth_exchange_free((etoauth_exchange *)value);
    default: return etoauth_listener_free((etoauth_listener *)value);
    }
}

/* It must fail for want of a handle in every function that takes one, its free included, but as the kind that it is. */
static void invented(uintptr_t value)
{
    int kind, which;

    for (kind = 0; kind < KINDS && value != 0; kind++) {
        if (value == live[kind])
            continue;
        for (which = 0; which < kinds[kind].calls; which++)
            REFUSED(call(kind, which, value), ETOAUTH_E_HANDLE, kinds[kind].argument);
        EXPECT(free_as(kind, value), ETOAUTH_E_HANDLE);
    }
    /* These fail without a sentence. */
    if (value != live[CLIENT] && value != 0) {
        mark_outputs();
        EXPECT(etoauth_client_last_error((etoauth_client *)value, &out.state, out.buf, 1, &out.number),
               ETOAUTH_E_HANDLE);
        EXPECT(etoauth_client_last_problem((etoauth_client *)value, &out.state, out.buf, 1, &out.number),
               ETOAUTH_E_HANDLE);
        CHECK(outputs_untouched());
    }
    /* The only function with two handles. */
    if (value != live[CLIENT] && value != 0)
        REFUSED(etoauth_listener_wait((etoauth_listener *)live[LISTENER], (etoauth_client *)value, 0, &out.text),
                ETOAUTH_E_HANDLE, "c");
}

static void make_one_of_each(uintptr_t *handle)
{
    etoauth_client *c = new_client(sandbox("SANDBOX_URL"));

    log_in(c);
    handle[CLIENT] = (uintptr_t)c;
    handle[SIGNER] = (uintptr_t)make_signer();
    handle[PREPARED] = (uintptr_t)make_prepared((etoauth_signer *)handle[SIGNER]);
    handle[RESPONSE] = (uintptr_t)make_response(c);
    handle[EXCHANGE] = (uintptr_t)make_exchange(c);
    handle[LISTENER] = (uintptr_t)make_listener();
}

/* On 64-bit every value is odd, and so large that a host which keeps 32 bits of it fails at once, yet not larger than a
   double can hold. The rest of it after such a cut, extended with zeros or with its sign, is no handle of any kind. */
static void in_range(uintptr_t value, int kind)
{
    uint64_t wide = value;
    uintptr_t zero_extended = (uintptr_t)(uint32_t)wide, sign_extended = (uintptr_t)(intptr_t)(int32_t)(uint32_t)wide;

    CHECK((wide & 1) == 1);
    if (sizeof value < sizeof wide)
        return;
    CHECK(wide > (uint64_t)1 << 32 && wide < (uint64_t)1 << 47 && (uint64_t)(double)wide == wide);
    EXPECT(free_as(kind, zero_extended), ETOAUTH_E_HANDLE);
    EXPECT(free_as(kind, sign_extended), ETOAUTH_E_HANDLE);
}

/* The same, in every function. */
static void cut_to_32_bits(const uintptr_t *handle)
{
    int kind;

    for (kind = 0; kind < KINDS; kind++) {
        in_range(handle[kind], kind);
        if (sizeof *handle < 8)
            continue;
        invented((uintptr_t)(uint32_t)handle[kind]);
        invented((uintptr_t)(intptr_t)(int32_t)(uint32_t)handle[kind]);
    }
}

static void handles(void)
{
    uintptr_t freed[KINDS], random = 1;
    size_t count_of_live;
    unsigned bit, i;
    int kind;
    char *text = NULL;

    make_one_of_each(freed);
    make_one_of_each(live);
    OK(etoauth_percent_encode("text", &text));
    CHECK(etoauth_live_objects() == 2 * KINDS + 1);
    cut_to_32_bits(freed);
    cut_to_32_bits(live);
    for (kind = 0; kind < KINDS; kind++) {
        OK(free_as(kind, freed[kind]));
        EXPECT(free_as(kind, freed[kind]), ETOAUTH_E_HANDLE);
    }
    count_of_live = etoauth_live_objects();
    CHECK(count_of_live == KINDS + 1);

    invented((uintptr_t)live);
    invented((uintptr_t)"a literal");
    invented((uintptr_t)text);
    invented((uintptr_t)-1);
    invented((uintptr_t)-1 / 2);
    for (i = 1; i < 64; i++)
        invented(i);
    for (kind = 0; kind < KINDS; kind++) {
        invented(freed[kind]);
        invented(live[kind]);
        for (i = 1; i < 20; i++) {
            invented(live[kind] + i);
            invented(live[kind] - i);
        }
        for (bit = 0; bit < sizeof live[kind] * 8; bit++)
            invented(live[kind] ^ (uintptr_t)1 << bit);
    }
    for (i = 0; i < 500; i++) {
        random = random * (uintptr_t)6364136223846793005u + 1442695;
        invented(random);
    }

    CHECK(etoauth_live_objects() == count_of_live);
    OK(etoauth_client_set_timeout_ms((etoauth_client *)live[CLIENT], 1000));
    OK(etoauth_signer_get_bound((etoauth_signer *)live[SIGNER], &out.number));
    for (i = 0; i < PREPARED_CALLS; i++)
        OK(prepared_call((int)i, (etoauth_prepared *)live[PREPARED]));
    OK(etoauth_response_get_status((etoauth_response *)live[RESPONSE], &out.state));
    CHECK(out.state == 200);
    EXPECT(etoauth_listener_wait((etoauth_listener *)live[LISTENER], NULL, 0, &out.text), ETOAUTH_E_TIMEOUT);
    EXPECT(etoauth_exchange_finish((etoauth_exchange *)live[EXCHANGE], 503, NULL, NULL, 0), ETOAUTH_E_UNAVAILABLE);
    OK(etoauth_string_free(text));
    for (kind = 0; kind < KINDS; kind++)
        OK(free_as(kind, live[kind]));
    CHECK(etoauth_live_objects() == 0);
}

static int by_value(const void *a, const void *b)
{
    uintptr_t one = *(const uintptr_t *)a, two = *(const uintptr_t *)b;

    return (one > two) - (one < two);
}

/* Some live together for a while, so that places are left and taken again in changing order. */
static void no_value_twice(size_t wanted)
{
    uintptr_t *issued = malloc(wanted * sizeof *issued);
    size_t made, freed = 0, round = 1, own;
    etoauth_signer *signer = make_signer();

    CHECK(issued != NULL);
    own = etoauth_live_objects();
    for (made = 0; made < wanted; made++) {
        issued[made] = made % 8 == 0   ? (uintptr_t)make_signer()
                       : made % 8 == 4 ? (uintptr_t)make_prepared(signer)
                                       : (uintptr_t)make_client();
        in_range(issued[made], made % 8 == 0 ? SIGNER : made % 8 == 4 ? PREPARED : CLIENT);
        if (made - freed < round && made + 1 < wanted)
            continue;
        for (round = round * 7 % 101; freed <= made; freed++) {
            if (freed % 8 == 0)
                OK(etoauth_signer_free((etoauth_signer *)issued[freed]));
            else if (freed % 8 == 4)
                OK(etoauth_prepared_free((etoauth_prepared *)issued[freed]));
            else
                OK(etoauth_client_free((etoauth_client *)issued[freed]));
        }
        CHECK(etoauth_live_objects() == own);
    }
    OK(etoauth_signer_free(signer));
    qsort(issued, wanted, sizeof *issued, by_value);
    for (made = 1; made < wanted; made++)
        CHECK(issued[made - 1] != issued[made]);
    free(issued);
}

static void strings(void)
{
    static char literal[] = "not the library's";
    char stack[16] = "nor is this", *text = NULL, *other = NULL;
    etoauth_client *c = make_client();
    int i;

    OK(etoauth_percent_encode("a b", &text));
    CHECK(etoauth_live_objects() == 2);
    for (i = 0; i < 2; i++) {
        EXPECT(etoauth_string_free(literal), ETOAUTH_E_HANDLE);
        EXPECT(etoauth_string_free(stack), ETOAUTH_E_HANDLE);
        EXPECT(etoauth_string_free(text + 1), ETOAUTH_E_HANDLE);
        EXPECT(etoauth_string_free(text - 1), ETOAUTH_E_HANDLE);
        EXPECT(etoauth_string_free((char *)(uintptr_t)1), ETOAUTH_E_HANDLE);
        EXPECT(etoauth_string_free((char *)(uintptr_t)-1), ETOAUTH_E_HANDLE);
        EXPECT(etoauth_string_free((char *)(void *)c), ETOAUTH_E_HANDLE);
    }
    CHECK(strcmp(text, "a%20b") == 0 && etoauth_live_objects() == 2);
    OK(etoauth_string_free(text));
    CHECK(etoauth_live_objects() == 1);
    EXPECT(etoauth_string_free(text), ETOAUTH_E_HANDLE);

    /* Freed memory is held back, so that the next strings don't take its place. */
    for (i = 0; i < 100; i++) {
        OK(etoauth_percent_encode("a b", &other));
        CHECK(other != text);
        OK(etoauth_string_free(other));
        EXPECT(etoauth_string_free(text), ETOAUTH_E_HANDLE);
    }
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

static void last_is(etoauth_status expected, const char *expected_text)
{
    etoauth_status status = 1;
    char text[256];

    OK(etoauth_last_error(&status, text, sizeof text, NULL));
    CHECK(status == expected && strcmp(text, expected_text) == 0);
}

static void *new_thread(void *unused)
{
    last_is(ETOAUTH_OK, "");
    EXPECT(etoauth_client_fetch_request_token(NULL), ETOAUTH_E_NULL);
    CHECK(sentence_names("c"));
    return unused;
}

static void last_error(void)
{
    etoauth_client *c = make_client();
    etoauth_signer *s = make_signer();
    char *text = NULL, sentence[256], small[1];
    pthread_t thread;
    int32_t http;

    OK(etoauth_percent_encode("text", &text));
    EXPECT(etoauth_client_free((etoauth_client *)s), ETOAUTH_E_HANDLE);
    last_is(ETOAUTH_OK, "");
    EXPECT(etoauth_percent_encode("\xff", &out.text), ETOAUTH_E_UTF8);
    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    CHECK(sentence[0] != '\0');

    OK(etoauth_last_error(NULL, small, 1, NULL));
    CHECK(small[0] == '\0');
    EXPECT(etoauth_last_error(NULL, NULL, 1, NULL), ETOAUTH_E_NULL);
    OK(etoauth_last_problem(&http, small, 1, NULL));
    OK(etoauth_last_problem(&http, NULL, 0, NULL));
    CHECK(etoauth_status_name(-4) != NULL && etoauth_status_text(12345) != NULL && etoauth_version() != NULL);
    CHECK(etoauth_version_number() != 0 && etoauth_abi_version() == ETOAUTH_ABI_VERSION);
    EXPECT(etoauth_signer_free((etoauth_signer *)c), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_prepared_free((etoauth_prepared *)c), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_string_free(small), ETOAUTH_E_HANDLE);
    OK(etoauth_string_free(text));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    CHECK(pthread_create(&thread, NULL, new_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
    last_is(ETOAUTH_E_UTF8, sentence);

    OK(etoauth_self_test());
    last_is(ETOAUTH_OK, "");
}

/* A leak check may come between a failure and the question what it was. */
static void counting_changes_nothing(void)
{
    char sentence[ETOAUTH_ERROR_MAX];

    EXPECT(etoauth_percent_encode("\xff", &out.text), ETOAUTH_E_UTF8);
    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    CHECK(etoauth_live_objects() == 0);
    last_is(ETOAUTH_E_UTF8, sentence);
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    handles();
    strings();
    last_error();
    no_value_twice((size_t)atol(argv[1]));
    counting_changes_nothing();
    puts("no handle was mistaken");
    return 0;
}

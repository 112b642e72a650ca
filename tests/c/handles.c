/* Handles and strings that are stale, doubled, of the wrong kind or invented; and what the last error remembers.
   The argument is how many handles to make. */
#include "misuse.h"

#include <pthread.h>

/* The call must fail for want of a handle in every function that takes one, its free included. */
static void no_client(uintptr_t value)
{
    etoauth_client *c = (etoauth_client *)value;
    int which;

    for (which = 0; which < CLIENT_CALLS; which++)
        REFUSED(client_call(which, c), ETOAUTH_E_HANDLE, "c");
    EXPECT(etoauth_client_free(c), ETOAUTH_E_HANDLE);
}

static void no_signer(uintptr_t value)
{
    etoauth_signer *s = (etoauth_signer *)value;
    int which;

    for (which = 0; which < SIGNER_CALLS; which++)
        REFUSED(signer_call(which, s), ETOAUTH_E_HANDLE, "s");
    EXPECT(etoauth_signer_free(s), ETOAUTH_E_HANDLE);
}

static void invented(uintptr_t value, uintptr_t client, uintptr_t signer)
{
    if (value != client && value != 0)
        no_client(value);
    if (value != signer && value != 0)
        no_signer(value);
}

static void handles(void)
{
    etoauth_client *c = make_client(), *freed_client = make_client();
    etoauth_signer *s = make_signer(), *freed_signer = make_signer();
    uintptr_t client = (uintptr_t)c, signer = (uintptr_t)s, random = 1;
    size_t live;
    unsigned bit, i;
    char *text = NULL;

    OK(etoauth_client_free(freed_client));
    OK(etoauth_signer_free(freed_signer));
    OK(etoauth_percent_encode("text", &text));
    live = etoauth_live_objects();
    CHECK(live == 3);

    invented((uintptr_t)freed_client, client, signer);
    invented((uintptr_t)freed_signer, client, signer);
    no_client(signer);
    no_signer(client);
    invented((uintptr_t)&client, client, signer);
    invented((uintptr_t)"a literal", client, signer);
    invented((uintptr_t)text, client, signer);
    invented((uintptr_t)-1, client, signer);
    invented((uintptr_t)-1 / 2, client, signer);
    for (i = 1; i < 64; i++)
        invented(i, client, signer);
    for (i = 1; i < 20; i++) {
        invented(client + i, client, signer);
        invented(client - i, client, signer);
        invented(signer + i, client, signer);
        invented(signer - i, client, signer);
    }
    for (bit = 0; bit < sizeof client * 8; bit++) {
        invented(client ^ (uintptr_t)1 << bit, client, signer);
        invented(signer ^ (uintptr_t)1 << bit, client, signer);
    }
    for (i = 0; i < 500; i++) {
        random = random * (uintptr_t)6364136223846793005u + 1442695;
        invented(random, client, signer);
    }

    CHECK(etoauth_live_objects() == live);
    OK(etoauth_client_set_timeout_ms(c, 1000));
    OK(etoauth_signer_get_bound(s, &out.number));
    OK(etoauth_string_free(text));
    OK(etoauth_client_free(c));
    OK(etoauth_signer_free(s));
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
    size_t made, freed = 0, round = 1;

    CHECK(issued != NULL);
    for (made = 0; made < wanted; made++) {
        issued[made] = made % 8 == 0 ? (uintptr_t)make_signer() : (uintptr_t)make_client();
        if (made - freed < round && made + 1 < wanted)
            continue;
        for (round = round * 7 % 101; freed <= made; freed++) {
            if (freed % 8 == 0)
                OK(etoauth_signer_free((etoauth_signer *)issued[freed]));
            else
                OK(etoauth_client_free((etoauth_client *)issued[freed]));
        }
        CHECK(etoauth_live_objects() == 0);
    }
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

    EXPECT(etoauth_last_error(NULL, small, 1, NULL), ETOAUTH_E_BUFFER);
    EXPECT(etoauth_last_error(NULL, NULL, 1, NULL), ETOAUTH_E_NULL);
    OK(etoauth_last_problem(&http, small, 1, NULL));
    EXPECT(etoauth_last_problem(&http, NULL, 0, NULL), ETOAUTH_E_BUFFER);
    CHECK(etoauth_status_name(-4) != NULL && etoauth_status_text(12345) != NULL && etoauth_version() != NULL);
    CHECK(etoauth_version_number() != 0 && etoauth_abi_version() == ETOAUTH_ABI_VERSION);
    EXPECT(etoauth_signer_free((etoauth_signer *)c), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_string_free(small), ETOAUTH_E_HANDLE);
    OK(etoauth_string_free(text));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    CHECK(pthread_create(&thread, NULL, new_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
    last_is(ETOAUTH_E_UTF8, sentence);

    OK(etoauth_self_test());
    last_is(ETOAUTH_OK, "");
}

/* It has none of the names that leave the last error alone. */
static void counting_clears(void)
{
    EXPECT(etoauth_percent_encode("\xff", &out.text), ETOAUTH_E_UTF8);
    CHECK(etoauth_live_objects() == 0);
    last_is(ETOAUTH_OK, "");
}

int main(int argc, char **argv)
{
    alarm(120);
    CHECK(argc == 2);
    handles();
    strings();
    last_error();
    no_value_twice((size_t)atol(argv[1]));
    counting_clears();
    puts("no handle was mistaken");
    return 0;
}

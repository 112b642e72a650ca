/* Prepared requests sign as their signers do, and as the standards say: many generated requests, every place that the
   nonce and the end of the message can have in a block. The argument is how many requests to generate. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <unistd.h>

#include "header.h"
#include "reference.h"
#include "requests.h"

/* The bound of a signer with keys of 300 characters, each of them to be encoded, is some 2,100. */
#define LONGEST_HEADER 4096

static char url[LONGEST_URL];

/* What is to be the same: a request and those who sign it. */
struct request {
    struct credentials credentials;
    char method[33], *url;
    etoauth_signer *s;
    etoauth_prepared *p;
    size_t bound;
};

static void prepare(struct request *r)
{
    r->p = NULL;
    r->s = signer_of(&r->credentials);
    OK(etoauth_signer_get_bound(r->s, &r->bound));
    CHECK(r->bound <= LONGEST_HEADER);
    OK(etoauth_prepared_new(r->s, r->method, r->url, &r->p));
}

static void release(struct request *r)
{
    OK(etoauth_prepared_free(r->p));
    OK(etoauth_signer_free(r->s));
}

static void same(const struct request *r, const char *got, size_t len, const char *expected)
{
    if (strlen(got) == len && strcmp(got, expected) == 0)
        return;
    fprintf(stderr, "%s %s\n%s (%lu)\nis not\n%s\n", r->method, r->url, got, (unsigned long)len, expected);
    CHECK(strcmp(got, expected) == 0);
    CHECK(strlen(got) == len);
}

/* The header as the standards have it, from the base string. */
static void by_reference(const struct request *r, const struct stamp *stamp, char *header)
{
    static char key[6 * LONGEST_KEY + 2];
    unsigned char digest[DIGEST];
    char signature[29], *base = NULL, *to;
    const struct credentials *all = &r->credentials;

    OK(etoauth_signer_get_base_string(r->s, r->method, r->url, NULL, stamp->timestamp, stamp->nonce, &base));
    to = encoded(all->secret, key);
    *to++ = '&';
    *to = '\0';
    if (all->with_token)
        encoded(all->token_secret, to);
    hmac_sha1(key, base, digest);
    OK(etoauth_string_free(base));
    base64(digest, signature);
    to = encoded(all->key, header + sprintf(header, "OAuth oauth_consumer_key=\""));
    to += sprintf(to, "\",oauth_nonce=\"%s\",oauth_signature_method=\"HMAC-SHA1\",oauth_timestamp=\"%" PRId64 "\"", stamp->nonce,
                  stamp->timestamp);
    if (all->with_token) {
        to = encoded(all->token, to + sprintf(to, ",oauth_token=\""));
        *to++ = '"';
    }
    to = encoded(signature, to + sprintf(to, ",oauth_signature=\""));
    strcpy(to, "\"");
}

/* What the signer gives for this stamp; now and then it is compared with what the standards say. */
static void by_signer(const struct request *r, const struct stamp *stamp, char *header)
{
    char reference[LONGEST_HEADER];
    size_t len;

    OK(etoauth_signer_sign_at(r->s, r->method, r->url, NULL, stamp->timestamp, stamp->nonce, header, r->bound, &len));
    if (one_in(4)) {
        by_reference(r, stamp, reference);
        same(r, header, len, reference);
    }
}

static void signs_alike(const struct request *r, const struct stamp *stamp)
{
    char expected[LONGEST_HEADER], got[LONGEST_HEADER];
    size_t len;

    by_signer(r, stamp, expected);
    OK(etoauth_prepared_sign_at(r->p, stamp->timestamp, stamp->nonce, got, r->bound, &len));
    same(r, got, len, expected);
}

/* With a nonce of the library's own, at this time, or now if it is 0. */
static void signs_freshly(const struct request *r, int64_t timestamp)
{
    char expected[LONGEST_HEADER], got[LONGEST_HEADER];
    struct stamp stamp;
    size_t len;

    if (timestamp == 0)
        OK(etoauth_prepared_sign(r->p, got, r->bound, &len));
    else
        OK(etoauth_prepared_sign_at(r->p, timestamp, NULL, got, r->bound, &len));
    read_nonce(got, stamp.nonce);
    stamp.timestamp = read_timestamp(got);
    CHECK(timestamp == 0 || stamp.timestamp == timestamp);
    by_signer(r, &stamp, expected);
    same(r, got, len, expected);
}

/* The nonce begins in the block at each of its places, and the message ends at each. */
static void every_place(int with_token)
{
    static char seen[BLOCK][BLOCK];
    struct credentials all = {"key", "secret", "token", "token secret", 0};
    struct stamp stamp = {1344885636, "0123456789abcdef"};
    struct request r;
    size_t path, value, at, end, places = 0;

    memset(seen, 0, sizeof seen);
    r.credentials = all;
    r.credentials.with_token = with_token;
    r.url = url;
    strcpy(r.method, "GET");
    for (path = 0; path < BLOCK; path++) {
        for (value = 0; value < BLOCK; value++) {
            char *base = NULL, *to;

            to = any_of("p", path, url + sprintf(url, "https://localhost/"));
            any_of("v", value, to + sprintf(to, "?zz="));
            prepare(&r);
            signs_alike(&r, &stamp);
            signs_freshly(&r, 0);
            OK(etoauth_signer_get_base_string(r.s, "GET", url, NULL, stamp.timestamp, stamp.nonce, &base));
            at = (size_t)(strstr(base, stamp.nonce) - base) % BLOCK;
            end = strlen(base) % BLOCK;
            places += !seen[at][end];
            seen[at][end] = 1;
            OK(etoauth_string_free(base));
            release(&r);
        }
    }
    CHECK(places == BLOCK * BLOCK);
}

/* Two live at a time, and sign in turns: neither must find what the other has left. */
static void generated(long count)
{
    static char urls[2][LONGEST_URL];
    static struct request requests[2];
    struct stamp stamp;
    long i;
    int turn;

    for (i = 0; i < count; i++) {
        struct request *r = &requests[i % 2];

        if (r->s != NULL)
            release(r);
        any_credentials(&r->credentials);
        any_method(r->method);
        any_stamp(&stamp);
        r->url = urls[i % 2];
        any_url(&r->credentials, &stamp, r->url);
        prepare(r);
        for (turn = 0; turn < 2; turn++) {
            struct request *either = requests[1].s == NULL ? r : &requests[any(2)];

            signs_alike(r, &stamp);
            signs_freshly(either, one_in(2) ? 0 : any_timestamp());
            signs_alike(either, &stamp);
            any_stamp(&stamp);
        }
    }
    release(&requests[0]);
    release(&requests[1]);
}

/* A URL is refused where the signer refuses it, and with the same sentence. */
static void refused_alike(long count)
{
    struct credentials all;
    struct stamp stamp;
    char sentence[2][512], header[LONGEST_HEADER], method[33];
    etoauth_signer *s;
    etoauth_prepared *p;
    etoauth_status status;
    long i, refused = 0;

    any_credentials(&all);
    s = signer_of(&all);
    for (i = 0; i < count; i++) {
        size_t changes;

        any_method(method);
        any_stamp(&stamp);
        any_url(&all, &stamp, url);
        for (changes = any(3); changes > 0; changes--)
            url[any(one_in(2) ? 8 : strlen(url))] = (char)(1 + any(127));
        if (one_in(8))
            method[any(strlen(method))] = (char)(1 + any(127));
        p = NULL;
        status = etoauth_signer_sign_at(s, method, url, NULL, 1, "n", header, sizeof header, NULL);
        OK(etoauth_last_error(NULL, sentence[0], sizeof sentence[0], NULL));
        EXPECT(etoauth_prepared_new(s, method, url, &p), status);
        OK(etoauth_last_error(NULL, sentence[1], sizeof sentence[1], NULL));
        CHECK(strcmp(sentence[0], sentence[1]) == 0);
        CHECK((p != NULL) == (status == ETOAUTH_OK));
        OK(etoauth_prepared_free(p));
        refused += status != ETOAUTH_OK;
    }
    CHECK(refused > count / 10 && refused < count);
    OK(etoauth_signer_free(s));
}

int main(int argc, char **argv)
{
    long count;

    alarm(600);
    CHECK(argc == 2);
    count = atol(argv[1]);
    every_place(0);
    every_place(1);
    generated(count);
    refused_alike(count);
    CHECK(etoauth_live_objects() == 0);
    puts("no signature differed");
    return 0;
}

/* Written by hand on OpenSSL 3, as quick as it can be without giving up a fresh base string for each call: nothing is
   allocated, the key is hashed once, the credentials are encoded once. In favour of these three: the nonce comes straight
   from getrandom, which is quicker than RAND_bytes; nothing is checked; and the programmer sorted the parameters. */
#define _DEFAULT_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "contender.h"

#define NONCE 16

static const struct workload *workload;
static char key[128], token[256];       /* percent-encoded */
static HMAC_CTX *keyed, *copied;        /* openssl_hmac_copied */
static HMAC_CTX *begun;                 /* openssl_hmac */
static SHA_CTX inner, outer;            /* openssl_sha1: the states after the key's two blocks */
static unsigned char plain[256];        /* which bytes need no encoding */

static char *copy(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return out + len;
}

#define LITERAL(out, text) copy(out, text, sizeof(text) - 1)

static char *encode(char *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char c;

    while ((c = (unsigned char)*text++) != 0) {
        if (plain[c]) {
            *out++ = (char)c;
        } else {
            *out++ = '%';
            *out++ = hex[c >> 4];
            *out++ = hex[c & 15];
        }
    }
    return out;
}

/* Encoded as a value, and once more as a part of the base string: a % becomes %25. */
static char *encode_twice(char *out, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    unsigned char c;

    while ((c = (unsigned char)*text++) != 0) {
        if (plain[c]) {
            *out++ = (char)c;
        } else {
            out = LITERAL(out, "%25");
            *out++ = hex[c >> 4];
            *out++ = hex[c & 15];
        }
    }
    return out;
}

static char *encode_parameters(char *out, const struct parameter *p, size_t count)
{
    for (; count > 0; count--, p++) {
        out = encode_twice(out, p->name);
        out = LITERAL(out, "%3D");
        out = encode_twice(out, p->value);
        out = LITERAL(out, "%26");
    }
    return out;
}

static int new_nonce(char text[2 * NONCE])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bits[NONCE];
    int i;

    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        return 0;
    for (i = 0; i < NONCE; i++) {
        text[2 * i] = hex[bits[i] >> 4];
        text[2 * i + 1] = hex[bits[i] & 15];
    }
    return 1;
}

static size_t digits(char text[20], time_t number)
{
    char reversed[20];
    size_t len = 0, i;

    for (; number > 0; number /= 10)
        reversed[len++] = (char)('0' + number % 10);
    for (i = 0; i < len; i++)
        text[i] = reversed[len - 1 - i];
    return len;
}

static int mac_by_hmac(const char *text, size_t len, unsigned char mac[SHA_DIGEST_LENGTH])
{
    unsigned int mac_len;

    return HMAC_Init_ex(begun, NULL, 0, NULL, NULL) && HMAC_Update(begun, (const unsigned char *)text, len) &&
           HMAC_Final(begun, mac, &mac_len);
}

static int mac_by_copy(const char *text, size_t len, unsigned char mac[SHA_DIGEST_LENGTH])
{
    unsigned int mac_len;

    return HMAC_CTX_copy(copied, keyed) && HMAC_Update(copied, (const unsigned char *)text, len) &&
           HMAC_Final(copied, mac, &mac_len);
}

static int mac_by_sha1(const char *text, size_t len, unsigned char mac[SHA_DIGEST_LENGTH])
{
    SHA_CTX ctx = inner;

    if (!SHA1_Update(&ctx, text, len) || !SHA1_Final(mac, &ctx))
        return 0;
    ctx = outer;
    return SHA1_Update(&ctx, mac, SHA_DIGEST_LENGTH) && SHA1_Final(mac, &ctx);
}

static inline size_t sign(char *buf, size_t cap, int (*mac_of)(const char *, size_t, unsigned char *))
{
    char base[4096], nonce[2 * NONCE], timestamp[20], signature[32], *out = base;
    unsigned char mac[SHA_DIGEST_LENGTH];
    size_t timestamp_len = digits(timestamp, time(NULL));

    if (cap < HEADER_CAP || !new_nonce(nonce))
        return 0;
    out = LITERAL(out, "GET&");
    out = encode(out, workload->base_url);
    *out++ = '&';
    out = encode_parameters(out, workload->before, workload->n_before);
    out = LITERAL(out, "oauth_consumer_key%3D");
    out = encode(out, key);
    out = LITERAL(out, "%26oauth_nonce%3D");
    out = copy(out, nonce, sizeof nonce);
    out = LITERAL(out, "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D");
    out = copy(out, timestamp, timestamp_len);
    out = LITERAL(out, "%26oauth_token%3D");
    out = encode(out, token);
    out = LITERAL(out, "%26");
    out = encode_parameters(out, workload->after, workload->n_after);
    out -= 3;                           /* the last %26 */
    if (!mac_of(base, (size_t)(out - base), mac))
        return 0;
    EVP_EncodeBlock((unsigned char *)signature, mac, SHA_DIGEST_LENGTH);

    out = LITERAL(buf, "OAuth oauth_consumer_key=\"");
    out = copy(out, key, strlen(key));
    out = LITERAL(out, "\",oauth_nonce=\"");
    out = copy(out, nonce, sizeof nonce);
    out = LITERAL(out, "\",oauth_signature_method=\"HMAC-SHA1\",oauth_timestamp=\"");
    out = copy(out, timestamp, timestamp_len);
    out = LITERAL(out, "\",oauth_token=\"");
    out = copy(out, token, strlen(token));
    out = LITERAL(out, "\",oauth_signature=\"");
    out = encode(out, signature);
    out = LITERAL(out, "\"");
    *out = '\0';
    return (size_t)(out - buf);
}

static size_t sign_by_hmac(char *buf, size_t cap)
{
    return sign(buf, cap, mac_by_hmac);
}

static size_t sign_by_copy(char *buf, size_t cap)
{
    return sign(buf, cap, mac_by_copy);
}

static size_t sign_by_sha1(char *buf, size_t cap)
{
    return sign(buf, cap, mac_by_sha1);
}

static void tear_down(void)
{
    HMAC_CTX_free(keyed);
    HMAC_CTX_free(copied);
    HMAC_CTX_free(begun);
    keyed = copied = begun = NULL;
}

static int set_up(const struct workload *w)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    unsigned char block[SHA_CBLOCK] = {0}, pad[SHA_CBLOCK];
    const char *c;
    size_t i;

    for (c = unreserved; *c != '\0'; c++)
        plain[(unsigned char)*c] = 1;
    workload = w;
    *encode(key, CONSUMER_KEY) = '\0';
    *encode(token, TOKEN) = '\0';

    /* RFC 2104: a key longer than a block is hashed. */
    if (strlen(SIGNING_KEY) > sizeof block)
        SHA1((const unsigned char *)SIGNING_KEY, strlen(SIGNING_KEY), block);
    else
        memcpy(block, SIGNING_KEY, strlen(SIGNING_KEY));
    for (i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x36;
    SHA1_Init(&inner);
    SHA1_Update(&inner, pad, sizeof pad);
    for (i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x5c;
    SHA1_Init(&outer);
    SHA1_Update(&outer, pad, sizeof pad);

    tear_down();
    keyed = HMAC_CTX_new();
    copied = HMAC_CTX_new();
    begun = HMAC_CTX_new();
    return keyed != NULL && copied != NULL && begun != NULL &&
           HMAC_Init_ex(keyed, SIGNING_KEY, (int)strlen(SIGNING_KEY), EVP_sha1(), NULL) &&
           HMAC_Init_ex(begun, SIGNING_KEY, (int)strlen(SIGNING_KEY), EVP_sha1(), NULL);
}

const struct contender openssl_hmac_copied = {"OpenSSL, HMAC_CTX keyed once", set_up, sign_by_copy, tear_down, NULL};
const struct contender openssl_hmac = {"OpenSSL, HMAC_CTX begun anew", set_up, sign_by_hmac, tear_down, NULL};
const struct contender openssl_sha1 = {"OpenSSL, SHA1 states kept", set_up, sign_by_sha1, tear_down, NULL};

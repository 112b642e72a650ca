/* Written by hand on OpenSSL 3, as quick as it can be without giving up a fresh base string for each call: nothing is
   allocated, the key is hashed once, the credentials are encoded once. In favour of these three: the nonce comes straight
   from getrandom, which is quicker than RAND_bytes; nothing is checked; and the programmer sorted the parameters.
   The second one also signs what libcurl sends, see openssl.h. */
#define _DEFAULT_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "contender.h"
#include "openssl.h"

#define NONCE 16

static const struct workload *workload;
static struct openssl_signer signer;    /* its names in all three, its HMAC_CTX in openssl_hmac */
static HMAC_CTX *keyed, *copied;        /* openssl_hmac_copied */
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

static int mac_by_hmac(HMAC_CTX *begun, const char *text, size_t len, unsigned char mac[SHA_DIGEST_LENGTH])
{
    unsigned int mac_len;

    return HMAC_Init_ex(begun, NULL, 0, NULL, NULL) && HMAC_Update(begun, (const unsigned char *)text, len) &&
           HMAC_Final(begun, mac, &mac_len);
}

static int mac_by_copy(HMAC_CTX *begun, const char *text, size_t len, unsigned char mac[SHA_DIGEST_LENGTH])
{
    unsigned int mac_len;

    (void)begun;
    return HMAC_CTX_copy(copied, keyed) && HMAC_Update(copied, (const unsigned char *)text, len) &&
           HMAC_Final(copied, mac, &mac_len);
}

static int mac_by_sha1(HMAC_CTX *begun, const char *text, size_t len, unsigned char mac[SHA_DIGEST_LENGTH])
{
    SHA_CTX ctx = inner;

    (void)begun;
    if (!SHA1_Update(&ctx, text, len) || !SHA1_Final(mac, &ctx))
        return 0;
    ctx = outer;
    return SHA1_Update(&ctx, mac, SHA_DIGEST_LENGTH) && SHA1_Final(mac, &ctx);
}

typedef int mac_function(HMAC_CTX *begun, const char *text, size_t len, unsigned char *mac);

static inline size_t sign(const struct openssl_signer *s, const struct workload *w, char *buf, size_t cap,
                          mac_function *mac_of)
{
    char base[4096], nonce[2 * NONCE], timestamp[20], signature[32], *out = base;
    unsigned char mac[SHA_DIGEST_LENGTH];
    size_t timestamp_len = digits(timestamp, time(NULL));

    if (cap < HEADER_CAP || !new_nonce(nonce))
        return 0;
    out = LITERAL(out, "GET&");
    out = encode(out, w->base_url);
    *out++ = '&';
    out = encode_parameters(out, w->before, w->n_before);
    out = LITERAL(out, "oauth_consumer_key%3D");
    out = encode(out, s->key);
    out = LITERAL(out, "%26oauth_nonce%3D");
    out = copy(out, nonce, sizeof nonce);
    out = LITERAL(out, "%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D");
    out = copy(out, timestamp, timestamp_len);
    out = LITERAL(out, "%26oauth_token%3D");
    out = encode(out, s->token);
    out = LITERAL(out, "%26");
    out = encode_parameters(out, w->after, w->n_after);
    out -= 3;                           /* the last %26 */
    if (!mac_of(s->begun, base, (size_t)(out - base), mac))
        return 0;
    EVP_EncodeBlock((unsigned char *)signature, mac, SHA_DIGEST_LENGTH);

    out = LITERAL(buf, "OAuth oauth_consumer_key=\"");
    out = copy(out, s->key, strlen(s->key));
    out = LITERAL(out, "\",oauth_nonce=\"");
    out = copy(out, nonce, sizeof nonce);
    out = LITERAL(out, "\",oauth_signature_method=\"HMAC-SHA1\",oauth_timestamp=\"");
    out = copy(out, timestamp, timestamp_len);
    out = LITERAL(out, "\",oauth_token=\"");
    out = copy(out, s->token, strlen(s->token));
    out = LITERAL(out, "\",oauth_signature=\"");
    out = encode(out, signature);
    out = LITERAL(out, "\"");
    *out = '\0';
    return (size_t)(out - buf);
}

static size_t sign_by_hmac(char *buf, size_t cap)
{
    return sign(&signer, workload, buf, cap, mac_by_hmac);
}

static size_t sign_by_copy(char *buf, size_t cap)
{
    return sign(&signer, workload, buf, cap, mac_by_copy);
}

static size_t sign_by_sha1(char *buf, size_t cap)
{
    return sign(&signer, workload, buf, cap, mac_by_sha1);
}

static void tear_down(void)
{
    HMAC_CTX_free(keyed);
    HMAC_CTX_free(copied);
    keyed = copied = NULL;
    openssl_signer_tear_down(&signer);
}

static int set_up(const struct workload *w)
{
    unsigned char block[SHA_CBLOCK] = {0}, pad[SHA_CBLOCK];
    size_t i;

    workload = w;

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
    return keyed != NULL && copied != NULL &&
           HMAC_Init_ex(keyed, SIGNING_KEY, (int)strlen(SIGNING_KEY), EVP_sha1(), NULL) &&
           openssl_signer_set_up(&signer, CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET);
}

int openssl_signer_set_up(struct openssl_signer *s, const char *key, const char *secret, const char *token,
                          const char *token_secret)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char signing_key[1024], *end;
    const char *c;

    for (c = unreserved; *c != '\0'; c++)
        plain[(unsigned char)*c] = 1;
    s->begun = NULL;
    if (3 * strlen(key) >= sizeof s->key || 3 * strlen(token) >= sizeof s->token ||
        3 * (strlen(secret) + strlen(token_secret)) + 1 > sizeof signing_key)
        return 0;
    *encode(s->key, key) = '\0';
    *encode(s->token, token) = '\0';
    end = encode(signing_key, secret);
    *end++ = '&';
    end = encode(end, token_secret);
    s->begun = HMAC_CTX_new();
    return s->begun != NULL && HMAC_Init_ex(s->begun, signing_key, (int)(end - signing_key), EVP_sha1(), NULL);
}

size_t openssl_signer_sign(const struct openssl_signer *s, const struct workload *w, char *buf, size_t cap)
{
    return sign(s, w, buf, cap, mac_by_hmac);
}

void openssl_signer_tear_down(struct openssl_signer *s)
{
    HMAC_CTX_free(s->begun);
    s->begun = NULL;
}

const struct contender openssl_hmac_copied = {"OpenSSL, HMAC_CTX keyed once", set_up, sign_by_copy, tear_down, NULL};
const struct contender openssl_hmac = {"OpenSSL, HMAC_CTX begun anew", set_up, sign_by_hmac, tear_down, NULL};
const struct contender openssl_sha1 = {"OpenSSL, SHA1 states kept", set_up, sign_by_sha1, tear_down, NULL};

/* OAuth 1.0a signatures made here, from their standards alone: what the library's are compared with. Plain and slow. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "check.h"

#define DIGEST 20
#define BLOCK 64

struct sha1 {
    uint32_t state[5];
    unsigned char block[BLOCK];
    size_t total;
};

static uint32_t rotated(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

/* FIPS 180-4, section 6.1.2. */
static void sha1_block(struct sha1 *hash)
{
    uint32_t w[80], v[5], next;
    int i;

    for (i = 0; i < 16; i++)
        w[i] = (uint32_t)hash->block[4 * i] << 24 | (uint32_t)hash->block[4 * i + 1] << 16 |
               (uint32_t)hash->block[4 * i + 2] << 8 | hash->block[4 * i + 3];
    for (; i < 80; i++)
        w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    memcpy(v, hash->state, sizeof v);
    for (i = 0; i < 80; i++) {
        next = rotated(v[0], 5) + v[4] + w[i] +
               (i < 20   ? ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5a827999u
                : i < 40 ? (v[1] ^ v[2] ^ v[3]) + 0x6ed9eba1u
                : i < 60 ? ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8f1bbcdcu
                         : (v[1] ^ v[2] ^ v[3]) + 0xca62c1d6u);
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotated(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (i = 0; i < 5; i++)
        hash->state[i] += v[i];
}

static void sha1_begin(struct sha1 *hash)
{
    static const uint32_t start[5] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};

    memcpy(hash->state, start, sizeof start);
    hash->total = 0;
}

static void sha1_add(struct sha1 *hash, const void *data, size_t length)
{
    const unsigned char *byte = data;

    for (; length > 0; length--) {
        hash->block[hash->total++ % BLOCK] = *byte++;
        if (hash->total % BLOCK == 0)
            sha1_block(hash);
    }
}

static void sha1_end(struct sha1 *hash, unsigned char digest[DIGEST])
{
    uint64_t bits = (uint64_t)hash->total * 8;
    unsigned char byte = 0x80;
    int i;

    sha1_add(hash, &byte, 1);
    for (byte = 0; hash->total % BLOCK != BLOCK - 8;)
        sha1_add(hash, &byte, 1);
    for (i = 56; i >= 0; i -= 8) {
        byte = (unsigned char)(bits >> i);
        sha1_add(hash, &byte, 1);
    }
    for (i = 0; i < DIGEST; i++)
        digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - i % 4 * 8));
}

/* RFC 2104. */
static void hmac_sha1(const char *key, const char *text, unsigned char digest[DIGEST])
{
    unsigned char pad[BLOCK] = {0}, inner[DIGEST];
    struct sha1 hash;
    int i;

    if (strlen(key) <= BLOCK)
        memcpy(pad, key, strlen(key));
    else {
        sha1_begin(&hash);
        sha1_add(&hash, key, strlen(key));
        sha1_end(&hash, pad);
    }
    for (i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    sha1_begin(&hash);
    sha1_add(&hash, pad, BLOCK);
    sha1_add(&hash, text, strlen(text));
    sha1_end(&hash, inner);
    for (i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    sha1_begin(&hash);
    sha1_add(&hash, pad, BLOCK);
    sha1_add(&hash, inner, DIGEST);
    sha1_end(&hash, digest);
}

/* RFC 5849 section 3.6; gives the end. */
static char *encoded(const char *text, char *to)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c) != NULL)
            *to++ = *text;
        else
            to += sprintf(to, "%%%02X", c);
    }
    *to = '\0';
    return to;
}

/* RFC 4648 section 4, of 20 bytes: 28 characters. */
static void base64(const unsigned char digest[DIGEST], char text[29])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits;
    int i;

    for (i = 0; i < 7; i++) {
        bits = (unsigned)digest[3 * i] << 16 | (unsigned)digest[3 * i + 1] << 8 | (i < 6 ? digest[3 * i + 2] : 0u);
        text[4 * i] = letters[bits >> 18];
        text[4 * i + 1] = letters[bits >> 12 & 63];
        text[4 * i + 2] = letters[bits >> 6 & 63];
        text[4 * i + 3] = i < 6 ? letters[bits & 63] : '=';
    }
    text[28] = '\0';
}

#endif

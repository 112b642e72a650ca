/* Generates requests, the same in each run: credentials, methods, URLs, timestamps and nonces of all sizes, with the
   parameters that are hard to sort among those of the protocol. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <inttypes.h>

#include "check.h"

#define LONGEST_KEY 300
#define LONGEST_URL 65536

struct credentials {
    char key[LONGEST_KEY + 1], secret[LONGEST_KEY + 1], token[LONGEST_KEY + 1], token_secret[LONGEST_KEY + 1];
    int with_token;
};

struct stamp {
    int64_t timestamp;
    char nonce[65];
};

static uint64_t generator = 1;

/* From 0 to below the limit. */
static size_t any(size_t limit)
{
    generator ^= generator << 13;
    generator ^= generator >> 7;
    generator ^= generator << 17;
    return (size_t)((generator * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % limit;
}

static int one_in(size_t n)
{
    return any(n) == 0;
}

/* Most are short, some of any length. */
static size_t any_length(size_t longest)
{
    return any(1 + any(1 + (one_in(4) ? longest : longest < 24 ? longest : 24)));
}

static char *any_of(const char *letters, size_t length, char *to)
{
    size_t count = strlen(letters);

    for (; length > 0; length--)
        *to++ = letters[any(count)];
    *to = '\0';
    return to;
}

static const char unreserved_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

static void any_credentials(struct credentials *all)
{
    static const char letters[] = "abcXYZ0189-._~+/=& %\"*'\x7f\x01";
    char *texts[4];
    int i;

    texts[0] = all->key;
    texts[1] = all->secret;
    texts[2] = all->token;
    texts[3] = all->token_secret;
    for (i = 0; i < 4; i++)
        any_of(one_in(3) ? letters : unreserved_letters, 1 + any(one_in(2) ? LONGEST_KEY : 40), texts[i]);
    /* Secrets may be empty; and together with the & between them they may have a block's 64 characters. */
    if (one_in(8))
        all->secret[0] = '\0';
    if (one_in(8))
        all->token_secret[0] = '\0';
    if (one_in(8)) {
        any_of("s", 31 + any(3), all->secret);
        any_of("t", 32, all->token_secret);
    }
    all->with_token = !one_in(4);
}

static etoauth_signer *signer_of(const struct credentials *all)
{
    etoauth_signer *s = NULL;

    OK(etoauth_signer_new(all->key, all->secret, all->with_token ? all->token : NULL,
                          all->with_token ? all->token_secret : NULL, &s));
    return s;
}

/* Of 1 to 19 digits, the least and the greatest of each length among them. */
static int64_t any_timestamp(void)
{
    size_t digits = 1 + any(19), i;
    uint64_t least = 1, number;

    for (i = 1; i < digits; i++)
        least *= 10;
    number = (((uint64_t)any(1u << 31) << 31) | any(1u << 31)) % (9 * least);
    number = one_in(4) ? least : one_in(3) ? least * 10 - 1 : least + number;
    if (digits == 19 && (number > INT64_MAX || number < least))
        number = INT64_MAX;
    return (int64_t)number;
}

static void any_stamp(struct stamp *stamp)
{
    stamp->timestamp = any_timestamp();
    any_of(one_in(8) ? "0" : unreserved_letters, 1 + any(64), stamp->nonce);
}

/* What sorts before, between, with and after the protocol's own parameters. */
static const char *const names[] = {
    "a", "B", "0", "~", "-", "_", ".", "*", "", "+", "%00", "%7E", "%E2%82%AC", "a+b", "n", "p", "zz", "OAUTH_NONCE", "oauth",
    "oauth_", "oauth_b", "oauth_consumer_ke", "oauth_consumer_key", "oauth_consumer_key%00", "oauth_consumer_kez",
    "oauth_d", "oauth_nonc", "oauth_nonce", "oauth%5Fnonce", "oauth_nonc%65", "oauth_nonce%20", "oauth_nonce+", "oauth_nonce0",
    "oauth_nonce~", "oauth_noncf", "oauth_o", "oauth_signature", "oauth_signature_metho", "oauth_signature_method",
    "oauth_signature_methoc", "oauth_signature_methoe", "oauth_signature_method~", "oauth_t", "oauth_timestam",
    "oauth_timestamp", "%6Fauth_timestamp", "oauth_timestamp%00", "oauth_timestamp0", "oauth_timestamq", "oauth_toke",
    "oauth_token", "oauth_token%00", "oauth_token_secret", "oauth_tokeo", "oauth_verifier", "oauth_version", "oauth_zzz",
    "oauth%60", "oauthz", "realm",
};

/* A value; often one that equals a value of the protocol's, or is a little less or more. */
static char *any_value(const struct credentials *all, const struct stamp *stamp, size_t longest, char *to)
{
    static const char *const pieces[] = {"%2B", "%20", "+", "%3D", "%26", "%25", "=", ",", "/", "?", "%c3%A9", "%7e", ":", "a"};
    const char *protocol[6];
    char key[LONGEST_KEY + 1], timestamp[24];
    size_t i;

    if (one_in(2))
        return any_of(unreserved_letters, any_length(longest), to);
    if (one_in(2)) {
        for (i = any_length(longest / 6); i > 0; i--)
            to += sprintf(to, "%s", pieces[any(sizeof pieces / sizeof *pieces)]);
        return to;
    }
    /* Without what a URL can't hold as it is. */
    strcpy(key, all->key);
    key[strspn(key, unreserved_letters)] = '\0';
    sprintf(timestamp, "%" PRId64, stamp->timestamp);
    protocol[0] = stamp->nonce;
    protocol[1] = timestamp;
    protocol[2] = key;
    protocol[3] = "HMAC-SHA1";
    protocol[4] = "1.0";
    protocol[5] = "";
    to += sprintf(to, "%s", protocol[any(6)]);
    if (one_in(3))
        to += sprintf(to, "%s", one_in(2) ? "0" : "%00");
    else if (one_in(3) && to[-1] != '=')
        *--to = '\0';
    return to;
}

static char *any_query(const struct credentials *all, const struct stamp *stamp, char *to)
{
    size_t count = one_in(40) ? any(200) : one_in(8) ? any(40) : any(6);
    size_t longest = one_in(60) ? 5000 : 80;

    *to++ = '?';
    for (; count > 0; count--) {
        to += sprintf(to, "%s", names[any(sizeof names / sizeof *names)]);
        if (!one_in(8)) {
            *to++ = '=';
            to = any_value(all, stamp, count < 6 ? longest : 80, to);
        }
        if (count > 1 || one_in(8))
            to += sprintf(to, "%s", one_in(16) ? "&&" : "&");
    }
    *to = '\0';
    return to;
}

static void any_url(const struct credentials *all, const struct stamp *stamp, char *url)
{
    static const char *const schemes[] = {"https", "http", "HTTPS", "hTTp"};
    char *to = url;

    to += sprintf(to, "%s://", schemes[one_in(4) ? any(4) : 0]);
    if (one_in(8))
        to += sprintf(to, "[2001:DB8::%x]", (unsigned)any(65536));
    else
        to = any_of("abcXYZ0189-._", 1 + any(one_in(8) ? 255 : 40), to);
    if (one_in(4))
        to += sprintf(to, ":%u", (unsigned)(one_in(4) ? 443 : one_in(3) ? 80 : 1 + any(65535)));
    if (!one_in(16)) {
        *to++ = '/';
        to = any_of("abcXYZ019-._~/,;:@!$&'()*+=", any_length(one_in(60) ? 5000 : 200), to);
        if (one_in(4))
            to += sprintf(to, "%s", one_in(2) ? "%2f" : "%C3%A9");
    }
    if (!one_in(8))
        any_query(all, stamp, to);
}

static void any_method(char method[33])
{
    static const char *const usual[] = {"GET", "POST", "PUT", "DELETE"};

    if (one_in(3))
        any_of("abcXYZ", 1 + any(32), method);
    else
        strcpy(method, usual[any(4)]);
}

#endif

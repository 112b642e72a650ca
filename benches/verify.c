#include "verify.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 5

struct field {
    char name[32], value[256];
};

static int nibble(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)(found - digits);
}

/* Reads name="value", the value percent-encoded; returns what follows, or NULL. */
static const char *read_field(const char *text, struct field *f)
{
    size_t len = strcspn(text, "=");

    if (len >= sizeof f->name || text[len] != '=' || text[len + 1] != '"')
        return NULL;
    memcpy(f->name, text, len);
    f->name[len] = '\0';
    text += len + 2;
    for (len = 0; *text != '"'; len++) {
        if (*text == '\0' || len + 1 >= sizeof f->value)
            return NULL;
        if (*text == '%') {
            if (nibble(text[1]) < 0 || nibble(text[2]) < 0)
                return NULL;
            f->value[len] = (char)(nibble(text[1]) * 16 + nibble(text[2]));
            text += 3;
        } else {
            f->value[len] = *text++;
        }
    }
    f->value[len] = '\0';
    return text + 1;
}

/* The fields that a header may hold, in the order of names below. */
enum { KEY, NONCE, METHOD, SIGNATURE, TIMESTAMP, TOKEN_FIELD, VERSION, NAMES };

static const char *read_header(const char *text, struct field fields[NAMES])
{
    static const char *const names[NAMES] = {
        "oauth_consumer_key", "oauth_nonce", "oauth_signature_method", "oauth_signature",
        "oauth_timestamp",    "oauth_token", "oauth_version"};
    int i;

    memset(fields, 0, NAMES * sizeof *fields);
    if (strncmp(text, "OAuth ", 6) != 0)
        return "it does not begin with OAuth";
    for (text += 6; *text != '\0'; text += *text == ',') {
        struct field f;

        text += strspn(text, " ");
        text = read_field(text, &f);
        if (text == NULL || (*text != ',' && *text != '\0'))
            return "it can't be read";
        for (i = 0; i < NAMES && strcmp(f.name, names[i]) != 0; i++)
            ;
        if (i == NAMES)
            return "it has a field that does not belong there";
        if (fields[i].name[0] != '\0')
            return "it has a field twice";
        fields[i] = f;
    }
    return NULL;
}

const char *verify(const struct workload *w, const char *header, time_t now, char nonce[NONCE_CAP])
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    struct field f[NAMES];
    char base[4096], signature[64];
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int mac_len = 0;
    const char *fault = read_header(header, f);

    if (fault != NULL)
        return fault;
    if (strcmp(f[KEY].value, CONSUMER_KEY) != 0 || strcmp(f[TOKEN_FIELD].value, TOKEN) != 0)
        return "its key or its token is wrong";
    if (strcmp(f[METHOD].value, "HMAC-SHA1") != 0)
        return "its method is wrong";
    if (f[VERSION].name[0] != '\0' && strcmp(f[VERSION].value, "1.0") != 0)
        return "its version is wrong";
    if (strlen(f[NONCE].value) < 8 || strlen(f[NONCE].value) >= NONCE_CAP ||
        f[NONCE].value[strspn(f[NONCE].value, unreserved)] != '\0')
        return "its nonce is too short, too long or needs encoding";
    if (f[TIMESTAMP].value[0] == '\0' || f[TIMESTAMP].value[strspn(f[TIMESTAMP].value, "0123456789")] != '\0' ||
        llabs(atoll(f[TIMESTAMP].value) - (long long)now) > SECONDS)
        return "its timestamp is not now";
    snprintf(base, sizeof base, "%s%s%s%s%s%s%s", w->to_nonce, f[NONCE].value, w->to_timestamp, f[TIMESTAMP].value,
             w->to_version, f[VERSION].name[0] != '\0' ? "%26oauth_version%3D1.0" : "", w->to_end);
    HMAC(EVP_sha1(), SIGNING_KEY, (int)strlen(SIGNING_KEY), (unsigned char *)base, strlen(base), mac, &mac_len);
    EVP_EncodeBlock((unsigned char *)signature, mac, (int)mac_len);
    if (strcmp(f[SIGNATURE].value, signature) != 0)
        return "its signature is wrong";
    strcpy(nonce, f[NONCE].value);
    return NULL;
}

/* The vector's header. */
static size_t write_vector(const struct workload *w, char header[1024])
{
    char signature[128] = "";
    const char *c;

    for (c = w->signature; *c != '\0'; c++)
        sprintf(signature + strlen(signature), strchr("+/=", *c) != NULL ? "%%%02X" : "%c", (unsigned)*c);
    return (size_t)sprintf(header,
                           "OAuth oauth_consumer_key=\"%s\",oauth_nonce=\"%s\",oauth_signature_method=\"HMAC-SHA1\","
                           "oauth_timestamp=\"%s\",oauth_token=\"VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI%%3D\","
                           "oauth_signature=\"%s\"",
                           CONSUMER_KEY, VECTOR_NONCE, VECTOR_TIMESTAMP, signature);
}

const char *verify_verifier(void)
{
    char header[1024], nonce[NONCE_CAP];
    time_t then = (time_t)atoll(VECTOR_TIMESTAMP);
    size_t w, i, len;

    for (w = 0; w < WORKLOADS; w++) {
        const char *fault;

        len = write_vector(&workloads[w], header);
        fault = verify(&workloads[w], header, then, nonce);
        if (fault != NULL)
            return fault;
        if (verify(&workloads[w], header, time(NULL), nonce) == NULL)
            return "it takes an old timestamp";
        for (i = 0; i < len; i++) {
            header[i] ^= 1;
            if (verify(&workloads[w], header, then, nonce) == NULL)
                return "it takes a vector with a character changed";
            header[i] ^= 1;
        }
    }
    return NULL;
}

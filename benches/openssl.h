/* OAuth headers by OpenSSL, as the contender openssl_hmac writes them, for whatever account. */
#ifndef OPENSSL_H
#define OPENSSL_H

#include <openssl/hmac.h>

#include "workload.h"

struct openssl_signer {
    char key[256], token[512];  /* percent-encoded */
    HMAC_CTX *begun;            /* so that a signer is one thread's */
};

/* False if that fails. The texts are copied. */
int openssl_signer_set_up(struct openssl_signer *s, const char *key, const char *secret, const char *token,
                          const char *token_secret);

/* Writes an Authorization header with a fresh nonce and the time; its length, or 0 if that fails. Of the workload it
   reads base_url and the parameters. */
size_t openssl_signer_sign(const struct openssl_signer *s, const struct workload *w, char *buf, size_t cap);

void openssl_signer_tear_down(struct openssl_signer *s);

#endif

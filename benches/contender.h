/* Whoever signs. Each has a file of its own, and keeps what a program would keep from one signature to the next. */
#ifndef CONTENDER_H
#define CONTENDER_H

#include "workload.h"

#define HEADER_CAP 2048

struct contender {
    const char *name;
    /* Gets ready for a workload; false if that fails. */
    int (*set_up)(const struct workload *w);
    /* Writes an Authorization header with a fresh nonce and the time; its length, or 0 if that fails. */
    size_t (*sign)(char *buf, size_t cap);
    void (*tear_down)(void);
    /* Of those that sign nothing: whether they did what they should. NULL for the others. */
    int (*is_right)(void);
};

extern const struct contender etoauth_with_prepared, etoauth_with_signer;
extern const struct contender openssl_hmac_copied, openssl_hmac, openssl_sha1;
extern const struct contender liboauth, oauth1_request;
extern const struct contender floor_prepared, floor_signer;

#endif

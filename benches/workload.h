/* What is signed: the first two cases of tests/vectors/signatures.json, with the credentials that E*TRADE publishes. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stddef.h>

#define CONSUMER_KEY "c5bb4dcb7bd6826c7c4340df3f791188"
#define CONSUMER_SECRET "7d30246211192cda43ede3abd9b393b9"
#define TOKEN "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI="
#define TOKEN_SECRET "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es="

/* The secrets percent-encoded and joined by &: the key of the HMAC (RFC 5849 section 3.4.2). */
#define SIGNING_KEY "7d30246211192cda43ede3abd9b393b9&XCF9RzyQr4UEPloA%2BWlC06BnTfYC1P0Fwr3GUw%2FB0Es%3D"

struct parameter {
    const char *name, *value;
};

struct workload {
    const char *name, *vector, *url;
    const char *base_url;                       /* the URL without its query */
    const struct parameter *before, *after;     /* the query's parameters that sort before and after oauth_ */
    size_t n_before, n_after;
    /* The vector's base string: its nonce, timestamp and oauth_version, if any, go between these. */
    const char *to_nonce, *to_timestamp, *to_version, *to_end;
    const char *signature;                      /* of the vector, with the nonce and the timestamp below */
    size_t blocks_signer, blocks_prepared;      /* see floor.c */
};

#define VECTOR_NONCE "0bba225a40d1bbac2430aa0c6163ce44"
#define VECTOR_TIMESTAMP "1344885636"

#define WORKLOADS 2
extern const struct workload workloads[WORKLOADS];

#endif

/* What benches/peers exports: Rust crates behind a C ABI. */
#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>
#include <stdint.h>

struct pair {
    const char *name, *value;
};

/* The oauth1-request crate's Builder, kept; the texts must outlive it. */
void *oauth1_request_new(const char *key, const char *secret, const char *token, const char *token_secret,
                         const char *url, const struct pair *query, size_t count);
size_t oauth1_request_sign(const void *builder, char *buf, size_t cap);
void oauth1_request_free(void *builder);

/* The sha1 crate's compression of whole blocks. */
void sha1_compress(uint32_t state[5], const unsigned char *blocks, size_t count);

#endif

/* What no signature with the library's SHA-1 can undercut: its compressions alone, without a nonce, the time, a base
   string or a header. With the key's states kept, HMAC takes the base string's blocks, padded, and one more; a prepared
   request has also hashed the whole blocks in front of the nonce's part that changes. Each call begins with the result
   of the one before: independent calls overlap in the processor, which the blocks of one signature can't. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>

#include "contender.h"
#include "peers.h"

#define MOST 16

static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
static size_t blocks_signer, blocks_prepared;
static unsigned char data[MOST][SHA_CBLOCK];
static uint32_t result[5];

static int set_up(const struct workload *w)
{
    size_t i;

    blocks_signer = w->blocks_signer;
    blocks_prepared = w->blocks_prepared;
    for (i = 0; i < sizeof data; i++)
        data[i / SHA_CBLOCK][i % SHA_CBLOCK] = (unsigned char)(i * 7 + 1);
    return blocks_signer <= MOST;
}

/* All but one in a row, then one that holds their result, as HMAC does. It goes on from the result before. */
static size_t compress(size_t count)
{
    unsigned char last[SHA_CBLOCK];

    sha1_compress(result, data[0], count - 1);
    memcpy(last, data[count - 1], sizeof last);
    memcpy(last, result, sizeof result);
    memcpy(result, start, sizeof result);
    sha1_compress(result, last, 1);
    return count;
}

static int is_right(size_t count)
{
    unsigned char last[SHA_CBLOCK];
    SHA_CTX ctx;

    SHA1_Init(&ctx);
    memcpy(&ctx.h0, result, sizeof result);
    SHA1_Update(&ctx, data[0], (count - 1) * SHA_CBLOCK);
    memcpy(last, data[count - 1], sizeof last);
    memcpy(last, &ctx.h0, sizeof result);
    SHA1_Init(&ctx);
    SHA1_Update(&ctx, last, sizeof last);
    return compress(count) == count && memcmp(result, &ctx.h0, sizeof result) == 0;
}

static size_t compress_prepared(char *buf, size_t cap)
{
    (void)buf, (void)cap;
    return compress(blocks_prepared);
}

static size_t compress_signer(char *buf, size_t cap)
{
    (void)buf, (void)cap;
    return compress(blocks_signer);
}

static int prepared_is_right(void)
{
    return is_right(blocks_prepared);
}

static int signer_is_right(void)
{
    return is_right(blocks_signer);
}

static void tear_down(void)
{
}

const struct contender floor_prepared = {
    "floor: SHA-1 blocks, prepared", set_up, compress_prepared, tear_down, prepared_is_right};
const struct contender floor_signer = {
    "floor: SHA-1 blocks, signer", set_up, compress_signer, tear_down, signer_is_right};

/* libcurl's easy interface: a handle for each thread, which keeps its connection, and a header signed by OpenSSL. In
   favour of this one: its URL is read once, and nobody looks at what the answer means. */
#define _POSIX_C_SOURCE 200809L
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contender.h"
#include "openssl.h"
#include "sandbox.h"
#include "sender.h"

struct answer {
    char *bytes;
    size_t len;
};

struct handle {
    CURL *curl;
    struct openssl_signer signer;
};

struct state {
    struct workload call;
    char url[256];
    int threads;
    struct handle handles[MOST_THREADS];
};

static size_t append(char *bytes, size_t size, size_t count, void *argument)
{
    struct answer *a = argument;
    char *more = realloc(a->bytes, a->len + size * count + 1);

    if (more == NULL)
        return 0;
    memcpy(more + a->len, bytes, size * count);
    a->bytes = more;
    a->len += size * count;
    a->bytes[a->len] = '\0';
    return size * count;
}

static int send_by_libcurl(void *state, int thread)
{
    struct state *s = state;
    struct handle *h = &s->handles[thread];
    struct answer answer = {NULL, 0};
    struct curl_slist *headers;
    char line[HEADER_CAP + 32] = "Authorization: ";
    size_t prefix = strlen(line);
    long status = 0;
    CURLcode code = CURLE_OUT_OF_MEMORY;
    int ok;

    if (openssl_signer_sign(&h->signer, &s->call, line + prefix, sizeof line - prefix) == 0)
        return 0;
    headers = curl_slist_append(NULL, line);
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, &answer);
    if (headers != NULL)
        code = curl_easy_perform(h->curl);
    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
    ok = code == CURLE_OK && status == 200 && answer.len > strlen(SEND_ANSWER) &&
         memcmp(answer.bytes, SEND_ANSWER, strlen(SEND_ANSWER)) == 0;
    if (!ok)
        fprintf(stderr, "libcurl: %s; status %ld, %s\n", curl_easy_strerror(code), status,
                answer.len > 0 ? answer.bytes : "no body");
    curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    free(answer.bytes);
    return ok;
}

/* What the library does unasked, this is asked for. */
static int set_up(struct handle *h, const char *url, const struct access_token *token)
{
    h->curl = curl_easy_init();
    return h->curl != NULL && curl_easy_setopt(h->curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_CAINFO, sandbox_fact("ETOAUTH_SANDBOX_CA_FILE")) == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3) == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "benches/1.0") == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, 30000L) == CURLE_OK &&
           curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, append) == CURLE_OK &&
           openssl_signer_set_up(&h->signer, sandbox_fact("ETOAUTH_SANDBOX_KEY"),
                                 sandbox_fact("ETOAUTH_SANDBOX_SECRET"), token->token, token->secret);
}

static void close_libcurl(void *state)
{
    struct state *s = state;
    int i;

    for (i = 0; i < s->threads; i++) {
        curl_easy_cleanup(s->handles[i].curl);
        openssl_signer_tear_down(&s->handles[i].signer);
    }
    free(s);
}

static void *open_libcurl(int tls, int threads, const struct access_token *token)
{
    struct state *s = calloc(1, sizeof *s);
    int i, ok = s != NULL;

    if (!ok)
        return NULL;
    snprintf(s->url, sizeof s->url, "%s" SEND_PATH,
             sandbox_fact(tls ? "ETOAUTH_SANDBOX_TLS_URL" : "ETOAUTH_SANDBOX_URL"));
    s->call.base_url = s->url;
    s->threads = threads;
    for (i = 0; i < threads; i++)
        ok = ok && set_up(&s->handles[i], s->url, token);
    if (ok)
        return s;
    close_libcurl(s);
    return NULL;
}

const struct sender libcurl_sender = {"libcurl, signed by OpenSSL", open_libcurl, send_by_libcurl, close_libcurl};

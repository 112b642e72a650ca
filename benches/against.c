/* Two builds of this library in one process, in turns: etoauth-sandbox -- build/against OLD.SO NEW.SO. What each takes
   for a signature and for a call. Nothing here judges a time. */
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etoauth.h"
#include "harness.h"
#include "workload.h"

#define SECONDS 5.0     /* for each pair */

#define FUNCTIONS(X) \
    X(last_error) X(signer_new) X(signer_sign) X(prepared_new) X(prepared_sign) X(client_new) X(client_set_base_urls) \
    X(client_set_proxy) X(client_set_ca_file) X(client_fetch_request_token) X(client_fetch_access_token) \
    X(client_get_access_token) X(client_set_access_token) X(client_sign) X(client_send) X(response_free) X(string_free)

struct build {
#define MEMBER(name) __typeof__(etoauth_##name) *name;
    FUNCTIONS(MEMBER)
    etoauth_signer *signer;
    etoauth_prepared *prepared;
    etoauth_client *plain, *tls;
};

static struct build old, new;
static char *token, *token_secret;
static const struct workload *workload;

static void check(const struct build *b, etoauth_status status, const char *what)
{
    char text[512] = "";

    if (status == ETOAUTH_OK)
        return;
    b->last_error(NULL, text, sizeof text, NULL);
    fprintf(stderr, "%s failed. %s\n", what, text);
    exit(1);
}

static const char *fact(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fprintf(stderr, "etoauth-sandbox sets %s for a program that it starts.\n", name);
        exit(2);
    }
    return value;
}

/* A client of the sandbox with the token of the login that both builds share. */
static etoauth_client *client_of(const struct build *b, const char *url)
{
    char oauth[256], page[256];
    etoauth_client *c = NULL;

    snprintf(oauth, sizeof oauth, "%s/oauth", url);
    snprintf(page, sizeof page, "%s/e/t/etws/authorize", url);
    check(b, b->client_new(ETOAUTH_ENV_SANDBOX, fact("ETOAUTH_SANDBOX_KEY"), fact("ETOAUTH_SANDBOX_SECRET"), &c),
          "A client");
    check(b, b->client_set_base_urls(c, oauth, page, url), "The sandbox's address");
    check(b, b->client_set_proxy(c, ""), "No proxy");
    check(b, b->client_set_ca_file(c, fact("ETOAUTH_SANDBOX_CA_FILE")), "The sandbox's certificate");
    if (token == NULL) {
        check(b, b->client_fetch_request_token(c), "A request token");
        check(b, b->client_fetch_access_token(c, fact("ETOAUTH_SANDBOX_CODE")), "An access token");
        check(b, b->client_get_access_token(c, &token, &token_secret), "The access token");
    } else {
        check(b, b->client_set_access_token(c, token, token_secret, 0), "The access token");
    }
    return c;
}

static void load(struct build *b, const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
#define FIND(name) \
    *(void **)&b->name = dlsym(library, "etoauth_" #name); \
    if (b->name == NULL) { \
        fprintf(stderr, "%s has no etoauth_" #name ".\n", path); \
        exit(1); \
    }
    FUNCTIONS(FIND)
    check(b, b->signer_new(CONSUMER_KEY, CONSUMER_SECRET, TOKEN, TOKEN_SECRET, &b->signer), "A signer");
    b->plain = client_of(b, fact("ETOAUTH_SANDBOX_URL"));
    b->tls = client_of(b, fact("ETOAUTH_SANDBOX_TLS_URL"));
}

static size_t prepared(const struct build *b, char *buf, size_t cap)
{
    size_t len = 0;

    check(b, b->prepared_sign(b->prepared, buf, cap, &len), "etoauth_prepared_sign");
    return len;
}

static size_t signer(const struct build *b, char *buf, size_t cap)
{
    size_t len = 0;

    check(b, b->signer_sign(b->signer, "GET", workload->url, NULL, buf, cap, &len), "etoauth_signer_sign");
    return len;
}

static size_t client(const struct build *b, char *buf, size_t cap)
{
    char *header = NULL;

    (void)buf;
    (void)cap;
    check(b, b->client_sign(b->plain, "GET", workload->url, &header), "etoauth_client_sign");
    b->string_free(header);
    return 1;
}

static void send_by(const struct build *b, etoauth_client *c)
{
    etoauth_response *response = NULL;

    check(b, b->client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &response), "etoauth_client_send");
    b->response_free(response);
}

static size_t send_plain(const struct build *b, char *buf, size_t cap)
{
    (void)buf;
    (void)cap;
    send_by(b, b->plain);
    return 1;
}

static size_t send_tls(const struct build *b, char *buf, size_t cap)
{
    (void)buf;
    (void)cap;
    send_by(b, b->tls);
    return 1;
}

/* The harness hands a subject a buffer, and not which one it is. */
#define CALLS(X) X(prepared) X(signer) X(client) X(send_plain) X(send_tls)
#define BOTH(name) \
    static size_t old_##name(char *buf, size_t cap) { return name(&old, buf, cap); } \
    static size_t new_##name(char *buf, size_t cap) { return name(&new, buf, cap); }
CALLS(BOTH)

static void compare(const char *name, size_t (*one)(char *, size_t), size_t (*other)(char *, size_t))
{
    struct subject pair[2];
    int rounds;

    memset(pair, 0, sizeof pair);
    pair[0].call = one;
    pair[1].call = other;
    rounds = harness_run(pair, 2, 0, SECONDS);
    printf("%-24s %10.0f %10.0f %8.3f %10.3f %8.4g %8.4g %8d\n", name, pair[0].median, pair[1].median, pair[1].ratio,
           pair[1].quartile / pair[0].quartile, pair[0].allocations, pair[1].allocations, rounds);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char name[64];
    int w;

    if (argc != 3) {
        fprintf(stderr, "usage: etoauth-sandbox -- %s OLD.SO NEW.SO\n", argv[0]);
        return 2;
    }
    load(&old, argv[1]);
    load(&new, argv[2]);
    printf("CPU time of a call in ns: the middle round of each build, the middle of the rounds' ratios, and the ratio\n"
           "of the quartiles; allocations of each\n\n%-24s %10s %10s %8s %10s %8s %8s %8s\n", "", "old", "new", "ratio",
           "quartiles", "old", "new", "rounds");
    for (w = 0; w < WORKLOADS; w++) {
        workload = &workloads[w];
        check(&old, old.prepared_new(old.signer, "GET", workload->url, &old.prepared), "A prepared request");
        check(&new, new.prepared_new(new.signer, "GET", workload->url, &new.prepared), "A prepared request");
#define COMPARE(what, call) \
    snprintf(name, sizeof name, "%s, %s", what, workload->name); \
    compare(name, old_##call, new_##call);
        COMPARE("prepared", prepared)
        COMPARE("signer", signer)
        COMPARE("client_sign", client)
    }
    compare("client_send", old_send_plain, new_send_plain);
    compare("client_send over TLS", old_send_tls, new_send_tls);
    return 0;
}

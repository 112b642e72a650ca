/* Network calls over http and TLS in a thread whose stack has as many KiB as the first argument says, and signatures in
   one of the second. The third is for compressed answers, and for the server at the fourth argument, if there is one,
   whose keys are large and whose CA file is the fifth. */
#define _POSIX_C_SOURCE 200809L
#include <limits.h>
#include <pthread.h>

/* A program's own thread-local data takes room on each stack: this one has none. */
#define __thread
#include "sandbox.h"

static void *network(void *url)
{
    etoauth_client *c = new_client(url);
    etoauth_response *r = NULL;

    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    log_in(c);
    OK(etoauth_client_send(c, "GET", "/v1/accounts/list.json?x=1", NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
    OK(etoauth_client_renew_access_token(c));
    OK(etoauth_client_ensure_active(c, 60));
    OK(etoauth_client_revoke_access_token(c));
    OK(etoauth_client_free(c));
    return NULL;
}

static void *compressed(void *url)
{
    etoauth_client *c = new_client(url);
    etoauth_response *r = NULL;

    OK(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    log_in(c);
    admin("fault?on=/v1/accounts&kind=oversize&bytes=100000&encoding=gzip");
    OK(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r));
    OK(etoauth_response_free(r));
    OK(etoauth_client_free(c));
    return NULL;
}

static const char *large_ca_file;

/* Of this server nothing is known but that it speaks TLS and no OAuth. */
static void *large_keys(void *url)
{
    etoauth_client *c = new_client(url);
    etoauth_status status;

    OK(etoauth_client_set_ca_file(c, large_ca_file));
    status = etoauth_client_fetch_request_token(c);
    CHECK(status != ETOAUTH_OK && status != ETOAUTH_E_TLS && status != ETOAUTH_E_CONNECT && status != ETOAUTH_E_TIMEOUT);
    OK(etoauth_client_free(c));
    return NULL;
}

static etoauth_signer *s;
static etoauth_prepared *p;

static void *signatures(void *unused)
{
    static char header[ETOAUTH_HEADER_MAX];

    (void)unused;
    OK(etoauth_signer_sign(s, "POST", "https://api.etrade.com/v1/accounts/list?b=2&a=1", "c=3&d=4", header,
                           sizeof header, NULL));
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    return NULL;
}

static void run_on(const char *kib, void *(*work)(void *), const char *url)
{
    size_t size = (size_t)atoi(kib) * 1024;
    pthread_attr_t attributes;
    pthread_t thread;

    if (size < (size_t)PTHREAD_STACK_MIN)
        size = (size_t)PTHREAD_STACK_MIN;
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, size) == 0);
    CHECK(pthread_create(&thread, &attributes, work, (void *)url) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 4 || argc == 6);
    run_on(argv[1], network, sandbox("SANDBOX_URL"));
    run_on(argv[1], network, sandbox("SANDBOX_TLS_URL"));
    run_on(argv[3], compressed, sandbox("SANDBOX_TLS_URL"));
    if (argc == 6) {
        large_ca_file = argv[5];
        run_on(argv[3], large_keys, argv[4]);
    }
    OK(etoauth_signer_new("key", "secret", "token", "token secret", &s));
    OK(etoauth_prepared_new(s, "GET", "https://api.etrade.com/v1/market/quote/GOOG?detailFlag=ALL", &p));
    run_on(argv[2], signatures, NULL);
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    CHECK(etoauth_live_objects() == 0);
    puts("small stacks were enough");
    return 0;
}

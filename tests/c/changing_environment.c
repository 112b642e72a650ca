/* Once a client is made, nothing reads the environment, which another thread may change all the while. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "sandbox.h"

#define CALLS 2000

extern char **environ;

static _Atomic int counted, asked_for, ended;
static char last_name[64];

/* In the place of the C library's, for this program and the library. */
char *getenv(const char *name)
{
    size_t length = strlen(name);
    char **entry;

    if (counted) {
        strncpy(last_name, name, sizeof last_name - 1);
        asked_for++;
        return NULL;
    }
    for (entry = environ; *entry != NULL; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

/* The block that holds the environment grows and shrinks, and with it the values. */
static void *changes(void *unused)
{
    static char value[1024];
    char name[32];
    int i;

    (void)unused;
    memset(value, 'x', sizeof value - 1);
    for (i = 0; !ended; i++) {
        sprintf(name, "GROWING_%d", i % 1000);
        value[i % 1000] = '\0';
        if (i / 1000 % 2 == 0)
            CHECK(setenv(name, value, 1) == 0);
        else
            CHECK(unsetenv(name) == 0);
        CHECK(setenv("HTTPS_PROXY", value, 1) == 0 && setenv("NO_PROXY", value, 1) == 0);
        CHECK(setenv("SSL_CERT_FILE", value, 1) == 0);
        value[i % 1000] = 'x';
        sched_yield();
    }
    return NULL;
}

/* With every kind of call that a client makes, over connections of its own. */
static void calls(etoauth_client *c, const char *ca_file)
{
    etoauth_response *r = NULL;

    OK(etoauth_client_set_proxy(c, ""));
    OK(etoauth_client_set_ca_file(c, ca_file));
    OK(etoauth_client_fetch_request_token(c));
    OK(etoauth_client_set_access_token(c, "unknown", "to the server", 0));
    EXPECT(etoauth_client_send(c, "GET", "/v1/accounts/list.json", NULL, NULL, 0, &r), ETOAUTH_E_LOGIN);
}

int main(void)
{
    const char *url = sandbox("SANDBOX_TLS_URL"), *ca_file = sandbox("SANDBOX_CA_FILE");
    etoauth_client *first = new_client(url), *second = new_client(url), *by_default = new_client(url);
    pthread_t thread;
    int i;

    alarm(600);
    counted = 1;
    calls(first, ca_file);
    EXPECT(etoauth_client_fetch_request_token(by_default), ETOAUTH_E_TLS);
    counted = 0;
    if (asked_for != 0)
        fprintf(stderr, "%d questions, %s\n", asked_for, last_name);
    CHECK(asked_for == 0);

    CHECK(pthread_create(&thread, NULL, changes, NULL) == 0);
    OK(etoauth_client_set_proxy(second, ""));
    OK(etoauth_client_set_ca_file(second, ca_file));
    for (i = 0; i < CALLS; i++)
        OK(etoauth_client_fetch_request_token(i % 10 == 0 ? first : second));
    ended = 1;
    CHECK(pthread_join(thread, NULL) == 0);
    OK(etoauth_client_free(first));
    OK(etoauth_client_free(second));
    OK(etoauth_client_free(by_default));
    puts("nobody asked");
    return 0;
}

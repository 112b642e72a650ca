/* The last failure of a handle: every function that was called with it counts, whichever thread it ran on. */
#include "session.h"

#include <pthread.h>
#ifndef _WIN32
#include <sys/wait.h>
#endif

#define CALLS 64

static etoauth_client *c;

/* What the handle tells is a failure, and its sentence holds this. */
static void told(etoauth_client *handle, etoauth_status expected, const char *part)
{
    char text[ETOAUTH_ERROR_MAX] = "";
    etoauth_status status = 1;
    size_t length = 0;

    OK(etoauth_client_last_error(handle, &status, text, sizeof text, &length));
    EXPECT(status, expected);
    CHECK(strlen(text) == length && (length > 0) == (expected != ETOAUTH_OK));
    if (strstr(text, part) == NULL)
        fprintf(stderr, "\"%s\" lacks \"%s\"\n", text, part);
    CHECK(strstr(text, part) != NULL);
}

/* Makes a call that fails, and looks at once at what its handle tells. */
#define FAILS(call, expected, part) \
    do { \
        EXPECT(call, expected); \
        told(c, expected, part); \
    } while (0)

static void every_function(void)
{
    etoauth_listener *l = NULL;
    etoauth_client *share = NULL;
    etoauth_exchange *x = NULL;
    etoauth_response *r = NULL;
    etoauth_signer *s = NULL;
    char *text = NULL, buf[8];
    int32_t number, http = -1;
    size_t length = 0;

    c = synced_client();
    told(c, ETOAUTH_OK, "");
    OK(etoauth_client_last_problem(c, &http, buf, sizeof buf, &length));
    CHECK(http == 0 && buf[0] == '\0' && length == 0);

    /* NULL beside a valid handle, invalid UTF-8, values, states. */
    FAILS(etoauth_client_sign(c, NULL, "https://localhost", &text), ETOAUTH_E_NULL, "method");
    FAILS(etoauth_client_get_token_state(c, &number, NULL, NULL) + etoauth_client_share(c, NULL), ETOAUTH_E_NULL, "out");
    FAILS(etoauth_client_fetch_access_token(c, "\xff"), ETOAUTH_E_UTF8, "verifier");
    FAILS(etoauth_client_set_timeout_ms(c, 0), ETOAUTH_E_ARGUMENT, "timeout_ms");
    FAILS(etoauth_client_set_proxy(c, "ftp://localhost"), ETOAUTH_E_URL, "");
    FAILS(etoauth_client_set_user_agent(c, ""), ETOAUTH_E_ARGUMENT, "text");
    FAILS(etoauth_client_set_ca_file(c, "/nowhere"), ETOAUTH_E_FILE, "nowhere");
    FAILS(etoauth_client_set_session_file(c, "/nowhere/at/all"), ETOAUTH_E_FILE, "nowhere");
    FAILS(etoauth_client_import_session(c, "text"), ETOAUTH_E_SESSION, "");
    FAILS(etoauth_client_sign(c, "GET", "https://localhost", &text), ETOAUTH_E_STATE, "token");
    FAILS(etoauth_client_get_signer(c, &s), ETOAUTH_E_STATE, "token");
    FAILS(etoauth_client_get_authorize_url(c, &text), ETOAUTH_E_STATE, "login");
    FAILS(etoauth_client_diagnose(c, "GET", "nothing", 200, NULL, NULL, 0, &number), ETOAUTH_E_ARGUMENT, "auth");
    FAILS(etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x), ETOAUTH_E_STATE, "token");
    FAILS(etoauth_exchange_new_request(c, "GET", NULL, NULL, &x), ETOAUTH_E_NULL, "url");
    OK(etoauth_listener_new("http://127.0.0.1:0/", &l));
    FAILS(etoauth_listener_wait(l, c, 0, &text), ETOAUTH_E_TIMEOUT, "redirect");
    FAILS(etoauth_listener_wait(l, c, 0, NULL), ETOAUTH_E_NULL, "redirected_url");
    /* Without the client it is no affair of its handles, and neither is what does not take one. */
    EXPECT(etoauth_listener_wait(l, NULL, 0, &text), ETOAUTH_E_TIMEOUT);
    EXPECT(etoauth_percent_encode(NULL, &text), ETOAUTH_E_NULL);
    told(c, ETOAUTH_E_NULL, "redirected_url");
    OK(etoauth_listener_free(l));
    EXPECT(etoauth_listener_wait(l, c, 0, &text), ETOAUTH_E_HANDLE);
    told(c, ETOAUTH_E_HANDLE, "l is");

    /* A success leaves it, and so do questions about it, which fail without a trace. */
    OK(etoauth_client_cancel(c));
    EXPECT(etoauth_client_last_error(c, NULL, NULL, 1, NULL), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_last_problem(c, NULL, NULL, 1, NULL), ETOAUTH_E_NULL);
    told(c, ETOAUTH_E_HANDLE, "l is");
    OK(etoauth_client_last_error(c, NULL, NULL, 0, &length));
    OK(etoauth_client_last_error(c, NULL, buf, sizeof buf, NULL));
    CHECK(length > sizeof buf && strlen(buf) == sizeof buf - 1);

    /* The thread's own last error is another matter. */
    EXPECT(etoauth_percent_encode("a", NULL), ETOAUTH_E_NULL);
    told(c, ETOAUTH_E_HANDLE, "l is");
    SENTENCE("out");

    /* Each handle has its own; another one begins without. */
    OK(etoauth_client_share(c, &share));
    told(share, ETOAUTH_OK, "");
    EXPECT(etoauth_client_send(share, "GET", "https://localhost/x", NULL, NULL, 0, &r), ETOAUTH_E_URL);
    told(share, ETOAUTH_E_URL, "url");
    told(c, ETOAUTH_E_HANDLE, "l is");
    OK(etoauth_client_free(share));
    EXPECT(etoauth_client_last_error(share, NULL, NULL, 0, NULL), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_client_last_problem(share, NULL, NULL, 0, NULL), ETOAUTH_E_HANDLE);
    EXPECT(etoauth_client_last_error(NULL, NULL, NULL, 0, NULL), ETOAUTH_E_NULL);
    EXPECT(etoauth_client_last_problem(NULL, NULL, NULL, 0, NULL), ETOAUTH_E_NULL);
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

static struct call {
    etoauth_client *share;
    pthread_t thread;
} calls[CALLS];

/* Nobody looks at this thread's own last error. */
static void *run(void *data)
{
    size_t number = (size_t)((struct call *)data - calls);
    etoauth_response *r = NULL;
    char *text = NULL, url[64];

    sprintf(url, "/v1/call/%02d", (int)number);
    CHECK(etoauth_client_send(calls[number].share, "GET", url, NULL, NULL, 0, &r) != ETOAUTH_OK);
    OK(etoauth_percent_encode("", &text));
    OK(etoauth_string_free(text));
    return NULL;
}

/* Concurrent calls that each fail in another way: another thread reads of each what was said to it. */
static void of_many_calls(void)
{
    char problem[64], expected[64];
    int32_t http;
    int i;

    c = synced_client();
    log_in(c);
    for (i = 0; i < CALLS; i++) {
        calls[i].share = share_of(c);
        admin("fault?on=/v1/call/%02d&kind=problem&http=%d&code=code_%c%c", i, 400 + i, 'a' + i / 8,
              'a' + i % 8);
    }
    for (i = 0; i < CALLS; i++)
        CHECK(pthread_create(&calls[i].thread, NULL, run, &calls[i]) == 0);
    for (i = 0; i < CALLS; i++)
        CHECK(pthread_join(calls[i].thread, NULL) == 0);
    for (i = 0; i < CALLS; i++) {
        OK(etoauth_client_last_problem(calls[i].share, &http, problem, sizeof problem, NULL));
        sprintf(expected, "code_%c%c", 'a' + i / 8, 'a' + i % 8);
        if (http != 400 + i || strcmp(problem, expected) != 0)
            fprintf(stderr, "call %d: HTTP %d %s\n", i, (int)http, problem);
        CHECK(http == 400 + i && strcmp(problem, expected) == 0);
        told(calls[i].share, ETOAUTH_E_HTTP, expected);
        OK(etoauth_client_free(calls[i].share));
    }
    told(c, ETOAUTH_OK, "");
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}

#ifndef _WIN32
/* In a forked child the parent's handles tell nothing and are not touched. */
static void in_a_child(void)
{
    etoauth_client *own = NULL;
    int ended = -1;
    pid_t child;

    c = synced_client();
    EXPECT(etoauth_client_set_timeout_ms(c, 0), ETOAUTH_E_ARGUMENT);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(600);
        EXPECT(etoauth_client_last_error(c, NULL, NULL, 0, NULL), ETOAUTH_E_STATE);
        EXPECT(etoauth_client_last_problem(c, NULL, NULL, 0, NULL), ETOAUTH_E_STATE);
        EXPECT(etoauth_client_share(c, &own), ETOAUTH_E_STATE);
        EXPECT(etoauth_client_free(c), ETOAUTH_E_STATE);
        own = new_client("http://127.0.0.1:1");
        EXPECT(etoauth_client_share(own, NULL), ETOAUTH_E_NULL);
        told(own, ETOAUTH_E_NULL, "out");
        OK(etoauth_client_free(share_of(own)));
        OK(etoauth_client_free(own));
        _exit(0);
    }
    CHECK(waitpid(child, &ended, 0) == child);
    CHECK(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    told(c, ETOAUTH_E_ARGUMENT, "timeout_ms");
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
}
#endif

int main(void)
{
    alarm(600);
    at_noon();
    every_function();
    of_many_calls();
#ifndef _WIN32
    in_a_child();
#endif
    puts("every failure was told by its handle");
    return 0;
}

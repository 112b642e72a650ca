/* What works in a forked child, what is refused there, and that no child hangs. */
#include "header.h"
#include "misuse.h"
#include "sandbox.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define CHILDREN 3
#define NONCES 4
/* Those that make nonces: see make_nonces. */
#define KINDS 3
#define FORKS 300

static etoauth_client *c;
static etoauth_signer *s, *of_client;
static etoauth_prepared *p, *prepared_of_client;
static etoauth_response *r;
static etoauth_exchange *x;
static etoauth_listener *l;

/* Runs the body in a child, which must come to its end. */
static pid_t begin_child(void (*body)(void))
{
    pid_t child = fork();

    CHECK(child >= 0);
    if (child == 0) {
        alarm(600);
        body();
        _exit(0);
    }
    return child;
}

static void end_child(pid_t child)
{
    int status = -1;

    CHECK(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status))
        fprintf(stderr, "a child was ended by signal %d\n", WTERMSIG(status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* From a signer and a prepared request of the parent's, and from a client of this process's own. */
static void make_nonces(nonce *nonces)
{
    etoauth_client *own = make_client();
    int i;

    OK(etoauth_client_set_access_token(own, "token", "token secret", 0));
    for (i = 0; i < NONCES; i++) {
        char header[ETOAUTH_HEADER_MAX], *text = NULL;

        OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
        read_nonce(header, nonces[KINDS * i]);
        OK(etoauth_client_sign(own, "GET", URL, &text));
        read_nonce(text, nonces[KINDS * i + 1]);
        OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
        read_nonce(header, nonces[KINDS * i + 2]);
        OK(etoauth_string_free(text));
    }
    OK(etoauth_client_free(own));
}

static int channel[2];

static void tell_nonces(void)
{
    nonce nonces[KINDS * NONCES];

    memset(nonces, 0, sizeof nonces);
    make_nonces(nonces);
    CHECK(write(channel[1], nonces, sizeof nonces) == (ssize_t)sizeof nonces);
}

/* The grandchild is a child like any other. */
static void tell_nonces_twice(void)
{
    end_child(begin_child(tell_nonces));
    tell_nonces();
}

static void nonces_differ(void)
{
    /* The parent's own before and after, then two from each child. */
    nonce nonces[2 + 2 * CHILDREN][KINDS * NONCES], *all = nonces[0];
    pid_t children[CHILDREN];
    int i, j, count = (int)(sizeof nonces / sizeof *all);

    CHECK(pipe(channel) == 0);
    make_nonces(nonces[0]);
    for (i = 0; i < CHILDREN; i++)
        children[i] = begin_child(tell_nonces_twice);
    close(channel[1]);
    make_nonces(nonces[1]);
    for (i = 2; i < 2 + 2 * CHILDREN; i++)
        CHECK(read(channel[0], nonces[i], sizeof nonces[i]) == (ssize_t)sizeof nonces[i]);
    for (i = 0; i < CHILDREN; i++)
        end_child(children[i]);
    for (i = 0; i < count; i++)
        for (j = 0; j < i; j++)
            CHECK(strcmp(all[i], all[j]) != 0);
    close(channel[0]);
}

static char *text_of_parent;

/* A response and a client's signer need nothing of their client's. */
static void use_survivors(void)
{
    etoauth_listener *own = make_listener();
    int which;

    EXPECT(etoauth_listener_wait(own, c, 0, &out.text), ETOAUTH_E_STATE);
    OK(etoauth_listener_free(own));
    for (which = 0; which < RESPONSE_CALLS; which++) {
        out.text = NULL;
        OK(response_call(which, r));
        OK(etoauth_string_free(out.text));
    }
    OK(etoauth_response_free(r));
    EXPECT(etoauth_response_free(r), ETOAUTH_E_HANDLE);
    for (which = 0; which < 3; which++) {
        out.text = NULL;
        OK(signer_call(which, of_client));
        OK(etoauth_string_free(out.text));
    }
    for (which = 0; which < PREPARED_CALLS; which++)
        OK(prepared_call(which, prepared_of_client));
    OK(etoauth_signer_free(of_client));
    EXPECT(etoauth_signer_free(of_client), ETOAUTH_E_HANDLE);
    OK(prepared_call(0, prepared_of_client));
    OK(etoauth_prepared_free(prepared_of_client));
    EXPECT(etoauth_prepared_free(prepared_of_client), ETOAUTH_E_HANDLE);
}

static void use_everything(void)
{
    size_t live = etoauth_live_objects();
    etoauth_client *own;
    etoauth_prepared *own_prepared;
    char *text = NULL;
    int which;

    for (which = 0; which < CLIENT_CALLS; which++)
        REFUSED(client_call(which, c), ETOAUTH_E_STATE, "c");
    EXPECT(etoauth_client_free(c), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_free(c), ETOAUTH_E_STATE);
    for (which = 0; which < EXCHANGE_CALLS; which++)
        REFUSED(exchange_call(which, x), ETOAUTH_E_STATE, "x");
    for (which = 0; which < LISTENER_CALLS; which++)
        REFUSED(listener_call(which, l), ETOAUTH_E_STATE, "l");
    for (which = 0; which < 2; which++) {
        EXPECT(etoauth_exchange_free(x), ETOAUTH_E_STATE);
        EXPECT(etoauth_listener_free(l), ETOAUTH_E_STATE);
    }
    CHECK(etoauth_live_objects() == live);
    use_survivors();
    live -= 3;

    OK(etoauth_self_test());
    OK(etoauth_percent_encode("a b", &text));
    CHECK(strcmp(text, "a%20b") == 0);
    OK(etoauth_string_free(text));
    EXPECT(etoauth_string_free(text), ETOAUTH_E_HANDLE);
    OK(etoauth_string_free(text_of_parent));
    for (which = 0; which < SIGNER_CALLS; which++) {
        mark_outputs();
        OK(signer_call(which, s));
        if (which == 2)
            OK(etoauth_string_free(out.text));
    }
    /* The last of these calls has prepared a request, here in the child. */
    OK(etoauth_signer_free(s));
    EXPECT(etoauth_signer_free(s), ETOAUTH_E_HANDLE);
    own_prepared = out.prepared;
    for (which = 0; which < PREPARED_CALLS; which++) {
        OK(prepared_call(which, own_prepared));
        OK(prepared_call(which, p));
    }
    OK(etoauth_prepared_free(own_prepared));
    OK(etoauth_prepared_free(p));
    EXPECT(etoauth_prepared_free(p), ETOAUTH_E_HANDLE);
    live -= 3;
    CHECK(etoauth_live_objects() == live);

    /* One of its own does all that the parent's did, the network included. */
    own = new_client(sandbox("SANDBOX_TLS_URL"));
    OK(etoauth_client_set_ca_file(own, sandbox("SANDBOX_CA_FILE")));
    log_in(own);
    OK(etoauth_client_renew_access_token(own));
    OK(etoauth_response_free(make_response(own)));
    OK(etoauth_exchange_free(make_exchange(own)));
    OK(etoauth_client_free(own));
    CHECK(etoauth_live_objects() == live);
}

/* The parent is logged in, over a connection that the child must not touch. */
static void inherited(void)
{
    c = new_client(sandbox("SANDBOX_URL"));
    log_in(c);
    OK(etoauth_percent_encode("parent", &text_of_parent));
    r = make_response(c);
    x = make_exchange(c);
    l = make_listener();
    OK(etoauth_client_get_signer(c, &of_client));
    prepared_of_client = make_prepared(of_client);
    end_child(begin_child(use_everything));
    CHECK(etoauth_live_objects() == 9);
    /* The child has closed and changed nothing of the parent's. */
    EXPECT(etoauth_listener_wait(l, c, 0, &out.text), ETOAUTH_E_TIMEOUT);
    EXPECT(etoauth_exchange_finish(x, 503, NULL, NULL, 0), ETOAUTH_E_UNAVAILABLE);
    OK(signer_call(0, of_client));
    OK(prepared_call(0, prepared_of_client));
    OK(etoauth_response_get_status(r, &out.state));
    OK(etoauth_response_free(r));
    OK(etoauth_exchange_free(x));
    OK(etoauth_listener_free(l));
    OK(etoauth_signer_free(of_client));
    OK(etoauth_prepared_free(prepared_of_client));
    /* The child's login has replaced this one at the server. */
    log_in(c);
    OK(etoauth_response_free(make_response(c)));
    OK(etoauth_string_free(text_of_parent));
}

static int busy = 1;

static void *keep_busy(void *unused)
{
    while (__atomic_load_n(&busy, __ATOMIC_RELAXED)) {
        etoauth_client *own_client = make_client();
        etoauth_signer *own_signer = make_signer();
        etoauth_prepared *own_prepared = make_prepared(own_signer);
        char *text = NULL, header[ETOAUTH_HEADER_MAX];

        OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
        OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
        OK(etoauth_prepared_sign(own_prepared, header, sizeof header, NULL));
        OK(etoauth_prepared_free(own_prepared));
        OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
        OK(etoauth_client_sign(c, "GET", URL, &text));
        OK(etoauth_string_free(text));
        OK(etoauth_percent_encode("a b", &text));
        OK(etoauth_string_free(text));
        EXPECT(etoauth_percent_encode("\xff", &text), ETOAUTH_E_UTF8);
        OK(etoauth_signer_free(own_signer));
        OK(etoauth_client_free(own_client));
    }
    return unused;
}

static void brief_child(void)
{
    etoauth_client *own = make_client();
    char *text = NULL, header[ETOAUTH_HEADER_MAX];

    OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    OK(etoauth_prepared_free(make_prepared(s)));
    EXPECT(etoauth_client_sign(c, "GET", URL, &text), ETOAUTH_E_STATE);
    EXPECT(etoauth_client_free(c), ETOAUTH_E_STATE);
    OK(etoauth_client_set_access_token(own, "token", "token secret", 0));
    OK(etoauth_client_sign(own, "GET", URL, &text));
    OK(etoauth_string_free(text));
    OK(etoauth_client_free(own));
    OK(etoauth_signer_free(s));
    OK(etoauth_prepared_sign(p, header, sizeof header, NULL));
    OK(etoauth_prepared_free(p));
}

static void among_threads(void)
{
    pthread_t threads[4];
    int i;

    for (i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, keep_busy, NULL) == 0);
    for (i = 0; i < FORKS; i++)
        end_child(begin_child(brief_child));
    __atomic_store_n(&busy, 0, __ATOMIC_RELAXED);
    for (i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

int main(void)
{
    alarm(600);
    s = make_signer();
    p = make_prepared(s);
    nonces_differ();
    inherited();
    among_threads();
    OK(etoauth_prepared_free(p));
    OK(etoauth_signer_free(s));
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no child was led astray");
    return 0;
}

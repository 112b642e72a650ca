/* A lock that another process holds for ever, and locks in forked children: who has a token is not kept waiting, and what
 * could not be saved is saved before anything older is adopted. The directory is the argument. */
#define _GNU_SOURCE
#include "session_file.h"

#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static etoauth_client *c, *other;
static pid_t holder;

static double now(void)
{
    struct timespec time;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A child that ends with this process, a failed one too. */
static pid_t begin_child(void)
{
    pid_t child;

    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return child;
}

/* Whether a lock on this file is to be had. */
static int is_free(const char *suffix)
{
    char path[600];
    int descriptor, taken;

    sprintf(path, "%s%s", file, suffix);
    descriptor = open(path, O_RDWR);
    CHECK(descriptor >= 0);
    taken = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    CHECK(close(descriptor) == 0);
    return taken;
}

/* Another process takes the lock and is stopped. */
static void hold(void)
{
    int status = 0;

    holder = begin_child();
    if (holder == 0) {
        char path[600];
        int descriptor;

        sprintf(path, "%s.lock", file);
        descriptor = open(path, O_RDWR | O_CREAT, 0600);
        if (descriptor < 0 || flock(descriptor, LOCK_EX) != 0)
            _exit(1);
        raise(SIGSTOP);
        _exit(1);
    }
    CHECK(waitpid(holder, &status, WUNTRACED) == holder && WIFSTOPPED(status));
    CHECK(!is_free(".lock"));
}

static void release(void)
{
    CHECK(kill(holder, SIGKILL) == 0);
    CHECK(waitpid(holder, NULL, 0) == holder);
}

static void next_call(etoauth_client *client)
{
    etoauth_exchange *x = NULL;

    OK(etoauth_exchange_new(client, ETOAUTH_EXCHANGE_REQUEST_TOKEN, NULL, &x));
    OK(etoauth_exchange_free(x));
}

/* A client that comes later finds this one's token. The file may not know of its last use. */
static void token_saved(void)
{
    etoauth_client *later = synced_client();

    OK(etoauth_client_set_session_file(later, file));
    CHECK(same_token(c, later));
    OK(etoauth_client_free(later));
}

static etoauth_status renew(void)
{
    return etoauth_client_renew_access_token(c);
}

static etoauth_status ensure(void)
{
    return etoauth_client_ensure_active(c, 60);
}

static etoauth_status send_one(void)
{
    return send_get(c);
}

static etoauth_status fetch(void)
{
    return etoauth_client_fetch_request_token(c);
}

static etoauth_status set_token(void)
{
    return etoauth_client_set_access_token(c, "token", "token secret", 0);
}

static etoauth_status begin_exchange(void)
{
    etoauth_exchange *x = NULL;
    etoauth_status status = etoauth_exchange_new(c, ETOAUTH_EXCHANGE_RENEW, NULL, &x);

    if (status == ETOAUTH_OK)
        OK(etoauth_exchange_free(x));
    return status;
}

/* Within the time-out, and half a second. */
static void in_time(etoauth_status (*call)(void), etoauth_status expected, double timeout)
{
    double begun = now();

    EXPECT(call(), expected);
    CHECK(now() - begun < timeout + 0.5);
}

/* C2 and C4. */
static void stopped_with_the_lock(void)
{
    static const double timeouts[] = {1.0, 30.0};
    char *session, *lines = NULL;
    size_t i;

    for (i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        log_in(c);
        hold();
        OK(etoauth_client_set_timeout_ms(c, (uint32_t)(timeouts[i] * 1000)));
        in_time(send_one, ETOAUTH_OK, timeouts[i]);
        in_time(renew, ETOAUTH_OK, timeouts[i]);
        in_time(fetch, ETOAUTH_OK, timeouts[i]);
        in_time(begin_exchange, ETOAUTH_OK, 0);
        three_hours_later(c);
        in_time(ensure, ETOAUTH_OK, timeouts[i]);
        CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
        in_time(send_one, ETOAUTH_OK, timeouts[i]);
        admin("expire?what=idle");
        in_time(send_one, ETOAUTH_OK, timeouts[i]);
        OK(etoauth_client_read_log(c, &lines));
        CHECK(strstr(lines, "holds the lock") != NULL);
        OK(etoauth_string_free(lines));
        in_time(set_token, ETOAUTH_OK, 0);
        session = export_of(c);
        release();
        next_call(c);
        CHECK(holds(c, session));
        saved(c);
        OK(etoauth_string_free(session));
    }
    OK(etoauth_client_set_timeout_ms(c, 30000));
}

/* No one waits for the lock who only reads. */
static void attached_under_the_lock(void)
{
    etoauth_client *later = synced_client();

    hold();
    OK(etoauth_client_set_session_file(later, file));
    CHECK(alike(c, later));
    OK(etoauth_client_set_session_file(later, NULL));
    CHECK(unlink(file) == 0);
    EXPECT(etoauth_client_set_session_file(later, file), ETOAUTH_E_FILE);
    SENTENCE("holds the lock");
    CHECK(access(file, F_OK) != 0);
    release();
    OK(etoauth_client_set_session_file(later, file));
    CHECK(alike(c, later));
    OK(etoauth_client_free(later));
}

static void revoked_under_the_lock(void)
{
    log_in(c);
    hold();
    OK(etoauth_client_revoke_access_token(c));
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    EXPECT(send_get(c), ETOAUTH_E_STATE);
    release();
    EXPECT(send_get(c), ETOAUTH_E_STATE);
    CHECK(token_state(c) == ETOAUTH_TOKEN_REVOKED);
    saved(c);
}

/* C5: the login whose save met a held lock. The other client, which stands for another process, knows nothing of it. */
static void login_under_the_lock(void)
{
    char *session, *replaced;
    int round;

    for (round = 0; round < 4; round++) {
        log_in(c);
        OK(etoauth_client_set_session_file(other, file));
        admin("clock?advance=90");
        sync_clock(c);
        sync_clock(other);
        OK(etoauth_client_fetch_request_token(c));
        hold();
        EXPECT(etoauth_client_fetch_access_token(c, approve(c)), ETOAUTH_E_FILE);
        SENTENCE("holds the lock");
        CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE && !same_token(c, other));
        OK(send_get(c));
        session = export_of(c);
        EXPECT(etoauth_client_import_session(c, session), ETOAUTH_E_FILE);
        release();
        switch (round) {
        case 0: /* Nobody came in between. */
            break;
        case 1: /* The other begins a login beside the old token. */
            OK(etoauth_client_fetch_request_token(other));
            break;
        case 2: /* The other's file is older and different. */
            CHECK(unlink(file) == 0);
            OK(etoauth_client_fetch_request_token(other));
            break;
        default: /* The file is gone. */
            CHECK(unlink(file) == 0);
        }
        OK(send_get(c));
        CHECK(token_state(c) == ETOAUTH_TOKEN_ACTIVE);
        token_saved();
        OK(send_get(other));
        CHECK(same_token(c, other));
        if (round == 1 || round == 2) {
            OK(etoauth_client_fetch_access_token(c, approve(c)));
            OK(send_get(c));
        }
        OK(etoauth_client_set_session_file(other, NULL));
        OK(etoauth_string_free(session));
    }

    /* A login of the other's that came later is the newer one. */
    log_in(c);
    OK(etoauth_client_set_session_file(other, file));
    OK(etoauth_client_fetch_request_token(c));
    hold();
    EXPECT(etoauth_client_fetch_access_token(c, approve(c)), ETOAUTH_E_FILE);
    replaced = export_of(c);
    release();
    admin("clock?advance=90");
    sync_clock(c);
    sync_clock(other);
    log_in(other);
    OK(send_get(c));
    CHECK(same_token(c, other) && !holds(c, replaced));
    token_saved();
    OK(etoauth_client_set_session_file(other, NULL));
    OK(etoauth_string_free(replaced));
}

static int busy;
static etoauth_client *of_threads[2];

static void *keep_writing(void *client)
{
    while (__atomic_load_n(&busy, __ATOMIC_RELAXED)) {
        OK(etoauth_client_set_access_token(client, "token", "token secret", 0));
        next_call(client);
    }
    return NULL;
}

#define CHILDREN 40

/* C1: children of a process whose threads are busy with the file. None is ended before the locks have been looked at. */
static void forked_meanwhile(void)
{
    pthread_t threads[2];
    pid_t children[CHILDREN];
    size_t i;

    busy = 1;
    for (i = 0; i < 2; i++) {
        of_threads[i] = synced_client();
        OK(etoauth_client_set_session_file(of_threads[i], file));
        CHECK(pthread_create(&threads[i], NULL, keep_writing, of_threads[i]) == 0);
    }
    for (i = 0; i < CHILDREN; i++) {
        /* A moment of its own for each, without a sleep. */
        int descriptor = open(file, O_RDONLY);

        if (descriptor >= 0)
            close(descriptor);
        children[i] = begin_child();
        if (children[i] == 0)
            for (;;)
                pause();
    }
    __atomic_store_n(&busy, 0, __ATOMIC_RELAXED);
    for (i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        OK(etoauth_client_free(of_threads[i]));
    }
    CHECK(is_free(".lock"));
    OK(etoauth_client_set_access_token(c, "after the forks", "token secret", 0));
    saved(c);
    for (i = 0; i < CHILDREN; i++) {
        CHECK(kill(children[i], SIGKILL) == 0);
        CHECK(waitpid(children[i], NULL, 0) == children[i]);
    }
}

static void *renew_slowly(void *unused)
{
    OK(etoauth_client_renew_access_token(c));
    return unused;
}

/* The same for the claim to a renew. */
static void forked_while_renewing(void)
{
    pthread_t thread;
    pid_t child;
    long before = requests("/oauth/renew_access_token");

    log_in(c);
    admin("fault?on=/oauth/renew&kind=slow&ms=2");
    CHECK(pthread_create(&thread, NULL, renew_slowly, NULL) == 0);
    while (requests("/oauth/renew_access_token") == before)
        usleep(1000);
    CHECK(!is_free(".renew") && is_free(".lock"));
    child = begin_child();
    if (child == 0)
        for (;;)
            pause();
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(is_free(".renew") && is_free(".lock"));
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    directory = argv[1];
    strcpy(file, in_directory("session"));
    at_noon();
    c = synced_client();
    other = synced_client();
    OK(etoauth_client_set_session_file(c, file));
    stopped_with_the_lock();
    at_noon();
    sync_clock(c);
    attached_under_the_lock();
    revoked_under_the_lock();
    login_under_the_lock();
    forked_meanwhile();
    forked_while_renewing();
    OK(etoauth_client_free(c));
    OK(etoauth_client_free(other));
    CHECK(etoauth_live_objects() == 0);
    puts("no lock kept anyone");
    return 0;
}

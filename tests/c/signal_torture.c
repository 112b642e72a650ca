/* Every system call that the library makes is interrupted by a signal, one in each round, then all of them in one round,
 * by a handler that restarts system calls and by one that does not: no call may fail for it. A tracer sends the signal
 * when the call is entered, so that the kernel gives up waiting. The arguments are a directory for the session file, the
 * first system call, and the distance to the next. With PLANT=interrupt
 * the program's own wait is interrupted, which it does not survive. Linux only. */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "order.h"

#include <linux/ptrace.h>

static char file[512];

/* What the traced process and its tracer share. */
static struct {
    /* The library is at work. */
    volatile int armed;
    volatile long handled;
} *shared;

static void handle(int number)
{
    (void)number;
    shared->handled++;
}

#define UNDER_FIRE(call)                                                                                               \
    do {                                                                                                               \
        etoauth_status status_;                                                                                        \
                                                                                                                       \
        shared->armed = 1;                                                                                             \
        status_ = call;                                                                                                \
        shared->armed = 0;                                                                                             \
        check_status(__FILE__, __LINE__, #call, status_, ETOAUTH_OK);                                                  \
    } while (0)

/* All that reaches for the network or a file. */
static void calls(void)
{
    etoauth_client *c;
    etoauth_listener *l = NULL;
    long orders = count("orders");
    const char *code;

    c = new_client(sandbox("SANDBOX_TLS_URL"));
    UNDER_FIRE(etoauth_client_set_ca_file(c, sandbox("SANDBOX_CA_FILE")));
    UNDER_FIRE(etoauth_client_set_session_file(c, file));
    UNDER_FIRE(etoauth_client_fetch_request_token(c));
    code = approve(c);
    UNDER_FIRE(etoauth_client_fetch_access_token(c, code));
    UNDER_FIRE(etoauth_client_ensure_active(c, 8000));
    UNDER_FIRE(place_order(c, "signals"));
    UNDER_FIRE(etoauth_client_renew_access_token(c));
    UNDER_FIRE(etoauth_client_revoke_access_token(c));
    UNDER_FIRE(etoauth_listener_new("http://127.0.0.1:0/", &l));
    UNDER_FIRE(etoauth_listener_free(l));
    UNDER_FIRE(etoauth_client_free(c));
    if (getenv("PLANT") != NULL) {
        shared->armed = 1;
        CHECK(poll(NULL, 0, 20) == 0);
        shared->armed = 0;
    }
    CHECK(count("orders") == orders + 1 && etoauth_live_objects() == 0);
}

static void be_traced(int flags)
{
    struct sigaction action;

    alarm(120);
    memset(&action, 0, sizeof action);
    action.sa_handler = handle;
    action.sa_flags = flags;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(77);
    raise(SIGSTOP);
    unlink(file);
    calls();
    exit(0);
}

/* Whether the thread enters one; not if it repeats the one that was just interrupted, or clone would never end. */
static int enters_a_system_call(pid_t thread)
{
    static pid_t last_thread;
    static uint64_t last;
    struct ptrace_syscall_info info;
    int repeats;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof info, &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return 0;
    repeats = thread == last_thread && info.entry.nr == last;
    last_thread = repeats ? 0 : thread;
    last = info.entry.nr;
    return !repeats;
}

/* One round. With at 0 every system call meets a signal. How many of them there were. */
static long play(long at, int flags)
{
    long entered = 0;
    int status = 0;
    pid_t child = fork(), thread;

    CHECK(child >= 0);
    if (child == 0)
        be_traced(flags);
    CHECK(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        puts("SKIPPED the signals: this process may not trace its child.");
        exit(0);
    }
    CHECK(WIFSTOPPED(status));
    CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL,
                 (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)) == 0);
    CHECK(ptrace(PTRACE_SYSCALL, child, NULL, NULL) == 0);
    for (;;) {
        int passed_on = 0;

        thread = waitpid(-1, &status, __WALL);
        CHECK(thread > 0);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread != child)
                continue;
            break;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            if (shared->armed && enters_a_system_call(thread) && (++entered == at || at == 0))
                CHECK(syscall(SYS_tgkill, child, thread, SIGUSR1) == 0);
        } else if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP) {
            passed_on = WSTOPSIG(status);
        }
        /* It may have been killed meanwhile. */
        (void)ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(long)passed_on);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fprintf(stderr, "system call %ld of %ld, flags %x, status %x\n", at, entered, (unsigned)flags, (unsigned)status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return entered;
}

int main(int argc, char **argv)
{
    static const int flags[] = {0, SA_RESTART};
    long at, step, rounds = 0, all = 0;
    int i;

    CHECK(argc == 4);
    sprintf(file, "%.500s/session", argv[1]);
    step = atol(argv[3]);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED && step > 0);
    for (i = 0; i < 2; i++) {
        for (at = atol(argv[2]); play(at, flags[i]) >= at; at += step)
            rounds++;
        all += play(0, flags[i]);
    }
    CHECK(rounds > 0 && shared->handled >= rounds);
    printf("%ld system calls interrupted one by one, %ld all together, no call failed\n", rounds, all);
    return 0;
}

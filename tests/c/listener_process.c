/* The listener in its process: forked children, listeners that were lost, and descriptors that ran out. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "visitor.h"

/* Whether a stranger, who sets no option, may have the port. */
static int is_free(void)
{
    struct sockaddr_in address;
    int s = socket(AF_INET, SOCK_STREAM, 0), status;

    CHECK(s >= 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    status = bind(s, (struct sockaddr *)&address, sizeof address);
    CHECK(status == 0 || errno == EADDRINUSE);
    close(s);
    return status == 0;
}

static pid_t child;
static int ends[2];

/* Forks a child that lives until it is told to end. It holds no descriptor of the listener's, and harms none of its own
   when it frees the handle. */
static void fork_child(void)
{
    char ready;
    int up[2];

    CHECK(pipe(ends) == 0 && pipe(up) == 0);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char end;
        int own = dup(up[1]);
        etoauth_listener *mine = NULL;

        close(ends[1]);
        EXPECT(etoauth_listener_free(l), ETOAUTH_E_STATE);
        /* A listener of the child's own, which it may free. */
        OK(etoauth_listener_new("http://127.0.0.1:0/", &mine));
        OK(etoauth_listener_free(mine));
        CHECK(write(own, "r", 1) == 1);
        CHECK(read(ends[0], &end, 1) == 0);
        _exit(0);
    }
    close(ends[0]);
    close(up[1]);
    CHECK(read(up[0], &ready, 1) == 1);
    close(up[0]);
}

static void end_child(void)
{
    int status;

    close(ends[1]);
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* A listener that is freed leaves its port, though a child lives that was forked meanwhile. */
static void forked(void)
{
    char again[256];

    listen_on("http://localhost:0/");
    fork_child();
    CHECK(!is_free());
    let_in(ask(AF_INET, "/?" REDIRECT), NULL, "/?" REDIRECT);
    OK(etoauth_listener_free(l));
    CHECK(visit(AF_INET) < 0);
    sprintf(again, "%s/", origin);
    OK(etoauth_listener_new(again, &l));
    OK(etoauth_listener_free(l));
    end_child();

    /* Without a visitor, whose connection would be remembered by the system for a while. */
    listen_on("http://127.0.0.1:0/");
    fork_child();
    CHECK(!is_free());
    OK(etoauth_listener_free(l));
    CHECK(is_free());
    end_child();
}

static etoauth_status outcome;

static void *waits(void *listener)
{
    char *url = NULL;

    outcome = etoauth_listener_wait(listener, NULL, 600000, &url);
    return NULL;
}

/* The handle of an earlier listener may be lost, as in a workbook that was reset: a new one takes over. */
static void taken_over(void)
{
    etoauth_listener *lost;
    pthread_t thread;
    char again[256], *url = NULL;

    listen_on("http://localhost:0/first");
    lost = l;
    CHECK(pthread_create(&thread, NULL, waits, lost) == 0);
    answered(ask(AF_INET, "/favicon.ico"), NOT_FOUND, "");
    sprintf(again, "%s/second", origin);
    OK(etoauth_listener_new(again, &l));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(outcome == ETOAUTH_E_STATE);
    EXPECT(etoauth_listener_wait(lost, NULL, 0, &url), ETOAUTH_E_STATE);
    SENTENCE("newer listener");
    let_in(ask(AF_INET, "/second?" REDIRECT), NULL, "/second?" REDIRECT);
    OK(etoauth_listener_free(lost));
    let_in(ask(AF_INET, "/second?" REDIRECT), NULL, "/second?" REDIRECT);
    lost = l;
    sprintf(again, "http://127.0.0.1:%hu/third", port);
    OK(etoauth_listener_new(again, &l));
    sprintf(origin, "http://127.0.0.1:%hu", port);
    let_in(ask(AF_INET, "/third?" REDIRECT), NULL, "/third?" REDIRECT);
    OK(etoauth_listener_free(lost));
    OK(etoauth_listener_free(l));
}

/* What is another program's stays so. */
static void another_program(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    char taken[128];
    etoauth_listener *none = NULL;
    int s = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(s, (struct sockaddr *)&address, sizeof address) == 0 && listen(s, 1) == 0);
    CHECK(getsockname(s, (struct sockaddr *)&address, &size) == 0);
    sprintf(taken, "http://localhost:%d/", ntohs(address.sin_port));
    EXPECT(etoauth_listener_new(taken, &none), ETOAUTH_E_CONNECT);
    SENTENCE("another program");
    close(s);
    OK(etoauth_listener_new(taken, &none));
    OK(etoauth_listener_free(none));
}

/* Without descriptors there is no port and no visitor, and the sentence says why. */
static void out_of_descriptors(void)
{
    struct rlimit limit, none;
    etoauth_listener *unmade = NULL;
    char *url = NULL;
    int s;

    listen_on("http://localhost:0/");
    s = ask(AF_INET, "/?" REDIRECT);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    none = limit;
    none.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    EXPECT(etoauth_listener_new("http://localhost:0/", &unmade), ETOAUTH_E_CONNECT);
    SENTENCE("no file descriptors left");
    EXPECT(etoauth_listener_wait(l, NULL, 0, &url), ETOAUTH_E_TIMEOUT);
    SENTENCE("no file descriptors left");
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0 && unmade == NULL);
    let_in(s, NULL, "/?" REDIRECT);
    OK(etoauth_listener_free(l));
}

int main(void)
{
    alarm(600);
    forked();
    taken_over();
    another_program();
    out_of_descriptors();
    CHECK(etoauth_live_objects() == 0);
    puts("each port was free when it had to be");
    return 0;
}

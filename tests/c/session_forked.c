/* Children that are forked while a lock or a claim is held: they have no descriptor of it, and the parent keeps it. The
 * directory is the argument. The library is linked statically, so that its fsync is the one here. */
#define _GNU_SOURCE
#include "session_file.h"

#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS 1024

static etoauth_client *c;
static pid_t child;

static const char *beside(const char *suffix)
{
    static char path[600];

    sprintf(path, "%s%s", file, suffix);
    return path;
}

/* How many descriptors of this process are of the file. */
static int descriptors_of(const char *suffix)
{
    struct stat wanted, facts;
    int descriptor, found = 0;

    CHECK(stat(beside(suffix), &wanted) == 0);
    for (descriptor = 0; descriptor < DESCRIPTORS; descriptor++)
        if (fstat(descriptor, &facts) == 0 && facts.st_dev == wanted.st_dev && facts.st_ino == wanted.st_ino)
            found++;
    return found;
}

/* Whether a lock on it is to be had. */
static int is_free(const char *suffix)
{
    int descriptor = open(beside(suffix), O_RDWR), taken;

    CHECK(descriptor >= 0);
    taken = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    CHECK(close(descriptor) == 0);
    return taken;
}

/* Forks while this process holds the lock on the file. The child tells what it has of it, and stays. */
static void fork_with(const char *suffix)
{
    int channel[2], inherited = -1;

    CHECK(descriptors_of(suffix) == 1 && !is_free(suffix));
    CHECK(pipe(channel) == 0);
    fflush(stdout);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        inherited = descriptors_of(suffix);
        if (write(channel[1], &inherited, sizeof inherited) != (ssize_t)sizeof inherited)
            _exit(1);
        for (;;)
            pause();
    }
    CHECK(read(channel[0], &inherited, sizeof inherited) == (ssize_t)sizeof inherited);
    CHECK(close(channel[0]) == 0 && close(channel[1]) == 0);
    CHECK(inherited == 0);
    CHECK(descriptors_of(suffix) == 1 && !is_free(suffix));
}

/* The parent has given the lock back, and the child lives. */
static void freed_beside_the_child(const char *suffix)
{
    CHECK(descriptors_of(suffix) == 0 && is_free(suffix));
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
}

static int fork_in_fsync;

/* The library waits for the disk while it holds the lock. */
int fsync(int descriptor)
{
    if (fork_in_fsync) {
        fork_in_fsync = 0;
        fork_with(".lock");
    }
    return (int)syscall(SYS_fsync, descriptor);
}

static void forked_while_saving(void)
{
    fork_in_fsync = 1;
    OK(etoauth_client_set_access_token(c, "saved", "token secret", 0));
    CHECK(!fork_in_fsync);
    freed_beside_the_child(".lock");
    saved(c);
}

static void *renew(void *unused)
{
    EXPECT(etoauth_client_renew_access_token(c), ETOAUTH_E_UNCERTAIN);
    return unused;
}

static void forked_while_renewing(void)
{
    pthread_t thread;
    long before = requests("/oauth/renew_access_token");

    log_in(c);
    admin("fault?on=/oauth/renew&kind=stall&when=after");
    CHECK(pthread_create(&thread, NULL, renew, NULL) == 0);
    while (requests("/oauth/renew_access_token") == before)
        usleep(1000);
    fork_with(".renew");
    OK(etoauth_client_cancel(c));
    CHECK(pthread_join(thread, NULL) == 0);
    freed_beside_the_child(".renew");
}

int main(int argc, char **argv)
{
    alarm(600);
    CHECK(argc == 2);
    directory = argv[1];
    strcpy(file, in_directory("session"));
    at_noon();
    c = synced_client();
    OK(etoauth_client_set_session_file(c, file));
    forked_while_saving();
    forked_while_renewing();
    OK(etoauth_client_free(c));
    CHECK(etoauth_live_objects() == 0);
    puts("no child had a lock");
    return 0;
}

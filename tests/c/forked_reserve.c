/* A child that is forked while another thread takes from the memory in reserve can take from it as well. */
#define _XOPEN_SOURCE 700
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#include "allocator.h"

#define FORKS 300

static volatile int over;

static void encode(int without_memory)
{
    char *text = NULL;

    refusing = without_memory;
    OK(etoauth_percent_encode("a b", &text));
    OK(etoauth_string_free(text));
    refusing = 0;
}

static void *keep_encoding(void *unused)
{
    (void)unused;
    /* A thread's first call needs some. */
    encode(0);
    while (!over)
        encode(1);
    return NULL;
}

int main(void)
{
    pthread_t thread;
    int i;

    alarm(300);
    encode(0);
    CHECK(pthread_create(&thread, NULL, keep_encoding, NULL) == 0);
    for (i = 0; i < FORKS; i++) {
        int status = -1;
        pid_t child = fork();

        CHECK(child >= 0);
        if (child == 0) {
            /* Whoever waits for a thread of the parent waits for ever. */
            alarm(20);
            encode(1);
            _exit(0);
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    over = 1;
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(etoauth_live_objects() == 0);
    puts("no child waited");
    return 0;
}

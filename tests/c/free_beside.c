/* A string is wiped and dropped while no lock is held, so that another thread signs and gets strings meanwhile. The large
   string's memory is made read-only before its free: the first byte that is wiped raises a signal, whose handler holds the
   free up until the other thread has done its part. If that waited for the free, neither would end before the alarm. */
#define _DEFAULT_SOURCE
#include "misuse.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#define SIZE ((size_t)4 << 20)

static int ask[2], answer[2];
static char *pages;
static size_t length;
static volatile sig_atomic_t held_up;

static void hold_up(int signal)
{
    char byte = 0;

    (void)signal;
    if (write(ask[1], &byte, 1) != 1 || read(answer[0], &byte, 1) != 1 || mprotect(pages, length, PROT_READ | PROT_WRITE) != 0)
        _exit(2);
    held_up++;
}

/* All that takes the table of strings, and a free of its own. */
static void *sign_when_asked(void *client)
{
    char byte, *text = NULL, header[ETOAUTH_HEADER_MAX];
    etoauth_signer *s = make_signer();

    while (read(ask[0], &byte, 1) == 1) {
        OK(etoauth_client_sign(client, "GET", URL, &text));
        OK(etoauth_string_free(text));
        OK(etoauth_client_sign_url(client, "GET", URL, &text));
        OK(etoauth_string_free(text));
        OK(etoauth_signer_sign(s, "GET", URL, NULL, header, sizeof header, NULL));
        CHECK(etoauth_live_objects() > 0);
        CHECK(write(answer[1], &byte, 1) == 1);
    }
    OK(etoauth_signer_free(s));
    return NULL;
}

/* The whole pages within a string. */
static void protect(char *text)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), past = (size_t)text % page;

    pages = text + (past == 0 ? 0 : page - past);
    length = (size_t)(text + SIZE - pages) / page * page;
    CHECK(length > 0 && mprotect(pages, length, PROT_READ) == 0);
}

int main(void)
{
    etoauth_client *c = make_client();
    struct sigaction action;
    pthread_t thread;
    char *plain = malloc(SIZE + 1), *large = NULL, *small = NULL;

    alarm(120);
    memset(&action, 0, sizeof action);
    action.sa_handler = hold_up;
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0 && sigaction(SIGBUS, &action, NULL) == 0);
    CHECK(pipe(ask) == 0 && pipe(answer) == 0 && plain != NULL);
    memset(plain, 'a', SIZE);
    plain[SIZE] = '\0';
    OK(etoauth_client_set_access_token(c, "token", "token secret", 0));
    OK(etoauth_percent_encode(plain, &large));
    OK(etoauth_percent_encode("small", &small));
    CHECK(pthread_create(&thread, NULL, sign_when_asked, c) == 0);

    protect(large);
    OK(etoauth_string_free(large));
    CHECK(held_up == 1);
    /* Wiped, it is held back until the next free, which drops it: too many bytes are held back then. */
    protect(large);
    OK(etoauth_string_free(small));
    CHECK(held_up == 2);
    close(ask[1]);
    CHECK(pthread_join(thread, NULL) == 0);
    OK(etoauth_client_free(c));
    free(plain);
    CHECK(etoauth_live_objects() == 0);
    puts("no signature waited for a free");
    return 0;
}

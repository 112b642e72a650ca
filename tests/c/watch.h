/* Watches freed memory, error sentences and the log for secrets: texts with SECRET in them. */
#ifndef WATCH_H
#define WATCH_H

#include <malloc.h>

#define MARK "SECRET"

/* The library's own threads free, too. */
static int watching;
static unsigned long blocks_freed, blocks_with_secrets;

void __libc_free(void *memory);

/* Stands before the C library's for the whole process, the shared library included. */
void free(void *memory)
{
    const char *at = memory;
    size_t left;

    if (__atomic_load_n(&watching, __ATOMIC_RELAXED) && memory != NULL) {
        __atomic_add_fetch(&blocks_freed, 1, __ATOMIC_RELAXED);
        for (left = malloc_usable_size(memory); left >= strlen(MARK); left--, at++) {
            if (*at == MARK[0] && memcmp(at, MARK, strlen(MARK)) == 0) {
                __atomic_add_fetch(&blocks_with_secrets, 1, __ATOMIC_RELAXED);
                break;
            }
        }
    }
    __libc_free(memory);
}

/* The last error must be a failure, told without a secret; the consumer key and tokens count as such, too. */
static void told(int line, etoauth_status got, etoauth_status expected)
{
    char sentence[4096], problem[256];

    check_status(__FILE__, line, "the call", got, expected);
    OK(etoauth_last_error(NULL, sentence, sizeof sentence, NULL));
    OK(etoauth_last_problem(NULL, problem, sizeof problem, NULL));
    if (sentence[0] == '\0' || strstr(sentence, MARK) != NULL || strstr(problem, MARK) != NULL)
        check_failed(__FILE__, line, "the sentence is none, or has a secret in it");
}

#define FAILS(call, expected) told(__LINE__, (call), (expected))

/* Drains the log, in which there must be this many lines or more. */
static void no_secret_logged(etoauth_client *c, int least)
{
    char *lines = NULL;
    const char *at;

    OK(etoauth_client_read_log(c, &lines));
    for (at = lines; (at = strchr(at, '\n')) != NULL; at++)
        least--;
    if (least > 0 || strstr(lines, MARK) != NULL)
        fprintf(stderr, "%s", lines);
    CHECK(least <= 0 && strstr(lines, MARK) == NULL);
    OK(etoauth_string_free(lines));
}

static void watch(int on)
{
    __atomic_store_n(&watching, on, __ATOMIC_RELAXED);
}

static unsigned long counted(const unsigned long *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* The watch itself must be able to see. */
static void can_see(void)
{
    char *volatile block = malloc(64);

    CHECK(block != NULL);
    strcpy(block, "a heap with a " MARK);
    free(block);
    CHECK(counted(&blocks_with_secrets) == 1);
    __atomic_store_n(&blocks_with_secrets, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&blocks_freed, 0, __ATOMIC_RELAXED);
}

#endif

/* Handles are never issued twice in a process, so the library must stay when a host unloads it. Takes its path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "etoauth.h"

typedef etoauth_status(ETOAUTH_CALL *self_test_function)(void);

static self_test_function self_test;

static void *test(void *passed)
{
    *(int *)passed = self_test() == ETOAUTH_OK;
    return NULL;
}

/* On a thread that ends: what a thread keeps for itself would hold the library while it runs. */
static int works(void)
{
    pthread_t thread;
    int passed = 0;

    return pthread_create(&thread, NULL, test, &passed) == 0 && pthread_join(thread, NULL) == 0 && passed;
}

int main(int argc, char **argv)
{
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void *symbol = library != NULL ? dlsym(library, "etoauth_self_test") : NULL;

    if (symbol == NULL) {
        puts("the library does not load");
        return 1;
    }
    memcpy(&self_test, &symbol, sizeof symbol);
    if (!works() || dlclose(library) != 0) {
        puts("the library does not work");
        return 1;
    }
    if (dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) == NULL || !works()) {
        puts("the library is gone");
        return 1;
    }
    return 0;
}

/* Stands before the C library's allocator for the whole process, the shared library included: counts what a thread
   asks for and gives back, can refuse it everything, and can refuse all threads what they ask for at one place. */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <errno.h>
#include <stddef.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

/* Each thread's own, so that what others do meanwhile does not count. */
static __thread volatile unsigned long asked, given_back;
static __thread volatile int refusing;

/* Of what the program and the library inside it ask for, the at-th is refused, and with persistent all that follows. What
   the C library asks for is left out: it ends the process itself when it can't note a thread's destructor. */
static struct {
    int armed, persistent;
    size_t least;
    long at, count, struck;
} memory_faults;

extern char __executable_start, etext;

static int strikes(size_t size, const char *caller)
{
    long count;

    if (!memory_faults.armed || size < memory_faults.least || caller < &__executable_start || caller >= &etext)
        return 0;
    count = __atomic_add_fetch(&memory_faults.count, 1, __ATOMIC_RELAXED);
    if (memory_faults.persistent ? count < memory_faults.at : count != memory_faults.at)
        return 0;
    __atomic_add_fetch(&memory_faults.struck, 1, __ATOMIC_RELAXED);
    return 1;
}

static int refused(size_t size, const char *caller)
{
    int strike = strikes(size, caller);

    asked++;
    if (!refusing && !strike)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return refused(size, __builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refused(count * size, __builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return refused(size, __builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
    return refused(size, __builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    void *got = memalign(alignment, size);

    if (got == NULL)
        return ENOMEM;
    *memory = got;
    return 0;
}

void free(void *memory)
{
    given_back += memory != NULL;
    __libc_free(memory);
}

#endif

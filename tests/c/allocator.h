/* Stands before the C library's allocator for the whole process, the shared library included: counts what a thread
   asks for and gives back, and can refuse it everything. */
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

static int refused(void)
{
    asked++;
    if (refusing)
        errno = ENOMEM;
    return refusing;
}

void *malloc(size_t size)
{
    return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return refused() ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
    return refused() ? NULL : __libc_memalign(alignment, size);
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

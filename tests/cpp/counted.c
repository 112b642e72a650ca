/* The C library's allocator, counted: C++ can't say its declarations anew. */
#include "../c/allocator.h"

unsigned long allocations(void);

unsigned long allocations(void)
{
    return asked + given_back;
}

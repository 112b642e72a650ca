// Assertions for the C++ programs of the tests. They need neither exceptions nor RTTI.
#ifndef CHECK_HPP
#define CHECK_HPP

#include "etoauth.hpp"

#include <cstdio>
#include <cstdlib>

inline void check(bool holds, const char *what, const char *file, int line) {
    if (holds)
        return;
    const etoauth::Failure last = etoauth::last_error();
    std::fprintf(stderr, "%s:%d: %s\n  last error: %s %s\n", file, line, what, last.status().name(), last.sentence());
    std::exit(1);
}

#define CHECK(...) check((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define OK(...) CHECK((__VA_ARGS__).ok())

inline const char *fact(const char *name) {
    const char *const value = std::getenv(name);
    CHECK(value != nullptr);
    return value;
}

#endif

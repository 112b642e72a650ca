/* Stands between the library, which is linked statically, and the C library's file functions: the n-th operation on files
 * of one directory fails as wished. To be included first; Linux only. */
#ifndef FILE_FAULTS_H
#define FILE_FAULTS_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define DESCRIPTORS 1024

static struct {
    /* Files whose path begins with this are looked after. */
    char directory[512];
    int armed, error, persistent;
    /* If set, only this file fails, and only when it is read. */
    const char *unreadable;
    /* How many operations there were, which of them fails, and how many have failed. */
    int count, at, struck;
    /* What is open of the directory: see kind_of. */
    char open[DESCRIPTORS];
    /* Renames since the directory was last synced, and descriptors that were left open. */
    int unsynced, left_open;
} faults;

static void arm(int error, int persistent, int at)
{
    faults.count = faults.struck = faults.unsynced = 0;
    faults.error = error;
    faults.persistent = persistent;
    faults.at = at;
    faults.armed = 1;
}

static void disarm(void)
{
    faults.armed = 0;
}

static int strike(int kind)
{
    if (!faults.armed || kind == 0 || (faults.unreadable != NULL && kind != 3))
        return 0;
    faults.count++;
    if (faults.persistent ? faults.count < faults.at : faults.count != faults.at)
        return 0;
    faults.struck++;
    errno = faults.error;
    return 1;
}

/* 1 for a file of the directory, 2 for the directory itself, 3 for the file that is not to be read. */
static int kind_of(const char *path)
{
    size_t length = strlen(faults.directory);

    if (faults.unreadable != NULL && strcmp(path, faults.unreadable) == 0)
        return 3;

    if (length == 0 || strncmp(path, faults.directory, length) != 0)
        return 0;
    return path[length] == '\0' ? 2 : path[length] == '/';
}

static int kind_of_descriptor(int descriptor)
{
    return descriptor >= 0 && descriptor < DESCRIPTORS ? faults.open[descriptor] : 0;
}

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    int kind = kind_of(path), descriptor;

    if (strike(kind))
        return -1;
    descriptor = (int)syscall(SYS_openat, at, path, flags, mode);
    if (kind && descriptor >= 0 && descriptor < DESCRIPTORS) {
        faults.open[descriptor] = (char)kind;
        faults.left_open++;
    }
    return descriptor;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        mode_t mode;                                                                                                   \
                                                                                                                       \
        va_start(arguments, flags);                                                                                    \
        mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;                                                        \
        va_end(arguments);                                                                                             \
        return open_at(AT_FDCWD, path, flags, mode);                                                                   \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                   \
    int name(int at, const char *path, int flags, ...)                                                                 \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        mode_t mode;                                                                                                   \
                                                                                                                       \
        va_start(arguments, flags);                                                                                    \
        mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;                                                        \
        va_end(arguments);                                                                                             \
        return open_at(at, path, flags, mode);                                                                         \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int descriptor)
{
    if (kind_of_descriptor(descriptor)) {
        faults.open[descriptor] = 0;
        faults.left_open--;
    }
    return (int)syscall(SYS_close, descriptor);
}

ssize_t read(int descriptor, void *bytes, size_t length)
{
    if (strike(kind_of_descriptor(descriptor)))
        return -1;
    return syscall(SYS_read, descriptor, bytes, length);
}

/* A write that fails leaves half of it behind. */
ssize_t write(int descriptor, const void *bytes, size_t length)
{
    if (strike(kind_of_descriptor(descriptor))) {
        if (faults.error != EINTR && syscall(SYS_write, descriptor, bytes, length / 2) >= 0)
            errno = faults.error;
        return -1;
    }
    return syscall(SYS_write, descriptor, bytes, length);
}

/* The disk is not waited for: there are thousands of these. */
int fsync(int descriptor)
{
    int kind = kind_of_descriptor(descriptor);

    if (strike(kind))
        return -1;
    if (kind == 2)
        faults.unsynced = 0;
    return kind ? 0 : (int)syscall(SYS_fsync, descriptor);
}

int rename(const char *from, const char *to)
{
    int result;

    if (strike(kind_of(to) > 0))
        return -1;
    result = (int)syscall(SYS_rename, from, to);
    if (result == 0 && kind_of(to))
        faults.unsynced++;
    return result;
}

int unlink(const char *path)
{
    return strike(kind_of(path) > 0) ? -1 : (int)syscall(SYS_unlink, path);
}

int fchmod(int descriptor, mode_t mode)
{
    return strike(kind_of_descriptor(descriptor) > 0) ? -1 : (int)syscall(SYS_fchmod, descriptor, mode);
}

int ftruncate64(int descriptor, off64_t length)
{
    return strike(kind_of_descriptor(descriptor) > 0) ? -1 : (int)syscall(SYS_ftruncate, descriptor, length);
}

int flock(int descriptor, int operation)
{
    return strike(kind_of_descriptor(descriptor) > 0) ? -1 : (int)syscall(SYS_flock, descriptor, operation);
}

/* All of Rust's looks at files come here; without a path, it asks whether the system has this at all. */
int statx(int at, const char *path, int flags, unsigned mask, struct statx *facts)
{
    const char *volatile given = path;
    int kind = given == NULL ? 0 : *given == '\0' ? kind_of_descriptor(at) : kind_of(given);

    return strike(kind) ? -1 : (int)syscall(SYS_statx, at, path, flags, mask, facts);
}

#endif

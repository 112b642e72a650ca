/* A session file in a directory of the test's own, and looks into it. */
#ifndef SESSION_FILE_H
#define SESSION_FILE_H

#include "session.h"

static const char *directory;
static char file[512], content[70000];

/* Valid until the second next question. */
static const char *in_directory(const char *name)
{
    static char path[2][512];
    static int next;

    next = !next;
    sprintf(path[next], "%.400s/%.100s", directory, name);
#ifdef _WIN32
    while (strchr(path[next], '/') != NULL)
        *strchr(path[next], '/') = '\\';
#endif
    return path[next];
}

static size_t read_file(const char *path, char *into)
{
    FILE *from = fopen(path, "rb");
    size_t length;

    CHECK(from != NULL);
    length = fread(into, 1, sizeof content, from);
    CHECK(fclose(from) == 0);
    return length;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *to = fopen(path, "wb");

    CHECK(to != NULL && fwrite(bytes, 1, length, to) == length);
    CHECK(fclose(to) == 0);
}

/* A client that comes later finds this one's session. */
static void saved(etoauth_client *c)
{
    etoauth_client *later = synced_client();

    OK(etoauth_client_set_session_file(later, file));
    CHECK(alike(c, later));
    OK(etoauth_client_free(later));
}

/* The file and what lies beside it is for the user alone. */
#ifdef _WIN32
static void private_files(void) /* tests/windows/access.c looks at the lists. */
{
}
#else
static void private_files(void)
{
    static const char *const suffixes[] = {"", ".lock", ".renew", ".new"};
    char path[600];
    struct stat facts;
    size_t i;

    for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        sprintf(path, "%s%s", file, suffixes[i]);
        if (stat(path, &facts) == 0)
            CHECK(S_ISREG(facts.st_mode) && (facts.st_mode & 07777) == 0600);
        else
            CHECK(i > 0 && errno == ENOENT);
    }
}
#endif

#endif

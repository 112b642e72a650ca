/* Assertions for the C programs of the tests. A failed one says where, and what the library's last error was. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etoauth.h"

static void check_failed(const char *file, int line, const char *what)
{
    char text[1024] = "", problem[128] = "";
    etoauth_status status = 0;
    int32_t http = 0;

    etoauth_last_error(&status, text, sizeof text, NULL);
    etoauth_last_problem(&http, problem, sizeof problem, NULL);
    fprintf(stderr, "%s:%d: %s\n  last error: %s %s (HTTP %d %s)\n", file, line, what, etoauth_status_name(status), text,
            (int)http, problem);
    exit(1);
}

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

static void check_status(const char *file, int line, const char *call, etoauth_status got, etoauth_status expected)
{
    char what[512];

    if (got == expected)
        return;
    sprintf(what, "%.300s gave %s, not %s", call, etoauth_status_name(got), etoauth_status_name(expected));
    check_failed(file, line, what);
}

#define EXPECT(call, expected) check_status(__FILE__, __LINE__, #call, (call), (expected))
#define OK(call) EXPECT(call, ETOAUTH_OK)

/* The last error must be a failure, and its sentence must hold this. */
static void check_sentence(const char *file, int line, const char *part)
{
    char text[2048] = "", what[2300];

    etoauth_last_error(NULL, text, sizeof text, NULL);
    if (strstr(text, part) != NULL)
        return;
    sprintf(what, "the sentence lacks \"%.100s\"", part);
    check_failed(file, line, what);
}

#define SENTENCE(part) check_sentence(__FILE__, __LINE__, (part))

#endif

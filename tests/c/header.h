/* Takes an Authorization header's value apart: its nonce and its timestamp. */
#ifndef HEADER_H
#define HEADER_H

#include "check.h"

typedef char nonce[65];

static int unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
}

/* Of 1 to 64 unreserved characters, as the header promises. */
static void read_nonce(const char *header, nonce into)
{
    const char *start = strstr(header, "oauth_nonce=\"");
    size_t length = 0;

    CHECK(start != NULL);
    for (start += strlen("oauth_nonce=\""); start[length] != '"'; length++) {
        CHECK(length < sizeof(nonce) - 1 && start[length] != '\0' && unreserved(start[length]));
        into[length] = start[length];
    }
    CHECK(length > 0);
    into[length] = '\0';
}

/* Of digits, the first of them no 0. */
static int64_t read_timestamp(const char *header)
{
    const char *start = strstr(header, "oauth_timestamp=\"");
    int64_t seconds = 0;
    int digits = 0;

    CHECK(start != NULL);
    start += strlen("oauth_timestamp=\"");
    CHECK(*start >= '1');
    for (; *start != '"'; start++, digits++) {
        CHECK(*start >= '0' && *start <= '9' && digits < 19);
        seconds = seconds * 10 + (*start - '0');
    }
    return seconds;
}

#endif

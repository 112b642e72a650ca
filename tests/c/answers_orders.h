/* What the programs about repeated calls share. */
#ifndef ANSWERS_ORDERS_H
#define ANSWERS_ORDERS_H

#include "answers.h"

/* A refusal of the token, in each of its words. */
static const char *const token_words[] = {
    "code=token_expired", "code=token_rejected", "message=token_rejected&shape=json",
    "message=Invalid%20access%20token%20used&shape=json",
    "message=Unauthorized%20request%20-%20invalid%20Consumer%20key%20and/or%20session%20token&shape=xml",
};

/* The methods that may change something, each with a path that takes it. */
static const struct {
    const char *method, *path;
} changing[] = {{"POST", "/v1/echo"}, {"PUT", "/v1/echo"}, {"DELETE", "/v1/echo"}, {"PATCH", "/v1/echo"}};

static result change(size_t i)
{
    return call_of(c, changing[i].method, changing[i].path, "Content-Type: application/json", "{}");
}

#endif

/* What a program that etoauth-sandbox started knows of it. Whatever fails ends the program. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "etoauth.h"

/* Ends the program unless ok, with the library's last sentence. */
void check(int ok, const char *what);

/* From the environment, such as ETOAUTH_SANDBOX_URL. */
const char *sandbox_fact(const char *name);

/* Asks the admin path for something. What it asks over is no connection that the sandbox counts. */
void sandbox_ask(const char *target, char *answer, size_t cap);

/* One of its counters. */
long sandbox_count(const char *counter);

/* A client of the sandbox, over TLS or not, without a token. */
etoauth_client *sandbox_client(int tls);

#endif

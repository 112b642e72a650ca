/* A second opinion about Authorization headers, so that nothing is timed that signs wrongly. */
#ifndef VERIFY_H
#define VERIFY_H

#include <time.h>

#include "workload.h"

#define NONCE_CAP 65

/* What is wrong with a header for this workload, in words; NULL if nothing. Its timestamp must lie within a few seconds
   of now. Its nonce goes into nonce. */
const char *verify(const struct workload *w, const char *header, time_t now, char nonce[NONCE_CAP]);

/* The same about the verifier: it must take the published vectors and refuse them with one character changed. */
const char *verify_verifier(void);

#endif

#ifndef SYSTEM_CALLS_H
#define SYSTEM_CALLS_H

#include "sender.h"

/* How many system calls a call of this sender makes on its thread, on average. They are counted in a child of this
   process, on a connection that stands. Negative where a process may not watch its child. */
double count_system_calls(const struct sender *sender, int tls, const struct access_token *token);

#endif

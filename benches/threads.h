/* Table 3. */
#ifndef THREADS_H
#define THREADS_H

int time_threads(void);

#endif

/* Table 4. */
#ifndef PROCESS_H
#define PROCESS_H

/* bench: this program's own path, beside which the two programs lie that it starts. */
int measure_process(const char *bench, const char *shared, const char *archive, const char *sandbox);

#endif

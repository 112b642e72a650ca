/* Counts allocations, by whoever calls malloc and its kin in this process. */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

void allocations_start(void);
long allocations_stop(void);

#endif

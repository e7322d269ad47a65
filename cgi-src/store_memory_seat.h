/*
 * store_memory_seat: processes, waiting peers and ceilings, in memory.
 */
#ifndef LETTERBOX_STORE_MEMORY_SEAT_H
#define LETTERBOX_STORE_MEMORY_SEAT_H

#include "store_seat.h"

struct memory_process;
struct memory_waiting;

struct memory_seats {
	struct memory_process *processes; /* by number */
	struct memory_waiting *waiting;   /* by peer */
	struct seat_ceiling ceilings[FRONT__MAX];
	int has_ceiling[FRONT__MAX];
	int open; /* between begin and end */
};

extern const struct store_seat_engine memory_seats;
void memory_seats_free(struct memory_seats *);

#endif

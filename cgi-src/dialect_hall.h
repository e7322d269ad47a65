/*
 * dialect_hall: several dialects under one address, told apart by the path.
 */
#ifndef LETTERBOX_DIALECT_HALL_H
#define LETTERBOX_DIALECT_HALL_H

#include <stddef.h>

#include "dialect.h"

/* Where a dialect begins: its path itself, and all below it. */
struct hall_door {
	const char *path; /* "/channel"; "": all that no other door has */
	const struct dialect *dialect;
	void *mount;
};

/* The mount: the doors are tried in their order, and one must take it. */
struct hall {
	const struct hall_door *doors;
	size_t count;
};

extern const struct dialect dialect_hall;

#endif

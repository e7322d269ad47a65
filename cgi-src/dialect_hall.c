/*
 * dialect_hall: see dialect_hall.h.
 */
#include "dialect_hall.h"

#include <assert.h>
#include <string.h>

#include "exchange.h"

static int
leads_to(const struct hall_door *door, struct slice path)
{
	size_t n = strlen(door->path);

	return n == 0 ||
	    (slice_starts(path, door->path) &&
		(path.n == n || path.p[n] == '/'));
}

static void
handle(void *mount, struct exchange *ex)
{
	const struct hall *hall = mount;
	size_t i = 0;

	while (i + 1 < hall->count &&
	    !leads_to(&hall->doors[i], ex->request->path))
		i++;
	assert(i < hall->count);
	exchange_pass(ex, hall->doors[i].dialect, hall->doors[i].mount);
}

/* The exchange ended before it was handled. */
static void
finish(void *mount, struct exchange *ex)
{
	(void)mount;
	(void)ex;
}

const struct dialect dialect_hall = { "hall", handle, finish };

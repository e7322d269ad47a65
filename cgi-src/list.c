/*
 * list: see list.h.
 */
#include "list.h"

#include <stdint.h>
#include <stdlib.h>

void *
list_grow(void *list, size_t *room, size_t count, size_t size)
{
	size_t more = *room == 0 ? 16 : *room * 2;
	void *bigger;

	if (count < *room)
		return list;
	if (more > SIZE_MAX / size)
		return NULL;
	bigger = realloc(list, more * size);
	if (bigger != NULL)
		*room = more;
	return bigger;
}

/*
 * list: an array that grows by doubling.
 */
#ifndef LETTERBOX_LIST_H
#define LETTERBOX_LIST_H

#include <stddef.h>

/*
 * The list, of which `count` items of `size` bytes are used, with room for one
 * more; it may have moved, and `*room` is what it has room for.  NULL when
 * memory is short: then the old one is still there, and the caller's.
 */
void *list_grow(void *list, size_t *room, size_t count, size_t size);

#endif

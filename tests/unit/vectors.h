/*
 * vectors: what schema/vectors holds for all languages alike.
 */
#ifndef LETTERBOX_TESTS_VECTORS_H
#define LETTERBOX_TESTS_VECTORS_H

#include <json-c/json.h>

#include "unit.h"

/* Calls `each` with every row of the list `name` in schema/vectors/`file`; a
 * list of none fails. */
void vectors_each(const char *file, const char *name,
    void (*each)(struct json_object *row, void *), void *data);
/* A member as text, as long as the row is there; absent: p is NULL. */
struct slice vectors_text(struct json_object *row, const char *member);
int64_t vectors_number(struct json_object *row, const char *member);

#endif

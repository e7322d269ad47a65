/*
 * vectors: see vectors.h.
 */
#include "vectors.h"

#define FOLDER "schema/vectors/"

void
vectors_each(const char *file, const char *name,
    void (*each)(struct json_object *row, void *), void *data)
{
	char path[128];
	struct json_object *whole, *list;
	size_t n;

	snprintf(path, sizeof(path), FOLDER "%s", file);
	whole = json_object_from_file(path);
	if (whole == NULL)
		fail_msg("%s", json_util_get_last_err());
	list = json_object_object_get(whole, name);
	n = list != NULL ? json_object_array_length(list) : 0;
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		each(json_object_array_get_idx(list, i), data);
	json_object_put(whole);
}

struct slice
vectors_text(struct json_object *row, const char *member)
{
	struct json_object *value = json_object_object_get(row, member);

	if (value == NULL)
		return (struct slice){ NULL, 0 };
	return (struct slice){ json_object_get_string(value),
		(size_t)json_object_get_string_len(value) };
}

int64_t
vectors_number(struct json_object *row, const char *member)
{
	return json_object_get_int64(json_object_object_get(row, member));
}

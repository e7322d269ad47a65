/*
 * dialect_channel_codec: what a client of a channel hears of its room.
 */
#include <string.h>

#include "dialect_channel_parts.h"

/* A message of the Channel API is a JSON string in the log as well. */
static void
print_string(struct buf *out, const struct message *m)
{
	if (slice_equal(m->type, CHANNEL_TYPE))
		buf_slice(out, m->body);
}

static const struct channel_codec table[] = {
	{ CHANNEL_PREFIX, print_string, 0 },
};

const struct channel_codec *channel_codec(struct slice namespace)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *name = table[i].namespace;

		if (name[strlen(name) - 1] == ':' ?
			slice_starts(namespace, name) :
			slice_is(namespace, name))
			return &table[i];
	}
	return NULL;
}

/*
 * dialect_channel_codec: what a client of a channel hears of its room.
 */
#include "dialect_apprtc_codec.h"
#include "dialect_channel_parts.h"

/* A message of the Channel API is a JSON string in the log as well. */
static void
print_string(struct buf *out, const struct message *m)
{
	if (slice_equal(m->type, CHANNEL_TYPE))
		buf_slice(out, m->body);
}

/* AppRTC's are JSON in a string. */
static void
print_apprtc(struct buf *out, const struct message *m)
{
	struct buf text;

	buf_init(&text, m->body.n + 256);
	apprtc_write(&text, m);
	if (text.failed)
		out->failed = 1;
	else if (text.n > 0)
		buf_json(out, buf_as_slice(&text));
	buf_reset(&text);
}

const struct channel_codec *
channel_codec(const struct rooms_mount *m, struct slice namespace)
{
	static const struct channel_codec channel = { print_string, 0 };
	static const struct channel_codec apprtc = { print_apprtc, 1 };

	if (slice_starts(namespace, CHANNEL_PREFIX))
		return &channel;
	if (m->apprtc.p != NULL && slice_equal(namespace, m->apprtc))
		return &apprtc;
	return NULL;
}

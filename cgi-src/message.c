/*
 * message: see message.h.
 */
#include "message.h"

void
message_print(struct buf *out, const struct message *m)
{
	buf_str(out, "{\"seq\":");
	buf_int(out, m->seq);
	buf_str(out, ",\"from\":");
	buf_json(out, m->from);
	if (m->to.p != NULL) {
		buf_str(out, ",\"to\":");
		buf_json(out, m->to);
	}
	buf_str(out, ",\"type\":");
	buf_json(out, m->type);
	buf_str(out, ",\"body\":");
	buf_slice(out, m->body);
	buf_str(out, ",\"at\":");
	buf_int(out, m->at);
	buf_char(out, '}');
}

int
message_concerns(const struct message *m, int64_t peer)
{
	if (m->sender == peer)
		return 0;
	return m->recipient == 0 || m->recipient == peer;
}

int
message_leaves(const struct message *m, int64_t peer)
{
	return m->sender == peer && slice_is(m->type, "left");
}

int
message_is_for(const struct message *m, int64_t peer, enum message_scope scope)
{
	return scope == MESSAGE_ALL ||
	    (scope == MESSAGE_OWN && m->sender == peer) ||
	    message_concerns(m, peer) || message_leaves(m, peer);
}

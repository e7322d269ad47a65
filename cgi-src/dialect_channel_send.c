/*
 * dialect_channel_send: POST /channel/send.
 */
#include <string.h>

#include "dialect_channel_parts.h"

#define MESSAGE_MAX 32767 /* bytes */
#define ID_MAX 128

enum { CLIENT_ID, MESSAGE, ID };

static const char *const names[] = {
	[CLIENT_ID] = "client_id",
	[MESSAGE] = "message",
	[ID] = "id",
	NULL,
};

struct send {
	struct channel_work work;
	struct room_send op;
	struct buf token; /* text of one that stands for its client */
};

static void
finish(struct rooms_work *work)
{
	struct send *s = (struct send *)(void *)work;

	buf_reset(&s->token);
	channel_work_free(&s->work);
}

static void
committed(struct store_op *op, enum lb_err err)
{
	struct send *s = (struct send *)(void *)((char *)op -
	    offsetof(struct send, op));
	const struct reply reply = { 204, NULL, { NULL, 0 } };
	struct rooms_fault fault = ROOMS_NO_FAULT;

	if (!exchange_committed(s->work.base.ex))
		return;
	if (err == LB_OK) {
		exchange_reply(s->work.base.ex, &reply);
		return;
	}
	fault.why = s->op.fault.why;
	fault.limit = s->op.fault.limit;
	rooms_refuse(s->work.base.ex, err, &fault);
}

/* A token of this application stands for its client, also when it is over. */
static int
read_client(struct send *s, const struct channel_value *v)
{
	struct rooms_mount *m = s->work.base.mount;
	struct channel_token t;
	enum lb_err err = channel_token_check(v->text, m->server_key,
	    m->now->wall, &s->token, &t);

	s->op.name = v->text;
	if ((err == LB_OK || err == LB_CHANNEL_EXPIRED) &&
	    slice_is(t.namespace, s->work.namespace))
		s->op.name = t.room;
	else if (!channel_text_valid(v, CHANNEL_CLIENT_MAX))
		return 0;
	return 1;
}

static int
read_send(struct send *s)
{
	struct exchange *ex = s->work.base.ex;
	struct channel_value v[3];
	struct rooms_fault fault = ROOMS_NO_FAULT;

	if (!channel_read(&s->work, names, v))
		return 0;
	if (!read_client(s, &v[CLIENT_ID])) {
		channel_refuse_value(ex, LB_CHANNEL_CLIENT_ID, "client_id");
		return 0;
	}
	if (v[MESSAGE].text.n < 1 || v[MESSAGE].text.n > MESSAGE_MAX ||
	    (s->op.body = channel_json(&s->work, &v[MESSAGE])).p == NULL) {
		channel_refuse_value(ex, LB_CHANNEL_MESSAGE, "message");
		return 0;
	}
	s->op.mark = v[ID].is_there ? v[ID].text : appkey_mark(ex->request);
	if (!v[ID].is_there || channel_text_valid(&v[ID], ID_MAX))
		return 1;
	fault.member = SLICE("id");
	fault.why = "It has 1 to 128 bytes of UTF-8, as a string.";
	rooms_refuse(ex, LB_BAD_REQUEST, &fault);
	return 0;
}

void
channel_send(struct rooms_mount *m, struct exchange *ex)
{
	struct send *s = channel_work(m, ex, sizeof(*s), finish);

	if (s == NULL || !read_send(s))
		return;
	s->op.op.done = committed;
	s->op.guard = &s->work.guard.base;
	s->op.namespace = slice_of(s->work.namespace);
	s->op.to = CHANNEL_PEER;
	s->op.type = CHANNEL_TYPE;
	s->op.strict = s->work.key.strict;
	s->op.expect = 1;
	postoffice_send(m->po, &s->op);
	exchange_commit(ex);
}

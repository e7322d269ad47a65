/*
 * dialect_channel_create: POST /channel/create.
 */
#include <string.h>

#include "dialect_channel_parts.h"

#define MINUTES 120 /* a token's life, when nothing is said of it */
#define MINUTES_MAX 1440

enum { CLIENT_ID, DURATION };

static const char *const names[] = {
	[CLIENT_ID] = "client_id",
	[DURATION] = "duration_minutes",
	NULL,
};

struct create {
	struct channel_work work;
	struct room_announce op;
	struct channel_token token;
	int64_t life; /* ms */
};

/* The last second is a whole one. */
static int64_t
end_of(int64_t life, int64_t begun)
{
	return begun / 1000 * 1000 + life + 1000;
}

static void
committed(struct store_op *op, enum lb_err err)
{
	struct create *c = (struct create *)(void *)((char *)op -
	    offsetof(struct create, op));
	struct exchange *ex = c->work.base.ex;
	struct buf out;

	if (!exchange_committed(ex))
		return;
	/* A signed request that comes again gets its token again. */
	c->token.expires = end_of(c->life, c->op.at);
	buf_init(&out, CHANNEL_TOKEN_MAX + 64);
	buf_str(&out, "{\"token\":\"");
	if (err == LB_OK)
		err = channel_token_mint(&out, c->work.base.mount->server_key,
		    &c->token);
	buf_str(&out, "\"}");
	if (err == LB_OK) {
		rooms_answer(ex, 201, &out);
		return;
	}
	buf_reset(&out);
	rooms_refuse(ex, err, NULL);
}

static int
read_create(struct create *c)
{
	struct exchange *ex = c->work.base.ex;
	struct channel_value v[2];
	int64_t minutes = MINUTES;

	if (!channel_read(&c->work, names, v))
		return 0;
	if (!channel_text_valid(&v[CLIENT_ID], CHANNEL_CLIENT_MAX)) {
		channel_refuse_value(ex, LB_CHANNEL_CLIENT_ID, "client_id");
		return 0;
	}
	if (v[DURATION].is_there &&
	    !channel_int(&v[DURATION], 1, MINUTES_MAX, &minutes)) {
		channel_refuse_value(ex, LB_CHANNEL_DURATION,
		    "duration_minutes");
		return 0;
	}
	c->token.namespace = slice_of(c->work.namespace);
	c->token.room = v[CLIENT_ID].text;
	c->token.peer = CHANNEL_PEER;
	c->token.by = slice_of(c->work.generation);
	c->token.seed = appkey_mark(ex->request);
	c->life = minutes * 60000;
	return 1;
}

void
channel_create(struct rooms_mount *m, struct exchange *ex)
{
	struct create *c = channel_work(m, ex, sizeof(*c), NULL);

	if (c == NULL || !read_create(c))
		return;
	c->op.op.done = committed;
	c->op.guard = &c->work.guard.base;
	c->op.namespace = c->token.namespace;
	c->op.name = c->token.room;
	c->op.id = c->token.peer;
	channel_token_digest(&c->op.token, m->server_key, &c->token);
	c->op.at = m->now->wall;
	c->op.held_until = end_of(c->life, c->op.at);
	c->op.mark = c->token.seed;
	c->op.herald_namespace = CHANNEL_HERALDS;
	c->op.herald_name = slice_of(c->work.key.name);
	postoffice_announce(m->po, &c->op);
	exchange_commit(ex);
}

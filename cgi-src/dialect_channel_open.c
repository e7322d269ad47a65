/*
 * dialect_channel_open: GET /_ah/channel/jsapi, the script; POST open, close,
 * away and receive: how it comes and goes.
 *
 * The bodies are JSON, also as text/plain, which is what a browser sends for a
 * page that goes (navigator.sendBeacon()).
 */
#include <stdlib.h>
#include <string.h>

#include "dialect_channel_parts.h"
#include "dialect_embedded.h"
#include "embed.h"

/* For pages of every origin: they come with a token, or get nowhere. */
void
channel_jsapi(struct rooms_mount *m, struct exchange *ex)
{
	(void)m;
	buf_str(&ex->head, "Cross-Origin-Resource-Policy: cross-origin\r\n");
	dialect_embedded(ex, "text/javascript; charset=utf-8",
	    (struct slice){ lb_jsapi_js, lb_jsapi_js_len }, lb_jsapi_js_tag);
}

enum { TOKEN, AFTER, MEMBERS };

/* clang-format off */
static const struct json_member table[] = {
	[TOKEN] = { "token", JSON_STRING, 1 },
	[AFTER] = { "after", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

static const struct reply nothing = { 204, NULL, { NULL, 0 } };

/* Who asks, and how far it has heard; refuses and returns 0. */
static int
read_guest(struct rooms_mount *m, struct exchange *ex,
    struct channel_pass *pass, struct cursor *after)
{
	struct rooms_work *work = rooms_work(m, ex, sizeof(*work),
	    rooms_work_free);
	struct slice v[MEMBERS];
	enum lb_err err;

	if (work == NULL || !rooms_envelope(work, table, v, 1) ||
	    !rooms_cursor(work, rooms_text(work, v[AFTER]), after))
		return 0;
	err = channel_pass(m, rooms_text(work, v[TOKEN]), pass);
	if (err != LB_OK) {
		channel_refuse(ex, err, 0);
		return 0;
	}
	/* Whoever goes on has a work of its own. */
	ex->work = NULL;
	rooms_work_free(work);
	return 1;
}

void
channel_open(struct rooms_mount *m, struct exchange *ex)
{
	struct channel_ask ask = { .opens = 1 };
	struct channel_pass pass;

	if (read_guest(m, ex, &pass, &ask.after))
		channel_poll(m, ex, &pass, &ask, CHANNEL_OPEN);
}

/* ---- going ---- */

struct going {
	struct rooms_work work;
	struct room_leave op;
	struct channel_pass pass;
	const struct reply *reply;
};

static void
finish(struct rooms_work *work)
{
	channel_pass_free(&((struct going *)(void *)work)->pass);
	rooms_work_free(work);
}

static void
left(struct store_op *op, enum lb_err err)
{
	struct going *g = (struct going *)(void *)((char *)op -
	    offsetof(struct going, op));

	if (!exchange_committed(g->work.ex))
		return;
	/* Who is not there has left. */
	if (err == LB_OK)
		postoffice_revoke(g->work.mount->po, g->op.peer);
	if (err == LB_OK || err == LB_NOT_A_MEMBER)
		exchange_reply(g->work.ex, g->reply);
	else
		rooms_refuse(g->work.ex, err, NULL);
}

void
channel_leave(struct rooms_mount *m, struct exchange *ex,
    struct channel_pass *pass, const struct cursor *after,
    const struct reply *reply)
{
	struct going *g = rooms_work(m, ex, sizeof(*g), finish);

	if (g == NULL) {
		channel_pass_free(pass);
		return;
	}
	g->pass = *pass;
	g->reply = reply;
	g->op.op.done = left;
	g->op.namespace = pass->token.namespace;
	g->op.name = pass->token.room;
	g->op.token = pass->digest;
	if (postoffice_knows(m->po, after))
		g->op.cursor = after->seq;
	postoffice_leave(m->po, &g->op);
	exchange_commit(ex);
}

void
channel_close(struct rooms_mount *m, struct exchange *ex)
{
	struct channel_pass pass;
	struct cursor after;

	if (read_guest(m, ex, &pass, &after))
		channel_leave(m, ex, &pass, &after, &nothing);
}

void
channel_away(struct rooms_mount *m, struct exchange *ex)
{
	struct channel_pass pass;
	struct cursor after;
	enum lb_err err;

	if (!read_guest(m, ex, &pass, &after))
		return;
	err = postoffice_away(m->po, pass.token.namespace, pass.token.room,
	    &pass.digest, m->now);
	channel_pass_free(&pass);
	if (err == LB_OK || err == LB_NOT_A_MEMBER || err == LB_ENDED)
		exchange_reply(ex, &nothing);
	else
		rooms_refuse(ex, err, NULL);
}

/* What a page sends by its socket, which nobody ever documented: the original
 * gave it to nobody either. */
void
channel_receive(struct rooms_mount *m, struct exchange *ex)
{
	(void)m;
	exchange_reply(ex, &nothing);
}

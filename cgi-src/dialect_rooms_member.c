/*
 * dialect_rooms_member: what members do beside talking: go, look around, set
 * rules, ask for ICE servers.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dialect_rooms_parts.h"
#include "name.h"

static void
finish(struct rooms_work *work)
{
	rooms_work_free(work);
}

static void
reply_nothing(struct exchange *ex)
{
	const struct reply reply = { 204, NULL, { NULL, 0 } };

	exchange_reply(ex, &reply);
}

/* ---- away and leave: sent by sendBeacon, which cannot set headers ---- */

/* clang-format off */
static const struct json_member going_table[] = {
	{ "token", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

/* The token of a body {"token"}, or of the headers with an empty body. */
static int
read_going(struct rooms_work *work, struct token_digest *token)
{
	struct slice value = { NULL, 0 };

	if (work->ex->request->body.n > 0 &&
	    !rooms_envelope(work, going_table, &value, 1))
		return 0;
	if (rooms_token(work, value, token))
		return 1;
	rooms_refuse(work->ex, LB_NOT_A_MEMBER, NULL);
	return 0;
}

void
rooms_away(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct rooms_work *work = rooms_work(m, ex, sizeof(*work), finish);
	struct token_digest token;
	enum lb_err err;

	if (work == NULL || !read_going(work, &token))
		return;
	err = postoffice_away(m->po, ROOM_NAMESPACE, match->room, &token,
	    m->now);
	if (err == LB_OK || err == LB_ENDED)
		reply_nothing(ex);
	else
		rooms_refuse(ex, err, NULL);
}

struct leave {
	struct rooms_work work;
	struct room_leave op;
};

static void
left(struct store_op *op, enum lb_err err)
{
	struct leave *l = (void *)((char *)op - offsetof(struct leave, op));

	if (!exchange_committed(l->work.ex))
		return;
	if (err != LB_OK) {
		rooms_refuse(l->work.ex, err, NULL);
		return;
	}
	postoffice_revoke(l->work.mount->po, l->op.peer);
	reply_nothing(l->work.ex);
}

static void
leave(struct leave *l, const struct route_match *match)
{
	l->op.op.done = left;
	l->op.namespace = ROOM_NAMESPACE;
	l->op.name = match->room;
	postoffice_leave(l->work.mount->po, &l->op);
	exchange_commit(l->work.ex);
}

void
rooms_leave(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct leave *l = rooms_work(m, ex, sizeof(*l), finish);

	if (l != NULL && read_going(&l->work, &l->op.token))
		leave(l, match);
}

/* DELETE /rooms/{room}/peers/{peer}: a peer takes itself out. */
void
rooms_remove(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct leave *l = rooms_work(m, ex, sizeof(*l), finish);

	if (l == NULL)
		return;
	if (!rooms_token(&l->work, (struct slice){ NULL, 0 }, &l->op.token)) {
		rooms_refuse(ex, LB_NOT_A_MEMBER, NULL);
		return;
	}
	l->op.id = match->peer;
	leave(l, match);
}

/* ---- rules ---- */

enum { LOCK, CAPACITY, ADMIT, REMOVE, END, TOKEN, MEMBERS };

/* clang-format off */
static const struct json_member rules_table[] = {
	[LOCK] = { "lock", JSON_BOOL, 0 },
	[CAPACITY] = { "capacity", JSON_NUMBER, 0 },
	[ADMIT] = { "admit", JSON_STRING, 0 },
	[REMOVE] = { "remove", JSON_STRING, 0 },
	[END] = { "end", JSON_BOOL, 0 },
	[TOKEN] = { "token", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

struct rules {
	struct rooms_work work;
	struct room_rules op;
};

static void
print_rules(struct buf *out, int locked, int64_t capacity)
{
	buf_printf(out, "\"rules\":{\"lock\":%s,\"capacity\":%lld}",
	    locked ? "true" : "false", (long long)capacity);
}

static void
ruled(struct store_op *op, enum lb_err err)
{
	struct rules *r = (void *)((char *)op - offsetof(struct rules, op));
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct buf out;

	if (!exchange_committed(r->work.ex))
		return;
	if (err != LB_OK) {
		fault.why = r->op.fault.why;
		rooms_refuse(r->work.ex, err, &fault);
		return;
	}
	if (r->op.removed != 0)
		postoffice_revoke(r->work.mount->po, r->op.removed);
	buf_init(&out, 256);
	buf_char(&out, '{');
	print_rules(&out, r->op.locked, r->op.capacity_now);
	buf_char(&out, '}');
	rooms_answer(r->work.ex, 200, &out);
}

static int
bad(struct rules *r, const char *member, const char *why)
{
	rooms_bad(&r->work, member, why);
	return 0;
}

static int
read_rules(struct rules *r)
{
	struct slice v[MEMBERS];
	int64_t most;
	int any = 0;

	if (!rooms_envelope(&r->work, rules_table, v, 0))
		return 0;
	if (!rooms_token(&r->work, v[TOKEN], &r->op.token)) {
		rooms_refuse(r->work.ex, LB_NOT_A_MEMBER, NULL);
		return 0;
	}
	for (int i = LOCK; i <= END; i++)
		any |= v[i].p != NULL;
	if (!any)
		return bad(r, "lock",
		    "No rule is named: lock, capacity, "
		    "admit, remove and end are known.");
	most = postoffice_options(r->work.mount->po)->bounds.peers;
	if (v[CAPACITY].p != NULL &&
	    json_int(v[CAPACITY], 1, most, &r->op.capacity) != LB_OK)
		return bad(r, "capacity",
		    "It is a number from 1 to "
		    "peers_max of the configuration.");
	r->op.lock = v[LOCK].p == NULL ? -1 : json_true(v[LOCK]);
	r->op.admit = rooms_text(&r->work, v[ADMIT]);
	r->op.remove = rooms_text(&r->work, v[REMOVE]);
	r->op.end = v[END].p != NULL && json_true(v[END]);
	if (v[END].p != NULL && !r->op.end)
		return bad(r, "end", "It can only be true.");
	if (r->op.admit.p != NULL && !name_valid(r->op.admit))
		return bad(r, "admit", "A peer's id has " NAME_RULE ".");
	if (r->op.remove.p != NULL && !name_valid(r->op.remove))
		return bad(r, "remove", "A peer's id has " NAME_RULE ".");
	return 1;
}

void
rooms_set_rules(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct rules *r = rooms_work(m, ex, sizeof(*r), finish);

	if (r == NULL || !read_rules(r))
		return;
	r->op.op.done = ruled;
	r->op.namespace = ROOM_NAMESPACE;
	r->op.name = match->room;
	postoffice_rules(m->po, &r->op);
	exchange_commit(ex);
}

/* ---- looking around ---- */

/* The view of the headers' token; refuses and returns 0. */
static int
look(struct rooms_mount *m, struct exchange *ex, const struct slice *room,
    struct postoffice_view *view)
{
	struct slice text = http_token(ex->request);
	struct token_digest token;
	enum lb_err err = LB_NOT_A_MEMBER;

	if (text.p != NULL && text.n == TOKEN_TEXT) {
		token_sha256(&token, text);
		err = postoffice_look(m->po, room, &token, m->now, view);
	}
	if (err == LB_NOT_FOUND) /* lapsed: it may come back */
		err = LB_OK;
	if (err != LB_OK)
		rooms_refuse(ex, err, NULL);
	return err == LB_OK;
}

void
rooms_look(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct postoffice_view view;
	struct buf out;
	enum lb_err err;

	if (!look(m, ex, &match->room, &view))
		return;
	buf_init(&out, 1048576);
	buf_char(&out, '{');
	err = rooms_print_people(&out, m, view.room, 0);
	buf_char(&out, ',');
	print_rules(&out, view.locked, view.capacity);
	buf_char(&out, '}');
	if (err == LB_OK) {
		rooms_answer(ex, 200, &out);
		return;
	}
	buf_reset(&out);
	rooms_refuse(ex, err, NULL);
}

void
rooms_ice(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct postoffice_view view;
	struct buf out;

	(void)match;
	if (!look(m, ex, NULL, &view))
		return;
	buf_init(&out, 65536);
	buf_str(&out, "{\"ice\":");
	ice_print(&out, &m->ice, view.id, m->now->wall);
	buf_printf(&out, ",\"ttl\":%lld}", (long long)m->ice.turn_ttl);
	rooms_answer(ex, 200, &out);
}

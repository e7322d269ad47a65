/*
 * dialect_rooms_log: GET /rooms/{room}/log, what happened in a room.
 *
 * An export of it (recording.h), a page at a time; each page is an export by
 * itself.  Who has the admin key sees everything.  A member sees what was
 * said to everybody, its own mail and what it said itself, and no more: what
 * others told each other is theirs.  Nothing is redacted: whoever is shown a
 * message has sent it or was meant to read it.
 */
#include <stddef.h>
#include <string.h>

#include "dialect_rooms_parts.h"
#include "recording.h"

#define LIMIT 256
#define LIMIT_MAX 1000

struct history {
	struct rooms_work work;
	struct store_sub sub;
	struct store_op find; /* of the room, for who is no member */
	struct slice room;
	struct buf lines;
	int64_t left; /* messages that still go onto the page */
};

static void
finish(struct rooms_work *work)
{
	struct history *h = (struct history *)(void *)work;

	buf_reset(&h->lines);
	rooms_work_free(work);
}

static int
add(struct store_sub *sub, const struct message *m)
{
	struct history *h = (struct history *)(void *)((char *)sub -
	    offsetof(struct history, sub));

	recording_print(&h->lines, m, m->body);
	h->left--;
	return h->left == 0 || h->lines.n >= WAITER_BYTES || h->lines.failed;
}

static void
reply(struct history *h)
{
	struct store *store = postoffice_store(h->work.mount->po);
	const struct recording_header header = { .epoch = { store_epoch(store),
						     CURSOR_EPOCH },
		.namespace = ROOM_NAMESPACE,
		.room = h->room };
	struct reply page = { 200, "application/jsonl", { NULL, 0 } };
	enum lb_err err;

	recording_print_header(&h->lines, &header);
	h->sub.message = add;
	err = store_follow(store, &h->sub);
	store_unfollow(store, &h->sub);
	if (err == LB_OK && h->lines.failed)
		err = LB_NO_MEMORY;
	if (err != LB_OK) {
		rooms_refuse(h->work.ex, err, NULL);
		return;
	}
	page.body = buf_as_slice(&h->lines);
	exchange_reply(h->work.ex, &page);
}

/* ---- for the admin, who is in no room ---- */

static struct history *
of(struct store_op *op)
{
	return (struct history *)(void *)((char *)op -
	    offsetof(struct history, find));
}

static enum lb_err
find_room(struct store_op *op, struct store_tx *tx)
{
	struct history *h = of(op);
	struct store_room room;
	enum lb_err err = store_room_find(tx, ROOM_NAMESPACE, h->room, &room);

	if (err == LB_OK)
		h->sub.room = room.row;
	return err;
}

static void
found_room(struct store_op *op, enum lb_err err)
{
	struct history *h = of(op);

	if (!exchange_committed(h->work.ex))
		return;
	if (err == LB_OK)
		reply(h);
	else
		rooms_refuse(h->work.ex, err, NULL);
}

/* ---- asking ---- */

/* A number of the query; absent: `*out` as it is.  0 after a refusal. */
static int
read_number(struct exchange *ex, const char *name, int64_t least, int64_t most,
    int64_t *out)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct buf text;
	enum lb_err err;

	buf_init(&text, 64);
	err = http_query(ex->request->query, name, &text);
	if (err == LB_OK)
		err = text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9' ?
		    json_int(buf_as_slice(&text), least, most, out) :
		    LB_BAD_REQUEST;
	buf_reset(&text);
	if (err == LB_OK || err == LB_NOT_FOUND)
		return 1;
	if (err == LB_NO_MEMORY) {
		rooms_refuse(ex, err, NULL);
		return 0;
	}
	fault.member = slice_of(name);
	fault.why = "It is a seq (after), or a number from 1 to 1000 (limit).";
	rooms_refuse(ex, LB_BAD_REQUEST, &fault);
	return 0;
}

/* Whose token it is, also of one who has lapsed or whose room was ended. */
static enum lb_err
look(struct history *h, const struct route_match *match)
{
	struct rooms_mount *m = h->work.mount;
	struct postoffice_view view;
	struct token_digest token;
	enum lb_err err;

	if (!rooms_token(&h->work, (struct slice){ NULL, 0 }, &token))
		return LB_NOT_A_MEMBER;
	err = postoffice_look(m->po, &match->room, &token, m->now, &view);
	if (err != LB_OK && err != LB_NOT_FOUND && err != LB_ENDED)
		return err;
	h->sub.room = view.room;
	h->sub.peer = view.peer;
	h->sub.scope = MESSAGE_OWN;
	return LB_OK;
}

void
rooms_log(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct history *h = rooms_work(m, ex, sizeof(*h), finish);
	enum lb_err err;

	if (h == NULL)
		return;
	buf_init(&h->lines, WAITER_MOST + 4096);
	h->left = LIMIT;
	h->room = match->room;
	if (rooms_is_admin(m, ex)) {
		h->sub.scope = MESSAGE_ALL;
		err = LB_OK;
	} else {
		err = look(h, match);
	}
	if (err != LB_OK) {
		rooms_refuse(ex, err, NULL);
		return;
	}
	if (!read_number(ex, "after", 0, RECORDING_SEQ_MAX, &h->sub.after) ||
	    !read_number(ex, "limit", 1, LIMIT_MAX, &h->left))
		return;
	if (h->sub.scope == MESSAGE_OWN) {
		reply(h);
		return;
	}
	h->find.run = find_room;
	h->find.done = found_room;
	store_append(postoffice_store(m->po), &h->find);
	exchange_commit(ex);
}

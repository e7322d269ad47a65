/*
 * dialect_apprtc_collider_join: POST /join/ROOM.
 *
 * What the first one said while it was alone is in the log, said to everybody
 * since it came or was left alone.  The second one gets it with the answer, and
 * all that comes later by its channel.
 */
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "dialect_apprtc_collider.h"

#define SAVED_BYTES 524288 /* as JSON strings */
#define REPLY_MAX (SAVED_BYTES + 65536)

struct arrival {
	struct rooms_work work;
	struct apprtc_join join;
	struct buf text;             /* the room's name; does not move */
	struct http_request request; /* the exchange's text holds it until the
				      * reply */
};

static void
finish(struct rooms_work *work)
{
	struct arrival *a = (struct arrival *)(void *)work;

	buf_reset(&a->text);
	rooms_work_free(work);
}

/* ---- what was saved ---- */

/* One message of it, a JSON string; the store hands over the newest first. */
struct piece {
	struct buf json;
	struct piece *next;
};

struct saved {
	int64_t self; /* row */
	struct piece *pieces;
	size_t bytes;
	int full;
	int failed; /* no memory */
};

static void
drop(struct piece *piece)
{
	buf_reset(&piece->json);
	free(piece);
}

static struct piece *
make_piece(const struct message *m)
{
	struct piece *piece = calloc(1, sizeof(*piece));
	struct buf text;

	if (piece == NULL)
		return NULL;
	buf_init(&text, SAVED_BYTES);
	buf_init(&piece->json, SAVED_BYTES);
	apprtc_write(&text, m);
	if (text.n > 0)
		buf_json(&piece->json, buf_as_slice(&text));
	piece->json.failed |= text.failed;
	buf_reset(&text);
	return piece;
}

static void
prepend(struct saved *saved, const struct message *m)
{
	struct piece *piece = make_piece(m);

	if (piece == NULL || piece->json.failed) {
		saved->failed = 1;
	} else if (saved->bytes + piece->json.n + 1 > SAVED_BYTES) {
		saved->full = 1;
	} else if (piece->json.n > 0) {
		saved->bytes += piece->json.n + 1;
		LL_PREPEND(saved->pieces, piece);
		return;
	}
	if (piece != NULL)
		drop(piece);
}

/* Up to when somebody else came or went last. */
static int
save(void *arg, const struct message *m)
{
	struct saved *saved = arg;

	if (m->sender == saved->self || m->recipient != 0)
		return 0;
	if (slice_is(m->type, "joined") || slice_is(m->type, "left"))
		return 1;
	prepend(saved, m);
	return saved->failed || saved->full;
}

/* Appends JSON strings with commas between. */
static enum lb_err
print_saved(struct buf *out, const struct arrival *a)
{
	const struct slice types[] = { SLICE("description"), SLICE("candidate"),
		SLICE("apprtc"), SLICE("joined"), SLICE("left") };
	struct saved saved = { .self = a->join.op.self.row };
	struct piece *piece, *next;
	enum lb_err err = store_history(postoffice_store(a->work.mount->po),
	    &a->join.op.self, types, sizeof(types) / sizeof(types[0]), save,
	    &saved);

	LL_FOREACH_SAFE(saved.pieces, piece, next) {
		buf_str(out, out->n > 0 ? "," : "");
		buf_slice(out, buf_as_slice(&piece->json));
		drop(piece);
	}
	return err == LB_OK && saved.failed ? LB_NO_MEMORY : err;
}

/* ---- replies ---- */

static void
refuse(struct exchange *ex, const char *result)
{
	struct buf json;

	buf_init(&json, 128);
	buf_printf(&json, "{\"result\":\"%s\",\"params\":{\"messages\":[]}}",
	    result);
	rooms_answer(ex, 200, &json);
}

static enum lb_err
print_welcome(struct buf *json, const struct arrival *a)
{
	struct rooms_mount *m = a->work.mount;
	int is_second = a->join.op.present > 1;
	int is_mixed = slice_equal(m->apprtc, ROOM_NAMESPACE);
	struct collider_seat seat = {
		.seat = &a->join.seat,
		.initiator = is_mixed ? is_second : !is_second,
	};
	struct buf messages;
	enum lb_err err;

	buf_init(&messages, SAVED_BYTES);
	err = print_saved(&messages, a);
	if (err == LB_OK && messages.failed)
		err = LB_NO_MEMORY;
	seat.messages = buf_as_slice(&messages);
	buf_str(json, "{\"result\":\"SUCCESS\",\"params\":");
	if (err == LB_OK)
		err = collider_print(json, m, &a->request, a->join.seat.room,
		    &seat);
	buf_char(json, '}');
	buf_reset(&messages);
	return err;
}

static void
welcome(struct arrival *a)
{
	struct buf json;
	enum lb_err err;

	buf_init(&json, REPLY_MAX);
	err = print_welcome(&json, a);
	if (err != LB_OK) {
		buf_reset(&json);
		rooms_refuse(a->work.ex, err, NULL);
		return;
	}
	apprtc_set_cookie(a->work.ex, &a->join.seat);
	rooms_answer(a->work.ex, 200, &json);
}

static void
joined(struct store_op *op, enum lb_err err)
{
	struct arrival *a = (struct arrival *)(void *)((char *)op -
	    offsetof(struct arrival, join.op.op));

	if (!exchange_committed(a->work.ex))
		return;
	if (err == LB_OK)
		err = a->join.op.verdict;
	apprtc_joined(a->work.mount, &a->join);
	if (err == LB_OK)
		welcome(a);
	else if (err == LB_ROOM_FULL)
		refuse(a->work.ex, "FULL");
	else
		rooms_refuse(a->work.ex, err, NULL);
}

/* ---- the request ---- */

static enum lb_err
join(struct arrival *a, int64_t *retry)
{
	struct apprtc_join *j = &a->join;
	struct slice room = { NULL, 0 }, more = room;
	char user[APPRTC_USER + 1];
	enum lb_err err = collider_place(&a->request, &a->text, &room, &more);

	if (err == LB_OK && more.p != NULL)
		err = LB_NOT_FOUND;
	if (err == LB_OK)
		err = apprtc_user(user);
	if (err == LB_OK)
		err = apprtc_seat(&j->seat, a->work.mount, room,
		    slice_of(user));
	if (err != LB_OK)
		return err;
	j->op.op.done = joined;
	apprtc_before(j, &a->request);
	return apprtc_join(a->work.mount, a->work.ex, j, retry);
}

void
collider_join(struct rooms_mount *m, struct exchange *ex)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct arrival *a = rooms_work(m, ex, sizeof(*a), finish);
	enum lb_err err = LB_NO_MEMORY;

	if (a == NULL)
		return;
	a->request = *ex->request;
	buf_init(&a->text, ex->request->path.n + NAME_MAX_BYTES + 64);
	if (buf_reserve(&a->text, a->text.max) != NULL)
		err = join(a, &fault.retry_ms);
	if (err != LB_OK)
		rooms_refuse(ex, err, &fault);
}

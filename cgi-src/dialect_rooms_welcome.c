/*
 * dialect_rooms_welcome: see dialect_rooms_welcome.h.
 */
#include "dialect_rooms_welcome.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#define HISTORY_MOST 100 /* messages said to everybody */
#define HISTORY_BYTES 262144

/* One message of history; the store hands over the newest first. */
struct piece {
	struct buf text;
	struct piece *next;
};

struct past {
	struct piece *pieces;
	int64_t said; /* messages said to everybody */
	size_t bytes;
	int cut;    /* there was more than we tell */
	int failed; /* no memory */
};

static int
remember(void *arg, const struct message *m)
{
	struct past *past = arg;
	struct piece *piece;

	if (m->recipient == 0 &&
	    (past->said >= HISTORY_MOST ||
		past->bytes + m->body.n > HISTORY_BYTES)) {
		past->cut = 1;
		return 0; /* mail may still follow */
	}
	piece = calloc(1, sizeof(*piece));
	if (piece == NULL) {
		past->failed = 1;
		return 1;
	}
	past->said += m->recipient == 0;
	past->bytes += m->recipient == 0 ? m->body.n : 0;
	buf_init(&piece->text, WAITER_MOST);
	message_print(&piece->text, m);
	past->failed |= piece->text.failed;
	LL_PREPEND(past->pieces, piece);
	return past->failed;
}

/* What waited for it, oldest first, into the waiter's messages. */
static enum lb_err
collect_past(struct rooms_join_work *j, int *gap)
{
	struct past past = { .pieces = NULL };
	struct buf *out = &j->waiter.messages;
	struct piece *piece, *next;
	enum lb_err err = store_history(postoffice_store(j->work.mount->po),
	    &j->op.self, j->history, j->history_count, remember, &past);

	out->max += HISTORY_BYTES + 64 * WAITER_BYTES;
	LL_FOREACH_SAFE(past.pieces, piece, next) {
		if (out->n > 0)
			buf_char(out, ',');
		buf_slice(out, buf_as_slice(&piece->text));
		buf_reset(&piece->text);
		free(piece);
	}
	*gap = past.cut || (j->history_count > 0 && j->op.floor > 0);
	return err == LB_OK && past.failed ? LB_NO_MEMORY : err;
}

static void
print_limits(struct buf *out, struct rooms_mount *m)
{
	const struct postoffice_options *o = postoffice_options(m->po);

	buf_printf(out,
	    ",\"limits\":{\"body\":%lld,\"message\":%lld,"
	    "\"messages\":%lld,\"peers\":%lld,\"mailbox_messages\":%lld,"
	    "\"mailbox_bytes\":%lld}",
	    (long long)m->body_max, (long long)m->message_max,
	    (long long)m->messages_max, (long long)o->bounds.peers,
	    (long long)o->bounds.mailbox_messages,
	    (long long)o->bounds.mailbox_bytes);
}

static void
answer(struct rooms_join_work *j, int history_gap)
{
	struct rooms_mount *m = j->work.mount;
	struct exchange *ex = j->work.ex;
	struct governor_pace pace;
	enum lb_err err;
	struct buf out;

	buf_init(&out, j->waiter.messages.max + 1048576);
	buf_str(&out, "{\"peer\":");
	buf_json(&out, slice_of(j->op.self.id));
	buf_str(&out, ",\"token\":\"");
	buf_add(&out, j->token, TOKEN_TEXT);
	buf_str(&out, "\",\"n\":");
	buf_int(&out, j->op.self.n);
	buf_char(&out, ',');
	err = rooms_print_people(&out, m, j->op.room, j->op.self.row);
	rooms_print_messages(&out, m, &j->waiter);
	if (history_gap)
		buf_str(&out, ",\"history_gap\":true");
	rooms_print_losses(&out, &j->waiter);
	buf_str(&out, ",\"ice\":");
	ice_print(&out, &m->ice, j->op.self.id, m->now->wall);
	buf_char(&out, ',');
	pace = postoffice_pace(m->po, rooms_address(m, ex->request), m->now);
	rooms_print_poll(&out, &pace);
	rooms_print_posts(&out, m, ex->request);
	buf_printf(&out, ",\"lease\":%lld", (long long)j->op.lease / 1000);
	print_limits(&out, m);
	buf_char(&out, '}');
	if (err == LB_OK) {
		rooms_answer(ex, j->key.p != NULL ? 201 : 200, &out);
		return;
	}
	buf_reset(&out);
	rooms_refuse(ex, err, NULL);
}

/* From where the reply's mail is told: by key from the first joining on, by
 * token from what was acknowledged. */
static void
set_place(struct rooms_join_work *j)
{
	struct waiter *w = &j->waiter;
	int64_t first = j->op.self.first;

	w->sub.after = first;
	if (j->key.p == NULL && j->op.self.cursor > first)
		w->sub.after = j->op.self.cursor;
	if (j->after.epoch[0] != '\0') {
		w->reset = postoffice_knows(j->work.mount->po, &j->after) ? 0 :
									    1;
		if (!w->reset && j->after.seq > w->sub.after)
			w->sub.after = j->after.seq;
		if (w->reset)
			w->sub.after = first;
	}
	w->gap = w->sub.after < j->op.floor;
}

void
rooms_welcome(struct store_op *op, enum lb_err err)
{
	struct rooms_join_work *j = (void *)((char *)op -
	    offsetof(struct rooms_join_work, op));
	struct rooms_mount *m = j->work.mount;
	struct rooms_fault fault = ROOMS_NO_FAULT;
	int history_gap = 0;

	if (!exchange_committed(j->work.ex))
		return;
	if (err == LB_OK)
		err = j->op.verdict;
	if (err == LB_OK) {
		waiter_init(&j->waiter, postoffice_hall(m->po));
		j->waiter.print = rooms_print_message;
		j->waiter.sub.room = j->op.room;
		j->waiter.sub.peer = j->op.self.row;
		j->waiter.joined = j->op.self.joined;
		set_place(j);
		if (j->key.p != NULL)
			err = collect_past(j, &history_gap);
		if (err == LB_OK)
			err = postoffice_collect(m->po, &j->waiter);
		/* What could not be written must not be passed by. */
		if (err == LB_OK && j->waiter.messages.failed)
			err = LB_NO_MEMORY;
	}
	if (err == LB_OK) {
		answer(j, history_gap);
		return;
	}
	fault.why = j->op.fault.why;
	fault.limit = j->op.fault.limit;
	rooms_refuse(j->work.ex, err, &fault);
}

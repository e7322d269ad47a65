/*
 * dialect_rooms_post: POST /rooms/{room}/messages, and what it collects.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "dialect_rooms_parts.h"

enum { N, MESSAGES, AFTER, WAIT, TOKEN, MEMBERS };

/* clang-format off */
static const struct json_member table[] = {
	[N] = { "n", JSON_NUMBER, 1 },
	[MESSAGES] = { "messages", JSON_ARRAY, 1 },
	[AFTER] = { "after", JSON_STRING, 0 },
	[WAIT] = { "wait", JSON_NUMBER, 0 },
	[TOKEN] = { "token", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

struct post {
	struct rooms_work work;
	struct room_post op;
	struct waiter waiter;
	struct cursor after; /* epoch "": does not collect */
	int64_t wait;        /* ms */
};

static void
finish(struct rooms_work *work)
{
	struct post *p = (struct post *)(void *)work;

	if (p->waiter.hall != NULL)
		postoffice_forget(work->mount->po, &p->waiter);
	rooms_work_free(work);
}

/* {"seqs":[...],"n":7 and, when it collected, the messages} */
static void
answer(struct post *p, const struct waiter *w)
{
	struct rooms_mount *m = p->work.mount;
	struct exchange *ex = p->work.ex;
	struct buf out;

	buf_init(&out, WAITER_MOST + 1024);
	buf_str(&out, "{\"seqs\":[");
	for (int64_t i = 0; i < p->op.self.n_count; i++) {
		if (i > 0)
			buf_char(&out, ',');
		buf_int(&out, p->op.first_seq + i);
	}
	buf_str(&out, "],\"n\":");
	buf_int(&out, p->op.n);
	if (w != NULL) {
		rooms_print_messages(&out, m, w);
		rooms_print_losses(&out, w);
		buf_char(&out, ',');
		rooms_print_poll(&out, &w->pace);
	}
	buf_char(&out, '}');
	rooms_answer(ex, 201, &out);
}

static void
collected(struct waiter *w, enum lb_err err)
{
	struct post *p = (struct post *)(void *)((char *)w -
	    offsetof(struct post, waiter));

	/* Posted it is, in any case; what could not be written is asked for
	 * by the next poll. */
	answer(p, w->messages.failed || err == LB_BUSY ? NULL : w);
}

static void
collect(struct post *p)
{
	struct rooms_mount *m = p->work.mount;
	struct exchange *ex = p->work.ex;
	const struct postoffice_poll q = {
		.namespace = p->op.namespace,
		.name = p->op.name,
		.token = p->op.token,
		.cursor = p->after,
		.wait = p->wait,
		.address = rooms_address(m, ex->request),
	};
	int parked;

	waiter_init(&p->waiter, postoffice_hall(m->po));
	p->waiter.print = rooms_print_message;
	p->waiter.done = collected;
	p->waiter.is_post = 1;
	if (postoffice_poll(m->po, &p->waiter, &q, m->now, &parked) != LB_OK)
		answer(p, NULL);
	else if (parked)
		exchange_park(ex);
}

static void
committed(struct store_op *op, enum lb_err err)
{
	struct post *p = (struct post *)(void *)((char *)op -
	    offsetof(struct post, op));
	struct rooms_fault fault = ROOMS_NO_FAULT;

	if (!exchange_committed(p->work.ex))
		return;
	if (err != LB_OK) {
		fault.why = p->op.fault.why;
		fault.expected = p->op.fault.expected;
		fault.limit = p->op.fault.limit;
		rooms_refuse(p->work.ex, err, &fault);
		return;
	}
	postoffice_yield(p->work.mount->po, p->op.self.row);
	if (p->after.epoch[0] != '\0')
		collect(p);
	else
		answer(p, NULL);
}

static int
read_post(struct post *p)
{
	struct rooms_work *work = &p->work;
	struct slice values[MEMBERS];
	int64_t wait = 0;

	if (!rooms_envelope(work, table, values, 0))
		return 0;
	if (!rooms_token(work, values[TOKEN], &p->op.token)) {
		rooms_refuse(work->ex, LB_NOT_A_MEMBER, NULL);
		return 0;
	}
	if (json_int(values[N], 1, INT64_MAX - 1, &p->op.n) != LB_OK) {
		rooms_bad(work, "n", "It counts a peer's posts: 1, 2, 3 ...");
		return 0;
	}
	if (values[WAIT].p != NULL &&
	    json_int(values[WAIT], 0, 3600, &wait) != LB_OK) {
		rooms_bad(work, "wait",
		    "It is a number of seconds, 0 to "
		    "3600.");
		return 0;
	}
	if (wait > 0 && values[AFTER].p == NULL) {
		rooms_bad(work, "wait", "It goes with `after`.");
		return 0;
	}
	p->wait = wait * 1000;
	return rooms_cursor(work, rooms_text(work, values[AFTER]), &p->after) &&
	    rooms_letter(work, values[MESSAGES], &p->op.letter);
}

void
rooms_post(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct post *p = rooms_work(m, ex, sizeof(*p), finish);
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err;

	if (p == NULL || !read_post(p))
		return;
	p->op.op.done = committed;
	p->op.namespace = ROOM_NAMESPACE;
	p->op.name = match->room;
	if (postoffice_knows(m->po, &p->after))
		p->op.cursor = p->after.seq;
	err = postoffice_post(m->po, &p->op, m->now, &fault.retry_ms);
	if (err != LB_OK)
		rooms_refuse(ex, err, &fault);
	else
		exchange_commit(ex);
}

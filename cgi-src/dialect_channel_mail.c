/*
 * dialect_channel_mail: GET /_ah/channel/mail, and how the other wires tell
 * mail.
 *
 * The end of the token ends a poll that is held as well, and the lease soon
 * after, unless a new token has come by then.
 */
#include <stdlib.h>
#include <string.h>

#include "dialect_channel_parts.h"

struct poll {
	struct rooms_work work;
	struct waiter waiter;
	const struct channel_codec *codec;
	enum channel_wire wire;
	int64_t expires; /* ms of Unix time */
	int64_t opening;
	/* For the development wire: its one message, and that it was told. */
	struct buf text;
	struct room_acknowledge heard;
	struct token_digest digest;
};

static struct poll *
of(struct waiter *w)
{
	return (
	    struct poll *)(void *)((char *)w - offsetof(struct poll, waiter));
}

static void
finish(struct rooms_work *work)
{
	struct poll *p = (struct poll *)(void *)work;

	postoffice_forget(p->work.mount->po, &p->waiter);
	buf_reset(&p->text);
	rooms_work_free(work);
}

/* ---- for the script ---- */

/* {"seq":7,"data":"..."} */
static void
print_mail(struct waiter *w, const struct message *m)
{
	struct buf *out = &w->messages;
	size_t start = out->n, head;

	buf_printf(out, "%s{\"seq\":%lld,\"data\":", start > 0 ? "," : "",
	    (long long)m->seq);
	head = out->n;
	of(w)->codec->print(out, m);
	if (out->n == head && !out->failed)
		out->n = start; /* not for it */
	else
		buf_char(out, '}');
}

static void
answer_mail(struct poll *p)
{
	struct rooms_mount *m = p->work.mount;
	const struct waiter *w = &p->waiter;
	struct buf out;

	buf_init(&out, WAITER_MOST + 1024);
	buf_char(&out, '{');
	if (p->wire == CHANNEL_OPEN)
		buf_printf(&out,
		    "\"lease\":%lld,\"expires\":%lld,\"opening\":%lld,",
		    (long long)postoffice_options(m->po)->bounds.lease / 1000,
		    (long long)p->expires, (long long)p->opening);
	rooms_print_poll(&out, &w->pace);
	rooms_print_messages(&out, m, w);
	if (w->gap && p->codec->hears_all)
		buf_str(&out, ",\"gap\":true");
	if (w->reset)
		buf_str(&out, ",\"reset\":true");
	buf_char(&out, '}');
	rooms_answer(p->work.ex, 200, &out);
}

/* ---- for the script of the development server ---- */

static void
print_one(struct waiter *w, const struct message *m)
{
	of(w)->codec->print(&w->messages, m);
}

static void
reply_text(struct exchange *ex, struct slice text)
{
	const struct reply reply = { 200, "text/plain; charset=utf-8", text };

	exchange_reply(ex, &reply);
}

/* What could not be noted is told by a later poll. */
static void
noted(struct store_op *op, enum lb_err err)
{
	struct poll *p = (struct poll *)(void *)((char *)op -
	    offsetof(struct poll, heard));

	if (exchange_committed(p->work.ex))
		reply_text(p->work.ex,
		    err == LB_OK ? buf_as_slice(&p->text) : SLICE(""));
}

/* This wire acknowledges nothing: what is told counts as heard, so it is noted
 * before it is told. */
static void
answer_dev(struct poll *p)
{
	const struct waiter *w = &p->waiter;

	if (w->count == 0) {
		reply_text(p->work.ex, SLICE(""));
		return;
	}
	buf_init(&p->text, WAITER_MOST);
	if (json_string(buf_as_slice(&w->messages), &p->text) != LB_OK) {
		rooms_refuse(p->work.ex, LB_NO_MEMORY, NULL);
		return;
	}
	p->heard.op.done = noted;
	p->heard.peer = w->sub.peer;
	p->heard.seq = w->sub.after;
	postoffice_acknowledge(p->work.mount->po, &p->heard);
	exchange_commit(p->work.ex);
}

/* ---- both ---- */

static void
answered(struct waiter *w, enum lb_err err)
{
	struct poll *p = of(w);
	struct rooms_mount *m = p->work.mount;

	if (err == LB_OK && w->messages.failed)
		err = LB_NO_MEMORY;
	/* Closed from elsewhere; or, where a poll is under way when a page
	 * disconnects, by that page, which does not expect to hear of it. */
	if (err == LB_NOT_A_MEMBER)
		err = p->wire == CHANNEL_DEV ? LB_OK : LB_SUPERSEDED;
	if (err == LB_OK && w->count == 0 && p->expires <= m->now->wall) {
		err = LB_CHANNEL_EXPIRED;
		postoffice_away(m->po, slice_of(NULL), slice_of(NULL),
		    &p->digest, m->now);
	}
	if (err != LB_OK)
		channel_refuse(p->work.ex, err, 0);
	else if (p->wire == CHANNEL_DEV)
		answer_dev(p);
	else
		answer_mail(p);
}

static enum lb_err
start(struct rooms_mount *m, struct exchange *ex,
    const struct channel_pass *pass, const struct channel_ask *ask,
    enum channel_wire wire)
{
	int64_t left = pass->token.expires - m->now->wall;
	const struct channel_codec *codec = channel_codec(m,
	    pass->token.namespace);
	const struct postoffice_poll q = {
		.namespace = pass->token.namespace,
		.name = pass->token.room,
		.token = pass->digest,
		.cursor = ask->after,
		.wait = ask->wait < left ? ask->wait : left,
		.opening = ask->opening,
		.address = rooms_address(m, ex->request),
		.resume = 1,
		.since = codec->hears_all,
	};
	struct poll *p = rooms_work(m, ex, sizeof(*p), finish);
	enum lb_err err;
	int parked = 0;

	if (p == NULL)
		return LB_OK; /* refused */
	p->codec = codec;
	p->wire = wire;
	p->expires = pass->token.expires;
	p->opening = ask->opening;
	p->digest = pass->digest;
	waiter_init(&p->waiter, postoffice_hall(m->po));
	p->waiter.print = wire == CHANNEL_DEV ? print_one : print_mail;
	p->waiter.done = answered;
	if (wire == CHANNEL_DEV)
		p->waiter.most = 1;
	err = postoffice_poll(m->po, &p->waiter, &q, m->now, &parked);
	if (err == LB_OK) {
		if (parked)
			exchange_park(ex);
		return LB_OK;
	}
	ex->work = NULL;
	finish(&p->work);
	return err;
}

static void
go_on(struct channel_entry *e, enum channel_wire wire)
{
	enum lb_err err = start(e->mount, e->ex, &e->pass, &e->ask, wire);

	/* Gone again already: the next one finds it so. */
	if (err == LB_NOT_FOUND || err == LB_NOT_A_MEMBER)
		err = LB_BUSY;
	if (err != LB_OK)
		channel_refuse(e->ex, err, 0);
}

static void
entered_open(struct channel_entry *e)
{
	go_on(e, CHANNEL_OPEN);
}

static void
entered_mail(struct channel_entry *e)
{
	go_on(e, CHANNEL_MAIL);
}

static void
entered_dev(struct channel_entry *e)
{
	go_on(e, CHANNEL_DEV);
}

void
channel_poll(struct rooms_mount *m, struct exchange *ex,
    struct channel_pass *pass, const struct channel_ask *ask,
    enum channel_wire wire)
{
	void (*const entered[])(struct channel_entry *) = {
		[CHANNEL_OPEN] = entered_open,
		[CHANNEL_MAIL] = entered_mail,
		[CHANNEL_DEV] = entered_dev,
	};
	enum lb_err err = LB_NOT_FOUND;

	if (wire != CHANNEL_OPEN)
		err = start(m, ex, pass, ask, wire);
	if (err == LB_NOT_FOUND || err == LB_NOT_A_MEMBER || err == LB_ENDED) {
		channel_enter(m, ex, pass, ask, entered[wire]);
		return;
	}
	channel_pass_free(pass);
	if (err != LB_OK)
		channel_refuse(ex, err, 0);
}

/* `opening=N` of the query; refuses and returns 0. */
static int
read_opening(struct exchange *ex, int64_t *out)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct buf text;
	enum lb_err err;

	buf_init(&text, 32);
	err = http_query(ex->request->query, "opening", &text);
	if (err == LB_OK)
		err = json_int(buf_as_slice(&text), 1, INT64_MAX, out);
	buf_reset(&text);
	if (err == LB_OK || err == LB_NOT_FOUND)
		return 1;
	fault.member = SLICE("opening");
	fault.why = "It is not the number that was given out.";
	rooms_refuse(ex, err == LB_NO_MEMORY ? err : LB_BAD_REQUEST, &fault);
	return 0;
}

void
channel_mail(struct rooms_mount *m, struct exchange *ex)
{
	struct channel_pass pass;
	struct channel_ask ask = { .opens = 0 };
	enum lb_err err = channel_pass(m, http_token(ex->request), &pass);

	if (err != LB_OK) {
		channel_refuse(ex, err, 0);
		return;
	}
	if (!read_opening(ex, &ask.opening) || !rooms_after(ex, &ask.after) ||
	    (ask.wait = rooms_wait(ex)) < 0)
		channel_pass_free(&pass);
	else
		channel_poll(m, ex, &pass, &ask, CHANNEL_MAIL);
}

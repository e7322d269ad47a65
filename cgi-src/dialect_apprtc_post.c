/*
 * dialect_apprtc_post: what a user says; POST /message?r=ROOM&u=USER, and
 * &i=WORD by who may have to repeat it.
 *
 * AppRTC's clients do not look at the answer, which is empty and 200 whatever
 * came of it; the log tells what was refused.
 *
 * The 8 digits of a user are soon guessed by who may try them all: an address
 * that names nobody too often is not heard for a while, whomever it names.
 */
#include <string.h>

#include "dialect_apprtc_parts.h"
#include "log.h"

/* ---- for all endpoints ---- */

static void
relayed(struct store_op *op, enum lb_err err)
{
	struct apprtc_post *p = (struct apprtc_post *)(void *)((char *)op -
	    offsetof(struct apprtc_post, relay));

	if (exchange_committed(p->ex))
		p->done(p, err);
}

static void
left(struct store_op *op, enum lb_err err)
{
	struct apprtc_post *p = (struct apprtc_post *)(void *)((char *)op -
	    offsetof(struct apprtc_post, leave));

	if (!exchange_committed(p->ex))
		return;
	if (err == LB_OK)
		postoffice_revoke(p->mount->po, p->leave.peer);
	p->done(p, err);
}

enum lb_err
apprtc_say(struct apprtc_post *p, struct slice json, int64_t *retry_ms)
{
	struct room_relay *r = &p->relay;
	enum lb_err err;

	if (json.n > APPRTC_MESSAGE_MAX)
		return LB_TOO_LARGE;
	err = apprtc_read(json, &p->text);
	if (err != LB_OK)
		return err;
	if (p->text.act == APPRTC_LEAVE) {
		apprtc_leave(p);
		return LB_OK;
	}
	r->op.done = relayed;
	r->namespace = p->mount->apprtc;
	r->name = p->seat.room;
	r->token = p->seat.token;
	r->type = p->text.type;
	r->body = p->text.body;
	r->mirror = p->text.mirror;
	err = postoffice_relay(p->mount->po, r, p->mount->now, retry_ms);
	if (err == LB_OK)
		exchange_commit(p->ex);
	return err;
}

enum lb_err
apprtc_mark(struct apprtc_post *p, const char *name, struct buf *text)
{
	size_t start = text->n;
	struct slice word;

	buf_str(text, p->seat.peer);
	word = apprtc_argument(p->ex->request, name, APPRTC_MARK, text);
	if (text->failed)
		return LB_NO_MEMORY;
	if (word.n > 0)
		p->relay.mark = (struct slice){ text->p + start,
			text->n - start };
	return LB_OK;
}

/* For good: the page polls until it is gone, and would come back by that. */
void
apprtc_leave(struct apprtc_post *p)
{
	p->leave.op.done = left;
	p->leave.namespace = p->mount->apprtc;
	p->leave.name = p->seat.room;
	p->leave.token = p->seat.token;
	p->leave.for_good = 1;
	postoffice_leave(p->mount->po, &p->leave);
	exchange_commit(p->ex);
}

void
apprtc_post_free(struct apprtc_post *p)
{
	buf_reset(&p->text.text);
}

/* ---- POST /message ---- */

struct posting {
	struct rooms_work work;
	struct apprtc_post post;
	struct buf text; /* of the arguments and the room */
};

static void
finish(struct rooms_work *work)
{
	struct posting *p = (struct posting *)(void *)work;

	apprtc_post_free(&p->post);
	buf_reset(&p->text);
	rooms_work_free(work);
}

/* What the server fails to do is told: it may be tried again. */
static void
answer(struct exchange *ex, enum lb_err err, size_t n)
{
	const struct reply empty = { 200, "text/plain; charset=utf-8",
		{ "", 0 } };

	if (err != LB_OK && err_words(err)->status >= 500 &&
	    err != LB_MAILBOX_FULL) {
		rooms_refuse(ex, err, NULL);
		return;
	}
	/* What strangers can cause is not for everybody's log. */
	if (err != LB_OK)
		log_event(err == LB_MAILBOX_FULL || err == LB_ENDED ? LOG_INFO :
								      LOG_DEBUG,
		    "apprtc-dropped", "why=%s len=%zu", err_words(err)->code,
		    n);
	exchange_reply(ex, &empty);
}

static void
done(struct apprtc_post *post, enum lb_err err)
{
	answer(post->ex, err, post->relay.body.n);
}

static enum lb_err
try_user(struct posting *p, struct rooms_mount *m, const struct http_request *r,
    int64_t *retry)
{
	const struct slice address = rooms_address(m, r);
	enum lb_err err = postoffice_try(m->po, address, m->now, retry);

	if (err == LB_OK)
		err = apprtc_standing(m, &p->post.seat);
	if (err == LB_NOT_A_MEMBER)
		postoffice_miss(m->po, address, m->now);
	return err;
}

static enum lb_err
post(struct posting *p, struct rooms_mount *m, struct exchange *ex)
{
	const struct http_request *r = ex->request;
	struct slice room, user;
	size_t start;
	int64_t retry;
	enum lb_err err;

	buf_init(&p->text, 3 * r->query.n + NAME_MAX_BYTES + 64);
	if (buf_reserve(&p->text, p->text.max) == NULL)
		return LB_NO_MEMORY;
	user = apprtc_argument(r, "u", APPRTC_USER, &p->text);
	room = apprtc_argument(r, "r", r->query.n, &p->text);
	start = p->text.n;
	if ((err = apprtc_room(&p->text, room)) != LB_OK)
		return err;
	room.p = p->text.p + start;
	room.n = p->text.n - start;
	err = apprtc_seat(&p->post.seat, m, room, user);
	if (err == LB_OK)
		err = try_user(p, m, r, &retry);
	if (err != LB_OK)
		return err;
	p->post.mount = m;
	p->post.ex = ex;
	p->post.done = done;
	if ((err = apprtc_mark(&p->post, "i", &p->text)) != LB_OK)
		return err;
	return apprtc_say(&p->post, r->body, &retry);
}

static void
take(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct posting *p = rooms_work(m, ex, sizeof(*p), finish);
	enum lb_err err;

	(void)match;
	if (p != NULL && (err = post(p, m, ex)) != LB_OK)
		answer(ex, err, ex->request->body.n);
}

void
apprtc_message(struct rooms_mount *m, struct exchange *ex)
{
	if (ex->request->refused != LB_OK)
		answer(ex, ex->request->refused, 0);
	else
		rooms_enter(m, ex, take, &(struct route_match){ 0 });
}

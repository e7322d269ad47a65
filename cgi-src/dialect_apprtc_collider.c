/*
 * dialect_apprtc_collider: saying and going; POST /message/ROOM/CLIENT and
 * /leave/ROOM/CLIENT, POST and DELETE /ws/ROOM/CLIENT, and POST /ws.
 *
 * By the first two the room's server was spoken to, which answers in words; by
 * the others Collider, which answers "OK".  Both ways lead into one log.
 */
#include "dialect_apprtc_collider.h"

#include <string.h>

#include "log.h"

/* ---- places ---- */

/* The next segment of a path; its slash is taken away. */
static struct slice
segment(struct slice *path)
{
	struct slice one = { path->p + 1, 0 };

	if (path->n == 0)
		return slice_of(NULL);
	while (one.n + 1 < path->n && one.p[one.n] != '/')
		one.n++;
	path->p += one.n + 1;
	path->n -= one.n + 1;
	return one;
}

enum lb_err
collider_place(const struct http_request *r, struct buf *text,
    struct slice *room, struct slice *client)
{
	struct slice path = r->path;
	size_t start = text->n;
	enum lb_err err;

	segment(&path);
	err = apprtc_room(text, segment(&path));
	if (err != LB_OK)
		return err;
	room->p = text->p + start;
	room->n = text->n - start;
	*client = segment(&path);
	return path.n > 0 ? LB_NOT_FOUND : LB_OK;
}

/* ---- ids of clients ---- */

#define MAC 16 /* bytes */

void
collider_print_client(struct buf *out, struct rooms_mount *m,
    const struct apprtc_seat *seat)
{
	const struct slice parts[] = { SLICE("collider"), m->apprtc, seat->room,
		slice_of(seat->user) };
	struct token_digest digest;

	token_hmac_parts(&digest, m->server_key, parts, 4);
	buf_printf(out, "%s-", seat->user);
	token_encode(out, digest.b, MAC);
}

enum lb_err
collider_find(struct apprtc_seat *seat, struct rooms_mount *m,
    struct slice room, struct slice client)
{
	struct slice user = { client.p, APPRTC_USER };
	struct buf own;
	enum lb_err err;

	if (client.n != COLLIDER_CLIENT)
		return LB_NOT_A_MEMBER;
	err = apprtc_seat(seat, m, room, user);
	if (err != LB_OK)
		return err;
	buf_init(&own, 2 * COLLIDER_CLIENT);
	collider_print_client(&own, m, seat);
	if (own.failed)
		err = LB_NO_MEMORY;
	else if (own.n != client.n || !token_equal(own.p, client.p, own.n))
		err = LB_NOT_A_MEMBER;
	buf_reset(&own);
	return err;
}

/* ---- what the endpoints share ---- */

struct saying {
	struct rooms_work work;
	struct apprtc_post post;
	struct buf text; /* of the room's name and the mark; does not move */
	void (
	    *answer)(struct exchange *, const struct room_relay *, enum lb_err);
};

static void
finish(struct rooms_work *work)
{
	struct saying *s = (struct saying *)(void *)work;

	apprtc_post_free(&s->post);
	buf_reset(&s->text);
	rooms_work_free(work);
}

static void
done(struct apprtc_post *post, enum lb_err err)
{
	struct saying *s = (struct saying *)(void *)((char *)post -
	    offsetof(struct saying, post));

	s->answer(post->ex, &post->relay, err);
}

/* Who is nobody is asked for all the same: the room may be nobody's, too. */
static enum lb_err
find_seat(struct saying *s, struct slice room, struct slice client)
{
	char nobody[APPRTC_USER + 1];
	enum lb_err err = collider_find(&s->post.seat, s->post.mount, room,
	    client);

	if (err != LB_NOT_A_MEMBER)
		return err;
	err = apprtc_user(nobody);
	return err != LB_OK ?
	    err :
	    apprtc_seat(&s->post.seat, s->post.mount, room, slice_of(nobody));
}

/* NULL: it was answered. */
static struct saying *
begin(struct rooms_mount *m, struct exchange *ex,
    void (*answer)(struct exchange *, const struct room_relay *, enum lb_err))
{
	const struct http_request *r = ex->request;
	struct saying *s = rooms_work(m, ex, sizeof(*s), finish);
	struct slice room = { NULL, 0 }, client = room;
	enum lb_err err = LB_NO_MEMORY;

	if (s == NULL)
		return NULL;
	s->answer = answer;
	s->post.mount = m;
	s->post.ex = ex;
	s->post.done = done;
	buf_init(&s->text, r->path.n + r->query.n + NAME_MAX_BYTES + 64);
	if (buf_reserve(&s->text, s->text.max) != NULL)
		err = collider_place(r, &s->text, &room, &client);
	if (err == LB_OK)
		err = find_seat(s, room, client);
	if (err == LB_OK)
		return s;
	answer(ex, &s->post.relay, err);
	return NULL;
}

static void
say(struct saying *s)
{
	const struct http_request *r = s->post.ex->request;
	int64_t retry = 0;
	enum lb_err err = r->refused;

	s->post.relay.keep = 1;
	if (err == LB_OK)
		err = apprtc_say(&s->post, r->body, &retry);
	if (err != LB_OK)
		s->answer(s->post.ex, &s->post.relay, err);
}

static void
reply_text(struct exchange *ex, struct slice text)
{
	const struct reply reply = { 200, "text/plain; charset=utf-8", text };

	exchange_reply(ex, &reply);
}

/* ---- the room's server ---- */

/* What it answers, where it has a word for it; else NULL. */
static const char *
word_of(enum lb_err err, const struct room_relay *r)
{
	switch (err) {
	case LB_OK:
		return "SUCCESS";
	case LB_NOT_A_MEMBER:
		return r->inhabited ? "UNKNOWN_CLIENT" : "UNKNOWN_ROOM";
	case LB_ENDED:
	case LB_BAD_NAME:
		return "UNKNOWN_ROOM";
	case LB_BAD_JSON:
	case LB_TOO_LARGE:
		return "INVALID_REQUEST";
	case LB_MAILBOX_FULL:
		return "ERROR";
	default:
		return NULL;
	}
}

static void
answer_word(struct exchange *ex, const struct room_relay *r, enum lb_err err)
{
	const char *word = word_of(err, r);
	struct buf json;

	if (word == NULL) {
		rooms_refuse(ex, err, NULL);
		return;
	}
	if (err != LB_OK)
		log_event(LOG_INFO, "apprtc-dropped", "why=%s len=%zu",
		    err_words(err)->code, r->body.n);
	buf_init(&json, 64);
	buf_printf(&json, "{\"result\":\"%s\"}", word);
	rooms_answer(ex, 200, &json);
}

void
collider_message(struct rooms_mount *m, struct exchange *ex)
{
	struct saying *s = begin(m, ex, answer_word);

	if (s != NULL)
		say(s);
}

/* Who is not there has left. */
static void
answer_left(struct exchange *ex, const struct room_relay *r, enum lb_err err)
{
	(void)r;
	if (err != LB_OK && err_words(err)->status >= 500)
		rooms_refuse(ex, err, NULL);
	else
		reply_text(ex, SLICE(""));
}

void
collider_leave(struct rooms_mount *m, struct exchange *ex)
{
	struct saying *s = begin(m, ex, answer_left);

	if (s != NULL)
		apprtc_leave(&s->post);
}

/* ---- Collider ---- */

static void
answer_ok(struct exchange *ex, const struct room_relay *r, enum lb_err err)
{
	(void)r;
	if (err == LB_OK)
		reply_text(ex, SLICE("OK\n"));
	else
		rooms_refuse(ex, err, NULL);
}

static void
answer_gone(struct exchange *ex, const struct room_relay *r, enum lb_err err)
{
	answer_ok(ex, r, err_words(err)->status >= 500 ? err : LB_OK);
}

void
collider_wire(struct rooms_mount *m, struct exchange *ex)
{
	int goes = ex->request->method == HTTP_DELETE;
	struct saying *s = begin(m, ex, goes ? answer_gone : answer_ok);
	enum lb_err err;

	if (s == NULL)
		return;
	if (goes) {
		apprtc_leave(&s->post);
		return;
	}
	err = apprtc_mark(&s->post, "id", &s->text);
	if (err == LB_OK)
		say(s);
	else
		rooms_refuse(ex, err, NULL);
}

/* ---- POST /ws ---- */

enum { COMMAND, ROOM, CLIENT, MEMBERS };

/* clang-format off */
static const struct json_member table[] = {
	[COMMAND] = { "cmd", JSON_STRING, 0 },
	[ROOM] = { "roomid", JSON_STRING, 1 },
	[CLIENT] = { "clientid", JSON_STRING, 1 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

static void
give_token(struct rooms_mount *m, struct exchange *ex,
    const struct apprtc_seat *seat)
{
	struct buf json;
	enum lb_err err = apprtc_standing(m, seat);

	buf_init(&json, CHANNEL_TOKEN_MAX + 64);
	buf_str(&json, "{\"token\":\"");
	if (err == LB_OK)
		err = apprtc_token(&json, m, seat, COLLIDER_MINUTES);
	buf_str(&json, "\"}");
	if (err == LB_OK) {
		rooms_answer(ex, 200, &json);
		return;
	}
	buf_reset(&json);
	rooms_refuse(ex, err, NULL);
}

static void
enroll(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct saying *s = rooms_work(m, ex, sizeof(*s), finish);
	struct slice v[MEMBERS], room;
	enum lb_err err;

	(void)match;
	if (s == NULL || !rooms_envelope(&s->work, table, v, 1))
		return;
	room = rooms_text(&s->work, v[ROOM]);
	buf_init(&s->text, 4 * NAME_MAX_BYTES);
	err = apprtc_room(&s->text, room);
	if (err == LB_OK)
		err = collider_find(&s->post.seat, m, buf_as_slice(&s->text),
		    rooms_text(&s->work, v[CLIENT]));
	if (err == LB_OK)
		give_token(m, ex, &s->post.seat);
	else
		rooms_refuse(ex, err, NULL);
}

void
collider_register(struct rooms_mount *m, struct exchange *ex)
{
	rooms_enter(m, ex, enroll, &(struct route_match){ 0 });
}

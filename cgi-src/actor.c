/*
 * actor: see actor.h.
 */
#include <stdio.h>
#include <string.h>

#include "actor_parts.h"
#include "json.h"
#include "recording.h"
#include "token.h"

void
actor_init(struct actor *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->id, ACTOR_ID_MAX);
	buf_init(&a->token, ACTOR_ID_MAX);
	buf_init(&a->cursor, ACTOR_ID_MAX);
}

void
actor_reset(struct actor *a)
{
	buf_reset(&a->id);
	buf_reset(&a->token);
	buf_reset(&a->cursor);
}

int
actor_is_there(const struct actor *a)
{
	return a->token.n > 0 && !a->is_away;
}

/* ---- what is in a reply ---- */

static void
hear_message(struct slice item, struct buf *text, actor_ear *hear, void *arg)
{
	static const char *const names[] = { "from", "to", "type" };
	struct message m;
	struct slice part[3];

	memset(&m, 0, sizeof(m));
	text->n = 0;
	/* Room for all of them, so that none of them moves. */
	if (buf_reserve(text, item.n + 1) == NULL)
		return;
	for (int i = 0; i < 3; i++) {
		struct slice value = json_get(item, names[i]);
		const size_t at = text->n;

		if (value.p != NULL && json_kind(value) == JSON_STRING)
			json_string(value, text);
		part[i] = (struct slice){ text->p + at, text->n - at };
	}
	m.from = part[0];
	m.to = part[1].n > 0 ? part[1] : slice_of(NULL);
	m.type = part[2];
	m.body = json_get(item, "body");
	if (json_int(json_get(item, "seq"), 0, INT64_MAX, &m.seq) != LB_OK ||
	    m.body.p == NULL || text->failed || hear == NULL)
		return;
	hear(arg, &m);
}

static size_t
hear_messages(struct actor *a, struct slice reply, actor_ear *hear, void *arg)
{
	struct slice list = json_get(reply, "messages"), item;
	size_t at = 0, count = 0;
	struct buf text;

	a->has_missed |= json_true(json_get(reply, "gap"));
	if (list.p == NULL || json_kind(list) != JSON_ARRAY)
		return 0;
	buf_init(&text, 4 << 20);
	while (json_next(list, &at, &item)) {
		hear_message(item, &text, hear, arg);
		count++;
	}
	buf_reset(&text);
	return count;
}

static void
hear_peers(struct slice reply, actor_ear *hear, void *arg)
{
	struct slice list = json_get(reply, "peers"), item;
	struct message m;
	struct buf text;
	size_t at = 0;

	if (hear == NULL || list.p == NULL || json_kind(list) != JSON_ARRAY)
		return;
	buf_init(&text, ACTOR_ID_MAX);
	while (json_next(list, &at, &item)) {
		memset(&m, 0, sizeof(m));
		actor_string(item, "peer", &text);
		m.from = buf_as_slice(&text);
		m.type = SLICE("joined");
		m.body = SLICE("null");
		hear(arg, &m);
	}
	buf_reset(&text);
}

/* ---- what an actor does ---- */

static void
add_member(struct buf *out, const char *name, struct slice value)
{
	if (value.p == NULL)
		return;
	buf_printf(out, ",\"%s\":", name);
	buf_slice(out, value);
}

static void
add_string(struct buf *out, const char *name, struct slice value)
{
	if (value.p == NULL)
		return;
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, value);
}

/* Who lapsed has its key still, and is the same peer by it. */
static enum lb_err
write_join(struct actor *a, const struct actor_stage *s, struct slice id,
    struct slice name, struct slice info, struct buf *body)
{
	enum lb_err err = LB_OK;

	if (!a->is_away)
		err = token_random(a->key, sizeof(a->key));
	buf_str(body, "{\"key\":\"");
	token_encode(body, a->key, sizeof(a->key));
	buf_char(body, '"');
	add_string(body, "peer", id);
	add_string(body, "secret", slice_of(s->secret));
	add_member(body, "name", name);
	add_member(body, "info", info);
	buf_char(body, '}');
	return body->failed ? LB_NO_MEMORY : err;
}

enum lb_err
actor_join(struct actor *a, struct actor_stage *s, struct slice id,
    struct slice name, struct slice info, actor_ear *hear, void *arg)
{
	const struct slice none = { NULL, 0 };
	struct slice reply;
	struct buf body;
	enum lb_err err;

	buf_init(&body, 1 << 16);
	err = write_join(a, s, id, name, info, &body);
	a->token.n = 0;
	if (err == LB_OK)
		err = actor_request(a, s, "peers", none, buf_as_slice(&body));
	buf_reset(&body);
	if (err != LB_OK)
		return err;
	reply = actor_reply(s);
	actor_string(reply, "peer", &a->id);
	actor_string(reply, "token", &a->token);
	actor_string(reply, "cursor", &a->cursor);
	a->is_away = a->is_gone = 0;
	if (a->token.n == 0 ||
	    json_int(json_get(reply, "n"), 0, INT64_MAX, &a->n) != LB_OK) {
		s->why.n = 0;
		buf_str(&s->why, "what answers is no Letterbox");
		return LB_BAD_REQUEST;
	}
	hear_peers(reply, hear, arg);
	hear_messages(a, reply, hear, arg);
	return LB_OK;
}

enum lb_err
actor_post(struct actor *a, struct actor_stage *s, struct slice to,
    struct slice type, struct slice body, int64_t *seq)
{
	const struct slice none = { NULL, 0 };
	struct slice list, first;
	struct buf post;
	size_t at = 0;
	enum lb_err err;

	*seq = 0;
	buf_init(&post, 4 << 20);
	buf_printf(&post,
	    "{\"n\":%lld,\"messages\":[{\"type\":", (long long)a->n + 1);
	buf_json(&post, type);
	add_string(&post, "to", to);
	add_member(&post, "body", body);
	buf_str(&post, "}]}");
	if (post.failed) {
		buf_reset(&post);
		return LB_NO_MEMORY;
	}
	do
		err = actor_request(a, s, "messages", none,
		    buf_as_slice(&post));
	while (
	    err == LB_MAILBOX_FULL && s->relieve != NULL && s->relieve(s->arg));
	buf_reset(&post);
	if (err != LB_OK)
		return err;
	a->n++;
	list = json_get(actor_reply(s), "seqs");
	if (list.p != NULL && json_next(list, &at, &first))
		json_int(first, 0, INT64_MAX, seq);
	a->read = *seq;
	return LB_OK;
}

enum lb_err
actor_poll(struct actor *a, struct actor_stage *s, int seconds, actor_ear *hear,
    void *arg, size_t *count)
{
	struct slice reply;
	struct buf query;
	enum lb_err err = LB_NO_MEMORY;

	*count = 0;
	buf_init(&query, ACTOR_ID_MAX);
	/* Of [A-Za-z0-9._-] as the server makes them. */
	buf_str(&query, "after=");
	buf_slice(&query, buf_as_slice(&a->cursor));
	buf_printf(&query, "&wait=%d", seconds);
	if (!query.failed)
		err = actor_request(a, s, "messages", buf_as_slice(&query),
		    slice_of(NULL));
	buf_reset(&query);
	if (err != LB_OK)
		return err;
	reply = actor_reply(s);
	if (reply.p == NULL)
		return LB_OK;
	actor_string(reply, "cursor", &a->cursor);
	*count = hear_messages(a, reply, hear, arg);
	return LB_OK;
}

/* Says "leave" or "away". */
static enum lb_err
go(struct actor *a, struct actor_stage *s, const char *what)
{
	const struct slice none = { NULL, 0 };
	struct buf body;
	enum lb_err err;

	buf_init(&body, ACTOR_ID_MAX);
	buf_str(&body, "{\"token\":");
	buf_json(&body, buf_as_slice(&a->token));
	buf_char(&body, '}');
	err = body.failed ?
	    LB_NO_MEMORY :
	    actor_request(a, s, what, none, buf_as_slice(&body));
	buf_reset(&body);
	return err;
}

enum lb_err
actor_leave(struct actor *a, struct actor_stage *s)
{
	enum lb_err err = LB_OK;

	if (actor_is_there(a))
		err = go(a, s, "leave");
	a->token.n = 0;
	a->is_away = 0;
	return err;
}

enum lb_err
actor_vanish(struct actor *a, struct actor_stage *s)
{
	enum lb_err err = LB_OK;

	if (actor_is_there(a))
		err = go(a, s, "away");
	a->is_away = 1;
	return err;
}

/* The message after `at` of a page of the log, which begins with a header. */
static int
next_line(struct slice log, size_t *at, struct slice *line)
{
	const char *end;

	if (*at >= log.n)
		return 0;
	line->p = log.p + *at;
	end = memchr(line->p, '\n', log.n - *at);
	line->n = end != NULL ? (size_t)(end - line->p) : log.n - *at;
	*at += line->n + 1;
	return 1;
}

/* Notes in a page of the log whether it is gone; how many messages it had. */
static size_t
look_at_page(struct actor *a, struct slice log)
{
	struct message m;
	struct slice line;
	struct buf text, why;
	size_t at = 0, count = 0;

	buf_init(&text, RECORDING_LINE);
	buf_init(&why, ACTOR_ID_MAX);
	next_line(log, &at, &line);
	while (next_line(log, &at, &line) &&
	    recording_read(line, a->read, &text, &m, &why) == LB_OK) {
		a->read = m.seq;
		count++;
		if (!slice_equal(m.from, buf_as_slice(&a->id)))
			continue;
		a->is_gone = slice_is(m.type, "left") ||
		    (a->is_gone && !slice_is(m.type, "joined"));
	}
	buf_reset(&text);
	buf_reset(&why);
	return count;
}

enum lb_err
actor_look(struct actor *a, struct actor_stage *s)
{
	char query[64];
	enum lb_err err;

	do {
		snprintf(query, sizeof(query), "after=%lld&limit=1000",
		    (long long)a->read);
		err = actor_request(a, s, "log", slice_of(query),
		    slice_of(NULL));
	} while (err == LB_OK && look_at_page(a, buf_as_slice(&s->reply)) > 0);
	return err;
}

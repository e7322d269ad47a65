/*
 * actor: see actor.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "actor.h"

#include <poll.h>
#include <string.h>

#include "clock.h"
#include "courier_ask.h"
#include "json.h"
#include "plain.h"
#include "token.h"

#define KEY_BYTES 24
#define ID_MAX 4096
#define URL_MAX 8192
#define PAUSE_MS 200       /* before the first repeat */
#define PAUSE_MOST_MS 3000 /* before the later ones */

void
actor_init(struct actor *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->id, ID_MAX);
	buf_init(&a->token, ID_MAX);
	buf_init(&a->cursor, ID_MAX);
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
	return a->token.n > 0;
}

/* ---- a request, until it is answered ---- */

static int
is_for_later(const struct courier_result *r)
{
	if (r->status == 0)
		return strcmp(r->why, "no-connection") == 0 ||
		    strcmp(r->why, "too-slow") == 0 ||
		    strcmp(r->why, "no-reply") == 0;
	return r->status == 429 ||
	    (r->status >= 500 && r->status != 501 && r->status != 507);
}

/* A member of the last reply that is a string, decoded. */
static void
read_string(struct slice object, const char *member, struct buf *out)
{
	struct slice value = json_get(object, member);

	out->n = 0;
	if (value.p != NULL && json_kind(value) == JSON_STRING)
		json_string(value, out);
}

/* The reply as JSON; absent when it is none. */
static struct slice
reply_of(const struct actor_stage *s)
{
	struct json_fault fault;
	struct slice all = buf_as_slice(&s->reply);

	if (json_check(all, JSON_DEPTH + 4, &fault) != LB_OK ||
	    json_kind(all) != JSON_OBJECT)
		return slice_of(NULL);
	return all;
}

static void
explain(struct actor_stage *s, const struct courier_result *r)
{
	struct slice reply = reply_of(s);
	struct buf text;

	s->why.n = 0;
	if (r->status == 0) {
		buf_printf(&s->why, "no answer (%s)", r->why);
		return;
	}
	buf_printf(&s->why, "the server answers %d", r->status);
	buf_init(&text, 65536);
	if (reply.p != NULL)
		read_string(reply, "code", &text);
	if (text.n > 0) {
		buf_str(&s->why, ", ");
		plain_add(&s->why, buf_as_slice(&text));
		read_string(reply, "detail", &text);
		buf_str(&s->why, text.n > 0 ? ": " : "");
		plain_add(&s->why, buf_as_slice(&text));
	}
	buf_reset(&text);
}

static enum lb_err
judge(struct actor_stage *s, const struct courier_result *r)
{
	if (r->status >= 200 && r->status < 300)
		return LB_OK;
	explain(s, r);
	if (r->status == 0 && *s->ended)
		return LB_TIMEOUT;
	return r->status == 507 ? LB_MAILBOX_FULL : LB_BAD_REQUEST;
}

static enum lb_err
ask(struct actor_stage *s, const struct courier_question *q)
{
	struct courier_result r;
	struct clock now;
	int64_t pause = PAUSE_MS, until;
	enum lb_err err;

	clock_now(&now);
	until = now.mono + ACTOR_PATIENCE_MS;
	for (;;) {
		err = courier_ask(s->asker, q, &s->reply, &r);
		if (err != LB_OK || !is_for_later(&r))
			return err == LB_OK ? judge(s, &r) : err;
		clock_now(&now);
		if (*s->ended || s->is_hasty || now.mono > until) {
			explain(s, &r);
			return *s->ended ? LB_TIMEOUT : LB_BUSY;
		}
		poll(NULL, 0,
		    (int)(r.retry_after > pause && r.retry_after < 30000 ?
			    r.retry_after :
			    pause));
		pause = 2 * pause < PAUSE_MOST_MS ? 2 * pause : PAUSE_MOST_MS;
	}
}

static void
add_url(struct buf *url, const struct actor_stage *s, const char *what)
{
	size_t n = strlen(s->api);

	while (n > 0 && s->api[n - 1] == '/')
		n--;
	buf_add(url, s->api, n);
	buf_printf(url, "/rooms/%s/%s", s->room, what);
}

/* A post of `body`, or (absent) a poll. */
static enum lb_err
request(struct actor *a, struct actor_stage *s, const char *what,
    struct slice body, int seconds)
{
	struct courier_question q = { .body = body };
	struct buf url, token;
	struct clock now;
	enum lb_err err;
	size_t i = 0;

	buf_init(&url, URL_MAX);
	buf_init(&token, ID_MAX);
	add_url(&url, s, what);
	if (body.p == NULL) {
		/* Of [A-Za-z0-9._-] as the server makes them. */
		buf_str(&url, strchr(s->api, '?') != NULL ? "&" : "?");
		buf_str(&url, "after=");
		buf_slice(&url, buf_as_slice(&a->cursor));
		buf_printf(&url, "&wait=%d", seconds);
	} else {
		q.headers[i++] = "Content-Type: application/json";
	}
	if (a->token.n > 0) {
		buf_str(&token, "X-Letterbox-Token: ");
		buf_slice(&token, buf_as_slice(&a->token));
		buf_char(&token, '\0');
		q.headers[i++] = token.p;
	}
	buf_char(&url, '\0');
	q.url = url.p;
	err = url.failed || token.failed ? LB_NO_MEMORY : ask(s, &q);
	clock_now(&now);
	a->heard_at = err == LB_OK ? now.mono : a->heard_at;
	buf_reset(&url);
	buf_reset(&token);
	return err;
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
	buf_init(&text, ID_MAX);
	while (json_next(list, &at, &item)) {
		memset(&m, 0, sizeof(m));
		read_string(item, "peer", &text);
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

enum lb_err
actor_join(struct actor *a, struct actor_stage *s, struct slice id,
    struct slice name, struct slice info, actor_ear *hear, void *arg)
{
	unsigned char key[KEY_BYTES];
	struct slice reply;
	struct buf body;
	enum lb_err err = token_random(key, sizeof(key));

	if (err != LB_OK)
		return err;
	buf_init(&body, 1 << 16);
	buf_str(&body, "{\"key\":\"");
	token_encode(&body, key, sizeof(key));
	buf_char(&body, '"');
	add_string(&body, "peer", id);
	add_string(&body, "secret", slice_of(s->secret));
	add_member(&body, "name", name);
	add_member(&body, "info", info);
	buf_char(&body, '}');
	a->token.n = 0;
	err = body.failed ? LB_NO_MEMORY :
			    request(a, s, "peers", buf_as_slice(&body), 0);
	buf_reset(&body);
	if (err != LB_OK)
		return err;
	reply = reply_of(s);
	read_string(reply, "peer", &a->id);
	read_string(reply, "token", &a->token);
	read_string(reply, "cursor", &a->cursor);
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
		err = request(a, s, "messages", buf_as_slice(&post), 0);
	while (
	    err == LB_MAILBOX_FULL && s->relieve != NULL && s->relieve(s->arg));
	buf_reset(&post);
	if (err != LB_OK)
		return err;
	a->n++;
	list = json_get(reply_of(s), "seqs");
	if (list.p != NULL && json_next(list, &at, &first))
		json_int(first, 0, INT64_MAX, seq);
	return LB_OK;
}

enum lb_err
actor_poll(struct actor *a, struct actor_stage *s, int seconds, actor_ear *hear,
    void *arg, size_t *count)
{
	struct slice reply;
	enum lb_err err;

	*count = 0;
	err = request(a, s, "messages", slice_of(NULL), seconds);
	if (err != LB_OK)
		return err;
	reply = reply_of(s);
	if (reply.p == NULL)
		return LB_OK;
	read_string(reply, "cursor", &a->cursor);
	*count = hear_messages(a, reply, hear, arg);
	return LB_OK;
}

enum lb_err
actor_leave(struct actor *a, struct actor_stage *s)
{
	enum lb_err err = LB_OK;
	struct buf body;

	if (!actor_is_there(a))
		return LB_OK;
	buf_init(&body, ID_MAX);
	buf_str(&body, "{\"token\":");
	buf_json(&body, buf_as_slice(&a->token));
	buf_char(&body, '}');
	err = request(a, s, "leave", buf_as_slice(&body), 0);
	buf_reset(&body);
	a->token.n = 0;
	return err;
}

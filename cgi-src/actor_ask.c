/*
 * actor_ask: see actor_parts.h.
 */
#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <string.h>

#include "actor_parts.h"
#include "clock.h"
#include "courier_ask.h"
#include "json.h"
#include "plain.h"

#define URL_MAX 8192
#define PAUSE_MS 200       /* before the first repeat */
#define PAUSE_MOST_MS 3000 /* before the later ones */
#define SILENT_MS 2000     /* then somebody is told why it takes so long */

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

void
actor_string(struct slice object, const char *member, struct buf *out)
{
	struct slice value = json_get(object, member);

	out->n = 0;
	if (value.p != NULL && json_kind(value) == JSON_STRING)
		json_string(value, out);
}

struct slice
actor_reply(const struct actor_stage *s)
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
	struct slice reply = actor_reply(s);
	struct buf text;

	s->why.n = 0;
	if (r->status == 0) {
		buf_printf(&s->why, "no answer (%s)", r->why);
		return;
	}
	buf_printf(&s->why, "the server answers %d", r->status);
	buf_init(&text, 65536);
	if (reply.p != NULL)
		actor_string(reply, "code", &text);
	if (text.n > 0) {
		buf_str(&s->why, ", ");
		plain_add(&s->why, buf_as_slice(&text));
		actor_string(reply, "detail", &text);
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
	int is_told = 0;
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
		if (!is_told &&
		    until - now.mono < ACTOR_PATIENCE_MS - SILENT_MS) {
			explain(s, &r);
			s->delayed(s->arg);
			is_told = 1;
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

enum lb_err
actor_request(struct actor *a, struct actor_stage *s, const char *what,
    struct slice query, struct slice body)
{
	struct courier_question q = { .body = body };
	struct buf url, token;
	struct clock now;
	enum lb_err err;
	size_t i = 0;

	buf_init(&url, URL_MAX);
	buf_init(&token, ACTOR_ID_MAX);
	add_url(&url, s, what);
	if (body.p != NULL) {
		q.headers[i++] = "Content-Type: application/json";
	} else {
		buf_char(&url, strchr(s->api, '?') != NULL ? '&' : '?');
		buf_slice(&url, query);
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

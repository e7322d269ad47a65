/*
 * format_har: HTTP Archive 1.2: each message as the request that posts it.
 */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <time.h>

#include "format.h"

void
format_har_begin(struct format_work *w)
{
	buf_str(w->out,
	    "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":"
	    "\"letterbox\",\"version\":\"" LB_VERSION "\"},\"entries\":[");
}

/* A time beyond what dates can say is the beginning of it. */
static void
add_time(struct buf *out, int64_t ms)
{
	int64_t seconds = ms / 1000 - (ms % 1000 < 0);
	time_t at = (time_t)seconds;
	struct tm tm;
	char text[64];

	if (seconds < -62135596800 || seconds > 253402300799) {
		at = 0;
		ms = 0;
		seconds = 0;
	}
	if (gmtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		text[0] = '\0';
	buf_printf(out, "\"%s.%03dZ\"", text, (int)(ms - seconds * 1000));
}

static void
add_encoded(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		const unsigned char c = (unsigned char)text.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') ||
		    (c != '\0' && strchr("-._~", c) != NULL))
			buf_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* A join says who comes, with the members of what the others were told; a
 * leave says nothing. */
static void
add_coming(const struct message *m, struct buf *post)
{
	buf_str(post, "{\"peer\":");
	buf_json(post, m->from);
	if (slice_starts(m->body, "{\"")) {
		buf_char(post, ',');
		buf_add(post, m->body.p + 1, m->body.n - 1);
	} else {
		buf_char(post, '}');
	}
}

/* What the request says. */
static void
add_post(const struct message *m, const char *what, struct buf *post)
{
	if (strcmp(what, "peers") == 0) {
		add_coming(m, post);
		return;
	}
	if (strcmp(what, "leave") == 0) {
		buf_str(post, "{}");
		return;
	}
	buf_str(post, "{\"messages\":[{");
	if (m->to.p != NULL) {
		buf_str(post, "\"to\":");
		buf_json(post, m->to);
		buf_char(post, ',');
	}
	buf_str(post, "\"type\":");
	buf_json(post, m->type);
	buf_str(post, ",\"body\":");
	buf_slice(post, m->body);
	buf_str(post, "}]}");
}

static void
add_request(struct format_work *w, const struct message *m, const char *what)
{
	struct buf post;

	buf_init(&post, 64 << 20);
	add_post(m, what, &post);
	buf_str(w->out,
	    "\"request\":{\"method\":\"POST\",\"url\":"
	    "\"http://letterbox.invalid/rooms/");
	add_encoded(w->out, w->room);
	buf_printf(w->out,
	    "/%s\",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],"
	    "\"headers\":[],\"queryString\":[],\"headersSize\":-1,"
	    "\"bodySize\":%zu,\"postData\":{\"mimeType\":"
	    "\"application/json\",\"params\":[],\"text\":",
	    what, post.n);
	buf_json(w->out, buf_as_slice(&post));
	buf_str(w->out, "}},");
	w->out->failed |= post.failed;
	buf_reset(&post);
}

void
format_har_add(struct format_work *w, const struct message *m)
{
	const char *what = "messages";

	if (slice_starts(m->type, "room-"))
		return;
	if (slice_is(m->type, "joined"))
		what = "peers";
	else if (slice_is(m->type, "left"))
		what = "leave";
	if (w->entries++ > 0)
		buf_char(w->out, ',');
	buf_str(w->out, "\n{\"startedDateTime\":");
	add_time(w->out, m->at);
	buf_str(w->out, ",\"time\":0,");
	add_request(w, m, what);
	buf_printf(w->out,
	    "\"response\":{\"status\":201,\"statusText\":\"Created\","
	    "\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":[],"
	    "\"content\":{\"size\":-1,\"mimeType\":\"application/json\","
	    "\"text\":\"{\\\"seqs\\\":[%lld]}\"},\"redirectURL\":\"\","
	    "\"headersSize\":-1,\"bodySize\":-1},\"cache\":{},"
	    "\"timings\":{\"send\":0,\"wait\":0,\"receive\":0},\"comment\":",
	    (long long)m->seq);
	buf_json(w->out, m->from);
	buf_char(w->out, '}');
}

void
format_har_end(struct format_work *w)
{
	buf_str(w->out, "\n]}}\n");
}

/*
 * dialect_sorry: see dialect_sorry.h.
 */
#include "dialect_sorry.h"

#include "exchange.h"
#include "problem.h"

/* The lines of a configuration's faults become sentences of one. */
static void
join_lines(struct buf *out, struct slice words)
{
	while (words.n > 0 && words.p[words.n - 1] == '\n')
		words.n--;
	for (size_t i = 0; i < words.n; i++)
		buf_char(out, words.p[i] == '\n' ? ' ' : words.p[i]);
}

/* ---- for a browser: a page ---- */

static void
print_text(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		switch (text.p[i]) {
		case '<':
			buf_str(out, "&lt;");
			break;
		case '&':
			buf_str(out, "&amp;");
			break;
		default:
			buf_char(out, text.p[i]);
		}
}

static void
print_page(struct buf *out, const struct err_words *words, struct slice detail)
{
	buf_str(out,
	    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<title>Letterbox cannot start</title>\n"
	    "<h1>Letterbox cannot start</h1>\n<p>");
	print_text(out, detail);
	buf_str(out, "\n<p>When that is done, load this page again. (");
	print_text(out, slice_of(words->title));
	buf_str(out, ".)\n");
}

static int
is_visit(const struct http_request *r)
{
	return r->method == HTTP_GET && http_accepts(r->accept, "text/html");
}

static void
print(struct exchange *ex, struct reply *reply, struct buf *body,
    struct slice detail)
{
	const struct sorry *s = ex->mount;
	const struct err_words *words = err_words(s->why);

	if (is_visit(ex->request)) {
		reply->type = "text/html; charset=utf-8";
		buf_str(&ex->head,
		    "Content-Security-Policy: default-src 'none'; "
		    "frame-ancestors 'none'\r\n");
		print_page(body, words, detail);
	} else {
		reply->type = PROBLEM_TYPE;
		problem_begin(body, words, detail);
		if (words->status == 503)
			buf_str(body, ",\"retry_after\":1000");
		buf_char(body, '}');
	}
	if (!body->failed) /* or the status alone */
		reply->body = buf_as_slice(body);
}

static void
handle(void *mount, struct exchange *ex)
{
	const struct sorry *s = mount;
	const struct err_words *words = err_words(s->why);
	struct reply reply = { words->status, NULL, { NULL, 0 } };
	struct buf body, detail;

	buf_init(&detail, 65536);
	buf_init(&body, 4 * 65536);
	join_lines(&detail, s->words);
	if (detail.n == 0)
		buf_str(&detail, words->cure);
	if (words->status == 503)
		buf_str(&ex->head, "Retry-After: 1\r\n");
	print(ex, &reply, &body, buf_as_slice(&detail));
	exchange_reply(ex, &reply);
	buf_reset(&body);
	buf_reset(&detail);
}

static void
finish(void *mount, struct exchange *ex)
{
	(void)mount;
	(void)ex;
}

const struct dialect dialect_sorry = { "sorry", handle, finish };

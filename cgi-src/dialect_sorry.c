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

static void
handle(void *mount, struct exchange *ex)
{
	const struct sorry *s = mount;
	const struct err_words *words = err_words(s->why);
	struct reply reply = { words->status, PROBLEM_TYPE, { NULL, 0 } };
	struct buf body, detail;

	buf_init(&detail, 65536);
	buf_init(&body, 2 * 65536);
	join_lines(&detail, s->words);
	if (detail.n == 0)
		buf_str(&detail, words->cure);
	problem_begin(&body, words, buf_as_slice(&detail));
	buf_char(&body, '}');
	if (words->status == 503)
		buf_str(&ex->head, "Retry-After: 1\r\n");
	if (!body.failed) /* or the status alone */
		reply.body = buf_as_slice(&body);
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

/*
 * Fuzzes what a FastCGI client sends on a connection. Pieces of any size must
 * lead to the same events as all bytes at once, each request's slices lie in
 * its own bytes and within its limits, and what has to wait is not lost.
 *
 * The first byte of the input is the size of the pieces, the second says what
 * is done with a request: answered at once, or held while the rest comes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transport_fcgi_intake.h"

#define PARAMS_MAX 512
#define BODY_MAX 256

static const struct intake_limits limits = { PARAMS_MAX, BODY_MAX, 8000 };

static void
must(int holds)
{
	if (!holds)
		abort();
}

/* Of a refused request it depends on the pieces how much was kept. */
static void
add(struct buf *story, const struct intake *in, struct slice s)
{
	must(s.p == NULL || s.n == 0 ||
	    (s.p >= in->bytes.p && s.p + s.n <= in->bytes.p + in->bytes.n));
	if (in->refused != LB_OK)
		return;
	buf_int(story, (int64_t)s.n);
	buf_slice(story, s);
}

/* What is told of a request; the same story is the same request. */
static void
add_request(struct buf *story, struct intake *in)
{
	struct http_request r;

	intake_request(in, &r);
	must(r.refused == LB_OK || r.body.n == 0);
	must(in->params <= PARAMS_MAX && r.body.n <= BODY_MAX);
	buf_int(story, (int64_t)r.refused);
	if (r.refused == LB_OK)
		buf_int(story, (int64_t)r.method);
	buf_int(story, in->id);
	buf_int(story, in->keep);
	add(story, in, r.path);
	add(story, in, r.query);
	add(story, in, r.authorization);
	add(story, in, r.prefer);
	add(story, in, r.body);
}

/* One connection, read in pieces.  `hold`: INTAKE_FREE answers each request
 * at once; else it is under way, in that mode, until the next one begins. */
static void
run(struct buf *story, const char *p, size_t n, size_t piece,
    enum intake_mode hold)
{
	struct intake in;
	enum intake_mode mode = INTAKE_FREE;
	enum intake_event event = INTAKE_MORE;
	size_t left, used;

	intake_init(&in, &limits);
	while (n > 0 && event != INTAKE_BROKEN && event != INTAKE_LAST) {
		left = n < piece ? n : piece;
		event = intake_feed(&in, mode, in.id, p, left, &used);
		must(used <= left);
		must(event != INTAKE_MORE || used == left);
		must(event != INTAKE_HELD || mode != INTAKE_FREE);
		must(event != INTAKE_ABORT || mode != INTAKE_FREE);
		p += used;
		n -= used;
		if (event != INTAKE_MORE)
			buf_int(story, (int64_t)event);
		if (event == INTAKE_ANSWER || event == INTAKE_LAST)
			buf_slice(story, buf_as_slice(&in.answer));
		if (event == INTAKE_WHOLE) {
			add_request(story, &in);
			mode = hold;
		}
		if ((event == INTAKE_WHOLE && hold == INTAKE_FREE) ||
		    event == INTAKE_HELD || event == INTAKE_ABORT) {
			intake_request_end(&in);
			mode = INTAKE_FREE;
		}
	}
	buf_int(story, (int64_t)in.phase);
	intake_reset(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum intake_mode modes[] = { INTAKE_FREE, INTAKE_SOON,
		INTAKE_BUSY };
	struct buf whole, pieces;
	enum intake_mode hold;
	char *text; /* of its own size, so that one byte too much is seen */

	if (size < 3 || (text = malloc(size - 2)) == NULL)
		return 0;
	memcpy(text, data + 2, size - 2);
	hold = modes[data[1] % 3];
	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	run(&whole, text, size - 2, size, hold);
	run(&pieces, text, size - 2, data[0] % 32 + 1U, hold);
	must(!whole.failed && !pieces.failed);
	must(slice_equal(buf_as_slice(&whole), buf_as_slice(&pieces)));
	buf_reset(&whole);
	buf_reset(&pieces);
	free(text);
	return 0;
}

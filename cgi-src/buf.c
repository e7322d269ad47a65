/*
 * buf: growing by doubling, never beyond the cap.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 256 /* bytes of the first allocation */

struct slice
slice_of(const char *string)
{
	struct slice s = { string, string == NULL ? 0 : strlen(string) };

	return s;
}

int
slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int
slice_is(struct slice a, const char *string)
{
	return a.p != NULL && slice_equal(a, slice_of(string));
}

int
slice_starts(struct slice a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.p != NULL && a.n >= n && memcmp(a.p, prefix, n) == 0;
}

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_reset(struct buf *b)
{
	free(b->p);
	buf_init(b, b->max);
}

/* Room for `n` more than there is; the slow half of buf_reserve. */
static char *
grow(struct buf *b, size_t n)
{
	size_t want, cap;
	char *p;

	if (b->failed || n > b->max - b->n) {
		b->failed = 1;
		return NULL;
	}
	want = b->n + n;
	cap = b->cap > 0 ? b->cap : FIRST;
	while (cap < want)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	if (cap == 0) /* nothing asked for, and max is 0 */
		cap = 1;
	if ((p = realloc(b->p, cap)) == NULL) {
		b->failed = 1;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (!b->failed && b->p != NULL && n <= b->cap - b->n &&
	    n <= b->max - b->n)
		return b->p + b->n;
	return grow(b, n);
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
	char *p;

	if (n == 0 || (p = buf_reserve(b, n)) == NULL)
		return;
	memcpy(p, bytes, n);
	b->n += n;
}

void
buf_str(struct buf *b, const char *string)
{
	buf_add(b, string, strlen(string));
}

void
buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

void
buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_int(struct buf *b, int64_t value)
{
	char digits[20], *p = digits + sizeof(digits);
	uint64_t u = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	if (value < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

void
buf_printf(struct buf *b, const char *format, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	/* One byte more: vsnprintf ends with a NUL, which is not kept. */
	if (n < 0 || (size_t)n >= b->max - b->n)
		p = NULL;
	else
		p = buf_reserve(b, (size_t)n + 1);
	if (p != NULL) {
		vsnprintf(p, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	} else if (n != 0)
		b->failed = 1;
	va_end(again);
	va_end(ap);
}

/* 1 for the bytes that a JSON string cannot hold as they are. */
static int
wants_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static void
add_escape(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letter[0x20] = {
		['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r',
	};
	char out[6] = { '\\', 'u', '0', '0' };

	if (c >= 0x20)
		out[1] = (char)c;
	else if (letter[c] != 0)
		out[1] = letter[c];
	else {
		out[4] = hex[c >> 4];
		out[5] = hex[c & 15];
		buf_add(b, out, 6);
		return;
	}
	buf_add(b, out, 2);
}

void
buf_json(struct buf *b, struct slice utf8)
{
	size_t from = 0, i;

	buf_char(b, '"');
	for (i = 0; i < utf8.n; i++) {
		if (!wants_escape((unsigned char)utf8.p[i]))
			continue;
		buf_add(b, utf8.p + from, i - from);
		add_escape(b, (unsigned char)utf8.p[i]);
		from = i + 1;
	}
	if (utf8.n > from)
		buf_add(b, utf8.p + from, utf8.n - from);
	buf_char(b, '"');
}

struct slice
buf_as_slice(const struct buf *b)
{
	struct slice s = { b->p, b->n };

	return s;
}

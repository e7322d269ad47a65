/*
 * redact_code: what is written in another way, read as what it means.
 */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <string.h>

#include "redact.h"
#include "redact_parts.h"

#define BASE64_LEAST 8 /* characters */

static int
digit_of(char c)
{
	if (redact_is_digit(c))
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The character that the end of the text stands for; `n`: bytes it takes. */
static int
meant(struct slice s, size_t *n)
{
	int value;

	if (s.n >= 2 && s.p[s.n - 2] == '\\' &&
	    (s.p[s.n - 1] == '"' || s.p[s.n - 1] == '/')) {
		*n = 2;
		return s.p[s.n - 1];
	}
	if (s.n >= 3 && s.p[s.n - 3] == '%')
		*n = 3;
	else if (s.n >= 6 && memcmp(s.p + s.n - 6, "\\u00", 4) == 0)
		*n = 6;
	else
		return -1;
	if (digit_of(s.p[s.n - 2]) < 0 || digit_of(s.p[s.n - 1]) < 0)
		return -1;
	value = digit_of(s.p[s.n - 2]) * 16 + digit_of(s.p[s.n - 1]);
	return value >= ' ' && value < 127 ? value : -1;
}

/* Whether the first `n` bytes stand for another character. */
static int
begins_meant(struct slice s, size_t n)
{
	size_t taken;

	return s.n >= n && meant((struct slice){ s.p, n }, &taken) >= 0;
}

/* The bytes before the first of what is meant otherwise; all: nothing is. */
static size_t
find_meant(struct slice text)
{
	for (size_t at = 0; at < text.n; at++) {
		const struct slice rest = { text.p + at, text.n - at };

		if (*rest.p == '%' && begins_meant(rest, 3))
			return at;
		if (*rest.p == '\\' &&
		    (begins_meant(rest, 2) || begins_meant(rest, 6)))
			return at;
	}
	return text.n;
}

/*
 * What it decodes to may be the end of another one ("%2541"), so the end of
 * what was read is looked at again: once from left to right, all are read.
 */
int
redact_decode(struct slice text, struct buf *out)
{
	const size_t from = text.n == 0 ? 0 : find_meant(text);
	size_t n;
	int c;

	if (from == text.n)
		return 0;
	buf_add(out, text.p, from);
	for (size_t i = from; i < text.n && !out->failed; i++) {
		buf_char(out, text.p[i]);
		while ((c = meant(buf_as_slice(out), &n)) >= 0) {
			out->n -= n;
			buf_char(out, (char)c);
		}
	}
	return !out->failed;
}

/* ---- base64 ---- */

/* One character of either alphabet; -1: none. */
static int
sextet_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (redact_is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Whether bytes go on as text does (RFC 3629, roughly); `more`: of the
 * character that is being read. */
static int
is_text(unsigned char byte, unsigned *more)
{
	if (*more > 0) {
		(*more)--;
		return (byte & 0xc0) == 0x80;
	}
	if (byte >= 0xc2 && byte < 0xf5)
		*more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
	else
		return byte < 0x7f &&
		    (byte >= ' ' || byte == '\t' || byte == '\r' ||
			byte == '\n');
	return 1;
}

/* Into `out`, unless that is NULL; 0: it is not the base64 of a text. */
static int
decode64(struct slice text, struct buf *out)
{
	unsigned bits = 0, held = 0, more = 0;

	for (size_t i = 0; i < text.n; i++) {
		const int sextet = sextet_of(text.p[i]);
		unsigned char byte;

		if (sextet < 0)
			return 0;
		bits = (bits << 6 | (unsigned)sextet) & 0xffff;
		if ((held += 6) < 8)
			continue;
		held -= 8;
		byte = (unsigned char)(bits >> held);
		if (!is_text(byte, &more))
			return 0;
		if (out != NULL)
			buf_char(out, (char)byte);
	}
	return 1;
}

int
redact_decode64(struct slice text, struct buf *out)
{
	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	return text.n >= BASE64_LEAST && decode64(text, NULL) &&
	    decode64(text, out) && !out->failed;
}

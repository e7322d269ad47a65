/*
 * json_scan: one pass over a document that believes nothing.
 *
 * A loop over five expectations, with the kinds of the open brackets in the
 * bits of one word, so that depth costs no stack.  Strings are most of what
 * is posted: their plain bytes are passed eight at a time.
 */
#include "json_scan.h"

#include <string.h>

#define DEPTH_MAX 64 /* bits of scan.objects */

/* What a byte inside a string means. */
enum { PLAIN, QUOTE, ESCAPE, CONTROL, LEAD2, LEAD3, LEAD4, FOREIGN };

#define FOUR(c, x) [c] = (x), [(c) + 1] = (x), [(c) + 2] = (x), [(c) + 3] = (x)
#define SIXTEEN(c, x) \
	FOUR(c, x), FOUR((c) + 4, x), FOUR((c) + 8, x), FOUR((c) + 12, x)

/* clang-format off */
static const unsigned char classes[256] = {
	SIXTEEN(0x00, CONTROL), SIXTEEN(0x10, CONTROL),
	['"'] = QUOTE, ['\\'] = ESCAPE,
	SIXTEEN(0x80, FOREIGN), SIXTEEN(0x90, FOREIGN),
	SIXTEEN(0xa0, FOREIGN), SIXTEEN(0xb0, FOREIGN),
	/* C0 and C1 would be overlong. */
	[0xc0] = FOREIGN, [0xc1] = FOREIGN, [0xc2] = LEAD2, [0xc3] = LEAD2,
	FOUR(0xc4, LEAD2), FOUR(0xc8, LEAD2), FOUR(0xcc, LEAD2),
	SIXTEEN(0xd0, LEAD2), SIXTEEN(0xe0, LEAD3),
	/* F5 and above would be beyond U+10FFFF. */
	FOUR(0xf0, LEAD4), [0xf4] = LEAD4, [0xf5] = FOREIGN, [0xf6] = FOREIGN,
	[0xf7] = FOREIGN, FOUR(0xf8, FOREIGN), FOUR(0xfc, FOREIGN),
};
/* clang-format on */

enum expect {
	VALUE,       /* after a colon, after a comma in an array */
	ITEM_OR_END, /* after [ */
	NAME,        /* after a comma in an object */
	NAME_OR_END, /* after { */
	AFTER        /* a value has ended */
};

struct scan {
	const unsigned char *p; /* the next byte */
	const unsigned char *end;
	const char *why;  /* set by whatever refuses, at p */
	uint64_t objects; /* lowest bit: innermost; 1 = object */
	unsigned depth;
	unsigned max;
	enum expect expect;
};

#define ENDS "the text ends too early"

static int
refuse(struct scan *s, const unsigned char *at, const char *why)
{
	s->p = at;
	s->why = why;
	return 0;
}

const unsigned char *
json_skip_space(const unsigned char *p, const unsigned char *end)
{
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	return p;
}

const unsigned char *
json_skip_plain(const unsigned char *p, const unsigned char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t w;

	/* A byte that borrows or has its high bit set is none of ours; a
	 * borrow into a neighbour happens only beside such a byte. */
	for (; end - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		if (((w | (w - ones * 0x20) | ((w ^ ones * '"') - ones) |
			 ((w ^ ones * '\\') - ones)) &
			high) != 0)
			break;
	}
	while (p < end && classes[*p] == PLAIN)
		p++;
	return p;
}

/* One character of UTF-8 beyond ASCII (Unicode 15, table 3-7). */
static int
scan_utf8(struct scan *s)
{
	const unsigned char *p = s->p;
	const size_t n = 2 + (size_t)(classes[*p] - LEAD2);
	unsigned char low = 0x80, high = 0xbf;
	size_t i;

	if (*p == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (*p == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (*p == 0xf0)
		low = 0x90; /* below: overlong */
	else if (*p == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	for (i = 1; i < n; i++) {
		if (p + i >= s->end)
			return refuse(s, s->end, ENDS);
		if (p[i] < low || p[i] > high)
			return refuse(s, p, "not UTF-8");
		low = 0x80;
		high = 0xbf;
	}
	s->p += n;
	return 1;
}

/* The value of four hexadecimal digits at p, or -1. */
static int
hex4(const unsigned char *p, const unsigned char *end)
{
	int value = 0, i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		value <<= 4;
		if (p[i] >= '0' && p[i] <= '9')
			value |= p[i] - '0';
		else if ((p[i] | 0x20) >= 'a' && (p[i] | 0x20) <= 'f')
			value |= (p[i] | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

/* A backslash and what belongs to it. */
static int
scan_escape(struct scan *s)
{
	const unsigned char *p = s->p;
	int unit, low;

	if (s->end - p < 2)
		return refuse(s, s->end, ENDS);
	if (p[1] != 'u') {
		if (p[1] == '\0' || strchr("\"\\/bfnrt", p[1]) == NULL)
			return refuse(s, p, "an unknown escape");
		s->p += 2;
		return 1;
	}
	if ((unit = hex4(p + 2, s->end)) < 0)
		return refuse(s, p, "\\u without four hexadecimal digits");
	s->p += 6;
	if (unit < 0xd800 || unit > 0xdfff)
		return 1;
	if (unit > 0xdbff || s->end - s->p < 6 || s->p[0] != '\\' ||
	    s->p[1] != 'u' || (low = hex4(s->p + 2, s->end)) < 0xdc00 ||
	    low > 0xdfff)
		return refuse(s, p, "a lone surrogate");
	s->p += 6;
	return 1;
}

/* A string, from its opening quote on. */
static int
scan_string(struct scan *s)
{
	s->p++;
	for (;;) {
		s->p = json_skip_plain(s->p, s->end);
		if (s->p >= s->end)
			return refuse(s, s->end, ENDS);
		switch (classes[*s->p]) {
		case QUOTE:
			s->p++;
			return 1;
		case ESCAPE:
			if (!scan_escape(s))
				return 0;
			break;
		case LEAD2:
		case LEAD3:
		case LEAD4:
			if (!scan_utf8(s))
				return 0;
			break;
		case CONTROL:
			return refuse(s, s->p,
			    "a raw control character in a string");
		default:
			return refuse(s, s->p, "not UTF-8");
		}
	}
}

static const unsigned char *
skip_digits(const unsigned char *p, const unsigned char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* A number (RFC 8259 section 6): sign, no leading zeros, digits on both sides
 * of the point. */
static int
scan_number(struct scan *s)
{
	const unsigned char *p = s->p, *from;

	if (*p == '-')
		p++;
	from = p;
	p = skip_digits(p, s->end);
	if (p == from)
		return refuse(s, p, "a minus without digits");
	if (*from == '0' && p - from > 1)
		return refuse(s, from, "a leading zero");
	if (p < s->end && *p == '.') {
		from = ++p;
		if ((p = skip_digits(p, s->end)) == from)
			return refuse(s, p, "a point without digits");
	}
	if (p < s->end && (*p | 0x20) == 'e') {
		p++;
		if (p < s->end && (*p == '+' || *p == '-'))
			p++;
		from = p;
		if ((p = skip_digits(p, s->end)) == from)
			return refuse(s, p, "an exponent without digits");
	}
	s->p = p;
	return 1;
}

static int
scan_word(struct scan *s, const char *word, size_t n)
{
	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return refuse(s, s->p, "not a value");
	s->p += n;
	return 1;
}

static int
open_bracket(struct scan *s)
{
	if (s->depth == s->max)
		return refuse(s, s->p, "nested too deeply");
	s->depth++;
	s->objects = s->objects << 1 | (*s->p == '{');
	s->expect = *s->p == '{' ? NAME_OR_END : ITEM_OR_END;
	s->p++;
	return 1;
}

static int
scan_value(struct scan *s)
{
	s->expect = AFTER;
	switch (*s->p) {
	case '{':
	case '[':
		return open_bracket(s);
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, "true", 4);
	case 'f':
		return scan_word(s, "false", 5);
	case 'n':
		return scan_word(s, "null", 4);
	default:
		if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9'))
			return scan_number(s);
		if (s->end - s->p >= 3 && memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
			return refuse(s, s->p, "a byte order mark");
		return refuse(s, s->p, "not a value");
	}
}

/* A member's name and its colon. */
static int
scan_name(struct scan *s)
{
	if (*s->p != '"')
		return refuse(s, s->p, "a member's name must be a string");
	if (!scan_string(s))
		return 0;
	s->p = json_skip_space(s->p, s->end);
	if (s->p >= s->end)
		return refuse(s, s->end, ENDS);
	if (*s->p != ':')
		return refuse(s, s->p, "a colon is missing");
	s->p++;
	s->expect = VALUE;
	return 1;
}

static void
close_bracket(struct scan *s)
{
	s->p++;
	s->depth--;
	s->objects >>= 1;
	s->expect = AFTER;
}

/* What may stand behind a value: a comma, the end of its container. */
static int
scan_after(struct scan *s)
{
	const int object = (s->objects & 1) != 0;

	if (s->depth == 0)
		return refuse(s, s->p, "something after the value");
	if (*s->p == ',') {
		s->p++;
		s->expect = object ? NAME : VALUE;
		return 1;
	}
	if (*s->p != (object ? '}' : ']'))
		return refuse(s, s->p,
		    object ? "a comma or } is missing" :
			     "a comma or ] is missing");
	close_bracket(s);
	return 1;
}

static int
scan_step(struct scan *s)
{
	switch (s->expect) {
	case ITEM_OR_END:
		if (*s->p != ']')
			return scan_value(s);
		close_bracket(s);
		return 1;
	case NAME_OR_END:
		if (*s->p != '}')
			return scan_name(s);
		close_bracket(s);
		return 1;
	case NAME:
		return scan_name(s);
	case VALUE:
		return scan_value(s);
	default:
		return scan_after(s);
	}
}

enum lb_err
json_scan(struct slice text, unsigned depth, size_t *at, const char **why)
{
	const unsigned char *start = (const unsigned char *)(text.n == 0 ?
		"" :
		text.p);
	struct scan s = {
		.p = start,
		.end = start + text.n,
		.expect = VALUE,
		.max = depth < DEPTH_MAX ? depth : DEPTH_MAX,
	};

	for (;;) {
		s.p = json_skip_space(s.p, s.end);
		if (s.p >= s.end)
			break;
		if (!scan_step(&s))
			goto refused;
	}
	if (s.depth == 0 && s.expect == AFTER)
		return LB_OK;
	refuse(&s, s.end, ENDS);
refused:
	*at = (size_t)(s.p - start);
	*why = s.why;
	return LB_BAD_JSON;
}

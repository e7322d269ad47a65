/*
 * plain: see plain.h.
 */
#include "plain.h"

#define BAD UINT32_MAX

struct range {
	uint32_t from, to;
};

/* Not seen, or of influence on what stands beside: general category Cf, and
 * the separators of lines and paragraphs. */
static const struct range hidden[] = { { 0x80, 0x9f }, { 0xad, 0xad },
	{ 0x600, 0x605 }, { 0x61c, 0x61c }, { 0x6dd, 0x6dd }, { 0x70f, 0x70f },
	{ 0x890, 0x891 }, { 0x8e2, 0x8e2 }, { 0x115f, 0x1160 },
	{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd }, { 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff } };

static const struct range narrow[] = { { 0x300, 0x36f }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f },
	{ 0xfe20, 0xfe2f } };

static const struct range wide[] = { { 0x1100, 0x115f }, { 0x2e80, 0x303e },
	{ 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
	{ 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff },
	{ 0x20000, 0x3fffd } };

static int
lies_in(uint32_t c, const struct range *table, size_t count)
{
	for (size_t i = 0; i < count && table[i].from <= c; i++)
		if (c <= table[i].to)
			return 1;
	return 0;
}

#define LIES_IN(c, table) lies_in(c, table, sizeof(table) / sizeof((table)[0]))

/* The character at `p` and its length; BAD and 1 when there is none. */
static uint32_t
decode(const unsigned char *p, size_t n, size_t *length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t want = *p < 0x80 ? 1 :
	    *p < 0xc2           ? 0 :
	    *p < 0xe0           ? 2 :
	    *p < 0xf0           ? 3 :
	    *p < 0xf5           ? 4 :
				  0;
	uint32_t c;

	*length = 1;
	if (want == 0 || want > n)
		return BAD;
	if (want == 1)
		return *p;
	c = *p & (0x7fU >> want);
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return BAD;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[want] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return BAD;
	*length = want;
	return c;
}

static void
add_byte(struct buf *out, unsigned char c)
{
	if (c == '\n')
		buf_str(out, "\\n");
	else if (c == '\t')
		buf_str(out, "\\t");
	else if (c == '\r')
		buf_str(out, "\\r");
	else
		buf_printf(out, "\\x%02x", c);
}

void
plain_add(struct buf *out, struct slice text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t length, from = 0;
	uint32_t c;

	for (size_t i = 0; i < text.n; i += length) {
		c = decode(p + i, text.n - i, &length);
		if (c >= 0x20 && c != 0x7f && c != BAD && !LIES_IN(c, hidden))
			continue;
		buf_add(out, text.p + from, i - from);
		from = i + length;
		if (c < 0x80 || c == BAD)
			add_byte(out, p[i]);
		else
			buf_printf(out, "\\u{%x}", (unsigned)c);
	}
	if (text.n > from)
		buf_add(out, text.p + from, text.n - from);
}

/* Control characters stand in no string of JSON; a line's end may end it. */
void
plain_json(struct buf *out, struct slice json)
{
	const unsigned char *p = (const unsigned char *)json.p;
	size_t length, from = 0;
	uint32_t c;

	for (size_t i = 0; i < json.n; i += length) {
		c = decode(p + i, json.n - i, &length);
		if (c != 0x7f && c != BAD && !LIES_IN(c, hidden))
			continue;
		buf_add(out, json.p + from, i - from);
		from = i + length;
		if (c == BAD)
			c = 0xfffd;
		if (c < 0x10000)
			buf_printf(out, "\\u%04x", (unsigned)c);
		else
			buf_printf(out, "\\u%04x\\u%04x",
			    (unsigned)(0xd7c0 + (c >> 10)),
			    (unsigned)(0xdc00 | (c & 0x3ff)));
	}
	if (json.n > from)
		buf_add(out, json.p + from, json.n - from);
}

static size_t
columns_of(uint32_t c)
{
	if (c < 0x300)
		return 1;
	if (LIES_IN(c, narrow))
		return 0;
	return LIES_IN(c, wide) ? 2 : 1;
}

/* Columns of what fits into `most`; its bytes in `*bytes`. */
static size_t
measure(struct slice plain, size_t most, size_t *bytes)
{
	size_t length, width = 0, at = 0;

	while (at < plain.n) {
		size_t more = columns_of(
		    decode((const unsigned char *)plain.p + at, plain.n - at,
			&length));

		if (more > most - width)
			break;
		width += more;
		at += length;
	}
	*bytes = at;
	return width;
}

size_t
plain_width(struct slice plain)
{
	size_t bytes;

	return measure(plain, SIZE_MAX, &bytes);
}

size_t
plain_fit(struct buf *out, struct slice plain, size_t columns)
{
	size_t bytes, width = measure(plain, columns, &bytes);

	if (bytes == plain.n || columns == 0) {
		buf_add(out, plain.p, bytes);
		return width;
	}
	width = measure(plain, columns - 1, &bytes);
	buf_add(out, plain.p, bytes);
	buf_str(out, "\xe2\x80\xa6");
	return width + 1;
}

void
plain_column(struct buf *out, struct slice plain, size_t columns)
{
	size_t width = plain_fit(out, plain, columns);

	for (; width < columns; width++)
		buf_char(out, ' ');
}

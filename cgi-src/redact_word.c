/*
 * redact_word: what was hidden once is hidden wherever it is said again, and
 * what is written in another way is read as what it means.
 */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact.h"
#include "redact_parts.h"

#define WORDS_MOST 4  /* of a name */
#define PARTS_MOST 4  /* of a word, that are looked at by themselves */
#define WORD_MOST 160 /* bytes; of more each would be read again and again */
#define WORD_LEAST 3  /* bytes; less is said by chance */

/* ---- said again ---- */

static int
is_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	    strchr("_-+/=.~:", c) != NULL;
}

/* The word at the start, without the punctuation behind it. */
static size_t
word_span(struct slice s)
{
	size_t n = 0;

	while (n < s.n && n < WORD_MOST && s.p[n] != '\0' && is_word(s.p[n]))
		n++;
	while (n > 0 && strchr(".:=", s.p[n - 1]) != NULL)
		n--;
	return n;
}

static int
add_known(struct redact *r, struct slice s, struct buf *out)
{
	static const enum redact_kind kinds[] = { REDACT_SECRET,
		REDACT_PASSWORD, REDACT_NAME, REDACT_ROOM, REDACT_UFRAG };

	if (s.n < WORD_LEAST)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (r->count[kinds[i]] > 0 && redact_knows(r, kinds[i], s)) {
			redact_value(r, kinds[i], s, out);
			return 1;
		}
	return 0;
}

size_t
redact_known(struct redact *r, struct slice s, struct buf *out)
{
	size_t ends[WORDS_MOST], at = 0, count = 0, short_of, parts = 0;

	while (count < WORDS_MOST) {
		size_t n = word_span((struct slice){ s.p + at, s.n - at });

		if (n == 0)
			break;
		ends[count++] = at += n;
		if (at >= s.n || s.p[at] != ' ')
			break;
		at++;
	}
	while (count > 0) {
		count--;
		if (add_known(r, (struct slice){ s.p, ends[count] }, out))
			return ends[count];
	}
	/* "secret-word/x", "Ada-": a part that stands before another sign. */
	for (short_of = word_span(s);
	     short_of > WORD_LEAST && parts < PARTS_MOST; short_of--)
		if (!isalnum((unsigned char)s.p[short_of - 1]) &&
		    (unsigned char)s.p[short_of - 1] < 0x80 && ++parts &&
		    add_known(r, (struct slice){ s.p, short_of - 1 }, out))
			return short_of - 1;
	return 0;
}

void
redact_learn(struct redact *r, struct slice name)
{
	size_t at = 0;

	while (at < name.n) {
		struct slice word = { name.p + at, 0 };

		while (at < name.n && name.p[at] != ' ')
			at++;
		word.n = (size_t)(name.p + at - word.p);
		if (word.n >= WORD_LEAST && word.n < name.n)
			redact_remember(r, REDACT_NAME, word);
		at++;
	}
}

/* ---- written in another way ---- */

static int
digit_of(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' :
					   tolower((unsigned char)c) - 'a' + 10;
}

/* The character that the end of the text stands for; `n`: bytes it takes. */
static int
meant(struct slice s, size_t *n)
{
	int value;

	if (s.n >= 2 && s.p[s.n - 2] == '\\' &&
	    strchr("\"/", s.p[s.n - 1]) != NULL && s.p[s.n - 1] != '\0') {
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

/*
 * What it decodes to may be the end of another one ("%2541"), so the end of
 * what was read is looked at again: once from left to right, all are read.
 */
int
redact_decode(struct slice text, struct buf *out)
{
	int found = 0, c;
	size_t n;

	for (size_t i = 0; i < text.n && !out->failed; i++) {
		buf_char(out, text.p[i]);
		while ((c = meant(buf_as_slice(out), &n)) >= 0) {
			out->n -= n;
			buf_char(out, (char)c);
			found = 1;
		}
	}
	return found && !out->failed;
}

/* One character of base64, of either alphabet; -1: none. */
static int
sextet_of(char c)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL :
	    c == '-'               ? signs + 62 :
	    c == '_'               ? signs + 63 :
				     strchr(signs, c);

	return at == NULL ? -1 : (int)(at - signs);
}

int
redact_decode64(struct slice text, struct buf *out)
{
	unsigned bits = 0, held = 0;
	int sextet;

	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	if (text.n < 8)
		return 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char byte;

		if ((sextet = sextet_of(text.p[i])) < 0)
			return 0;
		bits = (bits << 6 | (unsigned)sextet) & 0xffff;
		if ((held += 6) < 8)
			continue;
		held -= 8;
		byte = (unsigned char)(bits >> held);
		/* Text, and not just any bytes. */
		if (byte < ' ' && strchr("\t\r\n", byte) == NULL)
			return 0;
		buf_char(out, (char)byte);
	}
	return !out->failed && memchr(out->p, '\0', out->n) == NULL;
}

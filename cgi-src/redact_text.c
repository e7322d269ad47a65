/*
 * redact_text: addresses and secrets in running text.
 *
 * Everything is looked at once, from left to right, where a word begins; of
 * two ways to read the same bytes the one that hides more wins.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact.h"
#include "redact_parts.h"

#define HEX_MOST 80  /* bytes of what may be an IPv6 address and a port */
#define GROUPS_OFF 2 /* groups around one that are not its own */

/* ---- addresses in running text ---- */

static int
is_label(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '.';
}

static size_t
span(struct slice s, int (*of)(char))
{
	size_t n = 0;

	while (n < s.n && of(s.p[n]))
		n++;
	return n;
}

static int
is_hex(char c)
{
	return isxdigit((unsigned char)c) || c == ':' || c == '.';
}

static int
is_digit_or_dot(char c)
{
	return isdigit((unsigned char)c) || c == '.';
}

/* Without the group at one end; 0 when there is but one. */
static int
drop_group(struct slice *s, int at_end)
{
	size_t i;

	if (at_end) {
		for (i = s->n; i > 0 && s->p[i - 1] != ':'; i--)
			continue;
		if (i == 0)
			return 0;
		s->n = i - 1;
		return 1;
	}
	for (i = 0; i < s->n && s->p[i] != ':'; i++)
		continue;
	if (i == s->n)
		return 0;
	s->p += i + 1;
	s->n -= i + 1;
	return 1;
}

/*
 * An IPv6 address in a run of digits, colons and dots, perhaps with a port or
 * a word that looks like a group around it; fingerprints have more groups.
 */
static int
find_ip6(struct slice run, struct slice *found, unsigned char *bytes)
{
	for (int left = 0; left <= GROUPS_OFF; left++) {
		struct slice s = run;
		int i = 0;

		while (i < left && drop_group(&s, 0))
			i++;
		if (i < left)
			return 0;
		for (int right = 0; right <= GROUPS_OFF; right++) {
			if (memchr(s.p, ':', s.n) == NULL)
				break;
			if (redact_read(AF_INET6, s, bytes)) {
				*found = s;
				return 1;
			}
			if (!drop_group(&s, 1))
				break;
		}
	}
	return 0;
}

/* Behind an address may stand its zone: "%eth0". */
static size_t
zone(struct slice rest)
{
	size_t n = 1;

	if (rest.n < 2 || *rest.p != '%')
		return 0;
	while (n < rest.n && isalnum((unsigned char)rest.p[n]))
		n++;
	return n > 1 ? n : 0;
}

/* IPv4 at the start of `s`: the bytes taken, or 0. */
static size_t
take_ip4(struct redact *r, struct slice s, struct buf *out)
{
	struct slice run = { s.p, span(s, is_digit_or_dot) };
	unsigned char bytes[16];

	while (run.n > 0 && run.p[run.n - 1] == '.')
		run.n--;
	if (!redact_read(AF_INET, run, bytes) ||
	    (run.n < s.n && isalnum((unsigned char)s.p[run.n])))
		return 0;
	redact_add(r, AF_INET, bytes, run, out);
	return run.n;
}

static size_t
take_ip6(struct redact *r, struct slice s, struct buf *out)
{
	struct slice run = { s.p, span(s, is_hex) }, found;
	unsigned char bytes[16];
	size_t end;

	while (run.n > 0 && run.p[run.n - 1] == '.')
		run.n--;
	/* A lone colon at the end is of the sentence. */
	if (run.n > 1 && run.p[run.n - 1] == ':' && run.p[run.n - 2] != ':')
		run.n--;
	if (run.n > HEX_MOST || !find_ip6(run, &found, bytes))
		return 0;
	end = (size_t)(found.p - s.p) + found.n;
	/* What stands before it may be one of the others. */
	if (found.p > s.p)
		redact_text(r, (struct slice){ s.p, (size_t)(found.p - s.p) },
		    out);
	run = (struct slice){ s.p + end, s.n - end };
	run.n = zone(run);
	if (redact_add(r, AF_INET6, bytes, found, out))
		buf_slice(out, run);
	return end + run.n;
}

static size_t
take_mdns(struct redact *r, struct slice s, struct buf *out)
{
	struct slice name = { s.p, span(s, is_label) };

	while (name.n > 0 && strchr(".-", name.p[name.n - 1]) != NULL)
		name.n--;
	if (!redact_is_local(name))
		return 0;
	redact_address(r, name, out);
	return name.n;
}

/* ---- what is known by what stands before it ---- */

static const struct {
	const char *before;
	enum redact_kind kind;
} signs[] = {
	{ "ice-pwd:", REDACT_PASSWORD },
	{ "inline:", REDACT_SECRET },
	{ "a=key:", REDACT_SECRET },
	{ "token=", REDACT_SECRET },
	{ "secret=", REDACT_SECRET },
	{ "password=", REDACT_SECRET },
	{ "credential=", REDACT_SECRET },
	{ "key=", REDACT_SECRET },
	{ "bearer ", REDACT_SECRET },
	{ "in ip4 ", REDACT_HOST },
	{ "in ip6 ", REDACT_HOST },
	{ "raddr ", REDACT_HOST },
};

static int
is_value(char c)
{
	return (unsigned char)c > ' ' && strchr("&\"'<>,;|", c) == NULL;
}

/* One of them, where a line or a word begins, and its value. */
static size_t
take_sign(struct redact *r, struct slice s, struct buf *out)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const size_t n = strlen(signs[i].before);
		struct slice value;

		if (s.n <= n || strncasecmp(s.p, signs[i].before, n) != 0)
			continue;
		value = (struct slice){ s.p + n, s.n - n };
		value.n = span(value, is_value);
		if (value.n == 0)
			continue;
		buf_add(out, s.p, n);
		if (signs[i].kind == REDACT_HOST)
			redact_address(r, value, out);
		else
			redact_value(r, signs[i].kind, value, out);
		return n + value.n;
	}
	return 0;
}

static int
is_not_space(char c)
{
	return (unsigned char)c > ' ';
}

/* "candidate:" and its first four words; the fifth is an address, whatever it
 * looks like (RFC 8839 section 5.1). */
static size_t
take_candidate(struct redact *r, struct slice s, struct buf *out)
{
	struct slice rest = s, word;

	if (!slice_starts(s, "candidate:"))
		return 0;
	for (int i = 0; i < 4; i++) {
		word.n = span(rest, is_not_space);
		if (word.n == 0 || word.n == rest.n || rest.p[word.n] != ' ')
			return 0;
		rest.p += word.n + 1;
		rest.n -= word.n + 1;
	}
	word = (struct slice){ rest.p, span(rest, is_not_space) };
	buf_add(out, s.p, (size_t)(word.p - s.p));
	redact_address(r, word, out);
	return (size_t)(word.p - s.p) + word.n;
}

/* `ip6`: it may be one of these. */
static size_t
take(struct redact *r, struct slice s, int ip6, struct buf *out)
{
	const char c = *s.p;
	size_t n = 0;

	if (isalpha((unsigned char)c))
		n = take_candidate(r, s, out);
	if (n == 0 && isalpha((unsigned char)c))
		n = take_sign(r, s, out);
	if (n == 0 && ip6)
		n = take_ip6(r, s, out);
	if (n == 0 && isdigit((unsigned char)c))
		n = take_ip4(r, s, out);
	if (n == 0 && isalnum((unsigned char)c))
		n = take_mdns(r, s, out);
	return n;
}

/* Whether something that is looked for may begin behind `before`. */
static int
may_begin(char before)
{
	return !isalnum((unsigned char)before) && before != '.' &&
	    before != '-';
}

void
redact_text(struct redact *r, struct slice text, struct buf *out)
{
	size_t at = 0, from = 0, tried = 0, n;
	char before = ' ';

	while (at < text.n) {
		struct slice rest = { text.p + at, text.n - at };
		int ip6 = at >= tried && is_hex(*rest.p) && *rest.p != '.';

		n = 0;
		if (may_begin(before)) {
			buf_add(out, text.p + from, at - from);
			from = at;
			n = take(r, rest, ip6, out);
			/* The end of a fingerprint looks like an address. */
			if (n == 0 && ip6)
				tried = at + span(rest, is_hex);
		}
		at += n > 0 ? n : 1;
		if (n > 0)
			from = at;
		before = text.p[at - 1];
	}
	if (text.n > from)
		buf_add(out, text.p + from, text.n - from);
}

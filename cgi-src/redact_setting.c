/*
 * redact_setting: what is said by name in running text, "password: x", and
 * what names somebody by its form, "ada@example.org".
 */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact.h"
#include "redact_parts.h"

#define MAIL_MOST 320 /* bytes (RFC 5321 section 4.5.3.1) */

/* `loose`: also before a colon without quotes, as people write it. */
static const struct {
	const char *name;
	enum redact_kind kind;
	int loose;
} settings[] = {
	{ "token", REDACT_SECRET, 1 },
	{ "secret", REDACT_SECRET, 1 },
	{ "password", REDACT_SECRET, 1 },
	{ "passwd", REDACT_SECRET, 1 },
	{ "passphrase", REDACT_SECRET, 1 },
	{ "pwd", REDACT_PASSWORD, 1 },
	{ "credential", REDACT_SECRET, 1 },
	{ "ticket", REDACT_SECRET, 1 },
	{ "apikey", REDACT_SECRET, 1 },
	{ "api-key", REDACT_SECRET, 1 },
	{ "username", REDACT_SECRET, 1 },
	{ "key", REDACT_SECRET, 0 },
	{ "name", REDACT_NAME, 0 },
	{ "room", REDACT_ROOM, 0 },
};

static int
is_value(char c)
{
	return (unsigned char)c > ' ' && strchr("&\"'<>,;|#{}[]", c) == NULL;
}

static int
is_quote(struct slice s, size_t at)
{
	return at < s.n && (s.p[at] == '"' || s.p[at] == '\'');
}

/* The bytes of what joins a name and its value; 0: nothing does. */
static size_t
joint(struct slice s, int loose)
{
	const int is_quoted = is_quote(s, 0);
	size_t n = is_quoted ? 1 : 0;

	loose |= is_quoted;
	if (n >= s.n || !(s.p[n] == '=' || (s.p[n] == ':' && loose)))
		return 0;
	for (n++; loose && n < s.n && s.p[n] == ' '; n++)
		continue;
	return n + (is_quote(s, n) ? 1 : 0);
}

static size_t
take_setting(struct redact *r, struct slice s, struct buf *out)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		size_t n = strlen(settings[i].name), more;
		struct slice value;

		if (s.n <= n || strncasecmp(s.p, settings[i].name, n) != 0)
			continue;
		more = joint((struct slice){ s.p + n, s.n - n },
		    settings[i].loose);
		if (more == 0)
			continue;
		n += more;
		value = (struct slice){ s.p + n, 0 };
		while (n + value.n < s.n && is_value(value.p[value.n]))
			value.n++;
		if (value.n == 0)
			continue;
		buf_add(out, s.p, n);
		redact_value(r, settings[i].kind, value, out);
		return n + value.n;
	}
	return 0;
}

/* ---- people ---- */

static size_t
mail_span(struct slice s, const char *signs)
{
	size_t n = 0;

	while (n < s.n && n < MAIL_MOST &&
	    (isalnum((unsigned char)s.p[n]) || (unsigned char)s.p[n] >= 0x80 ||
		(s.p[n] != '\0' && strchr(signs, s.p[n]) != NULL)))
		n++;
	return n;
}

/* "ada@example.org", and "ada:word@example.org" of a URL. */
static size_t
take_mail(struct redact *r, struct slice s, struct buf *out)
{
	size_t n = mail_span(s, "._%+-:"), host;

	if (n == 0 || n >= s.n || s.p[n] != '@')
		return 0;
	n++;
	host = mail_span((struct slice){ s.p + n, s.n - n }, ".-");
	if (host == 0)
		return 0;
	n += host;
	while (s.p[n - 1] == '.')
		n--;
	redact_value(r, REDACT_NAME, (struct slice){ s.p, n }, out);
	return n;
}

/* What SDP says of people: who made it, and what about (RFC 8866). */
static size_t
take_line(struct redact *r, struct slice s, struct buf *out)
{
	struct slice value = { s.p + 2, 0 };

	if (s.n <= 2 || s.p[1] != '=' || strchr("osiuep", *s.p) == NULL)
		return 0;
	while (value.n + 2 < s.n && strchr("\r\n", value.p[value.n]) == NULL &&
	    (*s.p != 'o' || value.p[value.n] != ' '))
		value.n++;
	if (value.n == 0 || slice_is(value, "-") || slice_is(value, " ") ||
	    slice_starts(value, "mozilla..."))
		return 0;
	buf_add(out, s.p, 2);
	redact_value(r, REDACT_NAME, value, out);
	return value.n + 2;
}

size_t
redact_said(struct redact *r, struct slice s, char before, struct buf *out)
{
	size_t n = 0;

	if (*s.p == '\0')
		return 0;
	if (before == '\n')
		n = take_line(r, s, out);
	if (n == 0)
		n = take_setting(r, s, out);
	return n == 0 ? take_mail(r, s, out) : n;
}

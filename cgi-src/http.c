/*
 * http: the grammars of a request's parts.
 *
 * Header lists are split by one function that knows quoted strings; percent
 * encoding is read by one function, an octet at a time.
 */
#include "http.h"

#include <string.h>
#include <strings.h>

#define WAIT_MAX 999999999L

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* The octet at s.p[*i], decoded, `*i` behind it; -1 for broken encoding and
 * for NUL, which no name, cursor or path of ours has. */
static int
next_octet(struct slice s, size_t *i, int plus)
{
	unsigned char c = (unsigned char)s.p[(*i)++];
	int high, low;

	if (c == '+' && plus)
		return ' ';
	if (c == '%') {
		if (s.n - *i < 2 || (high = hex(s.p[*i])) < 0 ||
		    (low = hex(s.p[*i + 1])) < 0)
			return -1;
		*i += 2;
		c = (unsigned char)(high << 4 | low);
	}
	return c == '\0' ? -1 : c;
}

/* Decodes `s` into `to`, which may be its own bytes or NULL to count only;
 * the length, or -1. */
static long
decode(struct slice s, char *to, int plus)
{
	size_t i = 0, n = 0;
	int c;

	while (i < s.n) {
		if ((c = next_octet(s, &i, plus)) < 0)
			return -1;
		if (to != NULL)
			to[n] = (char)c;
		n++;
	}
	return (long)n;
}

enum lb_err
http_decode(struct slice *s, int plus)
{
	/* The bytes are the request's own, writable, see the header. */
	char *own = (char *)(uintptr_t)s->p;
	long n;

	if (s->n == 0)
		return LB_OK;
	if (memchr(s->p, '%', s->n) == NULL &&
	    (!plus || memchr(s->p, '+', s->n) == NULL))
		own = NULL;
	if ((n = decode(*s, own, plus)) < 0)
		return LB_BAD_REQUEST;
	s->n = (size_t)n;
	return LB_OK;
}

/* 1 when `raw`, decoded, is `name`. */
static int
is_named(struct slice raw, const char *name)
{
	size_t i = 0;

	while (i < raw.n && *name != '\0')
		if (next_octet(raw, &i, 1) != (unsigned char)*name++)
			return 0;
	return i == raw.n && *name == '\0';
}

/* The value of the one member called `name`, as it is written. */
static enum lb_err
find_raw(struct slice query, const char *name, struct slice *value)
{
	const char *p = query.p, *end, *stop, *equal;
	int found = 0;

	if (query.n == 0)
		return LB_NOT_FOUND;
	for (end = p + query.n; p < end; p = stop + 1) {
		if ((stop = memchr(p, '&', (size_t)(end - p))) == NULL)
			stop = end;
		equal = memchr(p, '=', (size_t)(stop - p));
		if (equal == NULL)
			equal = stop;
		if (!is_named((struct slice){ p, (size_t)(equal - p) }, name))
			continue;
		if (found++)
			return LB_BAD_REQUEST;
		value->p = equal < stop ? equal + 1 : stop;
		value->n = (size_t)(stop - value->p);
	}
	return found ? LB_OK : LB_NOT_FOUND;
}

enum lb_err
http_finish(struct http_request *r)
{
	struct slice path = slice_of(NULL);
	enum lb_err err;

	if (r->path.n > 0 && !slice_is(r->path, "/"))
		return memchr(r->path.p, '\0', r->path.n) != NULL ?
		    LB_BAD_REQUEST :
		    LB_OK;
	err = find_raw(r->query, "path", &path);
	if (err == LB_NOT_FOUND)
		return LB_OK;
	if (err == LB_OK && (err = http_decode(&path, 1)) == LB_OK)
		r->path = path;
	return err;
}

enum lb_err
http_query(struct slice query, const char *name, struct buf *out)
{
	struct slice raw;
	enum lb_err err;
	long n;
	char *p;

	if ((err = find_raw(query, name, &raw)) != LB_OK)
		return err;
	if ((n = decode(raw, NULL, 1)) < 0 || (size_t)n > out->max - out->n)
		return LB_BAD_REQUEST;
	if (n == 0)
		return LB_OK;
	if ((p = buf_reserve(out, (size_t)n)) == NULL)
		return LB_NO_MEMORY;
	decode(raw, p, 1);
	out->n += (size_t)n;
	return LB_OK;
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* Takes the part before the next `separator` that is not in a quoted string
 * (RFC 9110 section 5.6.4) off `*rest`, trimmed; 0 when nothing is left.
 * `part` is another slice than `rest`. */
static int
next_part(struct slice *rest, char separator, struct slice *part)
{
	size_t i;
	int quoted = 0;

	if (rest->n == 0)
		return 0;
	for (i = 0; i < rest->n; i++) {
		if (quoted && rest->p[i] == '\\')
			i++;
		else if (rest->p[i] == '"')
			quoted = !quoted;
		else if (!quoted && rest->p[i] == separator)
			break;
	}
	if (i > rest->n) /* a backslash was the last */
		i = rest->n;
	*part = trim((struct slice){ rest->p, i });
	if (i < rest->n)
		i++;
	rest->p += i;
	rest->n -= i;
	return 1;
}

static int
same_word(struct slice s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

struct slice
http_token(const struct http_request *r)
{
	static const char scheme[] = "Bearer ";
	const size_t n = sizeof(scheme) - 1;
	struct slice s = r->authorization;

	if (s.n > n && strncasecmp(s.p, scheme, n) == 0) {
		s = trim((struct slice){ s.p + n, s.n - n });
		if (s.n > 0)
			return s;
	}
	s = trim(r->x_token);
	return s.n > 0 ? s : slice_of(NULL);
}

static long
seconds(struct slice word)
{
	long value = 0;
	size_t i;

	if (word.n >= 2 && word.p[0] == '"' && word.p[word.n - 1] == '"') {
		word.p++;
		word.n -= 2;
	}
	for (i = 0; i < word.n; i++) {
		if (word.p[i] < '0' || word.p[i] > '9')
			return -1;
		if ((value = value * 10 + (word.p[i] - '0')) > WAIT_MAX)
			value = WAIT_MAX;
	}
	return word.n > 0 ? value : -1;
}

long
http_prefer_wait(struct slice prefer)
{
	struct slice preference, word, name;

	while (next_part(&prefer, ',', &preference)) {
		/* What follows a semicolon are the preference's parameters. */
		if (!next_part(&preference, ';', &word) ||
		    !next_part(&word, '=', &name))
			continue;
		if (same_word(name, "wait"))
			return seconds(trim(word));
	}
	return -1;
}

int
http_media(struct slice content_type, const char *type)
{
	struct slice media;

	return next_part(&content_type, ';', &media) && same_word(media, type);
}

/* 1 unless the parameters hold a weight of 0 (RFC 9110 section 12.4.2). */
static int
has_weight(struct slice parameters)
{
	struct slice one, name;
	size_t i;

	while (next_part(&parameters, ';', &one)) {
		if (!next_part(&one, '=', &name) || !same_word(name, "q"))
			continue;
		for (i = 0; i < one.n; i++)
			if (one.p[i] >= '1' && one.p[i] <= '9')
				return 1;
		return 0;
	}
	return 1;
}

int
http_accepts(struct slice accept, const char *type)
{
	struct slice range, media;

	while (next_part(&accept, ',', &range))
		if (next_part(&range, ';', &media) && same_word(media, type) &&
		    has_weight(range))
			return 1;
	return 0;
}

/* Compares weakly (RFC 9110 section 8.8.3.2).  Apache's mod_deflate sends the
 * tag of what it has packed with "-gzip" behind it. */
int
http_matches(struct slice if_none_match, const char *tag)
{
	const size_t n = strlen(tag);
	struct slice part;

	while (next_part(&if_none_match, ',', &part)) {
		if (slice_is(part, "*"))
			return 1;
		if (slice_starts(part, "W/")) {
			part.p += 2;
			part.n -= 2;
		}
		if (part.n >= n + 2 && part.p[0] == '"' &&
		    memcmp(part.p + 1, tag, n) == 0 &&
		    (part.p[n + 1] == '"' || part.p[n + 1] == '-'))
			return 1;
	}
	return 0;
}

/* clang-format off */
static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 507, "Insufficient Storage" },
};
/* clang-format on */

const char *
http_phrase(int status)
{
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Error";
}

/*
 * redact_setting: what is called by its name in running text: "ice-pwd:x" and
 * the like, of which the form is given, "password: x" as people write it, the
 * lines of SDP that speak of people, and the address of a candidate.
 */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <strings.h>

#include "redact.h"
#include "redact_parts.h"

/* Of a candidate (RFC 8839 section 5.1). */
#define BEFORE_ADDRESS 4 /* words */
#define WORD_MOST 64     /* bytes of each; the longest by the RFC has 32 */

struct sign {
	struct slice word, tail; /* what follows the word, to the value */
	enum redact_kind kind;
};

static const struct sign before_space[] = {
	{ REDACT_TEXT("ufrag"), REDACT_TEXT(" "), REDACT_UFRAG },
	{ REDACT_TEXT("raddr"), REDACT_TEXT(" "), REDACT_HOST },
	{ REDACT_TEXT("in"), REDACT_TEXT(" ip4 "), REDACT_HOST },
	{ REDACT_TEXT("in"), REDACT_TEXT(" ip6 "), REDACT_HOST },
	{ REDACT_TEXT("bearer"), REDACT_TEXT(" "), REDACT_SECRET },
	{ { NULL, 0 }, { NULL, 0 }, REDACT__MAX },
};

static const struct sign before_mark[] = {
	{ REDACT_TEXT("ice-ufrag"), REDACT_TEXT(":"), REDACT_UFRAG },
	{ REDACT_TEXT("ice-pwd"), REDACT_TEXT(":"), REDACT_PASSWORD },
	{ REDACT_TEXT("inline"), REDACT_TEXT(":"), REDACT_SECRET },
	{ REDACT_TEXT("a"), REDACT_TEXT("=key:"), REDACT_SECRET },
	{ REDACT_TEXT("a"), REDACT_TEXT("=identity:"), REDACT_SECRET },
	{ REDACT_TEXT("cname"), REDACT_TEXT(":"), REDACT_NAME },
	{ REDACT_TEXT("authorization"), REDACT_TEXT(": basic "),
	    REDACT_SECRET },
	{ { NULL, 0 }, { NULL, 0 }, REDACT__MAX },
};

/* `loose`: also before a colon without quotes, as people write it. */
static const struct {
	struct slice name;
	enum redact_kind kind;
	int loose;
} settings[] = {
	{ REDACT_TEXT("token"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("secret"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("password"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("passwd"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("passphrase"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("passcode"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("pwd"), REDACT_PASSWORD, 1 },
	{ REDACT_TEXT("credential"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("ticket"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("apikey"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("api-key"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("username"), REDACT_SECRET, 1 },
	{ REDACT_TEXT("key"), REDACT_SECRET, 0 },
	{ REDACT_TEXT("name"), REDACT_NAME, 0 },
	{ REDACT_TEXT("room"), REDACT_ROOM, 0 },
};

/* Behind `at` up to one of the signs, or white space. */
static size_t
value_span(struct slice s, size_t at, const char *signs)
{
	const size_t from = at;

	while (at < s.n && (unsigned char)s.p[at] > ' ' &&
	    strchr(signs, s.p[at]) == NULL)
		at++;
	return at - from;
}

static struct redact_found
find_sign(const struct redact *r, const struct sign *sign, struct slice s,
    size_t run)
{
	struct redact_found f = { 0, 0, REDACT__MAX, 0 };

	for (; sign->word.n > 0; sign++) {
		const size_t more = sign->tail.n;

		if (sign->word.n != run || s.n <= run + more ||
		    !redact_hides(r, sign->kind) ||
		    strncasecmp(s.p, sign->word.p, run) != 0 ||
		    strncasecmp(s.p + run, sign->tail.p, more) != 0)
			continue;
		f.kept = run + more;
		f.n = value_span(s, f.kept, "&\"'<>,;|");
		f.kind = sign->kind;
		if (f.n > 0)
			break;
	}
	return f;
}

/* ---- settings ---- */

static int
is_quote(struct slice s, size_t at)
{
	return at < s.n && (s.p[at] == '"' || s.p[at] == '\'');
}

/* Behind what joins a name that ends at `at` and its value; 0: nothing does. */
static size_t
joint(struct slice s, size_t at, int loose)
{
	if (is_quote(s, at)) {
		loose = 1;
		at++;
	}
	if (at >= s.n || !(s.p[at] == '=' || (s.p[at] == ':' && loose)))
		return 0;
	for (at++; loose && at < s.n && s.p[at] == ' '; at++)
		continue;
	return at + (is_quote(s, at) ? 1 : 0);
}

/* 1 when a word is `name`, or ends with it: "X-Auth-Token", "authToken". */
static int
is_called(struct slice word, struct slice name)
{
	const char *p;

	if (word.n < name.n || (word.p[word.n - 1] | 32) != name.p[name.n - 1])
		return 0;
	p = word.p + word.n - name.n;
	if (strncasecmp(p, name.p, name.n) != 0)
		return 0;
	return p == word.p || p[-1] == '-' || p[-1] == '.' ||
	    (p[-1] >= 'a' && p[0] >= 'A' && p[0] <= 'Z');
}

static struct redact_found
find_setting(const struct redact *r, struct slice s, size_t run)
{
	const struct slice word = { s.p, run };
	struct redact_found f = { 0, 0, REDACT__MAX, 0 };

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!redact_hides(r, settings[i].kind) ||
		    !is_called(word, settings[i].name) ||
		    (f.kept = joint(s, run, settings[i].loose)) == 0)
			continue;
		f.n = value_span(s, f.kept, "&\"'<>,;|#{}[]");
		f.kind = settings[i].kind;
		if (f.n > 0)
			break;
	}
	return f;
}

/* ---- SDP ---- */

/* The fifth word of a candidate is an address, whatever it looks like. */
static struct redact_found
find_candidate(struct slice s)
{
	struct redact_found f = { 0, 0, REDACT_HOST, 1 };

	for (int i = 0; i < BEFORE_ADDRESS; i++) {
		const size_t most = f.kept + WORD_MOST;
		const struct slice part = { s.p, most < s.n ? most : s.n };
		const size_t n = value_span(part, f.kept, "");

		if (n == 0 || f.kept + n == s.n || s.p[f.kept + n] != ' ')
			return f;
		f.kept += n + 1;
	}
	f.n = value_span(s, f.kept, "");
	return f;
}

/* Who made it, and what about (RFC 8866). */
static struct redact_found
find_line(struct slice s)
{
	struct redact_found f = { 2, 0, REDACT_NAME, 0 };
	struct slice value = { s.p + 2, 0 };

	if (*s.p == '\0' || strchr("osiuep", *s.p) == NULL)
		return f;
	while (f.kept + value.n < s.n &&
	    strchr("\r\n", value.p[value.n]) == NULL &&
	    (*s.p != 'o' || value.p[value.n] != ' '))
		value.n++;
	if (!slice_is(value, "-") && !slice_is(value, " ") &&
	    !slice_starts(value, "mozilla..."))
		f.n = value.n;
	return f;
}

/*
 * What may be shown is not even measured: its end would be looked for again
 * from every word in it.
 */
struct redact_found
redact_named(const struct redact *r, struct slice s, size_t run, char before)
{
	struct redact_found f = { 0, 0, REDACT__MAX, 0 };
	const char behind = run < s.n ? s.p[run] : '\0';

	if (behind == ' ')
		return find_sign(r, before_space, s, run);
	if (behind != ':' && behind != '=' && !is_quote(s, run))
		return f;
	if (behind == ':' && slice_is((struct slice){ s.p, run }, "candidate"))
		return redact_hides(r, REDACT_HOST) ? find_candidate(s) : f;
	if (run == 1 && behind == '=' && before == '\n' &&
	    redact_hides(r, REDACT_NAME))
		f = find_line(s);
	if (f.n == 0)
		f = find_sign(r, before_mark, s, run);
	return f.n > 0 ? f : find_setting(r, s, run);
}

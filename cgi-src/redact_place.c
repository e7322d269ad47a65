/*
 * redact_place: addresses of the network in running text.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <string.h>

#include "redact.h"
#include "redact_parts.h"

#define HEX_MOST 80  /* bytes of what may be an IPv6 address and a port */
#define GROUPS_OFF 2 /* groups around one that are not its own */
#define IP4_LEAST 7  /* bytes */
#define IP4_MOST 15

/* ---- IPv4, mDNS ---- */

static size_t
digit_span(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && (redact_is_digit(p[i]) || p[i] == '.'))
		i++;
	return i;
}

/* One at the start of a part of the word. */
static size_t
ip4_span(const char *p, size_t most)
{
	const size_t all = digit_span(p, most);
	unsigned char bytes[16];
	size_t n = all;

	while (n > 0 && p[n - 1] == '.')
		n--;
	if (n < IP4_LEAST || n > IP4_MOST ||
	    (all == n && n < most && redact_is_alnum(p[n])) ||
	    !redact_read(AF_INET, (struct slice){ p, n }, bytes))
		return 0;
	return n;
}

/* The number of a pseudonym is a part of a word as well. */
static int
is_number_of_ours(struct slice word, size_t part, size_t at)
{
	size_t n = at;

	while (n < word.n && redact_is_digit(word.p[n]))
		n++;
	return redact_is_pseudonym((struct slice){ word.p + part, n - part });
}

/* Where a part of the word begins: "from-192.0.2.1-192.0.2.7". */
static struct redact_found
find_ip4(struct slice word)
{
	struct redact_found f = { 0, 0, REDACT_HOST, 0 };
	size_t at = 0, part = 0;
	const char *dash;

	while (at < word.n) {
		f.kept = at;
		if (at == 0 || !is_number_of_ours(word, part, at))
			f.n = ip4_span(word.p + at, word.n - at);
		if (f.n > 0)
			break;
		dash = memchr(word.p + at, '-', word.n - at);
		if (dash == NULL)
			break;
		part = at;
		at = (size_t)(dash - word.p) + 1;
	}
	return f;
}

struct redact_found
redact_place(struct slice word)
{
	if (memchr(word.p, '.', word.n) == NULL)
		return (struct redact_found){ 0, 0, REDACT_HOST, 0 };
	if (redact_is_local(word))
		return (struct redact_found){ 0, word.n, REDACT_HOST, 0 };
	return find_ip4(word);
}

/* ---- IPv6 ---- */

static int
is_hex(char c)
{
	return redact_is_digit(c) || c == ':' || c == '.' ||
	    (unsigned)((c | 32) - 'a') < 6;
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

/* Two colons are the least that an address has. */
static int
has_groups(struct slice run)
{
	const char *p = memchr(run.p, ':', run.n);

	return p != NULL &&
	    memchr(p + 1, ':', run.n - (size_t)(p + 1 - run.p)) != NULL;
}

struct redact_found
redact_place6(struct slice s, size_t *run, unsigned char *bytes)
{
	struct redact_found f = { 0, 0, REDACT_HOST, 0 };
	struct slice word = { s.p, 0 }, found;

	while (word.n < s.n && is_hex(s.p[word.n]))
		word.n++;
	*run = word.n;
	while (word.n > 0 && word.p[word.n - 1] == '.')
		word.n--;
	/* A lone colon at the end is of the sentence. */
	if (word.n > 1 && word.p[word.n - 1] == ':' &&
	    word.p[word.n - 2] != ':')
		word.n--;
	if (word.n > 1 && word.n <= HEX_MOST && has_groups(word) &&
	    find_ip6(word, &found, bytes)) {
		f.kept = (size_t)(found.p - s.p);
		f.n = found.n;
	}
	return f;
}

/* Behind an address may stand its zone: "%eth0.100". */
size_t
redact_zone(struct slice s)
{
	size_t n = 1;

	if (s.n < 2 || *s.p != '%')
		return 0;
	while (n < s.n &&
	    (redact_is_alnum(s.p[n]) || strchr(".-_", s.p[n]) != NULL) &&
	    s.p[n] != '\0')
		n++;
	while (n > 1 && s.p[n - 1] == '.')
		n--;
	return n > 1 ? n : 0;
}

/*
 * redact: see redact.h.
 */
#define _POSIX_C_SOURCE 200809L
#define HASH_NONFATAL_OOM 1 /* or uthash ends the process */

#include "redact.h"
#include "redact_parts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL_MOST 255
#define PART_LEAST 3 /* bytes of a name that are one too */
#define KEPT 512     /* bytes of a value; of what is behind them a sum */

static const char *const prefixes[REDACT__MAX] = {
	[REDACT_IP4] = "ip4",
	[REDACT_IP6] = "ip6",
	[REDACT_MDNS] = "mdns",
	[REDACT_HOST] = "host",
	[REDACT_UFRAG] = "ufrag",
	[REDACT_PASSWORD] = "pwd",
	[REDACT_SECRET] = "secret",
	[REDACT_NAME] = "name",
	[REDACT_ROOM] = "room",
};

void
redact_init(struct redact *r, unsigned what)
{
	memset(r, 0, sizeof(*r));
	r->what = what;
}

void
redact_reset(struct redact *r)
{
	struct redact_seen *seen, *next;

	redact_again_reset(r);
	HASH_ITER(hh, r->seen, seen, next) {
		HASH_DEL(r->seen, seen);
		free(seen);
	}
	redact_init(r, r->what);
}

/* Fills `key`, of 1 + KEPT + 8 bytes; how many there are. */
static unsigned
make_key(char *key, enum redact_kind kind, const char *value, size_t n)
{
	uint64_t sum = n;

	key[0] = (char)kind;
	if (n <= KEPT) {
		memcpy(key + 1, value, n);
		return 1 + (unsigned)n;
	}
	for (size_t i = KEPT; i < n; i++)
		sum = (sum ^ (unsigned char)value[i]) * 0x100000001b3;
	memcpy(key + 1, value, KEPT);
	memcpy(key + 1 + KEPT, &sum, sizeof(sum));
	return 1 + KEPT + sizeof(sum);
}

static struct redact_seen *
add_seen(struct redact *r, enum redact_kind kind, const char *key, unsigned n)
{
	struct redact_seen *seen;

	if (r->count[kind] == REDACT_MOST ||
	    (seen = calloc(1, sizeof(*seen) + n)) == NULL)
		return NULL;
	memcpy(seen->key, key, n);
	HASH_ADD(hh, r->seen, key, n, seen);
	/* Out of memory: it stands in no table, and has no number. */
	if (seen->hh.tbl == NULL) {
		free(seen);
		return NULL;
	}
	seen->number = ++r->count[kind];
	return seen;
}

/* The number of a value; 0 when there is no room for one more. */
static unsigned
number_of(struct redact *r, enum redact_kind kind, const void *value, size_t n)
{
	char key[1 + KEPT + sizeof(uint64_t)];
	const unsigned length = make_key(key, kind, value, n);
	struct redact_seen *seen;

	HASH_FIND(hh, r->seen, key, length, seen);
	if (seen == NULL && (seen = add_seen(r, kind, key, length)) != NULL &&
	    kind > REDACT_HOST)
		redact_again_add(r, (struct slice){ value, n }, seen);
	return seen == NULL ? 0 : seen->number;
}

int
redact_is_pseudonym(struct slice s)
{
	for (size_t i = 0; i < REDACT__MAX; i++) {
		size_t n = strlen(prefixes[i]);

		if (s.n <= n + 1 || memcmp(s.p, prefixes[i], n) != 0 ||
		    s.p[n] != '-')
			continue;
		for (n++; n < s.n && redact_is_digit(s.p[n]); n++)
			continue;
		if (n == s.n ||
		    (s.n == n + 4 && memcmp(s.p + n, "more", 4) == 0))
			return 1;
	}
	return 0;
}

void
redact_pseudonym(enum redact_kind kind, unsigned number, struct buf *out)
{
	buf_str(out, prefixes[kind]);
	if (number == 0) {
		buf_str(out, "-more");
	} else {
		buf_char(out, '-');
		buf_int(out, number);
	}
}

static void
add_pseudonym(struct redact *r, enum redact_kind kind, const void *value,
    size_t n, struct buf *out)
{
	redact_pseudonym(kind, number_of(r, kind, value, n), out);
}

int
redact_hides(const struct redact *r, enum redact_kind kind)
{
	const unsigned bit = kind <= REDACT_HOST ? REDACT_ADDRESSES :
	    kind >= REDACT_NAME                  ? REDACT_NAMES :
						   REDACT_SECRETS;

	return (r->what & bit) != 0;
}

void
redact_value(struct redact *r, enum redact_kind kind, struct slice value,
    struct buf *out)
{
	if (redact_hides(r, kind) && !redact_is_pseudonym(value))
		add_pseudonym(r, kind, value.p, value.n, out);
	else
		buf_slice(out, value);
}

void
redact_person(struct redact *r, struct slice name, struct buf *out)
{
	size_t at = 0;

	redact_value(r, REDACT_NAME, name, out);
	if (!redact_hides(r, REDACT_NAME) || redact_is_pseudonym(name))
		return;
	while (at < name.n) {
		const size_t from = at;

		while (at < name.n && name.p[at] != ' ')
			at++;
		if (at - from >= PART_LEAST && at - from < name.n)
			(void)number_of(r, REDACT_NAME, name.p + from,
			    at - from);
		at++;
	}
}

/* ---- addresses ---- */

/* Nobody's: loopback, and the unspecified one. */
static int
is_nobodys(int family, const unsigned char *bytes)
{
	static const unsigned char zeros[16];

	if (family == AF_INET)
		return bytes[0] == 127 || memcmp(bytes, zeros, 4) == 0;
	return memcmp(bytes, zeros, 15) == 0 && bytes[15] <= 1;
}

int
redact_read(int family, struct slice s, unsigned char *bytes)
{
	char text[64];

	if (s.n == 0 || s.n >= sizeof(text))
		return 0;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return inet_pton(family, text, bytes) == 1;
}

int
redact_add(struct redact *r, int family, const unsigned char *bytes,
    struct slice text, struct buf *out)
{
	if ((r->what & REDACT_ADDRESSES) == 0 || is_nobodys(family, bytes)) {
		buf_slice(out, text);
		return 1;
	}
	if (family == AF_INET)
		add_pseudonym(r, REDACT_IP4, bytes, 4, out);
	else
		add_pseudonym(r, REDACT_IP6, bytes, 16, out);
	return 0;
}

int
redact_is_local(struct slice name)
{
	return name.n > 6 && name.n <= LABEL_MOST &&
	    strncasecmp(name.p + name.n - 6, ".local", 6) == 0;
}

static void
add_host(struct redact *r, enum redact_kind kind, struct slice name,
    struct buf *out)
{
	char lower[LABEL_MOST];
	size_t n = name.n < sizeof(lower) ? name.n : sizeof(lower);

	if ((r->what & REDACT_ADDRESSES) == 0 || redact_is_pseudonym(name)) {
		buf_slice(out, name);
		return;
	}
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)tolower((unsigned char)name.p[i]);
	add_pseudonym(r, kind, lower, n, out);
}

void
redact_address(struct redact *r, struct slice address, struct buf *out)
{
	unsigned char bytes[16];

	if (redact_read(AF_INET, address, bytes))
		redact_add(r, AF_INET, bytes, address, out);
	else if (redact_read(AF_INET6, address, bytes))
		redact_add(r, AF_INET6, bytes, address, out);
	else if (address.n > 0)
		add_host(r,
		    redact_is_local(address) ? REDACT_MDNS : REDACT_HOST,
		    address, out);
}

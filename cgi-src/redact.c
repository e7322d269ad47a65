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
#include <uthash.h>

#define LABEL_MOST 255

struct redact_seen {
	unsigned number;
	UT_hash_handle hh;
	char key[]; /* the kind, and then the value */
};

static const char *const prefixes[REDACT__MAX] = {
	[REDACT_IP4] = "ip4",
	[REDACT_IP6] = "ip6",
	[REDACT_MDNS] = "mdns",
	[REDACT_HOST] = "host",
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

	HASH_ITER(hh, r->seen, seen, next) {
		HASH_DEL(r->seen, seen);
		free(seen);
	}
	redact_init(r, r->what);
}

/* The number of a value; 0 when there is no memory for one more. */
static unsigned
number_of(struct redact *r, enum redact_kind kind, const void *key, size_t n)
{
	char *whole = malloc(n + 1);
	struct redact_seen *seen = NULL;
	unsigned number = 0;

	if (whole == NULL)
		return 0;
	whole[0] = (char)kind;
	memcpy(whole + 1, key, n);
	HASH_FIND(hh, r->seen, whole, n + 1, seen);
	if (seen != NULL) {
		number = seen->number;
	} else if (r->total < REDACT_MOST &&
	    (seen = calloc(1, sizeof(*seen) + n + 1)) != NULL) {
		memcpy(seen->key, whole, n + 1);
		seen->number = number = ++r->count[kind];
		r->total++;
		HASH_ADD(hh, r->seen, key, (unsigned)n + 1, seen);
		/* Out of memory: it stands in no table, and has no number. */
		if (seen->hh.tbl == NULL) {
			free(seen);
			number = 0;
		}
	}
	free(whole);
	return number;
}

/* "ip4-1": a word of ours, of whatever kind. */
static int
is_pseudonym(struct slice s)
{
	for (size_t i = 0; i < REDACT__MAX; i++) {
		size_t n = strlen(prefixes[i]);

		if (s.n <= n + 1 || memcmp(s.p, prefixes[i], n) != 0 ||
		    s.p[n] != '-')
			continue;
		for (n++; n < s.n && isdigit((unsigned char)s.p[n]); n++)
			continue;
		if (n == s.n ||
		    (s.n == n + 4 && memcmp(s.p + n, "more", 4) == 0))
			return 1;
	}
	return 0;
}

static void
add_pseudonym(struct redact *r, enum redact_kind kind, const void *key,
    size_t n, struct buf *out)
{
	unsigned number = number_of(r, kind, key, n);

	if (number == 0)
		buf_printf(out, "%s-more", prefixes[kind]);
	else
		buf_printf(out, "%s-%u", prefixes[kind], number);
}

void
redact_value(struct redact *r, enum redact_kind kind, struct slice value,
    struct buf *out)
{
	const unsigned bit = kind <= REDACT_HOST ? REDACT_ADDRESSES :
	    kind >= REDACT_NAME                  ? REDACT_NAMES :
						   REDACT_SECRETS;

	if ((r->what & bit) == 0 || is_pseudonym(value))
		buf_slice(out, value);
	else
		add_pseudonym(r, kind, value.p, value.n, out);
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

	if ((r->what & REDACT_ADDRESSES) == 0 || is_pseudonym(name)) {
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

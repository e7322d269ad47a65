/*
 * redact: what must not be shown to strangers, under other names.
 *
 * The same address becomes the same pseudonym (ip4-1, ip6-2, mdns-3) as long
 * as the struct lives, that is within one output, so that it can still be
 * seen that two messages speak of the same one.  Loopback and unspecified
 * addresses are nobody's and stay.
 *
 * What is a pseudonym already stays, so that what was redacted can be redacted
 * again.
 *
 * Memory is bounded: behind the first REDACT_MOST values all others of a kind
 * share one pseudonym (ip4-more).
 */
#ifndef LETTERBOX_REDACT_H
#define LETTERBOX_REDACT_H

#include "buf.h"

#define REDACT_MOST 16384

enum redact_kind {
	REDACT_IP4,
	REDACT_IP6,
	REDACT_MDNS,     /* x.local */
	REDACT_HOST,     /* other names where an address stands */
	REDACT_PASSWORD, /* of ICE */
	REDACT_SECRET,   /* keys, tokens, credentials */
	REDACT_NAME,     /* of people */
	REDACT_ROOM,     /* names of rooms */
	REDACT__MAX
};

/* What is redacted, as bits. */
enum {
	REDACT_ADDRESSES = 1,
	REDACT_SECRETS = 2, /* passwords of ICE, keys, tokens */
	REDACT_NAMES = 4
};

struct redact_seen;
struct redact {
	unsigned what;
	struct redact_seen *seen;
	unsigned count[REDACT__MAX];
	unsigned total;
};

void redact_init(struct redact *, unsigned what);
/* Frees; the pseudonyms begin anew. */
void redact_reset(struct redact *);

/* Appends an address as it may be shown: an IP address, or a name. */
void redact_address(struct redact *, struct slice address, struct buf *out);
/* Appends a value of that kind as it may be shown. */
void redact_value(struct redact *, enum redact_kind, struct slice value,
    struct buf *out);
/*
 * Appends text with all that may not be shown replaced: addresses wherever
 * they stand, the host of a candidate and of c= and o= lines, what follows
 * "ice-pwd:", "inline:", "token=" and the like.
 */
void redact_text(struct redact *, struct slice text, struct buf *out);
/* The same for JSON: in every string, however it is escaped; with
 * REDACT_SECRETS and REDACT_NAMES also the values of members that are called
 * like what they hold ("token", "password", ...; "name").  A string in which
 * nothing is to be replaced stays byte for byte as it is. */
void redact_json(struct redact *, struct slice json, struct buf *out);

#endif

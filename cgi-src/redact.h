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
 * What was hidden as a secret, a name or a room is hidden as well where it is
 * said later, be it in a chat.  Who wants that of what was said before reads
 * all twice with the same struct, and throws the first output away.
 *
 * It costs a few looks at each byte, whatever is known (tests/bench has the
 * export of a room), and memory is bounded: behind the first REDACT_MOST
 * values of a kind all others share one pseudonym (ip4-more), and are hidden
 * only where they are called what they are.
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
	REDACT_UFRAG,    /* of ICE, the user name */
	REDACT_PASSWORD, /* of ICE */
	REDACT_SECRET,   /* keys, tokens, credentials */
	REDACT_NAME,     /* of people */
	REDACT_ROOM,     /* names of rooms */
	REDACT__MAX
};

/* What is redacted, as bits. */
enum {
	REDACT_ADDRESSES = 1,
	REDACT_SECRETS = 2, /* user names and passwords of ICE, keys, tokens */
	REDACT_NAMES = 4
};

struct redact_seen;
struct redact_again;
struct redact {
	unsigned what;
	struct redact_seen *seen;
	struct redact_again *again; /* what is found again; NULL: nothing */
	unsigned count[REDACT__MAX];
};

void redact_init(struct redact *, unsigned what);
/* Frees; the pseudonyms begin anew. */
void redact_reset(struct redact *);

/* Appends an address as it may be shown: an IP address, or a name. */
void redact_address(struct redact *, struct slice address, struct buf *out);
/* Appends a value of that kind as it may be shown. */
void redact_value(struct redact *, enum redact_kind kind, struct slice value,
    struct buf *out);
/*
 * Appends text with all that may not be shown replaced: addresses wherever
 * they stand, the host of a candidate and of c= and o= lines, what follows
 * "ice-pwd:", "inline:", "token=" and the like, what looks like an address of
 * mail or like a signed token, and who logs in by an address.  What is written
 * with %41 or \u0041 is read, and left as it is when nothing is to be hidden.
 */
void redact_text(struct redact *, struct slice text, struct buf *out);
/* The same for a word that says what a message is: of small letters alone it
 * stays, even if somebody is called so. */
void redact_type(struct redact *, struct slice type, struct buf *out);
/*
 * The same for JSON: in every string, however it is escaped; with
 * REDACT_SECRETS and REDACT_NAMES also the values of members that are called
 * like what they hold ("token", "password", ...; "name"), lists, objects and
 * numbers of them too, and JSON or base64 in a string.  A string in which
 * nothing is to be replaced stays byte for byte as it is.
 */
void redact_json(struct redact *, struct slice json, struct buf *out);

#endif

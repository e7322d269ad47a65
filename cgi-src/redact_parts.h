/*
 * redact_parts: shared by the files of redact, and by nobody else.
 */
#ifndef LETTERBOX_REDACT_PARTS_H
#define LETTERBOX_REDACT_PARTS_H

#include <uthash.h>

#include "redact.h"

struct redact_seen {
	unsigned number;
	UT_hash_handle hh;
	/* The kind and the value; of a long one its beginning and a sum. */
	char key[];
};

/* A slice of a literal, for tables. */
#define REDACT_TEXT(literal)                   \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

/* ---- characters: whatever the locale, and without a call ---- */

static inline int
redact_is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static inline int
redact_is_alnum(char c)
{
	return redact_is_digit(c) || (unsigned)((c | 32) - 'a') < 26;
}

/* What words are made of, those of any language. */
static inline int
redact_is_wordy(char c)
{
	return redact_is_alnum(c) || (unsigned char)c >= 0x80;
}

/* ---- redact.c ---- */

/* Appends "ip4-1", or "ip4-more" for 0. */
void redact_pseudonym(enum redact_kind, unsigned number, struct buf *out);
/* 1 for what that appends, of whatever kind. */
int redact_is_pseudonym(struct slice);
/* A name of somebody as it may be shown; the words of it are names as well. */
void redact_person(struct redact *, struct slice name, struct buf *out);
/* 1 when values of that kind are to be hidden. */
int redact_hides(const struct redact *, enum redact_kind);
/* 1 when the whole is an address of that family (AF_INET, AF_INET6); its
 * bytes, room for 16 of them. */
int redact_read(int family, struct slice s, unsigned char *bytes);
/* Appends an address that was read, as it may be shown; 1: as it is. */
int redact_add(struct redact *, int family, const unsigned char *bytes,
    struct slice text, struct buf *out);
/* 1 for names that end with ".local". */
int redact_is_local(struct slice name);

/* ---- redact_again.c ---- */

/* A value that got a pseudonym is found again from now on, if it is no word
 * that is said by chance. */
void redact_again_add(struct redact *, struct slice value,
    const struct redact_seen *);
void redact_again_reset(struct redact *);
/* Such a value at the start of `s`, where a word may begin: its bytes, or 0.
 * In SDP a short word may be one of the format, and is not found. */
size_t redact_again(const struct redact *, struct slice s, int is_sdp,
    const struct redact_seen **found);

/* ---- redact_setting.c, redact_place.c: what to replace, and where ---- */

struct redact_found {
	size_t kept; /* bytes that stay, from where was looked */
	size_t n;    /* bytes behind these that are replaced; 0: nothing */
	enum redact_kind kind; /* REDACT_HOST: any address */
	int is_open; /* what is kept is anybody's words, to be read as well */
};

/* What is called by its name and to be hidden at the start of `s`, by the word
 * of `run` bytes that stands there; `before`: the byte before it. */
struct redact_found redact_named(const struct redact *, struct slice s,
    size_t run, char before);
/* IPv4 or a name of mDNS in a word that ends with no dot and no dash. */
struct redact_found redact_place(struct slice word);
/*
 * An IPv6 address in the digits and colons at the start of `s`, which are
 * `*run` bytes then; its bytes, room for 16 of them.  Its zone is behind it.
 */
struct redact_found redact_place6(struct slice s, size_t *run,
    unsigned char *bytes);
/* Of "%eth0", or 0. */
size_t redact_zone(struct slice s);

/* ---- redact_code.c ---- */

/* Append what the text means when %41, \u0041 and \" are read as often as they
 * stand for each other; and what it is the base64 of.  0: nothing of the kind,
 * and `out` is of no use. */
int redact_decode(struct slice text, struct buf *out);
int redact_decode64(struct slice text, struct buf *out);

#endif

/*
 * appkey: the keys of applications: made, shown once, known by their hash.
 *
 * An application sends its key with each request (Authorization: Bearer, or
 * X-Letterbox-Key), or, so that the key is not on the wire, signs it:
 *
 *   X-Letterbox-Key-Name: NAME
 *   X-Letterbox-Date: seconds of Unix time, at most 300 from ours; perhaps
 *     with a fraction, which tells requests of one second apart
 *   X-Letterbox-Signature: base64url(HMAC-SHA256(SHA-256(key),
 *     METHOD "\n" PATH "\n" DATE "\n" hex(SHA-256(body))))
 *
 * PATH is what stands after the mount: "/channel/send".
 */
#ifndef LETTERBOX_APPKEY_H
#define LETTERBOX_APPKEY_H

#include "http.h"
#include "room.h"
#include "store_key.h"

/* The rooms of an application's clients: of a namespace of this beginning and
 * its name; they end with the key.  And the room, of its name, that hears of
 * their comings and goings. */
#define APPKEY_ROOMS "channel:"
#define APPKEY_HERALDS "presence"
#define APPKEY_GENERATION 12 /* characters of appkey_generation() */
#define APPKEY_DATE_S 300    /* that a signature's date may be off */

/* 1 for 1 to 32 characters of a-z 0-9 -. */
int appkey_name_valid(struct slice name);
/* NULL for http:// or https://, a host, perhaps a port and a path, in 1,024
 * bytes at most; else what is wrong, as the end of a sentence. */
const char *appkey_hook_fault(struct slice url);

struct appkey_add {
	struct store_op op;
	struct store_key key;      /* in: name, strict, hook */
	char text[TOKEN_TEXT + 1]; /* out: the key itself */
};
/* Makes the key before the operation is queued; LB_IO without randomness. */
enum lb_err appkey_make(struct appkey_add *);
/* LB_OK, LB_KEY_TAKEN. */
enum lb_err appkey_add_run(struct store_op *, struct store_tx *);

struct appkey_drop {
	struct store_op op;
	struct slice name; /* in */
};
/* The rooms of its clients end with it.  LB_OK, LB_NOT_FOUND. */
enum lb_err appkey_drop_run(struct store_op *, struct store_tx *);

/* Tells a key from another one of the same name, and nothing else of it. */
void appkey_generation(const struct token_digest *hash,
    char out[APPKEY_GENERATION + 1]);

/* For an operation: the key must be there still when it runs.  LB_KEY. */
struct appkey_guard {
	struct room_guard base;
	struct slice name;
	struct slice generation;
};
struct appkey_guard appkey_guard(struct slice name, struct slice generation);

/* What a repeat of a signed request has in common with it, and no other request
 * of the key; absent when the key itself came.  A slice of the request. */
struct slice appkey_mark(const struct http_request *);

/* Whose request this is.  `wall` in ms of Unix time.  LB_OK; LB_KEY with `*why`
 * a static sentence or NULL; an error of the store. */
enum lb_err appkey_check(struct store *, const struct http_request *,
    int64_t wall, struct store_key *out, const char **why);

#endif

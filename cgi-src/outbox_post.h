/*
 * outbox_post: a letter of an outbox as the request that the application gets.
 *
 *   POST HOOK/_ah/channel/connected/ (or .../disconnected/)
 *   Content-Type: application/x-www-form-urlencoded
 *   X-Letterbox-Key-Name: NAME
 *   X-Letterbox-Event: EPOCH.SEQ
 *   X-Letterbox-Date: seconds of Unix time when it was sent
 *   X-Letterbox-Signature: base64url(HMAC-SHA256(SHA-256(key),
 *     "POST" "\n" PATH "\n" DATE "\n" EVENT "\n" hex(SHA-256(body))))
 *
 *   from=CLIENT
 *
 * PATH is that of the whole address.  The event is the same in each repeat.
 */
#ifndef LETTERBOX_OUTBOX_POST_H
#define LETTERBOX_OUTBOX_POST_H

#include "outbox.h"

#define OUTBOX_POST_HEADERS 5

struct outbox_post {
	struct buf url;                          /* a string */
	struct buf body;                         /* bytes */
	struct buf headers[OUTBOX_POST_HEADERS]; /* strings */
};

/* Writes it into a zeroed struct, which is to be reset in any case; `wall` in
 * ms of Unix time.  The key has a hook.  LB_OK, LB_NO_MEMORY. */
enum lb_err outbox_post_write(struct outbox_post *, const struct store_key *,
    const struct outbox_letter *, int64_t wall);
void outbox_post_reset(struct outbox_post *);

#endif

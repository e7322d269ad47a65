/*
 * channel_token: what a browser shows to open its channel.
 *
 *   base64url(JSON) "." base64url(HMAC-SHA256(server key, base64url(JSON)))
 *   JSON: {"ns": "...", "room": "...", "peer": "...", "exp": 1700000000,
 *          "x": "...", "by": "..."}
 *
 * `exp` is in seconds of Unix time, `x` makes each token another one, `by` says
 * who answers for it, if anybody does.  Opaque to everybody else.  It carries
 * its end and is signed, so nothing is looked up to refuse it; it may point at
 * any peer of any room.
 */
#ifndef LETTERBOX_CHANNEL_TOKEN_H
#define LETTERBOX_CHANNEL_TOKEN_H

#include "buf.h"
#include "err.h"
#include "token.h"

#define CHANNEL_TOKEN_MAX 4096 /* bytes of a whole token */

struct channel_token {
	struct slice namespace, room, peer; /* UTF-8 */
	struct slice by;   /* who answers for it: a generation of a key; or
			  * absent */
	int64_t expires;   /* ms of Unix time, whole seconds */
	struct slice seed; /* for mint: from the same one the same token;
			    * absent: another one at every call */
};

/* Appends a token.  LB_IO without randomness, LB_BAD_REQUEST when it would be
 * longer than CHANNEL_TOKEN_MAX, LB_NO_MEMORY. */
enum lb_err channel_token_mint(struct buf *out, struct slice server_key,
    const struct channel_token *);
/*
 * `wall` in ms of Unix time.  The slices of `out` point into `text`, an empty
 * buf that must outlive them.  LB_OK; LB_CHANNEL_EXPIRED, with `out` filled as
 * well; LB_CHANNEL_TOKEN; LB_NO_MEMORY.
 */
enum lb_err channel_token_check(struct slice token, struct slice server_key,
    int64_t wall, struct buf *text, struct channel_token *out);
/* What stands for the peer's own token in the store: nobody can have a token
 * of that digest, so this peer answers to channel tokens alone. */
void channel_token_digest(struct token_digest *out, struct slice server_key,
    const struct channel_token *);

#endif

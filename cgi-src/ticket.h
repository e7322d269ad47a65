/*
 * ticket: an application's signed permission to join.
 *
 *   base64url(JSON) "." base64url(HMAC-SHA256(SHA-256(key), base64url(JSON)))
 *   JSON: {"room": "...", "peer"?: "...", "exp": 1700000000,
 *          "may"?: ["post", "rules"]}
 *
 * `exp` is in seconds of Unix time.  Without `may` a peer may do everything.
 * The server keeps the SHA-256 of the application's key and no more, so the
 * key itself need not lie on the server.
 */
#ifndef LETTERBOX_TICKET_H
#define LETTERBOX_TICKET_H

#include "buf.h"
#include "err.h"
#include "token.h"

enum ticket_may {
	TICKET_POST = 1 << 0,  /* post messages */
	TICKET_RULES = 1 << 1, /* set rules when it owns the room */
	TICKET_ALL = TICKET_POST | TICKET_RULES
};

#define TICKET_MAX 1024 /* bytes of a whole ticket */

/*
 * Checks the signature, the time and that it is for this room and peer
 * (`peer` absent in the ticket: any).  `key` is the SHA-256 of the
 * application's key.  `wall` in ms.  LB_OK with `may` filled, or LB_TICKET
 * with `*why` a static sentence.
 */
enum lb_err ticket_check(struct slice ticket, const struct token_digest *key,
    struct slice room, struct slice peer, int64_t wall, unsigned *may,
    const char **why);

#endif

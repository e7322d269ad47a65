/*
 * renew: what a recorded message must say to be understood by somebody who is
 * there now: public_html/js/peer.js tells what `session`, `for` and `re` are.
 *
 * One for each of the living.  Fingerprints, passwords of ICE and candidates
 * belong to a browser that is gone, and nothing can renew them.
 */
#ifndef LETTERBOX_RENEW_H
#define LETTERBOX_RENEW_H

#include "buf.h"

#define RENEW_SESSION 64 /* bytes of a session that are kept */

struct renew {
	int64_t offer;    /* seq of the newest offer heard; 0: none */
	int descriptions; /* heard */
	size_t session_n; /* bytes of ... */
	char session[RENEW_SESSION];
};

/* What the living one has said: notes it. */
void renew_hear(struct renew *, struct slice type, struct slice body,
    int64_t seq);
/*
 * Appends `body` for the living one: `re` its newest offer and `for` its
 * session, left out while nothing was heard of them; our own `session` another
 * one than recorded, the same for the same within one `salt`.  Without a
 * salt only `re` is another.  What is no object stays as it is.
 */
void renew_body(const struct renew *, struct slice salt, struct slice body,
    struct buf *out);

#endif

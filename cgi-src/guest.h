/*
 * guest: the CGI face: the same house and the same turn, for one request.
 */
#ifndef LETTERBOX_GUEST_H
#define LETTERBOX_GUEST_H

#include "conf.h"

/*
 * Answers the request of the environment and of descriptors 0 and 1, then
 * returns.  A poll is parked like any other: its process waits for the word
 * of others, which it hears from before the log was read.  SIGTERM ends it
 * with an empty answer.  When the house cannot be opened the visitor is told
 * why, and `words` says it too.
 */
enum lb_err guest_run(const struct conf *, struct buf *words);
/* Answers that the program cannot start, and why. */
void guest_sorry(enum lb_err why, const struct buf *words);

#endif

/*
 * courier_ask: one request by HTTP, and its answer, for programs of people:
 * it blocks.
 *
 * As courier.h it goes to the address that is given and nowhere else, and a
 * program without libcurl has none.
 */
#ifndef LETTERBOX_COURIER_ASK_H
#define LETTERBOX_COURIER_ASK_H

#include <signal.h>

#include "courier.h"

#define COURIER_REPLY_MAX (32 << 20) /* bytes of an answer */
#define COURIER_POLL_MS 30000        /* that a poll may be held, at most */

struct courier_asker;

struct courier_question {
	const char *url;
	struct slice body;                    /* absent: it is a GET */
	const char *headers[COURIER_HEADERS]; /* "Name: value"; NULL: no more */
};

/* `*ended` not 0 gives up what is under way within a second; a connection is
 * kept from one question to the next.  LB_NOT_FOUND without libcurl,
 * LB_NO_MEMORY. */
enum lb_err courier_ask_open(struct courier_asker **,
    const volatile sig_atomic_t *ended);
/* NULL is allowed. */
void courier_ask_close(struct courier_asker *);
/* `reply` is emptied first.  The result has the status, or why there is none
 * (also "bad-address", "ended").  LB_NO_MEMORY. */
enum lb_err courier_ask(struct courier_asker *, const struct courier_question *,
    struct buf *reply, struct courier_result *);

#endif

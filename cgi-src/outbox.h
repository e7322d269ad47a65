/*
 * outbox: which notice a hook sends next, and when it is tried again.
 *
 * Of one application.  Each of its clients has a queue of notices in the order
 * of the log.  The first of a queue is sent; when the application has taken it
 * and that is on the disk, the next follows, so that a process that is killed
 * repeats at most the one it was about.  What fails is tried again after a
 * pause that doubles, and keeps back only the client whose it is: other
 * clients go on, so many at a time.  An application that cannot be reached at
 * all is asked by one at a time, after pauses of its own, and by all again
 * when it answers.
 *
 * Pure: no disk, no network; time and randomness are arguments.
 */
#ifndef LETTERBOX_OUTBOX_H
#define LETTERBOX_OUTBOX_H

#include <stddef.h>

#include "store_outbox.h"

struct outbox_options {
	int flights;    /* sent at the same time, 1 or more */
	int64_t pause;  /* ms: after the first failure */
	int64_t most;   /* ms: the longest pause of a client */
	int64_t down;   /* ms: the longest one of an application */
	size_t letters; /* kept; beyond it the oldest go */
};

struct outbox;
struct outbox_client;

/* One notice.  Valid until outbox_noted(), outbox_trim() or outbox_free(). */
struct outbox_letter {
	int64_t seq;
	char epoch[CURSOR_EPOCH + 1];
	int connected;
	/* the outbox's: */
	struct outbox_client *client;
	struct outbox_letter *later;       /* of the same client */
	struct outbox_letter *prev, *next; /* of all, by seq */
};

/* NULL without memory.  `options` must outlive it. */
struct outbox *outbox_new(const struct outbox_options *options);
/* NULL is allowed. */
void outbox_free(struct outbox *);
/* A notice, whose seq is above all before; copied.  LB_OK, LB_NO_MEMORY. */
enum lb_err outbox_add(struct outbox *, const struct store_notice *,
    int64_t mono);
/* The client id of a letter. */
struct slice outbox_client(const struct outbox_letter *);
/*
 * The letter to be sent now, or NULL; then `*wait` is the ms until one is due,
 * or -1 when none can be before something else happens.  Each that is handed
 * out ends in outbox_failed(), outbox_unreachable() or outbox_told().
 */
struct outbox_letter *outbox_next(struct outbox *, int64_t mono, int64_t *wait);
/* It was not taken: tried again, not before `least` ms from now (0: as long as
 * it has failed before).  Returns the pause.  `random` is any number. */
int64_t outbox_failed(struct outbox *, struct outbox_letter *, int64_t mono,
    int64_t least, uint32_t random);
/* The application could not be reached: no fault of this letter.  Returns the
 * pause before anything is sent. */
int64_t outbox_unreachable(struct outbox *, struct outbox_letter *,
    int64_t mono, uint32_t random);
/* It was taken.  What follows it waits for outbox_noted(). */
void outbox_told(struct outbox *, struct outbox_letter *);
/* That is on the disk: frees it. */
void outbox_noted(struct outbox *, struct outbox_letter *, int64_t mono);
/* While there are more than options.letters: drops the oldest one that is not
 * under way, after it was shown to `gone`.  Returns how many. */
size_t outbox_trim(struct outbox *,
    void (*gone)(void *arg, const struct outbox_letter *), void *arg);
size_t outbox_count(const struct outbox *);

#endif

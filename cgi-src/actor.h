/*
 * actor: somebody of a recording who is a peer of a room once more, by the
 * API of rooms.
 *
 * Whatever it asks may be asked again: a join has its key and a post its `n`.
 * So a reply that got lost, a server that starts anew and a limit are waited
 * for, and nothing comes twice.
 */
#ifndef LETTERBOX_ACTOR_H
#define LETTERBOX_ACTOR_H

#include <signal.h>

#include "buf.h"
#include "err.h"
#include "message.h"

#define ACTOR_KEY 24            /* bytes */
#define ACTOR_PATIENCE_MS 60000 /* until an answer that counts */

struct courier_asker;

/* What all of one room have in common; strings are the caller's. */
struct actor_stage {
	struct courier_asker *asker;
	const char *api;    /* where the API is mounted */
	const char *room;   /* a name (name.h) */
	const char *secret; /* of the room, or NULL */
	volatile sig_atomic_t *ended;
	int is_hasty;     /* nothing is asked twice */
	struct buf reply; /* of the last request */
	struct buf why;   /* a sentence on what failed */
	/* Makes place where mail waits for us; 0: there was none to make. */
	int (*relieve)(void *);
	/* A request is asked again for a while now, for `why`. */
	void (*delayed)(void *);
	void *arg;
};

struct actor {
	struct buf id, token, cursor; /* empty: it is not in the room */
	int64_t n;                    /* of its last post */
	int64_t heard_at;             /* ms of mono: when the server last
				       * heard of it */
	int has_missed; /* mail was dropped before it was collected */
	unsigned char key[ACTOR_KEY];
	int is_away;  /* vanished; its id waits for its key */
	int is_gone;  /* and the log says so */
	int64_t read; /* seq in the log as far as that is known */
};

/* One message of a reply; slices of the stage's reply. */
typedef void actor_ear(void *, const struct message *);

void actor_init(struct actor *);
void actor_reset(struct actor *);
int actor_is_there(const struct actor *);

/*
 * All of these: LB_OK; LB_TIMEOUT: *ended; else `why` says what the server
 * thinks of it, or that it cannot be reached.  They block.
 *
 * Joins as `id` (a wish; absent: any), with `name` and `info` as JSON, absent
 * where it has none.  `hear` is told of all who are there, as of messages
 * `joined`, and of the mail that waited.
 */
enum lb_err actor_join(struct actor *, struct actor_stage *, struct slice id,
    struct slice name, struct slice info, actor_ear *hear, void *arg);
/* `to` absent: to everybody.  `*seq` is that of the message. */
enum lb_err actor_post(struct actor *, struct actor_stage *, struct slice to,
    struct slice type, struct slice body, int64_t *seq);
/* Collects, waiting up to `seconds`; `*count` messages came. */
enum lb_err actor_poll(struct actor *, struct actor_stage *, int seconds,
    actor_ear *hear, void *arg, size_t *count);
enum lb_err actor_leave(struct actor *, struct actor_stage *);
/* As a page that is closed, after which nothing is heard of it: the server
 * ends the lease.  Who joins again after that is the same peer. */
enum lb_err actor_vanish(struct actor *, struct actor_stage *);
/* Reads the log for who vanished: is_gone once the lease has ended. */
enum lb_err actor_look(struct actor *, struct actor_stage *);

#endif

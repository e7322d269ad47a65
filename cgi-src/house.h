/*
 * house: what a process that serves has, whatever its face: the loop, the
 * store, the post office, the word from and to other processes, and the
 * mount of the rooms.  A face adds a transport.
 */
#ifndef LETTERBOX_HOUSE_H
#define LETTERBOX_HOUSE_H

#include "conf.h"
#include "dialect_hall.h"
#include "dialect_rooms_mount.h"
#include "doctor_visit.h"
#include "front.h"
#include "loop.h"
#include "meeting.h"

#define HOUSE_DOORS 3

struct house {
	const struct conf *conf;
	struct loop *loop;
	struct store *store;
	struct postoffice *po;
	struct wake *wake;      /* NULL: no socket could be had */
	struct meeting meeting; /* if elsewhere, rates are there too */
	struct postoffice_options options; /* governor.most: the face may lower
					    * it */
	struct rooms_mount mount;
	struct hall_door doors[HOUSE_DOORS];
	struct hall hall; /* the mount of dialect_hall: all that is served */
	struct doctor_visit visit;
	struct buf server_key, turn_secret;
};

/*
 * Opens all of it, from the data folder (made when it is not there) to the
 * wake socket.  `front`: what front_at_start() says.  An error is
 * said in `words`; house_close() is due in any case.  `conf` must outlive it.
 * A zeroed struct is closed without harm.
 */
enum lb_err house_open(struct house *, const struct conf *, enum front,
    struct buf *words);
void house_close(struct house *);
/* Bytes of a body that some dialect takes. */
size_t house_body_max(const struct conf *);
/* One turn: commit, tail, reply, and word to the other processes.  Returns the
 * ms until the next is due even if nothing happens. */
int64_t house_turn(struct house *, const struct clock *now);

#endif

/*
 * store_seat: what processes tell each other of open polls: which of them
 * live, how many seats each has taken, which peers wait for one, and how long
 * a front end was seen to hold a poll.
 *
 * All of it is volatile and lies where leases do.  A row counts until its
 * `until` (ms, monotonic), so that nobody has to take back what a killed
 * process or a browser that is gone has left.  The rules are governor.c's.
 *
 * Reading needs nothing.  Who changes something stands between
 * store_seat_begin() and store_seat_end(), and what it reads in between stays
 * true until the end: nobody else is let in.
 */
#ifndef LETTERBOX_STORE_SEAT_H
#define LETTERBOX_STORE_SEAT_H

#include "front.h"
#include "store.h"

struct seat_process {
	uint64_t number; /* its own, random */
	enum front front;
	int64_t seats; /* taken for its polls */
	int64_t until;
};

struct seat_waiting {
	int64_t peer; /* row */
	enum front front;
	int64_t since; /* ms, monotonic: its first poll without a seat */
	int64_t until;
};

/* Polls that were cut off, and what was learned from it. */
struct seat_ceiling {
	enum front front;
	int64_t age;   /* ms that the newest of them was held */
	int64_t begun; /* ms, monotonic: when its poll began */
	int64_t count; /* how many in a row were of that age */
	int64_t hold;  /* ms a poll may be held ... */
	int64_t until; /* ... up to this time */
};

/* The processes but one, by front. */
struct seat_census {
	int64_t processes[FRONT__MAX];
	int64_t seats[FRONT__MAX];
	int64_t newest; /* highest `until` of one that is no CGI program, or
			 * 0 */
};

/* Who waits, at all fronts, and who of some fronts waits longer. */
struct seat_queue {
	int64_t waiting, ahead;
};

/* The plug of an engine; see the functions below. */
struct store_seat_engine {
	enum lb_err (*begin)(struct store *);
	enum lb_err (*end)(struct store *, enum lb_err);
	enum lb_err (*census)(struct store *, uint64_t number, int64_t mono,
	    struct seat_census *);
	enum lb_err (*queue)(struct store *, const struct seat_waiting *,
	    unsigned fronts, int64_t mono, struct seat_queue *);
	enum lb_err (*waiting)(struct store *, int64_t, struct seat_waiting *);
	enum lb_err (
	    *ceiling)(struct store *, enum front, struct seat_ceiling *);
	enum lb_err (*put_process)(struct store *, const struct seat_process *);
	enum lb_err (*put_waiting)(struct store *, const struct seat_waiting *);
	enum lb_err (*put_ceiling)(struct store *, const struct seat_ceiling *);
	enum lb_err (*purge)(struct store *, int64_t mono);
};

/* LB_OK: nobody else changes anything until the end.  LB_BUSY at once, when
 * somebody does; LB_IO. */
enum lb_err store_seat_begin(struct store *);
/* After LB_OK alone.  With an error what was changed may be taken back;
 * returns that error, or the one with which it was taken back. */
enum lb_err store_seat_end(struct store *, enum lb_err);

/* The processes that live, without `number`.  LB_OK, or LB_BUSY or LB_IO with
 * `out` zeroed. */
enum lb_err store_seat_census(struct store *, uint64_t number, int64_t mono,
    struct seat_census *out);
/* `ahead`: peers of `fronts` (1u << enum front) that wait longer than `w`; of
 * two that came at once the one with the smaller row is first. */
enum lb_err store_seat_queue(struct store *, const struct seat_waiting *w,
    unsigned fronts, int64_t mono, struct seat_queue *out);
/* A row that is over is found as well.  LB_OK, LB_NOT_FOUND, LB_BUSY, LB_IO. */
enum lb_err store_seat_waiting(struct store *, int64_t peer,
    struct seat_waiting *out);
enum lb_err store_seat_ceiling(struct store *, enum front,
    struct seat_ceiling *out);

/* Write a row, in place of the one that is there; `until` 0 deletes it.
 * LB_OK, LB_BUSY, LB_IO, LB_DISK_FULL, LB_NO_MEMORY. */
enum lb_err store_seat_put_process(struct store *, const struct seat_process *);
enum lb_err store_seat_put_waiting(struct store *, const struct seat_waiting *);
enum lb_err store_seat_put_ceiling(struct store *, const struct seat_ceiling *);
/* Deletes the processes and waiting peers whose `until` is `mono` or less. */
enum lb_err store_seat_purge(struct store *, int64_t mono);

#endif

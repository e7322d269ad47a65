/*
 * limit: rates, counted by key (a peer, an address).
 *
 * Of each key `burst` uses are let through at once, and `rate` a second over
 * time (the generic cell rate algorithm, ITU-T I.371: one number a key, the
 * time at which its bucket is full again).
 *
 * The numbers lie in a table of atomic words that processes may share, so
 * that their limits are one.  That, and that it never grows, is why it is
 * not a hash table of a library: a key takes one of a few places, the places
 * of keys with a full bucket are free, and when none is, the key passes.
 */
#ifndef LETTERBOX_LIMIT_H
#define LETTERBOX_LIMIT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define LIMIT_SLOTS 16384 /* in a table */

/* One place; all zero: free.  Memory of zeroes is an empty table. */
struct limit_slot {
	_Atomic uint64_t key;  /* hash of the key */
	_Atomic int64_t until; /* ns, monotonic: when its bucket is full */
};

struct limit;

/* rate > 0 a second, burst >= 1.  `slots`: LIMIT_SLOTS of them, which must
 * outlive it; NULL: its own.  Where limits of several rates share them, none
 * that is ours to choose needs over 10 s for a whole burst: the others may take
 * a longer one for a leftover.  NULL without memory. */
struct limit *limit_new(int64_t rate, int64_t burst, struct limit_slot *slots);
void limit_free(struct limit *);
/* Takes one use of `key` (at most 64 bytes count); LB_OK, or LB_TOO_FAST
 * with the ms after which one is there again. */
enum lb_err limit_take(struct limit *, const void *key, size_t n, int64_t mono,
    int64_t *retry_ms);
/* The same without taking it: whether there is one. */
enum lb_err limit_look(struct limit *, const void *key, size_t n, int64_t mono,
    int64_t *retry_ms);

#endif

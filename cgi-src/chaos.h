/*
 * chaos: what a bad network, or a bad server, does to messages; on purpose,
 * and the same again for the same seed.
 *
 * Each message takes the same number of casts, whatever is asked for: with one
 * figure changed, what the others do to it stays.
 */
#ifndef LETTERBOX_CHAOS_H
#define LETTERBOX_CHAOS_H

#include <stddef.h>
#include <stdint.h>

#define CHAOS_REORDER_MAX 1000
#define CHAOS_DELAY_MAX 600000

/* All zero: nothing happens. */
struct chaos {
	double drop;    /* share of messages that get lost, 0..1 */
	double twice;   /* share of those that come twice, 0..1 */
	int64_t delay;  /* ms that one may come later, at most */
	size_t reorder; /* places that one may come later, at most */
	uint64_t seed;
};

struct chaos_dice {
	uint64_t state;
};

struct chaos_fate {
	int is_dropped;
	int is_doubled;
	int64_t delay; /* ms */
	size_t places;
};

void chaos_begin(struct chaos_dice *, const struct chaos *);
/* The fate of the next message. */
void chaos_cast(struct chaos_dice *, const struct chaos *,
    struct chaos_fate *out);

#endif

/*
 * chaos: see chaos.h.
 */
#include "chaos.h"

void
chaos_begin(struct chaos_dice *dice, const struct chaos *c)
{
	dice->state = c->seed;
}

/* SplitMix64: any seed will do, 0 too. */
static uint64_t
cast(struct chaos_dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

/* 1 in that share of all casts. */
static int
cast_share(struct chaos_dice *dice, double share)
{
	return (double)(cast(dice) >> 11) * 0x1p-53 < share;
}

static uint64_t
cast_upto(struct chaos_dice *dice, uint64_t most)
{
	return cast(dice) % (most + 1);
}

void
chaos_cast(struct chaos_dice *dice, const struct chaos *c,
    struct chaos_fate *out)
{
	out->is_dropped = cast_share(dice, c->drop);
	out->is_doubled = cast_share(dice, c->twice);
	out->delay = (int64_t)cast_upto(dice, (uint64_t)c->delay);
	out->places = (size_t)cast_upto(dice, c->reorder);
}

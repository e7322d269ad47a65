/*
 * limit: see limit.h.
 */
#include "limit.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#define KEY_MAX 64
#define SWEEP 2 /* old buckets looked at on each use */

struct bucket {
	unsigned char key[KEY_MAX];
	unsigned key_size;
	int64_t level; /* thousandths of a use */
	int64_t at;    /* ms, monotonic, of that level */
	UT_hash_handle hh;
	struct bucket *prev, *next; /* least recently used first */
};

struct limit {
	int64_t rate, burst;
	size_t most;
	struct bucket *table;
	struct bucket *oldest;
};

struct limit *
limit_new(int64_t rate, int64_t burst, size_t most)
{
	struct limit *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->rate = rate;
	l->burst = burst;
	l->most = most;
	return l;
}

static void
forget(struct limit *l, struct bucket *b)
{
	HASH_DELETE(hh, l->table, b);
	DL_DELETE(l->oldest, b);
	free(b);
}

void
limit_free(struct limit *l)
{
	if (l == NULL)
		return;
	while (l->oldest != NULL)
		forget(l, l->oldest);
	free(l);
}

size_t
limit_count(const struct limit *l)
{
	return HASH_COUNT(l->table);
}

/* What a bucket holds at `mono`: rate is per second, so per ms it gains
 * `rate` thousandths. */
static int64_t
level_at(const struct limit *l, const struct bucket *b, int64_t mono)
{
	int64_t full = l->burst * 1000, passed = mono - b->at;

	if (passed <= 0)
		return b->level;
	if (passed >= full / l->rate + 1 || b->level + passed * l->rate > full)
		return full;
	return b->level + passed * l->rate;
}

static void
sweep(struct limit *l, int64_t mono)
{
	for (int i = 0; i < SWEEP && l->oldest != NULL; i++) {
		if (HASH_COUNT(l->table) <= l->most &&
		    level_at(l, l->oldest, mono) < l->burst * 1000)
			return;
		forget(l, l->oldest);
	}
}

static struct bucket *
find(struct limit *l, const void *key, unsigned n, int64_t mono)
{
	struct bucket *b;

	HASH_FIND(hh, l->table, key, n, b);
	if (b != NULL) {
		DL_DELETE(l->oldest, b);
		DL_APPEND(l->oldest, b);
		return b;
	}
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return NULL;
	memcpy(b->key, key, n);
	b->key_size = n;
	b->level = l->burst * 1000;
	b->at = mono;
	HASH_ADD_KEYPTR(hh, l->table, b->key, b->key_size, b);
	DL_APPEND(l->oldest, b);
	return b;
}

enum lb_err
limit_take(struct limit *l, const void *key, size_t n, int64_t mono,
    int64_t *retry_ms)
{
	struct bucket *b;

	if (key == NULL)
		key = ""; /* of no bytes: an address that nobody told */
	sweep(l, mono);
	b = find(l, key, (unsigned)(n < KEY_MAX ? n : KEY_MAX), mono);
	if (b == NULL)
		return LB_OK;
	b->level = level_at(l, b, mono);
	b->at = mono;
	if (b->level < 1000) {
		*retry_ms = (1000 - b->level + l->rate - 1) / l->rate;
		return LB_TOO_FAST;
	}
	b->level -= 1000;
	return LB_OK;
}

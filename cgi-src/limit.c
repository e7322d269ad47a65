/*
 * limit: see limit.h.
 */
#include "limit.h"

#include <stdlib.h>

#define KEY_MAX 64
#define PROBES 8 /* places that a key may take */
#define NS_PER_MS 1000000
/* The clocks of two processes are this far apart at most; a time further
 * ahead than a whole burst and this was written before a reboot. */
#define SKEW_NS (10000LL * NS_PER_MS)

struct limit {
	int64_t each;  /* ns that one use takes */
	int64_t burst; /* ns that a whole burst takes */
	struct limit_slot *slots, *own;
};

struct limit *
limit_new(int64_t rate, int64_t burst, struct limit_slot *slots)
{
	struct limit *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->each = 1000LL * NS_PER_MS / rate;
	l->burst = burst * l->each;
	l->slots = slots;
	if (slots != NULL)
		return l;
	l->own = calloc(LIMIT_SLOTS, sizeof(*l->own));
	if (l->own == NULL) {
		free(l);
		return NULL;
	}
	l->slots = l->own;
	return l;
}

void
limit_free(struct limit *l)
{
	if (l == NULL)
		return;
	free(l->own);
	free(l);
}

/* FNV-1a of 64 bits, stirred once more so that neighbours (addresses of one
 * network) part; never 0, which marks a free place. */
static uint64_t
hash(const unsigned char *key, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n && i < KEY_MAX; i++)
		h = (h ^ key[i]) * 1099511628211u;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
	return (h ^ (h >> 33)) | 1;
}

static int
is_full_again(const struct limit *l, int64_t until, int64_t now)
{
	return until <= now || until > now + l->burst + SKEW_NS;
}

static struct limit_slot *
place(struct limit *l, uint64_t key, size_t i)
{
	return &l->slots[((key >> 16) + i) % LIMIT_SLOTS];
}

/* The place of a key: the one it has, or a free one that it takes. */
static struct limit_slot *
find(struct limit *l, uint64_t key, int64_t now)
{
	struct limit_slot *free_slot = NULL;
	uint64_t old = 0;

	for (size_t i = 0; i < PROBES; i++) {
		struct limit_slot *s = place(l, key, i);
		uint64_t holder = atomic_load(&s->key);

		if (holder == key)
			return s;
		if (free_slot == NULL &&
		    (holder == 0 ||
			is_full_again(l, atomic_load(&s->until), now))) {
			free_slot = s;
			old = holder;
		}
	}
	/* Another process may take the place at this very moment; then this
	 * one use goes uncounted. */
	if (free_slot == NULL ||
	    !atomic_compare_exchange_strong(&free_slot->key, &old, key))
		return NULL;
	atomic_store(&free_slot->until, 0);
	return free_slot;
}

/* When the bucket is full again after one use more. */
static enum lb_err
use(const struct limit *l, int64_t until, int64_t now, int64_t *next,
    int64_t *retry_ms)
{
	*next = (is_full_again(l, until, now) ? now : until) + l->each;
	if (*next - now <= l->burst)
		return LB_OK;
	*retry_ms = (*next - now - l->burst + NS_PER_MS - 1) / NS_PER_MS;
	return LB_TOO_FAST;
}

enum lb_err
limit_take(struct limit *l, const void *key, size_t n, int64_t mono,
    int64_t *retry_ms)
{
	int64_t now = mono * NS_PER_MS, until, next;
	struct limit_slot *s = find(l, hash(key, n), now);

	if (s == NULL)
		return LB_OK;
	until = atomic_load(&s->until);
	do {
		if (use(l, until, now, &next, retry_ms) != LB_OK)
			return LB_TOO_FAST;
	} while (!atomic_compare_exchange_weak(&s->until, &until, next));
	return LB_OK;
}

enum lb_err
limit_look(struct limit *l, const void *key, size_t n, int64_t mono,
    int64_t *retry_ms)
{
	const uint64_t wanted = hash(key, n);
	int64_t next;

	for (size_t i = 0; i < PROBES; i++) {
		struct limit_slot *s = place(l, wanted, i);

		if (atomic_load(&s->key) == wanted)
			return use(l, atomic_load(&s->until), mono * NS_PER_MS,
			    &next, retry_ms);
	}
	return LB_OK;
}

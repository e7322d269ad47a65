/*
 * limit: token buckets, one per key (a peer, an address).
 *
 * A bucket holds up to `burst` and gains `rate` a second; each use takes one.
 * Buckets that are full again are forgotten, so memory follows the traffic
 * of the last seconds; above `most` buckets the oldest are.
 */
#ifndef LETTERBOX_LIMIT_H
#define LETTERBOX_LIMIT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct limit;

/* rate > 0 a second, burst >= 1; NULL without memory. */
struct limit *limit_new(int64_t rate, int64_t burst, size_t most);
void limit_free(struct limit *);
/* Takes one from the bucket of `key` (at most 64 bytes count); LB_OK or
 * LB_TOO_FAST with the ms until one is there again.  Without memory for a
 * new bucket: LB_OK. */
enum lb_err limit_take(struct limit *, const void *key, size_t n, int64_t mono,
    int64_t *retry_ms);
/* Buckets held, for metrics and tests. */
size_t limit_count(const struct limit *);

#endif

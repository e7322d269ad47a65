/*
 * store_memory_age: what time does to the store in memory: leases, expiry and
 * what is recent.
 * The functions of struct store_engine of the same names; see store.h.
 */
#ifndef LETTERBOX_STORE_MEMORY_AGE_H
#define LETTERBOX_STORE_MEMORY_AGE_H

#include "store.h"

void memory_renew(struct store *, int64_t peer, const struct store_lease *);
enum lb_err memory_claim(struct store *, int64_t peer,
    const struct store_lease *);
enum lb_err memory_overdue(struct store *, int64_t mono, int64_t *peers,
    size_t max, size_t *count);
enum lb_err memory_refresh(struct store *, int64_t mono);
enum lb_err memory_expire(struct store *, const struct store_expiry *);
enum lb_err memory_recent(struct store *, int64_t room, int64_t count,
    int64_t bytes, int64_t *after);

#endif

/*
 * dialect_origin: pages of which origins may ask (Fetch, section 3.2), for all
 * dialects alike.
 */
#ifndef LETTERBOX_DIALECT_ORIGIN_H
#define LETTERBOX_DIALECT_ORIGIN_H

#include "exchange.h"

/* Appends what a browser wants to read of it to the head.  `origins`: those
 * allowed besides the own one.  LB_OK, or LB_ORIGIN. */
enum lb_err origin_check(struct exchange *, const char *const *origins,
    size_t count);
/* Answers a preflight and returns 1; 0 when it is none, for want of Origin. */
int origin_preflight(struct exchange *);

#endif

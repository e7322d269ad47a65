/*
 * align: two sequences side by side, by a longest common subsequence.
 */
#ifndef LETTERBOX_ALIGN_H
#define LETTERBOX_ALIGN_H

#include <stddef.h>

#include "err.h"

#define ALIGN_CELLS 4000000 /* beyond it nothing between is aligned */

/* A row: the index in both; -1 where one has nothing. */
struct align_row {
	int a, b;
};

/*
 * `*out` gets `*count` rows, in the order of both; the caller frees it, also
 * when it is empty.  LB_NO_MEMORY.  Costs na * nb of what is not the same at
 * both ends.
 */
enum lb_err align(const int *a, size_t na, const int *b, size_t nb,
    struct align_row **out, size_t *count);

#endif

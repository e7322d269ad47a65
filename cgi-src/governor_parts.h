/*
 * governor_parts: what the files of the governor share.
 */
#ifndef LETTERBOX_GOVERNOR_PARTS_H
#define LETTERBOX_GOVERNOR_PARTS_H

#include "governor.h"

/* What others have learned of this front. */
void ceiling_load(struct governor *);
/* ms a poll is held at a front. */
int64_t ceiling_of(struct governor *, enum front, int64_t mono);

#endif

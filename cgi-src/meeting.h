/*
 * meeting: the folder in which the processes on one data folder find each
 * other, and this one's socket there.
 */
#ifndef LETTERBOX_MEETING_H
#define LETTERBOX_MEETING_H

#include "store.h"
#include "wake.h"

/* Words between them: a room that got messages, or a peer that polls at
 * another process now; or beside a peer that it posts there, or goes. */
#define MEETING_ROOM(row) ((uint64_t)(row) << 1)
#define MEETING_PEER(row) ((uint64_t)(row) << 1 | 1)
#define MEETING_POSTS (UINT64_C(1) << 63)
#define MEETING_GOES (UINT64_C(1) << 62)
#define MEETING_IS_PEER(word) ((word)&1)
#define MEETING_ROW(word) \
	((int64_t)(((word) & ~(MEETING_POSTS | MEETING_GOES)) >> 1))

struct meeting {
	char path[4096]; /* "": there is none */
	int elsewhere;   /* it is not in the data folder */
};

/*
 * The folder of sockets: run/ of the data folder, made when it is not there,
 * but not on a disk that is another machine's or a program's.  Such a one may
 * hold no sockets, shows those of other machines, and cannot be relied on to
 * map a file.
 */
void meeting_find(struct meeting *, struct store *, const char *data_dir);
/* Binds a socket there, or elsewhere when that cannot be.  LB_NOT_FOUND there
 * is no folder, LB_IO, LB_NO_MEMORY; then the store must look by itself. */
enum lb_err meeting_open(struct meeting *, const char *data_dir, struct wake **,
    struct loop *, wake_heard *heard, void *arg);

#endif

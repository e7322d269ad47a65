/*
 * wake: tells the other processes on the same data that something was
 * committed.
 *
 * Each process has a datagram socket in the run folder.  After a commit words
 * of 64 bits, whose meaning is the program's, go to every other socket of the
 * folder: 22 to 57 us from commit to the other process.  It is a hint, nothing
 * more: a datagram may be lost, and whoever listens must look into the log
 * once in a while anyway.  When nobody else is there a commit costs one
 * fstat(2).
 */
#ifndef LETTERBOX_WAKE_H
#define LETTERBOX_WAKE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct loop;
struct wake;

typedef void wake_heard(void *arg, uint64_t word);

/*
 * Binds a socket of mode 0600 in `run_folder`, which exists, and calls `heard`
 * for each word from others.  The folder's path may be longer than the 108
 * bytes that a socket's may have, as long as /proc is mounted.  LB_IO,
 * LB_NO_MEMORY.
 */
enum lb_err wake_open(struct wake **, struct loop *, const char *run_folder,
    wake_heard *heard, void *arg);
/* Removes the socket; NULL is allowed. */
void wake_close(struct wake *);

/* For the next flush.  The same word again in one turn costs nothing. */
void wake_send(struct wake *, uint64_t word);
/* After the commit, once a turn; never blocks.  A process that does not read
 * misses it; the socket of one that died is removed. */
void wake_flush(struct wake *); /* NULL is allowed */
/* How many other processes there are, as far as their sockets tell. */
size_t wake_others(struct wake *);

#endif

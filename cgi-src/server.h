/*
 * server: puts the floors together and runs them: one loop, one turn.
 */
#ifndef LETTERBOX_SERVER_H
#define LETTERBOX_SERVER_H

#include "conf.h"
#include "successor.h"

/*
 * Serves FastCGI on a listening socket until SIGTERM or SIGINT: then it
 * takes no more connections, answers the polls that are parked, and returns
 * LB_OK within 2 s; what connects meanwhile waits in the socket for others.
 * After SIGHUP, when the program on disk is fit, the same, with `*succeed` 1:
 * successor_become() is due.  When a newer program has changed the database
 * so that this one must not use it, likewise, LB_NEWER_SCHEMA.
 *
 * `listen_fd` stays the caller's.  An error is said in `words`.
 */
enum lb_err server_run(const struct conf *, int listen_fd, struct successor *,
    int *succeed, struct buf *words);

#endif

/*
 * server: puts the floors together and runs them: one loop, one turn.
 */
#ifndef LETTERBOX_SERVER_H
#define LETTERBOX_SERVER_H

#include "conf.h"

/*
 * Serves FastCGI on a listening socket until SIGTERM or SIGINT: then it
 * takes no more connections, answers the polls that are parked, and returns
 * within 2 s.  Takes the socket over.  An error is said in `words`.
 */
enum lb_err server_run(const struct conf *, int listen_fd, struct buf *words);

#endif

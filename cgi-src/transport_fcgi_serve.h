/*
 * transport_fcgi_serve: connections of web servers, from accept to close.
 *
 * Written for the request that is there when the connection is accepted and
 * answered at once or at the end of the turn: accept, read, write, close, and
 * no more system calls.  Only a connection that has to wait for something is
 * given to the loop.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_SERVE_H
#define LETTERBOX_TRANSPORT_FCGI_SERVE_H

#include "transport_fcgi_conn.h"

/* Takes the accepted descriptor, reads what is there, and may be done with it
 * when it returns. */
void serve_open(struct conns *, int fd);

/* For struct conns. */
void serve_expire(struct conn *);
void serve_resume(struct conn *);
/* A kept connection that waits for its next request, when there shall be no
 * more: the one that has arrived is answered, or the connection is closed. */
void serve_last(struct conn *);

#endif

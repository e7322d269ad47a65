/*
 * front: what stands before the program, told apart by what a parked poll
 * costs there.
 */
#ifndef LETTERBOX_FRONT_H
#define LETTERBOX_FRONT_H

#include "buf.h"

enum front {
	FRONT_AUTO,   /* not known yet: to be found out */
	FRONT_EVENT,  /* two descriptors: lighttpd, nginx */
	FRONT_THREAD, /* a worker of the web server: Apache's proxy, and
		       * servers that we do not know */
	FRONT_POOL,   /* a process of ours, from a pool: mod_fcgid */
	FRONT_CGI,    /* a process of ours */
	FRONT__MAX
};

/* "auto", "event", "thread", "pool", "cgi"; the last is NULL. */
extern const char *const front_words[FRONT__MAX + 1];

/*
 * What is known before the first request.  The CGI face is FRONT_CGI whatever
 * is configured, since the same file may speak to FastCGI programs as well.
 * Else `configured` wins unless it is FRONT_AUTO, and then a listening socket
 * whose path is one of mod_fcgid's is FRONT_POOL.  FRONT_AUTO: ask
 * front_of_software().
 */
enum front front_at_start(enum front configured, int is_cgi, int listen_fd);
/* What a request says, by its SERVER_SOFTWARE: FRONT_EVENT or FRONT_THREAD. */
enum front front_of_software(struct slice server_software);
/* 1 when each process has one request at a time. */
int front_is_single(enum front);
/*
 * A pool serves bursts badly: a request that finds no idle process waits for
 * a second.  Where the same program stands beside itself as a CGI program
 * (NAME.cgi beside NAME.fcgi, executable), that is the better place for posts:
 * appends its path of the URL, made of SCRIPT_NAME and SCRIPT_FILENAME, and
 * returns 1; else 0.
 */
int front_posts(enum front, struct slice script_name,
    struct slice script_filename, struct buf *path);

#endif

/*
 * successor: the program on disk takes the place of the one that runs.
 *
 * By execve(2) in the same process: its number, its parent and the listening
 * socket stay, and who connects meanwhile waits in the socket's queue, so that
 * nobody is refused.  Before that the program on disk is tried: it has to read
 * the configuration (option -t).  Until then the old one serves on.
 *
 * mod_fcgid starts successors by itself, as it tells programs apart by their
 * inode; but it keeps the old processes for minutes, and counts them.  These
 * have to look for themselves.
 */
#ifndef LETTERBOX_SUCCESSOR_H
#define LETTERBOX_SUCCESSOR_H

#include <sys/stat.h>

#include "loop.h"

#define SUCCESSOR_ARGS 8 /* more than the program has options */

struct successor {
	char path[4096];
	struct stat self;
	char *argv[SUCCESSOR_ARGS + 2]; /* the caller's */
	struct loop *loop;
	void (*fit)(void *arg);
	void *arg;
	struct loop_io said;
	struct loop_timer patience;
	int pid;   /* of the one on trial; 0: none is */
	int again; /* asked for during the trial: what is on disk is newer */
};

/* To be called before the program on disk can be another one.  `argv` must
 * outlive it.  Where the place of the program cannot be told, no successor is
 * ever fit. */
void successor_init(struct successor *, char **argv);
/* 1 when another file stands in the place of the program now. */
int successor_came(const struct successor *);
/* Tries what is on disk; calls fit() when it may take over.  Else a line of
 * the log says why not. */
void successor_try(struct successor *, struct loop *, void (*fit)(void *arg),
    void *arg);
/* Ends the trial, if there is one. */
void successor_cancel(struct successor *);
/* Becomes it; returns only when that fails, with errno set. */
void successor_become(struct successor *);
/* Holds SIGHUP back, and lets what was held back come: from before the first
 * handler until after the last, a SIGHUP would end the process.  What is held
 * back is there for the successor too. */
void successor_hold(void);
void successor_release(void);

#endif

/*
 * child: another process, with the descriptors that it is to have.
 */
#ifndef LETTERBOX_CHILD_H
#define LETTERBOX_CHILD_H

#define CHILD_NULL (-1) /* in place of a descriptor: /dev/null */
#define CHILD_KEEP (-2) /* the same that we have */

/* Starts `path`, whose descriptor i is our files[i].  0, or the number of an
 * error. */
int child_start(int *pid, const char *path, char *const argv[],
    const int *files, int count);
/* 1 when it has ended; `*status` is as waitpid(2) has it, or 0 when nobody
 * knows.  With `wait` it is waited for. */
int child_ended(int pid, int wait, int *status);

#endif

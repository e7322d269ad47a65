/*
 * account: who the accounts of this machine are, by /etc/passwd alone.
 *
 * getpwuid(3) asks services that it loads as code at run time.  A static
 * program cannot do that, and would need the very libc it was built with.
 */
#ifndef LETTERBOX_ACCOUNT_H
#define LETTERBOX_ACCOUNT_H

#include <sys/types.h>

struct account {
	char name[64];   /* "number 1000" when it is not known */
	char home[4096]; /* "" when it is not known */
};

/* Reads the file each time.  1 when it knows the account. */
int account_find(struct account *, uid_t uid);

#endif

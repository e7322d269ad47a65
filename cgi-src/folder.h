/*
 * folder: the data folder before anything in it is opened: who it belongs to,
 * who else can get in, and whether what lies in it is what we would put there.
 */
#ifndef LETTERBOX_FOLDER_H
#define LETTERBOX_FOLDER_H

#include <sys/types.h>

#include "buf.h"
#include "err.h"

/*
 * Looks, and changes nothing.  `account` is who is to work there.  LB_OK, also
 * when the folder is not there and can be made; else what is wrong and the
 * cure in `words`: LB_CONF the path is too long, LB_NOT_OURS something else
 * lies there, LB_EXPOSED others can read or own it, LB_READ_ONLY, LB_DISK_FULL,
 * LB_IO.  Opens and closes letterbox.db, with which the locks of SQLite's
 * connections go that this process has: only before there are any.
 */
enum lb_err folder_look(const char *path, uid_t account, struct buf *words);
/* The same for our own account; makes the folder when it is not there. */
enum lb_err folder_make(const char *path, struct buf *words);

#endif

/*
 * self: where the file of this program lies.
 */
#ifndef LETTERBOX_SELF_H
#define LETTERBOX_SELF_H

#include <stddef.h>

/* Its absolute path in `path` of `size` bytes; NULL where the system does not
 * tell (no /proc) or it is longer.  Of a file that was replaced meanwhile the
 * folder is right, and the name ends in " (deleted)". */
const char *self_path(char *path, size_t size);

#endif

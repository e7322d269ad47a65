/*
 * run_folder: where the processes on one data folder meet: their wake sockets,
 * and the rates that they count together.
 */
#ifndef LETTERBOX_RUN_FOLDER_H
#define LETTERBOX_RUN_FOLDER_H

#include <stddef.h>

#include "err.h"

/*
 * A folder of this machine for data that lie on another one, or on a disk that
 * holds no sockets: /tmp/letterbox- and a digest of the account and of the
 * data folder's real path, so that processes on the same data find the same.
 * Made with mode 0700 when it is not there; LB_EXPOSED when it is and is not
 * ours alone, as anybody can make folders there, LB_IO.
 */
enum lb_err run_folder_elsewhere(char *path, size_t size, const char *data_dir);

#endif

/*
 * run_folder: see run_folder.h.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "run_folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "token.h"

#define NAME_BYTES 16 /* of the digest, 22 letters */

static enum lb_err
print_path(char *path, size_t size, const char *data_dir)
{
	char real[PATH_MAX];
	struct token_digest digest;
	enum lb_err err = LB_IO;
	struct buf b;

	if (realpath(data_dir, real) == NULL)
		return LB_IO;
	buf_init(&b, PATH_MAX + 256);
	buf_printf(&b, "%ld %s", (long)geteuid(), real);
	token_sha256(&digest, buf_as_slice(&b));
	b.n = 0;
	buf_str(&b, "/tmp/letterbox-");
	token_encode(&b, digest.b, NAME_BYTES);
	buf_char(&b, '\0');
	if (!b.failed && b.n <= size) {
		memcpy(path, b.p, b.n);
		err = LB_OK;
	}
	buf_reset(&b);
	return err;
}

enum lb_err
run_folder_elsewhere(char *path, size_t size, const char *data_dir)
{
	struct stat st;
	enum lb_err err = print_path(path, size, data_dir);

	if (err != LB_OK)
		return err;
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return LB_IO;
	if (lstat(path, &st) != 0)
		return LB_IO;
	return S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
		(st.st_mode & 077) == 0 ?
	    LB_OK :
	    LB_EXPOSED;
}

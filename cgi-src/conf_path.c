/*
 * conf_path: where the file is, and what its relative paths mean.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_table.h"
#include "self.h"

char *
conf_absolute(const char *file, struct slice path)
{
	const char *slash = file == NULL ? NULL : strrchr(file, '/');
	char here[4096];
	struct buf b;

	buf_init(&b, 2 * sizeof(here) + path.n);
	if (path.n > 0 && *path.p == '/')
		slash = NULL;
	else if (slash == NULL || *file != '/') {
		if (getcwd(here, sizeof(here)) == NULL)
			return NULL;
		buf_printf(&b, "%s/", here);
	}
	if (slash != NULL)
		buf_add(&b, file, (size_t)(slash + 1 - file));
	buf_slice(&b, path);
	buf_char(&b, '\0');
	if (b.failed)
		buf_reset(&b);
	return b.p;
}

/* letterbox.conf in the folder of `program`; 0 when there is none. */
static int
beside(char *path, size_t size, const char *program, size_t n)
{
	while (n > 0 && program[n - 1] != '/')
		n--;
	if (n == 0 || n >= size ||
	    snprintf(path, size, "%.*sletterbox.conf", (int)n, program) >=
		(int)size)
		return 0;
	return access(path, F_OK) == 0;
}

enum lb_err
conf_find(char *path, size_t size, const char *argv0)
{
	const char *named = getenv("LETTERBOX_CONF");
	char program[4096];

	if (named != NULL && *named != '\0')
		return snprintf(path, size, "%s", named) < (int)size ? LB_OK :
								       LB_CONF;
	if (self_path(program, sizeof(program)) != NULL)
		argv0 = program;
	if (argv0 == NULL)
		return LB_NOT_FOUND;
	return beside(path, size, argv0, strlen(argv0)) ? LB_OK : LB_NOT_FOUND;
}

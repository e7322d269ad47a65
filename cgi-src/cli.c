/*
 * cli: see cli.h.
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
cli_say(const struct buf *words)
{
	size_t at = 0, n;

	while (at < words->n) {
		const char *line = words->p + at;
		const char *end = memchr(line, '\n', words->n - at);

		n = end == NULL ? words->n - at : (size_t)(end - line);
		fprintf(stderr, "letterbox: %.*s\n", (int)n, line);
		at += n + 1;
	}
}

enum lb_err
cli_load(struct conf *conf, const char *path, const char *program,
    struct buf *words)
{
	char found[4096];
	enum lb_err err = LB_OK;

	conf_init(conf);
	if (path == NULL) {
		err = conf_find(found, sizeof(found), program);
		if (err == LB_OK)
			path = found;
		else if (err == LB_NOT_FOUND)
			err = LB_OK;
		else
			buf_str(words, "The configuration's path is too long.");
	}
	if (err == LB_OK)
		err = conf_load(conf, path, words);
	if (err == LB_OK && conf->data_dir == NULL)
		err = conf_settle(conf, NULL, getenv("DOCUMENT_ROOT"), words);
	return err;
}

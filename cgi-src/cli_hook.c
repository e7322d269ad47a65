/*
 * cli_hook: see cli_hook.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_hook.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "courier.h"
#include "folder.h"
#include "hook.h"
#include "hook_lock.h"

static const char none[] =
    "letterbox: this program was built without libcurl and makes no posts. "
    "Applications ask who came and went by POST /channel/presence.\n";

/* The descriptor stays open until the process ends.  1: it is held. */
static int
lock(const struct conf *conf, struct buf *words)
{
	int fd = hook_lock(conf->data_dir, 0);

	if (fd < 0 && errno == EWOULDBLOCK) {
		fputs("letterbox: another hook works on this data folder; "
		      "waiting for its end\n",
		    stderr);
		fd = hook_lock(conf->data_dir, 1);
	}
	if (fd < 0)
		buf_printf(words, "%s/hook.lock cannot be had (%s).",
		    conf->data_dir, strerror(errno));
	return fd >= 0;
}

static enum lb_err
work(const struct conf *conf, int is_held, struct buf *words)
{
	enum lb_err err = folder_make(conf->data_dir, words);

	if (err == LB_OK && !is_held && !lock(conf, words))
		err = LB_IO;
	return err == LB_OK ?
	    hook_run(conf, is_held ? STDIN_FILENO : -1, words) :
	    err;
}

int
cli_hook(const struct verb_call *call)
{
	struct conf conf;
	struct buf words;
	enum lb_err err;
	int status = EXIT_CONF;

	if (!courier_is_there()) {
		fputs(none, stderr);
		return EXIT_FAILED;
	}
	buf_init(&words, 65536);
	err = cli_load(&conf, verb_value(call, "conf"), call->program, &words);
	if (err == LB_OK) {
		err = work(&conf, verb_value(call, "held") != NULL, &words);
		status = err == LB_OK ? EXIT_DONE : EXIT_FAILED;
	}
	if (err != LB_OK)
		cli_say(&words);
	buf_reset(&words);
	conf_reset(&conf);
	return status;
}

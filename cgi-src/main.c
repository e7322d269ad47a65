/*
 * main: which of its faces the program shows.
 *
 * In this order: it inherited a listening socket: FastCGI.
 * GATEWAY_INTERFACE is set: CGI, where the argument vector is never looked
 * at, since web servers put the query there.  Else a person's command line.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cli.h"
#include "conf.h"
#include "err.h"
#include "folder.h"
#include "guest.h"
#include "listener.h"
#include "server.h"
#include "store.h"
#include "verb.h"

static int
load_or_say(struct conf *conf, const char *path, const char *argv0)
{
	struct buf words;
	enum lb_err err;

	buf_init(&words, 65536);
	err = cli_load(conf, path, argv0, &words);
	if (err != LB_OK)
		cli_say(&words);
	buf_reset(&words);
	return err == LB_OK ? EXIT_DONE : EXIT_CONF;
}

static int
serve(const struct conf *conf, int listener, char **argv)
{
	struct successor successor;
	struct buf words;
	enum lb_err err;
	int succeed = 0;

	buf_init(&words, 65536);
	successor_init(&successor, argv);
	err = server_run(conf, listener, &successor, &succeed, &words);
	if (err == LB_OK && succeed) {
		successor_become(&successor);
		err = LB_IO;
		buf_printf(&words, "%s cannot be started (%s).", successor.path,
		    strerror(errno));
	}
	if (err != LB_OK)
		cli_say(&words);
	buf_reset(&words);
	return err == LB_OK ? EXIT_DONE : EXIT_FAILED;
}

/* Answered in any case: the exit code is for the log of the web server. */
static int
serve_cgi(const char *argv0)
{
	struct conf conf;
	struct buf words;
	enum lb_err err;
	int status = EXIT_CONF;

	buf_init(&words, 65536);
	err = cli_load(&conf, NULL, argv0, &words);
	if (err != LB_OK) {
		guest_sorry(err, &words);
	} else {
		err = guest_run(&conf, &words);
		status = err == LB_OK ? EXIT_DONE : EXIT_FAILED;
	}
	if (err != LB_OK)
		cli_say(&words);
	buf_reset(&words);
	conf_reset(&conf);
	return status;
}

/* What the start would say about the folder, for the account that has it. */
static int
test_folder(const struct conf *conf)
{
	struct stat st;
	struct buf words;
	uid_t account = geteuid();
	int there = stat(conf->data_dir, &st) == 0;
	enum lb_err err;

	if (account == 0 && there)
		account = st.st_uid;
	buf_init(&words, 65536);
	err = folder_look(conf->data_dir, account, &words);
	if (err != LB_OK)
		cli_say(&words);
	else
		printf("The data folder %s %s.\n", conf->data_dir,
		    there ? "is right" : "is made by the first start");
	buf_reset(&words);
	return err == LB_OK ? EXIT_DONE : EXIT_FAILED;
}

static int
test(const char *path, const char *argv0)
{
	struct conf conf;
	int status = load_or_say(&conf, path, argv0);

	if (status == EXIT_DONE) {
		puts("The configuration is right.");
		status = test_folder(&conf);
	}
	conf_reset(&conf);
	return status;
}

/* As a web server starts it, and what is asked of it by an option. */
static int
serve_or_tell(const struct verb_call *call, int listener, char **argv)
{
	const char *path = verb_value(call, "conf");
	struct conf conf;
	int status;

	if (verb_value(call, "version") != NULL) {
		printf("letterbox %s (SQLite %s)\n", LB_VERSION,
		    store_sqlite_version());
		return EXIT_DONE;
	}
	if (verb_value(call, "example") != NULL) {
		conf_print_example(stdout);
		return EXIT_DONE;
	}
	if (listener >= 0) {
		status = load_or_say(&conf, path, call->program);
		if (verb_value(call, "no-hook") != NULL)
			conf.hook = 0;
		if (status == EXIT_DONE)
			status = serve(&conf, listener, argv);
		conf_reset(&conf);
		return status;
	}
	if (verb_value(call, "test") != NULL)
		return test(path, call->program);
	verb_print_overview(stdout);
	return EXIT_USAGE;
}

/* What was printed is printed, or it was not done.  A reader that has gone
 * wanted no more. */
static int
finish(int status)
{
	if (fflush(stdout) == 0 || status != EXIT_DONE || errno == EPIPE ||
	    errno == ECONNRESET)
		return status;
	fprintf(stderr, "letterbox: it cannot be written: %s\n",
	    strerror(errno));
	return EXIT_FAILED;
}

int
main(int argc, char **argv)
{
	const char *program = argc > 0 ? argv[0] : NULL;
	const struct verb *verb = NULL;
	const int listener = listener_find();
	struct verb_call call;
	int status;

	/* A limit of file sizes is an error of writing, as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
	if (listener < 0 && getenv("GATEWAY_INTERFACE") != NULL)
		return serve_cgi(program);
	if (listener < 0 && argc > 1)
		verb = verb_find(verb_table, argv[1]);
	if (verb != NULL && verb != verb_table)
		status = verb_parse(&call, verb, program, argc - 1, argv + 1);
	else
		status = verb_parse(&call, verb_table, program, argc, argv);
	if (status >= 0)
		return finish(status);
	if (call.verb->run != NULL)
		return finish(call.verb->run(&call));
	return finish(serve_or_tell(&call, listener, argv));
}

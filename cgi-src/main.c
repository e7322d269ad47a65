/*
 * main: which of its faces the program shows.
 *
 * In this order: it inherited a listening socket: FastCGI.
 * GATEWAY_INTERFACE is set: CGI, where the argument vector is never looked
 * at, since web servers put the query there.  Else a person's command line.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cli.h"
#include "cli_doctor.h"
#include "cli_key.h"
#include "conf.h"
#include "err.h"
#include "folder.h"
#include "guest.h"
#include "listener.h"
#include "server.h"
#include "store.h"

static const char help[] =
    "letterbox: WebRTC signaling behind a web server, by FastCGI or CGI\n"
    "\n"
    "A web server starts this program; lighttpd for example with\n"
    "  fastcgi.server = (\"/api\" => ((\"socket\" => \"/run/letterbox.sock\",\n"
    "    \"bin-path\" => \"/usr/local/bin/letterbox\", \"max-procs\" => 1,\n"
    "    \"check-local\" => \"disable\")))\n"
    "\n"
    "  letterbox -t                 check the configuration and stop\n"
    "  letterbox -c FILE -t         check that one\n"
    "  letterbox doctor             look at everything it depends on\n"
    "  letterbox key add NAME       make a key for an application\n"
    "  letterbox --example          print an annotated configuration\n"
    "  letterbox --version          print the versions\n"
    "\n"
    "The configuration is FILE, or $LETTERBOX_CONF, or letterbox.conf beside\n"
    "the program.  letterbox(8) and letterbox.conf(5) tell the rest.\n";

static const struct option long_options[] = {
	{ "conf", required_argument, NULL, 'c' },
	{ "test", no_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'v' },
	{ "example", no_argument, NULL, 'e' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* What a person may ask of it by name. */
static const struct verb {
	const char *name;
	int (*run)(const char *program, int argc, char **argv);
} verbs[] = {
	{ "doctor", cli_doctor },
	{ "key", cli_key },
};

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

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
command_line(int argc, char **argv)
{
	const char *path = NULL;
	struct conf conf;
	int option, status, test = 0, listener = listener_find();

	while ((option = getopt_long(argc, argv, "c:th", long_options, NULL)) !=
	    -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 't':
			test = 1;
			break;
		case 'v':
			printf("letterbox %s (SQLite %s)\n", LB_VERSION,
			    store_sqlite_version());
			return EXIT_DONE;
		case 'e':
			conf_print_example(stdout);
			return EXIT_DONE;
		case 'h':
			fputs(help, stdout);
			return EXIT_DONE;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "letterbox: unknown command `%s'\n",
		    argv[optind]);
		return EXIT_USAGE;
	}
	if (listener >= 0) {
		status = load_or_say(&conf, path, argv[0]);
		if (status == EXIT_DONE)
			status = serve(&conf, listener, argv);
	} else if (test) {
		status = load_or_say(&conf, path, argv[0]);
		if (status == EXIT_DONE) {
			puts("The configuration is right.");
			status = test_folder(&conf);
		}
	} else {
		fputs(help, stdout);
		return EXIT_USAGE;
	}
	conf_reset(&conf);
	return status;
}

int
main(int argc, char **argv)
{
	const struct verb *verb;

	if (listener_find() >= 0)
		return command_line(argc, argv);
	if (getenv("GATEWAY_INTERFACE") != NULL)
		return serve_cgi(argc > 0 ? argv[0] : NULL);
	verb = argc > 1 ? find_verb(argv[1]) : NULL;
	if (verb != NULL)
		return verb->run(argv[0], argc - 1, argv + 1);
	return command_line(argc, argv);
}

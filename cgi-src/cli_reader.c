/*
 * cli_reader: see cli_reader.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cli_out.h"
#include "plain.h"

#define CHOICES 20 /* that are listed */

/* The data folder of the configuration. */
static int
open_configured(const struct verb_call *call, struct store_log **out,
    struct buf *words)
{
	struct conf conf;
	int status = EXIT_CONF;

	if (cli_load(&conf, verb_value(call, "conf"), call->program, words) ==
	    LB_OK)
		status = store_log_open(out, conf.data_dir, words) == LB_OK ?
		    -1 :
		    EXIT_FAILED;
	conf_reset(&conf);
	return status;
}

int
cli_reader_open(const struct verb_call *call, struct store_log **out)
{
	const char *path = verb_value(call, "database");
	struct buf words;
	int status;

	cli_out_begin();
	buf_init(&words, 65536);
	if (path == NULL)
		status = open_configured(call, out, &words);
	else
		status = store_log_open(out, path, &words) == LB_OK ?
		    -1 :
		    EXIT_FAILED;
	cli_say(&words);
	buf_reset(&words);
	return status;
}

int
cli_reader_fail(struct store_log *log, enum lb_err err)
{
	if (err == LB_BUSY)
		fputs("letterbox: The database is held locked by another "
		      "program: try again.\n",
		    stderr);
	else
		fprintf(stderr,
		    "letterbox: The database cannot be read: %s. "
		    "`letterbox check' looks closer.\n",
		    store_log_fault(log));
	return EXIT_FAILED;
}

void
cli_reader_print(struct buf *out, const struct store_log_room *room)
{
	plain_add(out, room->namespace);
	buf_char(out, '/');
	plain_add(out, room->name);
}

/* ---- by name ---- */

struct choice {
	struct store_log_room room;
	struct buf names; /* of the first, decoded; then the list */
	size_t namespace, count;
	struct buf list;
};

static int
note_choice(void *arg, const struct store_log_room *room)
{
	struct choice *c = arg;

	if (c->count == 0) {
		c->room = *room;
		buf_slice(&c->names, room->namespace);
		buf_char(&c->names, '/');
		c->namespace = room->namespace.n;
		buf_slice(&c->names, room->name);
		buf_char(&c->names, '\0');
	}
	if (c->count++ < CHOICES) {
		buf_str(&c->list, "  ");
		cli_reader_print(&c->list, room);
		buf_printf(&c->list, "  (#%lld)\n", (long long)room->row);
	}
	return 0;
}

static int
blame_choice(const struct choice *c, const char *name)
{
	struct buf shown;

	buf_init(&shown, 65536);
	plain_add(&shown, slice_of(name));
	if (c->count == 0) {
		fprintf(stderr,
		    "letterbox: there is no room %.*s; `letterbox "
		    "rooms' lists those there are\n",
		    (int)shown.n, shown.p != NULL ? shown.p : "");
	} else {
		fprintf(stderr,
		    "letterbox: %zu rooms are called %.*s; say "
		    "which one:\n%.*s",
		    c->count, (int)shown.n, shown.p, (int)c->list.n, c->list.p);
		if (c->count > CHOICES)
			fputs("  ...\n", stderr);
	}
	buf_reset(&shown);
	return c->count == 0 ? EXIT_ABSENT : EXIT_USAGE;
}

int
cli_reader_room(struct store_log *log, const char *name, struct cli_room *out)
{
	struct choice c;
	enum lb_err err;
	int status = -1;

	memset(out, 0, sizeof(*out));
	memset(&c, 0, sizeof(c));
	buf_init(&c.names, 65536);
	buf_init(&c.list, 1 << 20);
	err = store_log_find(log, slice_of(name), note_choice, &c);
	if (err != LB_OK && err != LB_NOT_FOUND)
		status = cli_reader_fail(log, err);
	else if (c.count != 1)
		status = blame_choice(&c, name);
	buf_reset(&c.list);
	if (status >= 0 || c.names.failed) {
		buf_reset(&c.names);
		return status >= 0 ? status : EXIT_FAILED;
	}
	out->name = c.names.p;
	out->room = c.room;
	out->row = c.room.row;
	out->room.namespace = (struct slice){ out->name, c.namespace };
	out->room.name = slice_of(out->name + c.namespace + 1);
	return -1;
}

void
cli_reader_forget(struct cli_room *room)
{
	free(room->name);
	room->name = NULL;
}

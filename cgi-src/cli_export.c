/*
 * cli_export: see cli_export.h.
 */
#include "cli_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "cli_about.h"
#include "cli_format.h"
#include "cli_out.h"
#include "cli_reader.h"
#include "embed.h"
#include "plain.h"
#include "recording.h"
#include "redact.h"

#define OUT_MAX (64 << 20)
#define ABOUT_MAX 65536
#define COUNT_OF_NAMES 3 /* from, to, type */

struct export
{
	struct store_log *log;
	struct redact redact;
	struct buf out, body, line, names, about;
	int is_shown; /* on a terminal: nothing may move its cursor */
	int is_page;  /* in a page of HTML, which is not to end there */
	int is_trial; /* what is to be hidden is learned, nothing is written */
	int64_t count;
};

/* In JSON a "<" stands in strings alone, where it may be written otherwise. */
static void
add_escaped(struct buf *out, struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '<')
			buf_str(out, "\\u003c");
		else
			buf_char(out, line.p[i]);
}

static void
take_line(struct export *e)
{
	if (e->is_page)
		add_escaped(&e->out, buf_as_slice(&e->line));
	else if (e->is_shown)
		plain_json(&e->out, buf_as_slice(&e->line));
	else
		buf_slice(&e->out, buf_as_slice(&e->line));
	e->out.failed |= e->line.failed;
	e->line.n = 0;
}

/* Who peers are and what types are called is up to the application. */
static int
add_names(struct export *e, struct message *m)
{
	struct slice *const all[] = { &m->from, &m->to, &m->type };
	size_t ends[COUNT_OF_NAMES];

	for (size_t i = 0; i < COUNT_OF_NAMES; i++) {
		if (all[i] == &m->type)
			redact_type(&e->redact, *all[i], &e->names);
		else
			redact_text(&e->redact, *all[i], &e->names);
		ends[i] = e->names.n;
	}
	for (size_t i = 0, at = 0; i < COUNT_OF_NAMES; at = ends[i++])
		if (all[i]->p != NULL && all[i]->n > 0)
			*all[i] = (struct slice){ e->names.p + at,
				ends[i] - at };
	return e->names.failed;
}

static int
add_message(void *arg, const struct message *m)
{
	struct export *e = arg;
	struct message shown = *m;

	e->body.n = e->names.n = 0;
	redact_json(&e->redact, m->body, &e->body);
	if (e->is_trial) {
		e->out.failed |= e->body.failed;
		return 0;
	}
	e->line.failed |= e->body.failed | add_names(e, &shown);
	recording_print(&e->line, &shown, buf_as_slice(&e->body));
	take_line(e);
	e->count++;
	return 0;
}

/* The name of a room opens it where it has no secret. */
static void
add_header(struct export *e, const struct store_log_room *room,
    const char *epoch)
{
	struct recording_header h = { .epoch = slice_of(epoch),
		.namespace = room->namespace,
		.room = room->name,
		.redacted = e->redact.what != 0 };

	if (h.redacted) {
		e->body.n = 0;
		redact_value(&e->redact, REDACT_ROOM, room->name, &e->body);
		h.room = buf_as_slice(&e->body);
	}
	recording_print_header(&e->line, &h);
	take_line(e);
}

/* A name that is told at the end may be said before. */
static enum lb_err
learn(struct export *e, const struct cli_room *room)
{
	int64_t after = 0;
	enum lb_err err = LB_OK;

	if (e->redact.what == 0)
		return LB_OK;
	e->is_trial = 1;
	while (err == LB_OK)
		err = store_log_messages(e->log, room->row, &after, add_message,
		    e);
	e->is_trial = 0;
	return err == LB_NOT_FOUND ? LB_OK : err;
}

static int
write_room(struct export *e, const struct cli_room *room)
{
	char epoch[STORE_LOG_EPOCH];
	int64_t after = 0;
	enum lb_err err = store_log_epoch(e->log, epoch);
	int status = -1;

	if (err == LB_OK) {
		add_header(e, &room->room, epoch);
		err = learn(e, room);
	}
	while (err == LB_OK && status < 0) {
		err = store_log_messages(e->log, room->row, &after, add_message,
		    e);
		cli_out_progress(e->count, 0, "messages");
		if (err == LB_OK || err == LB_NOT_FOUND)
			status = cli_out_write(&e->out);
	}
	cli_out_progress(0, 0, NULL);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return cli_reader_fail(e->log, err);
	return status < 0 ? EXIT_DONE : status;
}

/* ---- a page ---- */

static const char page_end[] = "</body>";

/* The page up to the place of the recording, and what is behind it. */
static struct slice
page_rest(void)
{
	struct slice rest = { lb_replay_html, lb_replay_html_len };

	while (rest.n > sizeof(page_end) &&
	    memcmp(rest.p, page_end, sizeof(page_end) - 1) != 0) {
		rest.p++;
		rest.n--;
	}
	return rest;
}

/* A database that is named by its path has no configuration. */
static void
add_about(const struct verb_call *call, struct buf *out)
{
	struct conf conf;
	struct buf words;
	const int is_named = verb_value(call, "database") != NULL;

	buf_init(&words, ABOUT_MAX);
	if (is_named)
		cli_about_add(out, NULL);
	else {
		/* What is wrong with it was said when the room was opened. */
		cli_about_add(out,
		    cli_load(&conf, verb_value(call, "conf"), call->program,
			&words) == LB_OK ?
			&conf :
			NULL);
		conf_reset(&conf);
	}
	buf_reset(&words);
}

static int
write_page(struct export *e, const struct cli_room *room)
{
	const struct slice rest = page_rest();
	int status;

	buf_slice(&e->out,
	    (struct slice){ lb_replay_html, lb_replay_html_len - rest.n });
	buf_slice(&e->out, buf_as_slice(&e->about));
	buf_str(&e->out,
	    "<script id=\"recording\" type=\"application/jsonl\">\n");
	status = write_room(e, room);
	if (status != EXIT_DONE)
		return status;
	buf_str(&e->out, "</script>\n");
	buf_slice(&e->out, rest);
	status = cli_out_write(&e->out);
	return status < 0 ? EXIT_DONE : status;
}

/* ---- both ---- */

static int
write_as(const struct verb_call *call,
    int (*write)(struct export *, const struct cli_room *), int is_page)
{
	struct export e = { .is_shown = isatty(STDOUT_FILENO),
		.is_page = is_page };
	struct cli_room room;
	int status = cli_reader_open(call, &e.log);

	if (status >= 0)
		return status;
	redact_init(&e.redact,
	    verb_value(call, "whole") != NULL ?
		0 :
		REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES);
	buf_init(&e.out, OUT_MAX);
	buf_init(&e.body, OUT_MAX);
	buf_init(&e.line, OUT_MAX);
	buf_init(&e.names, OUT_MAX);
	buf_init(&e.about, ABOUT_MAX);
	if (is_page)
		add_about(call, &e.about);
	status = cli_reader_room(e.log, call->arg[0], &room);
	if (status < 0)
		status = write(&e, &room);
	cli_reader_forget(&room);
	store_log_close(e.log);
	redact_reset(&e.redact);
	buf_reset(&e.out);
	buf_reset(&e.body);
	buf_reset(&e.line);
	buf_reset(&e.names);
	buf_reset(&e.about);
	return status;
}

int
cli_export(const struct verb_call *call)
{
	const char *format = verb_value(call, "format");

	if (format != NULL && strcmp(format, "jsonl") != 0)
		return cli_format(call, format);
	return write_as(call, write_room, 0);
}

int
cli_report(const struct verb_call *call)
{
	return write_as(call, write_page, 1);
}

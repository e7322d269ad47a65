/*
 * cli_export: see cli_export.h.
 */
#include "cli_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "cli_format.h"
#include "cli_out.h"
#include "cli_reader.h"
#include "plain.h"
#include "report.h"
#include "report_about.h"
#include "store.h"

#define OUT_MAX (64 << 20)
#define ABOUT_MAX 65536

struct export
{
	struct store_log *log;
	struct report report;
	struct buf out, about;
	int is_shown; /* on a terminal: nothing may move its cursor */
	int is_page;  /* in a page of HTML */
	int is_trial; /* what is to be hidden is learned, nothing is written */
	int64_t count;
};

static void
take_line(struct export *e)
{
	struct buf *line = &e->report.line;

	if (e->is_shown)
		plain_json(&e->out, buf_as_slice(line));
	else
		buf_slice(&e->out, buf_as_slice(line));
	e->out.failed |= line->failed | e->report.text.failed;
	line->n = 0;
}

static int
add_message(void *arg, const struct message *m)
{
	struct export *e = arg;
	struct message shown;

	if (e->is_trial) {
		report_learn(&e->report, m);
		return 0;
	}
	e->count++;
	if (e->is_page) {
		report_add(&e->report, m, &e->out);
		return 0;
	}
	shown = recording_hide(&e->report.redact, m, &e->report.text);
	recording_print(&e->report.line, &shown, shown.body);
	take_line(e);
	return 0;
}

static void
begin(struct export *e, const struct store_log_room *room, const char *epoch)
{
	struct recording_header h = { .epoch = slice_of(epoch),
		.namespace = room->namespace,
		.room = room->name };

	if (e->is_page) {
		report_begin(&e->report, &h, buf_as_slice(&e->about), &e->out);
		return;
	}
	recording_hide_header(&e->report.redact, &h, &e->report.text);
	recording_print_header(&e->report.line, &h);
	take_line(e);
}

/* A name that is told at the end may be said before. */
static enum lb_err
learn(struct export *e, const struct cli_room *room)
{
	int64_t after = 0;
	enum lb_err err = LB_OK;

	if (e->report.redact.what == 0)
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
		begin(e, &room->room, epoch);
		err = learn(e, room);
	}
	while (err == LB_OK && status < 0) {
		err = store_log_messages(e->log, room->row, &after, add_message,
		    e);
		if (err == LB_NOT_FOUND && e->is_page)
			report_end(&e->out);
		cli_out_progress(e->count, 0, "messages");
		if (err == LB_OK || err == LB_NOT_FOUND)
			status = cli_out_write(&e->out);
	}
	cli_out_progress(0, 0, NULL);
	if (err != LB_OK && err != LB_NOT_FOUND)
		return cli_reader_fail(e->log, err);
	return status < 0 ? EXIT_DONE : status;
}

/* A database that is named by its path has no configuration; what is wrong
 * with one was said when the room was opened. */
static void
add_about(const struct verb_call *call, struct export *e)
{
	struct report_about about = { .sqlite = store_sqlite_version(),
		.front = store_log_front(e->log) };
	struct conf conf;
	struct buf words;

	if (verb_value(call, "database") == NULL) {
		buf_init(&words, ABOUT_MAX);
		if (cli_load(&conf, verb_value(call, "conf"), call->program,
			&words) == LB_OK) {
			about.has_limits = 1;
			about.lease = conf.lease;
			about.hold = conf.hold;
			about.ttl = conf.ttl;
			about.has_turn = conf.turn.count > 0;
		}
		conf_reset(&conf);
		buf_reset(&words);
	}
	report_about_print(&e->about, &about);
}

static int
write_as(const struct verb_call *call, int is_page)
{
	const unsigned what = verb_value(call, "whole") != NULL ?
	    0 :
	    REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES;
	struct export e = { .is_shown = isatty(STDOUT_FILENO),
		.is_page = is_page };
	struct cli_room room;
	int status = cli_reader_open(call, &e.log);

	if (status >= 0)
		return status;
	report_init(&e.report, what, OUT_MAX);
	buf_init(&e.out, OUT_MAX);
	buf_init(&e.about, ABOUT_MAX);
	if (is_page)
		add_about(call, &e);
	status = cli_reader_room(e.log, call->arg[0], &room);
	if (status < 0)
		status = write_room(&e, &room);
	cli_reader_forget(&room);
	store_log_close(e.log);
	report_reset(&e.report);
	buf_reset(&e.out);
	buf_reset(&e.about);
	return status;
}

int
cli_export(const struct verb_call *call)
{
	const char *format = verb_value(call, "format");

	if (format != NULL && strcmp(format, "jsonl") != 0)
		return cli_format(call, format);
	return write_as(call, 0);
}

int
cli_report(const struct verb_call *call)
{
	return write_as(call, 1);
}

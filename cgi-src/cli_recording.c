/*
 * cli_recording: see cli_recording.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_recording.h"

#include <string.h>
#include <sys/stat.h>

#include "cli_lines.h"
#include "cli_out.h"
#include "cli_reader.h"

#define NAME_MAX_BYTES 1024

struct reading {
	struct cli_recording *out;
	void (*each)(void *, const struct message *);
	void *arg;
};

void
cli_recording_init(struct cli_recording *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->namespace, NAME_MAX_BYTES);
	buf_init(&r->room, NAME_MAX_BYTES);
}

void
cli_recording_reset(struct cli_recording *r)
{
	buf_reset(&r->namespace);
	buf_reset(&r->room);
}

static void
hand(struct reading *in, const struct message *m)
{
	in->out->messages++;
	cli_out_progress(in->out->messages, 0, "messages");
	in->each(in->arg, m);
}

/* ---- files ---- */

static enum lb_err
read_lines(struct reading *in, struct cli_lines *lines)
{
	struct recording_header header;
	struct message m;
	enum lb_err err = cli_lines_header(lines, &header);

	if (err != LB_OK)
		return err;
	buf_slice(&in->out->namespace, header.namespace);
	buf_slice(&in->out->room, header.room);
	in->out->is_redacted = header.redacted;
	while ((err = cli_lines_message(lines, &m)) == LB_OK)
		hand(in, &m);
	return err;
}

static int
read_named(struct reading *in, const char *name)
{
	struct cli_lines lines;
	enum lb_err err;
	int status = -1;

	if (!cli_lines_open(&lines, name))
		return EXIT_FAILED;
	err = read_lines(in, &lines);
	cli_out_progress(0, 0, NULL);
	if (err != LB_NOT_FOUND)
		status = cli_lines_blame(&lines, err, "");
	cli_lines_close(&lines);
	return status;
}

/* ---- rooms ---- */

static int
take(void *arg, const struct message *m)
{
	struct message known = *m;

	/* Whoever is forgotten was somebody all the same. */
	if (known.from.p == NULL)
		known.from = slice_of("?");
	if (known.to.p == NULL && known.recipient != 0)
		known.to = slice_of("?");
	hand(arg, &known);
	return 0;
}

/* For whoever meant a file. */
static void
say_no_file(void)
{
	fputs("letterbox: there is no file of that name either\n", stderr);
}

static int
read_room(struct reading *in, const struct verb_call *call, const char *name)
{
	struct store_log *log;
	struct cli_room room;
	enum lb_err err = LB_OK;
	int64_t after = 0;
	int status = cli_reader_open(call, &log);

	if (status >= 0) {
		say_no_file();
		return status;
	}
	status = cli_reader_room(log, name, &room);
	if (status == EXIT_ABSENT)
		say_no_file();
	if (status < 0) {
		buf_slice(&in->out->namespace, room.room.namespace);
		buf_slice(&in->out->room, room.room.name);
		while (err == LB_OK)
			err = store_log_messages(log, room.row, &after, take,
			    in);
		cli_out_progress(0, 0, NULL);
		if (err != LB_NOT_FOUND)
			status = cli_reader_fail(log, err);
		cli_reader_forget(&room);
	}
	store_log_close(log);
	return status;
}

int
cli_recording_read(struct cli_recording *r, const struct verb_call *call,
    const char *name, void (*each)(void *, const struct message *), void *arg)
{
	struct reading in = { .out = r, .each = each, .arg = arg };
	struct stat is;
	int is_file;

	cli_out_begin();
	is_file = strcmp(name, "-") == 0 ||
	    (stat(name, &is) == 0 && !S_ISDIR(is.st_mode));

	return is_file ? read_named(&in, name) : read_room(&in, call, name);
}

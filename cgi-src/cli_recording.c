/*
 * cli_recording: see cli_recording.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli_out.h"
#include "cli_reader.h"
#include "plain.h"
#include "recording.h"

#define NAME_MAX_BYTES 1024

struct reading {
	struct cli_recording *out;
	FILE *file;
	struct buf line, text, why;
	int64_t number; /* of the line */
	int64_t seq;
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

/* LB_OK with a line, LB_NOT_FOUND at the end. */
static enum lb_err
next_line(struct reading *in)
{
	int c;

	in->line.n = 0;
	in->number++;
	while ((c = getc(in->file)) != EOF && c != '\n') {
		if (in->line.n == RECORDING_LINE) {
			buf_printf(&in->why, "it is longer than %d bytes",
			    RECORDING_LINE);
			return LB_TOO_LARGE;
		}
		buf_char(&in->line, (char)c);
		if (in->line.failed)
			return LB_NO_MEMORY;
	}
	if (ferror(in->file)) {
		buf_str(&in->why, strerror(errno));
		return LB_IO;
	}
	if (c == '\n')
		return LB_OK;
	if (in->line.n == 0 && in->number > 1)
		return LB_NOT_FOUND;
	buf_str(&in->why,
	    in->line.n == 0 ? "the file is empty" :
			      "it is cut off: each line ends with a newline");
	return LB_BAD_REQUEST;
}

static enum lb_err
read_file(struct reading *in)
{
	struct recording_header header;
	struct message m;
	enum lb_err err = next_line(in);

	if (err == LB_OK)
		err = recording_read_header(buf_as_slice(&in->line), &in->text,
		    &header, &in->why);
	if (err != LB_OK)
		return err;
	buf_slice(&in->out->namespace, header.namespace);
	buf_slice(&in->out->room, header.room);
	in->out->is_redacted = header.redacted;
	while ((err = next_line(in)) == LB_OK) {
		err = recording_read(buf_as_slice(&in->line), in->seq,
		    &in->text, &m, &in->why);
		if (err != LB_OK)
			return err;
		in->seq = m.seq;
		hand(in, &m);
	}
	return err;
}

/* What stands in the file is shown by escapes alone. */
static int
blame(struct reading *in, const char *name, enum lb_err err)
{
	struct buf shown;

	if (in->why.n == 0)
		buf_str(&in->why, err_words(err)->title);
	buf_init(&shown, 65536);
	plain_add(&shown, buf_as_slice(&in->why));
	buf_char(&shown, '\0');
	fprintf(stderr, "letterbox: %s, line %lld: %s.\n", name,
	    (long long)in->number, shown.p != NULL ? shown.p : "");
	buf_reset(&shown);
	return EXIT_FAILED;
}

static int
read_named(struct reading *in, const char *name)
{
	enum lb_err err;
	int status = -1;

	in->file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	if (in->file == NULL) {
		fprintf(stderr, "letterbox: %s: %s\n", name, strerror(errno));
		return EXIT_FAILED;
	}
	buf_init(&in->line, RECORDING_LINE);
	buf_init(&in->text, RECORDING_LINE + 16);
	buf_init(&in->why, 65536);
	err = read_file(in);
	cli_out_progress(0, 0, NULL);
	if (err != LB_NOT_FOUND)
		status = blame(in, name, err);
	if (in->file != stdin)
		fclose(in->file);
	buf_reset(&in->line);
	buf_reset(&in->text);
	buf_reset(&in->why);
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

static int
read_room(struct reading *in, const struct verb_call *call, const char *name)
{
	struct store_log *log;
	struct cli_room room;
	enum lb_err err = LB_OK;
	int64_t after = 0;
	int status = cli_reader_open(call, &log);

	if (status >= 0)
		return status;
	status = cli_reader_room(log, name, &room);
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

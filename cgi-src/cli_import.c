/*
 * cli_import: a file is looked at line by line, and its room is there as a
 * whole or not at all.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_export.h"
#include "cli_out.h"
#include "err.h"
#include "plain.h"
#include "recording.h"
#include "store_import.h"

struct import {
	const char *folder;
	FILE *file;
	struct store_import *store;
	struct buf line, text, why;
	int64_t number; /* of the line */
	int64_t seq;    /* of the last message */
	int64_t count;
};

/* What stands in the file is shown by escapes alone. */
static int
blame(struct import *in, const char *file)
{
	struct buf shown;

	buf_init(&shown, 65536);
	plain_add(&shown, buf_as_slice(&in->why));
	fprintf(stderr,
	    "letterbox: %s, line %lld: %.*s. Nothing was "
	    "imported.\n",
	    file, (long long)in->number, (int)shown.n,
	    shown.p != NULL ? shown.p : "");
	buf_reset(&shown);
	return EXIT_FAILED;
}

/* LB_OK with a line, LB_NOT_FOUND at the end. */
static enum lb_err
next_line(struct import *in)
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
begin(struct import *in)
{
	struct recording_header h;
	enum lb_err err = next_line(in);

	if (err == LB_OK)
		err = recording_read_header(buf_as_slice(&in->line), &in->text,
		    &h, &in->why);
	if (err != LB_OK)
		return err;
	err = store_import_open(&in->store, in->folder, h.epoch, &in->why);
	if (err != LB_OK) {
		/* The full stop is ours. */
		if (in->why.n > 0)
			in->why.n--;
		return err;
	}
	err = store_import_room(in->store, h.namespace, h.room);
	if (err == LB_PEER_TAKEN)
		buf_str(&in->why, "there is a room of this name already");
	return err;
}

static enum lb_err
take_message(struct import *in)
{
	struct message m;
	enum lb_err err = recording_read(buf_as_slice(&in->line), in->seq,
	    &in->text, &m, &in->why);

	if (err != LB_OK)
		return err;
	err = store_import_message(in->store, &m);
	if (err == LB_N_REUSED)
		buf_printf(&in->why, "another room has seq %lld already",
		    (long long)m.seq);
	in->seq = m.seq;
	in->count++;
	cli_out_progress(in->count, 0, "messages");
	return err;
}

static int
run(struct import *in, const char *file)
{
	enum lb_err err = begin(in);
	int keep;

	while (err == LB_OK && (err = next_line(in)) == LB_OK)
		err = take_message(in);
	cli_out_progress(0, 0, NULL);
	keep = err == LB_NOT_FOUND && in->store != NULL;
	if (in->store != NULL && store_import_close(in->store, keep) != LB_OK &&
	    keep) {
		keep = 0;
		err = LB_IO;
	}
	if (keep)
		return EXIT_DONE;
	if (in->why.n == 0)
		buf_str(&in->why, err_words(err)->title);
	return blame(in, file);
}

int
cli_import(const struct verb_call *call)
{
	const char *file = call->arg[0];
	struct import in = { .folder = call->arg[1] };
	int status;

	in.file = strcmp(file, "-") == 0 ? stdin : fopen(file, "r");
	if (in.file == NULL) {
		fprintf(stderr, "letterbox: %s: %s\n", file, strerror(errno));
		return EXIT_FAILED;
	}
	buf_init(&in.line, RECORDING_LINE);
	buf_init(&in.text, RECORDING_LINE + 16);
	buf_init(&in.why, 65536);
	status = run(&in, file);
	if (in.file != stdin)
		fclose(in.file);
	if (status == EXIT_DONE)
		fprintf(stderr, "%lld messages; look at them with -d %s\n",
		    (long long)in.count, in.folder);
	buf_reset(&in.line);
	buf_reset(&in.text);
	buf_reset(&in.why);
	return status;
}

/*
 * cli_import: a file is looked at line by line, and its room is there as a
 * whole or not at all.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_export.h"
#include "cli_lines.h"
#include "cli_out.h"
#include "store_import.h"

struct import {
	const char *folder;
	struct cli_lines lines;
	struct store_import *store;
	int64_t count;
};

static enum lb_err
begin(struct import *in)
{
	struct recording_header h;
	struct buf *why = &in->lines.why;
	enum lb_err err = cli_lines_header(&in->lines, &h);

	if (err != LB_OK)
		return err;
	err = store_import_open(&in->store, in->folder, h.epoch, why);
	if (err != LB_OK) {
		/* The full stop is ours. */
		if (why->n > 0)
			why->n--;
		return err;
	}
	err = store_import_room(in->store, h.namespace, h.room);
	if (err == LB_PEER_TAKEN)
		buf_str(why, "there is a room of this name already");
	return err;
}

static enum lb_err
take(struct import *in, const struct message *m)
{
	enum lb_err err = store_import_message(in->store, m);

	if (err == LB_N_REUSED)
		buf_printf(&in->lines.why, "another room has seq %lld already",
		    (long long)m->seq);
	in->count++;
	cli_out_progress(in->count, 0, "messages");
	return err;
}

static int
run(struct import *in)
{
	struct message m;
	enum lb_err err = begin(in), end = LB_OK;
	int keep;

	while (
	    err == LB_OK && (err = cli_lines_message(&in->lines, &m)) == LB_OK)
		err = take(in, &m);
	cli_out_progress(0, 0, NULL);
	keep = err == LB_NOT_FOUND && in->store != NULL;
	if (in->store != NULL)
		end = store_import_close(in->store, keep);
	if (keep && end != LB_OK)
		err = end;
	return keep && end == LB_OK ?
	    EXIT_DONE :
	    cli_lines_blame(&in->lines, err, " Nothing was imported.");
}

int
cli_import(const struct verb_call *call)
{
	struct import in = { .folder = call->arg[1] };
	int status;

	if (!cli_lines_open(&in.lines, call->arg[0]))
		return EXIT_FAILED;
	status = run(&in);
	if (status == EXIT_DONE)
		fprintf(stderr, "%lld messages; look at them with -d %s\n",
		    (long long)in.count, in.folder);
	cli_lines_close(&in.lines);
	return status;
}

/*
 * cli_format: see cli_format.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_format.h"

#include <stdio.h>
#include <unistd.h>

#include "cli_out.h"
#include "cli_recording.h"
#include "format.h"
#include "plain.h"

#define OUT_MAX (256 << 20)
#define WRITE_AT (1 << 20) /* bytes that are written in one go */

static void
take(void *arg, const struct message *m)
{
	tape_add(arg, m);
}

/* On a terminal nothing may move its cursor; pictures are plain already. */
static int
write_out(const struct format *f, struct buf *out)
{
	struct buf shown;
	int status;

	if (f->is_picture || !isatty(STDOUT_FILENO))
		return cli_out_write(out);
	buf_init(&shown, OUT_MAX);
	plain_json(&shown, buf_as_slice(out));
	out->n = 0;
	status = cli_out_write(&shown);
	buf_reset(&shown);
	return status;
}

static int
print(const struct format *f, const struct tape *tape, struct redact *redact,
    struct slice room)
{
	struct buf out, name;
	struct format_work w = { .out = &out, .redact = redact, .tape = tape };
	int status = -1;

	buf_init(&out, OUT_MAX);
	buf_init(&name, 65536);
	redact_value(redact, REDACT_ROOM, room, &name);
	w.room = redact->what != 0 ? buf_as_slice(&name) : room;
	format_begin(&w, f);
	for (size_t i = 0; i < tape->count && status < 0; i++) {
		format_add(&w, f, &tape->messages[i]);
		if (out.n > WRITE_AT || out.failed)
			status = write_out(f, &out);
	}
	format_end(&w, f);
	if (status < 0)
		status = write_out(f, &out);
	buf_reset(&out);
	buf_reset(&name);
	return status < 0 ? EXIT_DONE : status;
}

int
cli_format(const struct verb_call *call, const char *name)
{
	const struct format *f = format_find(name);
	struct cli_recording recording;
	struct redact redact;
	struct tape tape;
	int status;

	if (f == NULL)
		return verb_blame(call->verb, "--format is not `%s'", name);
	tape_init(&tape);
	cli_recording_init(&recording);
	redact_init(&redact,
	    verb_value(call, "whole") != NULL ?
		0 :
		REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES);
	status = cli_recording_read(&recording, call, call->arg[0], take,
	    &tape);
	if (status < 0 && tape.failed) {
		fputs("letterbox: The room is too large for the memory.\n",
		    stderr);
		status = EXIT_FAILED;
	}
	if (status < 0) {
		fprintf(stderr, "letterbox: %s\n", f->lost);
		status = print(f, &tape, &redact,
		    buf_as_slice(&recording.room));
	}
	redact_reset(&redact);
	cli_recording_reset(&recording);
	tape_reset(&tape);
	return status;
}

int
cli_diagram(const struct verb_call *call)
{
	const char *name = verb_value(call, "format");
	const struct format *f = format_find(name != NULL ? name : "mermaid");

	if (f != NULL && !f->is_picture)
		return verb_blame(call->verb,
		    "`%s' is no picture; export has it", name);
	return cli_format(call, name != NULL ? name : "mermaid");
}

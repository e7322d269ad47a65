/*
 * cli_lines: see cli_lines.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_lines.h"

#include <errno.h>
#include <string.h>

#include "err.h"
#include "plain.h"
#include "report.h"
#include "verb.h"

#define WORDS_MAX 65536

int
cli_lines_open(struct cli_lines *in, const char *name)
{
	memset(in, 0, sizeof(*in));
	in->name = name;
	in->file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
	if (in->file == NULL) {
		fprintf(stderr, "letterbox: %s: %s\n", name, strerror(errno));
		return 0;
	}
	buf_init(&in->line, RECORDING_LINE);
	buf_init(&in->text, RECORDING_LINE + 16);
	buf_init(&in->why, WORDS_MAX);
	return 1;
}

void
cli_lines_close(struct cli_lines *in)
{
	if (in->file != stdin)
		fclose(in->file);
	buf_reset(&in->line);
	buf_reset(&in->text);
	buf_reset(&in->why);
}

/* LB_OK with a line, LB_NOT_FOUND at the end. */
static enum lb_err
next(struct cli_lines *in)
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

/* The same as next(), but a recording ends before its page does. */
static enum lb_err
next_of_recording(struct cli_lines *in)
{
	enum lb_err err = next(in);

	if (!in->is_page)
		return err;
	if (err == LB_OK && slice_is(buf_as_slice(&in->line), REPORT_END))
		return LB_NOT_FOUND;
	if (err != LB_NOT_FOUND)
		return err;
	buf_str(&in->why, "it is cut off: the page does not end here");
	return LB_BAD_REQUEST;
}

/* From the first line of a page to the first one of its recording. */
static enum lb_err
pass_by(struct cli_lines *in)
{
	enum lb_err err = LB_OK;

	in->is_page = 1;
	while (err == LB_OK && !slice_is(buf_as_slice(&in->line), REPORT_BEGIN))
		err = next(in);
	if (err == LB_OK)
		err = next_of_recording(in);
	if (err != LB_NOT_FOUND && err != LB_BAD_REQUEST)
		return err;
	in->why.n = 0;
	buf_str(&in->why,
	    "this page has no recording in it; a report of what the browser "
	    "alone saw is read in a browser");
	return LB_BAD_REQUEST;
}

enum lb_err
cli_lines_header(struct cli_lines *in, struct recording_header *header)
{
	enum lb_err err = next(in);

	if (err == LB_OK &&
	    slice_starts(buf_as_slice(&in->line), "<!doctype html>"))
		err = pass_by(in);
	return err != LB_OK ? err :
			      recording_read_header(buf_as_slice(&in->line),
				  &in->text, header, &in->why);
}

enum lb_err
cli_lines_message(struct cli_lines *in, struct message *m)
{
	enum lb_err err = next_of_recording(in);

	if (err == LB_OK)
		err = recording_read(buf_as_slice(&in->line), in->seq,
		    &in->text, m, &in->why);
	if (err == LB_OK)
		in->seq = m->seq;
	return err;
}

/* What stands in the file is shown by escapes alone. */
int
cli_lines_blame(struct cli_lines *in, enum lb_err err, const char *then)
{
	struct buf shown;

	if (in->why.n == 0)
		buf_str(&in->why, err_words(err)->title);
	buf_init(&shown, WORDS_MAX);
	plain_add(&shown, buf_as_slice(&in->why));
	fprintf(stderr, "letterbox: %s, line %lld: %.*s.%s\n", in->name,
	    (long long)in->number, (int)shown.n, shown.p != NULL ? shown.p : "",
	    then);
	buf_reset(&shown);
	return EXIT_FAILED;
}

/*
 * cli_show: see cli_show.h.
 */
#include "cli_show.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli_log.h"
#include "cli_out.h"
#include "cli_reader.h"
#include "gist.h"
#include "layout.h"
#include "plain.h"

#define OUT_MAX (16 << 20)

struct show {
	struct buf out;
	struct redact redact;
	int json;
};

static void
print_head(struct buf *out, const struct message *m)
{
	const int64_t re = gist_re(m->body);

	buf_printf(out, "%lld  ", (long long)m->seq);
	cli_out_time(out, m->at);
	buf_printf(out, ".%03d  ", (int)(m->at % 1000));
	plain_add(out, m->from.p != NULL ? m->from : slice_of("?"));
	buf_str(out, " -> ");
	plain_add(out,
	    m->to.p != NULL ? m->to : slice_of(m->recipient == 0 ? "*" : "?"));
	buf_str(out, "  ");
	plain_add(out, m->type);
	buf_printf(out, ", %zu bytes", m->body.n);
	if (re != 0)
		buf_printf(out, ", re %lld", (long long)re);
	buf_str(out, "\n\n");
}

static int
print_message(void *arg, const struct message *m)
{
	struct show *show = arg;

	if (show->json) {
		cli_log_json(&show->out, &show->redact, m, 0);
		return 0;
	}
	print_head(&show->out, m);
	layout_body(&show->out, &show->redact, m->type, m->body);
	return 0;
}

static int
find(struct show *show, struct store_log *log, const char *name, int64_t seq)
{
	struct cli_room room;
	enum lb_err err;
	int status = cli_reader_room(log, name, &room);

	if (status >= 0)
		return status;
	err = store_log_message(log, room.row, seq, print_message, show);
	cli_reader_forget(&room);
	if (err == LB_NOT_FOUND) {
		fprintf(stderr, "letterbox: the room has no message %lld\n",
		    (long long)seq);
		return EXIT_ABSENT;
	}
	return err == LB_OK ? cli_out_write(&show->out) :
			      cli_reader_fail(log, err);
}

int
cli_show(const struct verb_call *call)
{
	struct show show = { .json = verb_value(call, "json") != NULL };
	struct store_log *log;
	char *end;
	int64_t seq = strtoll(call->arg[1], &end, 10);
	unsigned what = REDACT_ADDRESSES | REDACT_SECRETS;
	int status;

	if (*end != '\0' || seq <= 0)
		return verb_blame(call->verb, "a seq is a number, not `%s'",
		    call->arg[1]);
	status = cli_reader_open(call, &log);
	if (status >= 0)
		return status;
	if (verb_value(call, "show-addresses") != NULL)
		what = REDACT_SECRETS;
	if (verb_value(call, "whole") != NULL)
		what = 0;
	redact_init(&show.redact, what);
	buf_init(&show.out, OUT_MAX);
	status = find(&show, log, call->arg[0], seq);
	store_log_close(log);
	redact_reset(&show.redact);
	buf_reset(&show.out);
	return status < 0 ? EXIT_DONE : status;
}

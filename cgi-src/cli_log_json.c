/*
 * cli_log_json: a message for programs.
 */
#include "cli_log.h"
#include "gist.h"
#include "plain.h"

#define MOST (64 << 20) /* bytes of a line */

static void
print(struct buf *out, struct redact *r, const struct message *m,
    int64_t before)
{
	const int64_t re = gist_re(m->body);
	struct buf gist;

	buf_printf(out,
	    "{\"seq\":%lld,\"at\":%lld,\"ms_since\":", (long long)m->seq,
	    (long long)m->at);
	if (before != 0)
		buf_int(out, m->at - before);
	else
		buf_str(out, "null");
	buf_str(out, ",\"from\":");
	if (m->from.p != NULL)
		buf_json(out, m->from);
	else
		buf_str(out, "null");
	if (m->recipient != 0) {
		buf_str(out, ",\"to\":");
		buf_json(out, m->to.p != NULL ? m->to : slice_of("?"));
	}
	buf_str(out, ",\"type\":");
	buf_json(out, m->type);
	buf_printf(out, ",\"size\":%zu", m->body.n);
	if (re != 0)
		buf_printf(out, ",\"re\":%lld", (long long)re);
	buf_init(&gist, 1 << 20);
	gist_print(&gist, r, m->type, m->body);
	buf_str(out, ",\"gist\":");
	buf_json(out, buf_as_slice(&gist));
	buf_reset(&gist);
	buf_str(out, ",\"body\":");
	redact_json(r, m->body, out);
	buf_str(out, "}\n");
}

void
cli_log_json(struct buf *out, struct redact *r, const struct message *m,
    int64_t before)
{
	struct buf line;

	buf_init(&line, MOST);
	print(&line, r, m, before);
	plain_json(out, buf_as_slice(&line));
	out->failed |= line.failed;
	buf_reset(&line);
}

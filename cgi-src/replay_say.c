/*
 * replay_say: see replay.h.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli_out.h"
#include "clock.h"
#include "gist.h"
#include "plain.h"
#include "replay.h"

#define ID_WIDE 12
#define GIST_MOST 60 /* columns, where the terminal does not say */

static void
add_member(struct buf *out, const char *name, struct slice value)
{
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, value);
}

static void
say_json(struct replay *r, const char *what, int64_t recorded, int64_t seq,
    const struct message *m, const char *why)
{
	struct clock now;

	clock_now(&now);
	buf_printf(&r->line, "{\"do\":\"%s\",\"ms\":%lld", what,
	    (long long)(now.mono - r->begun));
	if (recorded != 0)
		buf_printf(&r->line, ",\"recorded\":%lld", (long long)recorded);
	if (seq != 0)
		buf_printf(&r->line, ",\"seq\":%lld", (long long)seq);
	if (m != NULL) {
		add_member(&r->line, "from", m->from);
		if (m->to.p != NULL)
			add_member(&r->line, "to", m->to);
		if (strcmp(what, "join") != 0 && strcmp(what, "leave") != 0 &&
		    strcmp(what, "vanish") != 0)
			add_member(&r->line, "type", m->type);
	}
	if (why != NULL)
		add_member(&r->line, "why", slice_of(why));
	buf_str(&r->line, "}\n");
	plain_json(&r->out, buf_as_slice(&r->line));
}

static void
add_id(struct buf *out, struct slice id)
{
	struct buf plain;

	buf_init(&plain, 65536);
	plain_add(&plain, id);
	plain_column(out, buf_as_slice(&plain), ID_WIDE);
	buf_reset(&plain);
}

static void
add_message(struct replay *r, const struct message *m)
{
	struct buf gist;

	add_id(&r->out, m->from);
	buf_str(&r->out, " -> ");
	add_id(&r->out, m->to.p != NULL ? m->to : SLICE("*"));
	buf_str(&r->out, "  ");
	buf_init(&gist, 1 << 20);
	plain_add(&gist, m->type);
	buf_char(&gist, ' ');
	gist_print(&gist, &r->redact, m->type, m->body);
	plain_fit(&r->out, buf_as_slice(&gist), GIST_MOST);
	buf_reset(&gist);
}

static void
say_plain(struct replay *r, const char *what, int64_t seq,
    const struct message *m, const char *why)
{
	struct clock now;

	clock_now(&now);
	cli_out_delay(&r->line, now.mono - r->begun);
	for (size_t n = r->line.n; n < 9; n++)
		buf_char(&r->out, ' ');
	buf_slice(&r->out, buf_as_slice(&r->line));
	buf_printf(&r->out, "  %-6s ", what);
	if (seq != 0)
		buf_printf(&r->out, "%6lld  ", (long long)seq);
	else
		buf_str(&r->out, "        ");
	if (m != NULL)
		add_message(r, m);
	if (why != NULL) {
		buf_str(&r->out, m != NULL ? " (" : "");
		plain_add(&r->out, slice_of(why));
		buf_str(&r->out, m != NULL ? ")" : "");
	}
	while (r->out.n > 0 && r->out.p[r->out.n - 1] == ' ')
		r->out.n--;
	buf_char(&r->out, '\n');
}

void
replay_say(struct replay *r, const char *what, int64_t recorded, int64_t seq,
    const struct message *m, const char *why)
{
	int status;

	r->line.n = 0;
	if (r->json)
		say_json(r, what, recorded, seq, m, why);
	else
		say_plain(r, what, seq, m, why);
	status = cli_out_write(&r->out);
	if (status >= 0 && r->status < 0)
		r->status = status;
	if (!isatty(STDOUT_FILENO))
		cli_out_progress((int64_t)(r->posted + r->dropped),
		    (int64_t)r->plan->posts, "messages");
}

void
replay_sum_up(const struct replay *r)
{
	size_t still = 0;
	int has_missed = 0;

	for (int who = 1; who <= r->plan->peers; who++) {
		still += (size_t)actor_is_there(&r->actors[who]);
		has_missed |= r->actors[who].has_missed;
	}
	fprintf(stderr,
	    "letterbox: %zu posted of %zu messages, %zu dropped, %zu not "
	    "posted; %zu came, %zu left",
	    r->posted, r->plan->posts, r->dropped, r->refused, r->joined,
	    r->left);
	if (r->vanished > 0)
		fprintf(stderr, ", %zu vanished", r->vanished);
	if (r->plan->own > 0)
		fprintf(stderr, "; %zu of the server's own left out",
		    r->plan->own);
	if (still > 0)
		fprintf(stderr, "; %zu still there, until the lease is over",
		    still);
	fputs(".\n", stderr);
	if (has_missed && r->as.p != NULL)
		fputs("letterbox: Some of what the others said was dropped "
		      "before it was heard.\n",
		    stderr);
}

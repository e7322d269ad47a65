/*
 * cli_log: see cli_log.h.
 *
 * A page of messages is read, printed, and forgotten.  With --follow, when
 * there are no more, it looks ten times a second whether somebody has
 * committed, which costs next to nothing and disturbs nobody.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli_end.h"
#include "cli_out.h"
#include "cli_reader.h"
#include "cli_since.h"
#include "clock.h"
#include "gist.h"
#include "plain.h"

#define OUT_MAX (64 << 20)
#define LOOK_MS 100 /* between two looks whether there is more */
#define ID_LEAST 4  /* columns of a peer's id */
#define ID_MOST 16
#define ID_WIDE 64 /* where nothing need be cut */
#define REST 55    /* columns of a line that are none of ids or gist */

struct timeline {
	struct store_log *log;
	struct redact redact;
	struct buf out, gist;
	const char *types; /* that are wanted, "a,b"; NULL: all */
	int json, coloured;
	size_t width, id; /* columns; width 0: no terminal */
	int64_t before;   /* ms of the message before, 0: none */
	long day;         /* that was printed last */
	int status;
};

/* clang-format off */
static const struct {
	const char *type, *colour;
} colours[] = {
	{ "description", "\033[32m" },
	{ "candidate", "\033[36m" },
	{ "joined", "\033[33m" },
	{ "left", "\033[33m" },
	{ "bye", "\033[33m" },
	{ "error", "\033[1;31m" },
};
/* clang-format on */

/* ---- a message ---- */

static const char *
colour_of(struct slice type)
{
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		if (slice_is(type, colours[i].type))
			return colours[i].colour;
	return "";
}

/* A line for each day, with the time zone that all times are of. */
static void
print_day(struct timeline *t, const struct tm *tm)
{
	const long day = tm->tm_year * 400L + tm->tm_yday;
	char text[64];

	if (day == t->day)
		return;
	t->day = day;
	if (strftime(text, sizeof(text), "%Y-%m-%d (%z)", tm) > 0)
		buf_printf(&t->out, "--- %s\n", text);
}

static void
print_clock(struct timeline *t, int64_t at)
{
	time_t seconds = (time_t)(at / 1000);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	print_day(t, &tm);
	buf_printf(&t->out, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min,
	    tm.tm_sec, (int)(at % 1000));
}

static void
print_id(struct timeline *t, struct slice id, const char *other)
{
	struct buf plain;

	buf_init(&plain, 65536);
	if (id.p != NULL)
		plain_add(&plain, id);
	else
		buf_str(&plain, other);
	plain_column(&t->out, buf_as_slice(&plain), t->id);
	buf_reset(&plain);
}

static void
print_delay(struct timeline *t, int64_t at)
{
	struct buf cell;

	buf_init(&cell, 64);
	if (t->before != 0)
		cli_out_delay(&cell, at - t->before);
	for (size_t n = cell.n; n < 9; n++)
		buf_char(&t->out, ' ');
	buf_slice(&t->out, buf_as_slice(&cell));
	buf_reset(&cell);
}

/* What is left of the line is the gist's. */
static void
print_gist(struct timeline *t, const struct message *m)
{
	const size_t taken = REST + 2 * t->id;
	const int64_t re = gist_re(m->body);

	t->gist.n = 0;
	if (re != 0)
		buf_printf(&t->gist, "re %lld: ", (long long)re);
	gist_print(&t->gist, &t->redact, m->type, m->body);
	if (t->width == 0)
		buf_slice(&t->out, buf_as_slice(&t->gist));
	else
		plain_fit(&t->out, buf_as_slice(&t->gist),
		    t->width > taken + 8 ? t->width - taken : 8);
}

static void
print_line(struct timeline *t, const struct message *m)
{
	const char *colour = t->coloured ? colour_of(m->type) : "";
	struct buf *out = &t->out;
	struct buf cell;

	buf_init(&cell, 65536);
	print_clock(t, m->at);
	buf_printf(out, " %6lld", (long long)m->seq);
	print_delay(t, m->at);
	buf_str(out, "  ");
	print_id(t, m->from, "?");
	buf_str(out, " -> ");
	print_id(t, m->to, m->recipient == 0 ? "*" : "?");
	buf_str(out, "  ");
	buf_str(out, colour);
	plain_add(&cell, m->type);
	plain_column(out, buf_as_slice(&cell), 11);
	if (*colour != '\0')
		buf_str(out, "\033[0m");
	cell.n = 0;
	cli_out_bytes(&cell, (int64_t)m->body.n);
	for (size_t n = cell.n; n < 6; n++)
		buf_char(out, ' ');
	buf_slice(out, buf_as_slice(&cell));
	buf_str(out, "  ");
	print_gist(t, m);
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	buf_char(out, '\n');
	buf_reset(&cell);
}

/* 1 when the type is one of "a,b". */
static int
is_wanted(const char *types, struct slice type)
{
	while (types != NULL && *types != '\0') {
		size_t n = strcspn(types, ",");

		if (n == type.n && memcmp(types, type.p, n) == 0)
			return 1;
		types += n + (types[n] == ',');
	}
	return types == NULL;
}

static int
print_message(void *arg, const struct message *m)
{
	struct timeline *t = arg;

	if (!is_wanted(t->types, m->type))
		return 0;
	if (t->json)
		cli_log_json(&t->out, &t->redact, m, t->before);
	else
		print_line(t, m);
	t->before = m->at;
	return 0;
}

/* ---- the room ---- */

static int
measure_peer(void *arg, const struct store_log_peer *peer)
{
	struct timeline *t = arg;
	struct buf plain;
	size_t width;

	buf_init(&plain, 65536);
	plain_add(&plain, peer->id);
	width = plain_width(buf_as_slice(&plain));
	buf_reset(&plain);
	if (width > t->id)
		t->id = width;
	return 0;
}

/* As wide as the ids of the first peers, as far as the terminal allows. */
static void
measure(struct timeline *t, int64_t room)
{
	size_t most = ID_WIDE;
	int64_t after = 0;

	t->width = cli_out_width();
	t->coloured = cli_out_coloured();
	t->id = ID_LEAST;
	store_log_peers(t->log, room, &after, measure_peer, t);
	if (t->width > 0) {
		most = t->width > REST + 40 ? (t->width - REST - 30) / 2 :
					      ID_LEAST;
		if (most > ID_MOST)
			most = ID_MOST;
	}
	if (t->id > most)
		t->id = most;
}

/* Waits until there may be more; 0 when it should end. */
static int
wait_for_more(struct timeline *t, int64_t *version)
{
	struct pollfd reader = { .fd = STDOUT_FILENO };
	int64_t now;
	enum lb_err err;

	while (!cli_end_is_wished()) {
		err = store_log_version(t->log, &now);
		if (err == LB_NOT_FOUND) {
			fputs("letterbox: The database was replaced by "
			      "another one.\n",
			    stderr);
			t->status = EXIT_FAILED;
			return 0;
		}
		if (err == LB_OK && now != *version) {
			*version = now;
			return 1;
		}
		/* A pipe that nobody reads is an error at once. */
		if (poll(&reader, 1, LOOK_MS) > 0 &&
		    (reader.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
			return 0;
	}
	return 0;
}

static int
run(struct timeline *t, int64_t room, int64_t after, int follow)
{
	int64_t version = -1;
	enum lb_err err = LB_OK;

	if (follow)
		store_log_version(t->log, &version);
	while (t->status < 0 && !cli_end_is_wished()) {
		err = store_log_messages(t->log, room, &after, print_message,
		    t);
		if (err == LB_OK)
			t->status = cli_out_write(&t->out);
		else if (err == LB_NOT_FOUND &&
		    (!follow || !wait_for_more(t, &version)))
			break;
		else if (err != LB_NOT_FOUND && !(follow && err == LB_BUSY))
			t->status = cli_reader_fail(t->log, err);
	}
	return t->status < 0 ? EXIT_DONE : t->status;
}

/* The seq before the first one that is wanted; -1: it cannot be told. */
static int64_t
find_start(struct timeline *t, int64_t room, const struct cli_since *since)
{
	int64_t after = 0;
	enum lb_err err = LB_OK;

	if (since->seq > 0)
		return since->seq - 1;
	if (since->at != 0)
		err = store_log_seek(t->log, room, since->at, &after);
	if (err == LB_OK || err == LB_NOT_FOUND)
		return after;
	t->status = cli_reader_fail(t->log, err);
	return -1;
}

static int
tell(struct timeline *t, const struct verb_call *call,
    const struct cli_since *since)
{
	struct cli_room room;
	int64_t after;
	int status = cli_reader_room(t->log, call->arg[0], &room);

	if (status >= 0)
		return status;
	measure(t, room.row);
	after = find_start(t, room.row, since);
	status = after < 0 ?
	    t->status :
	    run(t, room.row, after, verb_value(call, "follow") != NULL);
	cli_reader_forget(&room);
	return status;
}

int
cli_log(const struct verb_call *call)
{
	const char *when = verb_value(call, "since");
	struct cli_since since = { 0, 0 };
	struct timeline t = { .status = -1, .day = -1 };
	struct clock now;
	int status;

	clock_now(&now);
	if (when != NULL && !cli_since_read(when, now.wall, &since))
		return verb_blame(call->verb,
		    "--since wants a time, a while "
		    "or a seq, not `%s'",
		    when);
	status = cli_reader_open(call, &t.log);
	if (status >= 0)
		return status;
	cli_end_begin();
	redact_init(&t.redact,
	    verb_value(call, "show-addresses") != NULL ?
		REDACT_SECRETS :
		REDACT_ADDRESSES | REDACT_SECRETS);
	buf_init(&t.out, OUT_MAX);
	buf_init(&t.gist, 1 << 20);
	t.types = verb_value(call, "type");
	t.json = verb_value(call, "json") != NULL;
	status = tell(&t, call, &since);
	store_log_close(t.log);
	redact_reset(&t.redact);
	buf_reset(&t.out);
	buf_reset(&t.gist);
	return status;
}

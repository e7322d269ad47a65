/*
 * cli_check: see cli_check.h.
 */
#include "cli_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_end.h"
#include "cli_out.h"
#include "cli_reader.h"
#include "plain.h"

#define TYPES 1000 /* that are told apart; more are counted as one */
#define OUT_MAX (1 << 24)

/* ---- sums ---- */

struct sums {
	struct type {
		char name[260]; /* 64 characters, and more than that */
		int64_t count, bytes;
	} type[TYPES + 1];
	size_t types;
	int64_t bytes;
};

static struct type *
find_type(struct sums *sums, struct slice name)
{
	struct type *t = sums->type;

	for (size_t i = 0; i < sums->types; i++, t++)
		if (slice_is(name, t->name))
			return t;
	if (sums->types == TYPES)
		return t;
	snprintf(t->name, sizeof(t->name), "%.*s", (int)name.n, name.p);
	sums->types++;
	return t;
}

static int
add_type(void *arg, struct slice name, int64_t count, int64_t bytes)
{
	struct sums *sums = arg;
	struct type *t = find_type(sums, name);

	t->count += count;
	t->bytes += bytes;
	sums->bytes += bytes;
	return 0;
}

static int
by_count(const void *a, const void *b)
{
	const struct type *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void
print_bytes(struct buf *out, const char *before, int64_t bytes)
{
	buf_str(out, before);
	cli_out_bytes(out, bytes);
}

static void
print_stats(struct buf *out, const struct store_log_totals *t,
    const struct sums *sums)
{
	buf_printf(out, "rooms     %lld, %lld open, %lld kept\n",
	    (long long)t->rooms, (long long)t->open, (long long)t->kept);
	buf_printf(out, "peers     %lld, %lld present\n", (long long)t->peers,
	    (long long)t->present);
	buf_printf(out, "messages  %lld", (long long)t->messages);
	print_bytes(out, ", ", sums->bytes);
	buf_str(out, "\nfrom      ");
	cli_out_time(out, t->first_at);
	buf_str(out, "\nto        ");
	cli_out_time(out, t->last_at);
	print_bytes(out, "\nfile      ", t->file);
	buf_printf(out, ", schema %lld, journal %s", (long long)t->schema,
	    t->journal);
	print_bytes(out, ", log ", t->wal);
	buf_printf(out, "\n\n%8s  %6s  TYPE\n", "MESSAGES", "BYTES");
	for (size_t i = 0; i < sums->types; i++) {
		struct buf cell;

		buf_init(&cell, 64);
		cli_out_bytes(&cell, sums->type[i].bytes);
		buf_printf(out, "%8lld  %6.*s  ",
		    (long long)sums->type[i].count, (int)cell.n, cell.p);
		plain_add(out, slice_of(sums->type[i].name));
		buf_char(out, '\n');
		buf_reset(&cell);
	}
}

static void
print_stats_json(struct buf *out, const struct store_log_totals *t,
    const struct sums *sums)
{
	struct buf line;

	buf_init(&line, OUT_MAX);
	buf_printf(&line,
	    "{\"rooms\":%lld,\"open\":%lld,\"kept\":%lld,\"peers\":%lld,"
	    "\"present\":%lld,\"messages\":%lld,\"bytes\":%lld,"
	    "\"newest\":%lld,\"first_at\":%lld,\"last_at\":%lld,"
	    "\"file\":%lld,\"wal\":%lld,\"schema\":%lld,"
	    "\"journal\":\"%s\",\"types\":[",
	    (long long)t->rooms, (long long)t->open, (long long)t->kept,
	    (long long)t->peers, (long long)t->present, (long long)t->messages,
	    (long long)sums->bytes, (long long)t->newest,
	    (long long)t->first_at, (long long)t->last_at, (long long)t->file,
	    (long long)t->wal, (long long)t->schema, t->journal);
	for (size_t i = 0; i < sums->types; i++) {
		buf_str(&line, i > 0 ? ",{\"type\":" : "{\"type\":");
		buf_json(&line, slice_of(sums->type[i].name));
		buf_printf(&line, ",\"messages\":%lld,\"bytes\":%lld}",
		    (long long)sums->type[i].count,
		    (long long)sums->type[i].bytes);
	}
	buf_str(&line, "]}\n");
	plain_json(out, buf_as_slice(&line));
	out->failed |= line.failed;
	buf_reset(&line);
}

static enum lb_err
sum_up(struct store_log *log, struct store_log_totals *totals,
    struct sums *sums)
{
	enum lb_err err = store_log_totals(log, totals);
	int64_t after = 0;

	while (err == LB_OK) {
		err = store_log_types(log, &after, add_type, sums);
		cli_out_progress(after, totals->newest, "messages");
	}
	cli_out_progress(0, 0, NULL);
	if (sums->type[TYPES].count > 0)
		snprintf(sums->type[sums->types++].name, 16, "(others)");
	qsort(sums->type, sums->types, sizeof(sums->type[0]), by_count);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

int
cli_stats(const struct verb_call *call)
{
	struct sums *sums = calloc(1, sizeof(*sums));
	struct store_log_totals totals;
	struct store_log *log;
	struct buf out;
	enum lb_err err;
	int status = sums == NULL ? EXIT_FAILED : cli_reader_open(call, &log);

	if (status >= 0) {
		free(sums);
		return status;
	}
	buf_init(&out, OUT_MAX);
	err = sum_up(log, &totals, sums);
	if (err != LB_OK) {
		status = cli_reader_fail(log, err);
	} else {
		if (verb_value(call, "json") != NULL)
			print_stats_json(&out, &totals, sums);
		else
			print_stats(&out, &totals, sums);
		status = cli_out_write(&out);
	}
	store_log_close(log);
	free(sums);
	buf_reset(&out);
	return status < 0 ? EXIT_DONE : status;
}

/* ---- whether it is whole ---- */

struct check {
	struct buf *out;
	int json, wrong;
};

static int
is_wanted(void *arg)
{
	(void)arg;
	return cli_end_is_wished();
}

static void
say(void *arg, const char *line)
{
	struct check *c = arg;

	if (c->json) {
		buf_str(c->out, c->wrong > 0 ? "," : "");
		buf_json(c->out, slice_of(line));
	} else {
		buf_str(c->out, c->wrong > 0 ? "      " : "WRONG\n      ");
		plain_add(c->out, slice_of(line));
		buf_char(c->out, '\n');
	}
	c->wrong++;
}

/* One thing; -1: go on. */
static int
look_at(struct store_log *log, enum store_log_check what, struct check *c,
    int quick)
{
	const char *title = store_log_check_title(what);
	enum lb_err err;

	cli_out_progress((int64_t)what + 1, STORE_LOG__MAX, title);
	c->wrong = 0;
	if (c->json)
		buf_printf(c->out, "%s{\"what\":\"%s\",\"wrong\":[",
		    what > 0 ? "," : "", title);
	else
		buf_printf(c->out, "%s: ", title);
	err = store_log_check(log, what, quick, say, is_wanted, c);
	if (err == LB_TIMEOUT || cli_end_is_wished()) {
		fputs("letterbox: it was ended before its end\n", stderr);
		return EXIT_FAILED;
	}
	if (err == LB_BUSY)
		return cli_reader_fail(log, err);
	if (err != LB_OK && c->wrong == 0)
		say(c, store_log_fault(log));
	if (c->json)
		buf_str(c->out, "]}");
	else if (c->wrong == 0)
		buf_str(c->out, "ok\n");
	return -1;
}

int
cli_check(const struct verb_call *call)
{
	const int quick = verb_value(call, "quick") != NULL;
	struct check c = { .json = verb_value(call, "json") != NULL };
	struct store_log *log;
	struct buf out;
	int status = cli_reader_open(call, &log), wrong = 0;

	if (status >= 0)
		return status;
	cli_end_begin();
	buf_init(&out, OUT_MAX);
	c.out = &out;
	if (c.json)
		buf_str(&out, "{\"checks\":[");
	for (int what = 0; what < STORE_LOG__MAX && status < 0; what++) {
		status = look_at(log, (enum store_log_check)what, &c, quick);
		wrong += c.wrong;
		if (!c.json && status < 0)
			status = cli_out_write(&out);
	}
	cli_out_progress(0, 0, NULL);
	if (c.json)
		buf_printf(&out, "],\"wrong\":%d}\n", wrong);
	if (status < 0)
		status = cli_out_write(&out);
	store_log_close(log);
	buf_reset(&out);
	if (status >= 0)
		return status;
	return wrong > 0 ? EXIT_FAILED : EXIT_DONE;
}

/*
 * cli_recover: see cli_recover.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_recover.h"

#include <stdlib.h>

#include "cli.h"
#include "cli_end.h"
#include "cli_out.h"
#include "plain.h"
#include "recording.h"
#include "store_recover.h"

#define OUT_MAX (1 << 24)
#define SHOWN 20 /* ranges that people are shown */

static const char *const names[STORE_RECOVER__MAX] = {
	[STORE_RECOVER_META] = "epochs",
	[STORE_RECOVER_ROOMS] = "rooms",
	[STORE_RECOVER_PEERS] = "peers",
	[STORE_RECOVER_MESSAGES] = "messages",
	[STORE_RECOVER_KEYS] = "keys",
};

struct range {
	int64_t from, to;
};

struct losses {
	struct range *range; /* of seqs, rising */
	size_t count, size;
	int holes[STORE_RECOVER__MAX]; /* what could not be read */
	int failed;
};

static int
note_alive(void *arg, int64_t saved)
{
	(void)arg;
	cli_out_progress(saved, 0, "rows");
	return cli_end_is_wished();
}

static void
note_lost(void *arg, enum store_recover_table what, int64_t from, int64_t to)
{
	struct losses *l = arg;
	struct range *more;

	l->holes[what]++;
	if (what != STORE_RECOVER_MESSAGES)
		return;
	if (l->count > 0 && l->range[l->count - 1].to == from - 1) {
		l->range[l->count - 1].to = to;
		return;
	}
	if (l->count == l->size) {
		l->size = 2 * l->size + 64;
		more = realloc(l->range, l->size * sizeof(*more));
		if (more == NULL) {
			l->failed = 1;
			l->size = l->count;
			return;
		}
		l->range = more;
	}
	l->range[l->count++] = (struct range){ from, to };
}

/* ---- what came of it ---- */

static int
is_whole(const struct store_recovered *got, const struct losses *l)
{
	for (int i = 0; i < STORE_RECOVER__MAX; i++)
		if (l->holes[i] > 0 || got->refused[i] > 0)
			return 0;
	return got->lost_rooms + got->lost_peers == 0 && !got->epoch_is_new &&
	    !l->failed;
}

static void
print_range(struct buf *out, const struct range *range)
{
	buf_int(out, range->from);
	if (range->to == RECORDING_SEQ_MAX) {
		buf_str(out, " and above");
	} else if (range->to > range->from) {
		buf_char(out, '-');
		buf_int(out, range->to);
	}
}

static void
print_lost(struct buf *out, const struct store_recovered *got,
    const struct losses *l)
{
	for (int i = 0; i < STORE_RECOVER__MAX; i++) {
		if (l->holes[i] > 0 && i != STORE_RECOVER_MESSAGES)
			buf_printf(out, "lost      %s, in part\n", names[i]);
		if (got->refused[i] > 0)
			buf_printf(out,
			    "lost      %lld %s that are not sound\n",
			    (long long)got->refused[i], names[i]);
	}
	for (size_t i = 0; i < l->count && i < SHOWN; i++) {
		buf_str(out, i > 0 ? "," : "lost      what there was of seqs");
		buf_char(out, ' ');
		print_range(out, &l->range[i]);
	}
	if (l->count > SHOWN)
		buf_printf(out, " and of %zu more places", l->count - SHOWN);
	buf_str(out, l->count > 0 ? "\n" : "");
	if (got->lost_rooms > 0)
		buf_printf(out,
		    "renamed   %lld rooms, as lost/room-N: their own rows are "
		    "lost\n",
		    (long long)got->lost_rooms);
	if (got->lost_peers > 0)
		buf_printf(out,
		    "renamed   %lld peers, as lost-N: their own rows are "
		    "lost\n",
		    (long long)got->lost_peers);
	if (got->epoch_is_new)
		buf_str(out,
		    "lost      the epoch: cursors that clients have begin "
		    "anew\n");
}

static void
print(struct buf *out, const struct store_recovered *got,
    const struct losses *l)
{
	buf_printf(out,
	    "saved     %lld messages, %lld peers, %lld rooms, "
	    "%lld keys\n",
	    (long long)got->saved[STORE_RECOVER_MESSAGES],
	    (long long)got->saved[STORE_RECOVER_PEERS],
	    (long long)got->saved[STORE_RECOVER_ROOMS],
	    (long long)got->saved[STORE_RECOVER_KEYS]);
	buf_printf(out, "newest    %lld\n", (long long)got->newest);
	if (got->header_is_new)
		buf_str(out, "mended    the first page\n");
	print_lost(out, got, l);
	buf_str(out,
	    "not taken server.key, leases, the outbox of hooks, marks of "
	    "services\n");
}

static void
print_json(struct buf *out, const struct store_recovered *got,
    const struct losses *l)
{
	buf_str(out, "{\"saved\":{");
	for (int i = STORE_RECOVER_ROOMS; i < STORE_RECOVER__MAX; i++)
		buf_printf(out, "%s\"%s\":%lld",
		    i > STORE_RECOVER_ROOMS ? "," : "", names[i],
		    (long long)got->saved[i]);
	buf_str(out, "},\"refused\":{");
	for (int i = STORE_RECOVER_ROOMS; i < STORE_RECOVER__MAX; i++)
		buf_printf(out, "%s\"%s\":%lld",
		    i > STORE_RECOVER_ROOMS ? "," : "", names[i],
		    (long long)got->refused[i]);
	buf_str(out, "},\"unreadable\":{");
	for (int i = STORE_RECOVER_ROOMS; i < STORE_RECOVER__MAX; i++)
		buf_printf(out, "%s\"%s\":%s",
		    i > STORE_RECOVER_ROOMS ? "," : "", names[i],
		    l->holes[i] > 0 ? "true" : "false");
	buf_str(out, "},\"lost\":[");
	for (size_t i = 0; i < l->count; i++)
		buf_printf(out, "%s[%lld,%lld]", i > 0 ? "," : "",
		    (long long)l->range[i].from, (long long)l->range[i].to);
	buf_printf(out,
	    "],\"lost_rooms\":%lld,\"lost_peers\":%lld,\"newest\":%lld,"
	    "\"epoch_is_new\":%s,\"header_is_new\":%s,\"whole\":%s}\n",
	    (long long)got->lost_rooms, (long long)got->lost_peers,
	    (long long)got->newest, got->epoch_is_new ? "true" : "false",
	    got->header_is_new ? "true" : "false",
	    is_whole(got, l) ? "true" : "false");
}

/* ---- the verb ---- */

static enum lb_err
recover(const struct verb_call *call, struct losses *l,
    struct store_recovered *got, struct buf *words)
{
	const struct store_recover_watch watch = { note_lost, note_alive, l };
	const char *path = verb_value(call, "database");
	struct conf conf;
	enum lb_err err;

	if (path != NULL)
		return store_recover(path, call->arg[0], &watch, got, words);
	err = cli_load(&conf, verb_value(call, "conf"), call->program, words);
	if (err == LB_OK)
		err = store_recover(conf.data_dir, call->arg[0], &watch, got,
		    words);
	else
		err = LB_CONF;
	conf_reset(&conf);
	return err;
}

int
cli_recover(const struct verb_call *call)
{
	struct store_recovered got;
	struct losses losses = { 0 };
	struct buf words, out;
	enum lb_err err;
	int status;

	cli_out_begin();
	cli_end_begin();
	buf_init(&words, 65536);
	buf_init(&out, OUT_MAX);
	err = recover(call, &losses, &got, &words);
	cli_out_progress(0, 0, NULL);
	if (err == LB_TIMEOUT)
		buf_str(&words, "It was ended before its end.");
	cli_say(&words);
	if (err != LB_OK) {
		status = err == LB_CONF ? EXIT_CONF : EXIT_FAILED;
	} else {
		if (verb_value(call, "json") != NULL)
			print_json(&out, &got, &losses);
		else
			print(&out, &got, &losses);
		status = cli_out_write(&out);
		if (status < 0)
			status = is_whole(&got, &losses) ? EXIT_DONE :
							   EXIT_FAILED;
	}
	free(losses.range);
	buf_reset(&words);
	buf_reset(&out);
	return status;
}

/*
 * cli_replay: see cli_replay.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cli_end.h"
#include "cli_out.h"
#include "cli_recording.h"
#include "courier_ask.h"
#include "keyfile.h"
#include "name.h"
#include "replay.h"

#define SECRET_MAX 8192

struct wishes {
	const char *to, *room;
	struct buf secret; /* with its NUL; empty: none */
	struct rerun_wish rerun;
	double speed; /* 0: without waiting */
};

/* ---- what is wished ---- */

/* -1 and the value, or the default when it is not given; else blamed. */
static int
read_number(const struct verb_call *call, const char *name, double least,
    double most, double *out)
{
	const char *text = verb_value(call, name);
	char *end;

	if (text == NULL)
		return -1;
	errno = 0;
	*out = strtod(text, &end);
	if (errno == 0 && end != text && *end == '\0' && *out >= least &&
	    *out <= most)
		return -1;
	return verb_blame(call->verb, "--%s is a number from %g to %.0f", name,
	    least, most);
}

static int
read_whole(const struct verb_call *call, const char *name, int64_t most,
    int64_t *out)
{
	const char *text = verb_value(call, name);
	long long value;
	char *end;

	if (text == NULL)
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && value >= 0 &&
	    value <= most) {
		*out = value;
		return -1;
	}
	return verb_blame(call->verb, "--%s is a whole number from 0 to %lld",
	    name, (long long)most);
}

static int
read_chaos(const struct verb_call *call, struct chaos *c)
{
	int64_t reorder = 0, seed = 1;
	int status = read_number(call, "drop", 0, 1, &c->drop);

	if (status < 0)
		status = read_number(call, "double", 0, 1, &c->twice);
	if (status < 0)
		status = read_whole(call, "delay", CHAOS_DELAY_MAX, &c->delay);
	if (status < 0)
		status = read_whole(call, "reorder", CHAOS_REORDER_MAX,
		    &reorder);
	if (status < 0)
		status = read_whole(call, "seed", INT64_MAX, &seed);
	c->reorder = (size_t)reorder;
	c->seed = (uint64_t)seed;
	return status;
}

static int
read_place(const struct verb_call *call, struct wishes *w)
{
	w->to = verb_value(call, "to");
	w->room = verb_value(call, "room");
	if (w->to == NULL)
		return verb_blame(call->verb,
		    "--to is needed: no configuration knows under which "
		    "address a web server answers");
	if (strncmp(w->to, "http://", 7) != 0 &&
	    strncmp(w->to, "https://", 8) != 0)
		return verb_blame(call->verb,
		    "--to is an address that begins with http:// or https://");
	if (w->room == NULL)
		return verb_blame(call->verb, "--room is needed");
	if (!name_valid(slice_of(w->room)))
		return verb_blame(call->verb, "--room has " NAME_RULE);
	return -1;
}

/* Of a file: arguments are seen by everybody on the machine. */
static int
read_secret(const struct verb_call *call, struct buf *secret)
{
	const char *file = verb_value(call, "secret-file");
	struct buf words;
	enum lb_err err;

	if (file == NULL)
		return -1;
	if (strcmp(file, "-") == 0 && strcmp(call->arg[0], "-") == 0)
		return verb_blame(call->verb,
		    "standard input is the recording or the secret, not both");
	buf_init(&words, 65536);
	err = keyfile_secret(file, secret, &words);
	if (err == LB_OK)
		buf_char(secret, '\0');
	else
		cli_say(&words);
	buf_reset(&words);
	return err == LB_OK ? -1 : EXIT_FAILED;
}

static int
read_wishes(const struct verb_call *call, struct wishes *w)
{
	const char *speed = verb_value(call, "speed");
	int status = read_place(call, w);

	memset(&w->rerun, 0, sizeof(w->rerun));
	w->rerun.as = slice_of(verb_value(call, "as"));
	w->rerun.types = verb_value(call, "only");
	w->speed = 1;
	if (status < 0)
		status = read_chaos(call, &w->rerun.chaos);
	if (status < 0)
		status = read_whole(call, "from", INT64_MAX, &w->rerun.from);
	if (status < 0 && speed != NULL && strcmp(speed, "max") == 0)
		w->speed = 0;
	else if (status < 0)
		status = read_number(call, "speed", 0.001, 1000000, &w->speed);
	return status < 0 ? read_secret(call, &w->secret) : status;
}

/* ---- what is said before ---- */

static int
find_media(const struct tape *tape)
{
	for (size_t i = 0; i < tape->count; i++)
		if (slice_is(tape->messages[i].type, "description"))
			return 1;
	return 0;
}

static void
warn(const struct wishes *w, const struct tape *tape, int is_redacted)
{
	if (is_redacted)
		fputs("letterbox: The recording is redacted. Order, times, "
		      "types and media are as they were; in place of "
		      "addresses, names and passwords stand pseudonyms, which "
		      "browsers refuse as candidates. `export --whole` has "
		      "them.\n",
		    stderr);
	if (w->rerun.as.p != NULL && find_media(tape))
		fputs("letterbox: Its fingerprints, ICE passwords and "
		      "candidates are those of a browser that is gone: the "
		      "negotiation happens again, the connection cannot.\n",
		    stderr);
}

/* ---- all of it ---- */

static int
perform(const struct verb_call *call, const struct wishes *w,
    const struct rerun *plan)
{
	volatile sig_atomic_t *ended = cli_end_begin();
	struct replay r;
	enum lb_err err = replay_init(&r, plan);
	int status = EXIT_FAILED;

	if (err == LB_OK)
		err = courier_ask_open(&r.stage.asker, ended);
	if (err != LB_OK) {
		fputs("letterbox: out of memory\n", stderr);
	} else {
		r.stage.api = w->to;
		r.stage.room = w->room;
		r.stage.secret = w->secret.n > 0 ? w->secret.p : NULL;
		r.stage.ended = ended;
		r.as = w->rerun.as;
		r.speed = w->speed;
		r.json = verb_value(call, "json") != NULL;
		status = replay_run(&r);
	}
	courier_ask_close(r.stage.asker);
	replay_reset(&r);
	return status;
}

static void
take(void *arg, const struct message *m)
{
	tape_add(arg, m);
}

static int
run(const struct verb_call *call, const struct wishes *w, struct tape *tape,
    struct cli_recording *recording)
{
	struct rerun plan;
	enum lb_err err;
	int status = cli_recording_read(recording, call, call->arg[0], take,
	    tape);

	if (status >= 0)
		return status;
	err = tape->failed ? LB_NO_MEMORY : rerun_make(&plan, tape, &w->rerun);
	if (err == LB_NO_MEMORY) {
		fputs("letterbox: The recording is too large for the memory.\n",
		    stderr);
		return EXIT_FAILED;
	}
	if (err == LB_OK) {
		warn(w, tape, recording->is_redacted);
		status = perform(call, w, &plan);
	} else {
		fputs("letterbox: Nobody of that recording is called as --as "
		      "says.\n",
		    stderr);
		status = EXIT_ABSENT;
	}
	rerun_reset(&plan);
	return status;
}

int
cli_replay(const struct verb_call *call)
{
	struct cli_recording recording;
	struct wishes wishes;
	struct tape tape;
	int status;

	buf_init(&wishes.secret, SECRET_MAX);
	tape_init(&tape);
	cli_recording_init(&recording);
	status = read_wishes(call, &wishes);
	if (status < 0 && !courier_is_there()) {
		fputs("letterbox: This program was built without libcurl and "
		      "cannot ask a server. One that was built from source "
		      "can.\n",
		    stderr);
		status = EXIT_FAILED;
	}
	if (status < 0)
		status = run(call, &wishes, &tape, &recording);
	cli_recording_reset(&recording);
	tape_reset(&tape);
	buf_reset(&wishes.secret);
	return status;
}

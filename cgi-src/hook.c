/*
 * hook: see hook.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "hook.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utlist.h>

#include "folder.h"
#include "hook_parts.h"
#include "log.h"

#define PATIENCE_MS 2000 /* a batch waits for a locked database */
#define LOOK_MS 1000     /* between two looks at the keys */
#define FAREWELL_MS 1000 /* from the word to the end, at most */

/* ---- the end ---- */

static void
leave(struct hook *h)
{
	if (h->leaving)
		return;
	h->leaving = 1;
	loop_timer_start(h->loop, &h->farewell, FAREWELL_MS);
}

static void
on_terminated(struct loop_signal *signal)
{
	leave(LOOP_OWNER(signal, struct hook, terminated));
}

static void
on_interrupted(struct loop_signal *signal)
{
	leave(LOOP_OWNER(signal, struct hook, interrupted));
}

static void
on_farewell(struct loop_timer *timer)
{
	loop_stop(LOOP_OWNER(timer, struct hook, farewell)->loop);
}

/* Nothing is ever said there: only its end is heard. */
static void
on_leash(struct loop_io *io, int events)
{
	struct hook *h = loop_io_arg(io);

	(void)events;
	loop_io_want(h->loop, io, 0);
	leave(h);
}

/* ---- keys ---- */

static struct hook_key *
find(struct hook *h, const char *name)
{
	struct hook_key *k;

	DL_FOREACH(h->keys, k)
		if (k->state != HOOK_GONE && strcmp(k->key.name, name) == 0)
			return k;
	return NULL;
}

/* One that was removed and made anew is another one. */
static void
see(void *arg, const struct store_key *key)
{
	struct hook *h = arg;
	struct hook_key *k = find(h, key->name);

	if (key->hook[0] == '\0')
		return;
	if (k != NULL &&
	    token_equal(k->key.hash.b, key->hash.b, TOKEN_DIGEST)) {
		k->seen = 1;
		return;
	}
	if (hook_key_add(h, key) != LB_OK)
		h->failed = LB_NO_MEMORY;
}

static void
look_at_keys(struct hook *h)
{
	struct hook_key *k, *next;

	DL_FOREACH(h->keys, k)
		k->seen = 0;
	if (store_keys(h->store, see, h) != LB_OK)
		return;
	DL_FOREACH_SAFE(h->keys, k, next)
		if (!k->seen && k->state != HOOK_GONE)
			hook_key_drop(k);
}

static void
on_look(struct loop_timer *timer)
{
	struct hook *h = LOOP_OWNER(timer, struct hook, look);

	look_at_keys(h);
	loop_timer_start(h->loop, timer, LOOK_MS);
}

/* ---- the turn ---- */

/* A word about a room that we do not follow is none for us: what others say
 * is passed by twice a second. */
static void
heard(void *arg, uint64_t word)
{
	struct hook *h = arg;
	struct hook_key *k;

	DL_FOREACH(h->keys, k)
		if (k->sub.followed && word == MEETING_ROOM(k->sub.room))
			h->store->look = 1;
}

/* Rooms and seqs of another log are other ones. */
static enum lb_err
look_at_log(struct hook *h)
{
	if (h->store->outdated)
		return LB_NEWER_SCHEMA;
	return strcmp(store_epoch(h->store), h->epoch) != 0 ? LB_IO : LB_OK;
}

static int
rests(const struct hook *h)
{
	const struct hook_key *k;

	DL_FOREACH(h->keys, k)
		if (!hook_key_rests(k))
			return 0;
	return 1;
}

static int64_t
turn(void *arg, const struct clock *now)
{
	struct hook *h = arg;
	struct hook_key *k, *next;
	int64_t wait = store_turn(h->store, now), more;

	if (h->failed == LB_OK)
		h->failed = look_at_log(h);
	if (h->failed != LB_OK) {
		loop_stop(h->loop);
		return 0;
	}
	DL_FOREACH_SAFE(h->keys, k, next) {
		more = hook_key_turn(k, now);
		if (wait < 0 || (more >= 0 && more < wait))
			wait = more;
	}
	if (h->leaving && rests(h))
		loop_stop(h->loop);
	return wait;
}

/* ---- the beginning ---- */

static enum lb_err
open_store(struct hook *h, struct buf *words)
{
	const struct store_options options = conf_store(h->conf, PATIENCE_MS);
	enum lb_err err = store_sqlite_open(&h->store, &options, words);

	if (err != LB_OK)
		return err;
	memcpy(h->epoch, store_epoch(h->store), sizeof(h->epoch));
	meeting_find(&h->meeting, h->store, h->conf->data_dir);
	if (meeting_open(&h->meeting, h->conf->data_dir, &h->wake, h->loop,
		heard, h) != LB_OK)
		h->store->deaf = 1;
	return LB_OK;
}

static void
start_watching(struct hook *h, int leash)
{
	signal(SIGPIPE, SIG_IGN);
	loop_signal_init(&h->terminated, SIGTERM, on_terminated);
	loop_signal_start(h->loop, &h->terminated);
	loop_signal_init(&h->interrupted, SIGINT, on_interrupted);
	loop_signal_start(h->loop, &h->interrupted);
	loop_timer_init(&h->farewell, on_farewell);
	loop_timer_init(&h->look, on_look);
	loop_io_init(&h->leash, leash, on_leash, h);
	if (leash >= 0)
		loop_io_want(h->loop, &h->leash, LOOP_READ);
	loop_set_turn(h->loop, turn, h);
}

static void
stop_watching(struct hook *h)
{
	loop_timer_stop(h->loop, &h->look);
	loop_timer_stop(h->loop, &h->farewell);
	loop_io_want(h->loop, &h->leash, 0);
	loop_signal_stop(h->loop, &h->terminated);
	loop_signal_stop(h->loop, &h->interrupted);
}

static void
work(struct hook *h, int leash)
{
	start_watching(h, leash);
	log_event(LOG_INFO, "hook", "what=start");
	on_look(&h->look);
	loop_run(h->loop);
	log_event(LOG_INFO, "hook", "what=stop why=%s",
	    h->failed != LB_OK ? err_words(h->failed)->code : "signal");
	stop_watching(h);
}

static void
close_all(struct hook *h)
{
	struct hook_key *k, *next;

	courier_close(h->courier);
	if (h->store != NULL)
		store_close(h->store);
	DL_FOREACH_SAFE(h->keys, k, next)
		hook_key_free(k);
	wake_close(h->wake);
	loop_close(h->loop);
}

enum lb_err
hook_run(const struct conf *conf, int leash, struct buf *words)
{
	struct hook h;
	enum lb_err err;

	memset(&h, 0, sizeof(h));
	h.conf = conf;
	log_set_level((enum log_level)conf->log);
	umask(077);
	err = loop_open(&h.loop);
	if (err == LB_OK)
		err = courier_open(&h.courier, h.loop);
	if (err == LB_OK)
		err = open_store(&h, words);
	if (err == LB_OK) {
		work(&h, leash);
		err = h.failed;
	}
	close_all(&h);
	if (h.failed == LB_IO)
		buf_str(words,
		    "Another database has taken the place of the one that was "
		    "open: the next hook goes on with that.");
	else if (err != LB_OK && words->n == 0)
		buf_printf(words, "%s. %s", err_words(err)->title,
		    err_words(err)->cure);
	return err;
}

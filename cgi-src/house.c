/*
 * house: see house.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "house.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "dialect_apprtc.h"
#include "dialect_channel.h"
#include "dialect_page.h"
#include "keyfile.h"
#include "log.h"
#include "wake.h"

#define PATIENCE_MS 2000 /* a batch waits for a locked database */

/* ---- between processes ---- */

static const uint64_t marks[] = {
	[POSTOFFICE_POLLS] = 0,
	[POSTOFFICE_POSTS] = MEETING_POSTS,
	[POSTOFFICE_GOES] = MEETING_GOES,
};

static void
tell_room(void *arg, int64_t room)
{
	struct house *h = arg;

	wake_send(h->wake, MEETING_ROOM(room));
}

static void
tell_peer(void *arg, enum postoffice_word word, int64_t peer)
{
	struct house *h = arg;

	wake_send(h->wake, MEETING_PEER(peer) | marks[word]);
}

static void
heard(void *arg, uint64_t word)
{
	struct house *h = arg;
	enum postoffice_word what = POSTOFFICE_POLLS;

	if (!MEETING_IS_PEER(word)) {
		postoffice_heard_commit(h->po);
		return;
	}
	if (word & MEETING_POSTS)
		what = POSTOFFICE_POSTS;
	else if (word & MEETING_GOES)
		what = POSTOFFICE_GOES;
	postoffice_heard(h->po, what, MEETING_ROW(word), loop_now(h->loop));
}

/* ---- from the configuration ---- */

static void
set_options(struct postoffice_options *o, const struct conf *c)
{
	o->bounds.peers = c->peers_max;
	o->bounds.room_messages = c->room_messages;
	o->bounds.room_bytes = c->room_bytes;
	o->bounds.mailbox_messages = c->mailbox_messages;
	o->bounds.mailbox_bytes = c->mailbox_bytes;
	o->bounds.stranger_ids = c->stranger_ids;
	o->bounds.stranger_messages = c->stranger_messages;
	o->bounds.stranger_bytes = c->stranger_bytes;
	o->bounds.lease = c->lease * 1000;
	o->bounds.reserve = c->reserve * 1000;
	o->lease_max = c->lease_max * 1000;
	o->away = c->away * 1000;
	o->ttl = c->ttl * 1000;
	o->stranger_ttl = c->stranger_ttl * 1000;
	o->post_rate = c->post_rate;
	o->post_burst = c->post_burst;
	o->join_rate = c->join_rate;
	o->join_burst = c->join_burst;
	o->key_rate = c->key_rate;
	o->key_burst = c->key_burst;
	o->polls_per_address = c->polls_per_address;
}

static void
set_governor(struct governor_options *o, const struct conf *c, enum front front)
{
	o->front = front;
	o->seats[FRONT_AUTO] = o->seats[FRONT_EVENT] = c->seats;
	o->seats[FRONT_THREAD] = c->seats_threads;
	o->seats[FRONT_POOL] = o->seats[FRONT_CGI] = c->seats_processes;
	o->most = c->seats;
	o->spare = c->spare_processes;
	o->rate = c->short_poll_rate;
	o->pause = c->pause;
	o->hold = c->hold * 1000;
}

static const char *const *
items(const struct conf_list *list)
{
	return (const char *const *)list->item;
}

/* For the doctor. */
static void
count_seats(void *arg, struct doctor_seats *out)
{
	struct house *h = arg;
	struct governor_stats stats;

	postoffice_seats(h->po, loop_now(h->loop), &stats);
	out->front = postoffice_front(h->po);
	out->seats = h->options.governor.seats[out->front];
	out->taken = stats.seats[out->front];
	/* The two have one budget. */
	if (front_is_single(out->front))
		out->taken = stats.seats[FRONT_POOL] + stats.seats[FRONT_CGI];
	out->waiting = stats.waiting;
	out->pause = stats.pause;
	out->learned = stats.ceiling[out->front];
}

/* What does not depend on the face. */
static void
set_mount(struct house *h)
{
	const struct conf *c = h->conf;
	struct rooms_mount *m = &h->mount;

	m->po = h->po;
	m->now = loop_now(h->loop);
	m->server_key = buf_as_slice(&h->server_key);
	m->require_ticket = c->require_ticket;
	m->body_max = c->body_max;
	m->message_max = c->message_max;
	m->messages_max = c->messages_max;
	m->origins = items(&c->allowed_origins);
	m->origin_count = c->allowed_origins.count;
	m->proxies = items(&c->trusted_proxy);
	m->proxy_count = c->trusted_proxy.count;
	m->ice.stun = items(&c->ice);
	m->ice.stun_count = c->ice.count;
	m->ice.turn = items(&c->turn);
	m->ice.turn_count = c->turn.count;
	m->ice.turn_secret = buf_as_slice(&h->turn_secret);
	m->ice.turn_ttl = c->turn_ttl;
	if (c->dialect_apprtc & 1)
		m->apprtc = c->apprtc_namespace == CONF_ROOMS ? ROOM_NAMESPACE :
								SLICE("apprtc");
	m->metrics_open = c->metrics_open;
	m->doctor = doctor_visit;
	m->admits = doctor_admits;
	m->doctor_arg = &h->visit;
	h->visit.conf = c;
	h->visit.key = m->server_key;
	h->visit.now = m->now;
	h->visit.seats = count_seats;
	h->visit.seats_arg = h;
}

/* Which dialect is spoken where; the last door takes what is left. */
static void
set_doors(struct house *h)
{
	const struct dialect *last = h->mount.apprtc.p != NULL ?
	    &dialect_apprtc :
	    &dialect_page;
	const struct hall_door doors[HOUSE_DOORS] = {
		{ "/channel", &dialect_channel, &h->mount },
		{ "/_ah/channel", &dialect_channel, &h->mount },
		{ "", last, &h->mount },
	};

	memcpy(h->doors, doors, sizeof(doors));
	h->hall.doors = h->doors;
	h->hall.count = HOUSE_DOORS;
}

/* The keys: our own two, and those the configuration names. */
static enum lb_err
read_keys(struct house *h, struct buf *words)
{
	const struct conf *c = h->conf;
	struct buf text;
	enum lb_err err;

	buf_init(&text, 8192);
	err = keyfile_get(c->data_dir, "server.key", &h->server_key, words);
	if (err == LB_OK)
		err = keyfile_get(c->data_dir, "admin.key", &text, words);
	if (err == LB_OK)
		token_sha256(&h->mount.admin, buf_as_slice(&text));
	text.n = 0;
	if (err == LB_OK && c->ticket_key_file != NULL) {
		err = keyfile_read(c->ticket_key_file, &text, words);
		token_sha256(&h->mount.ticket_key, buf_as_slice(&text));
		h->mount.has_ticket_key = err == LB_OK;
	}
	if (err == LB_OK && c->turn_secret_file != NULL)
		err = keyfile_read(c->turn_secret_file, &h->turn_secret, words);
	buf_reset(&text);
	return err;
}

/* ---- where processes meet ---- */

#define RATES_SIZE (2 * LIMIT_SLOTS * sizeof(struct limit_slot))

/* The rates of all processes, in memory that they share through a file; when
 * that cannot be, each counts for itself. */
static void
share_rates(struct house *h)
{
	char path[4096 + 8];
	void *memory = MAP_FAILED;
	int fd = -1;

	snprintf(path, sizeof(path), "%s/rates",
	    h->meeting.elsewhere ? h->meeting.path : h->conf->data_dir);
	if (!h->meeting.elsewhere || h->meeting.path[0] != '\0')
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	/* A map of bytes that the full disk does not have ends the process. */
	if (fd >= 0 && posix_fallocate(fd, 0, (off_t)RATES_SIZE) == 0)
		memory = mmap(NULL, RATES_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (memory != MAP_FAILED)
		h->options.rates = memory;
	else
		log_event(LOG_INFO, "rates", "why=alone");
}

/* ---- opening ---- */

static enum lb_err
open_store(struct house *h, enum front front, struct buf *words)
{
	struct store_options options = conf_store(h->conf, PATIENCE_MS);
	uint64_t poller = 0;
	enum lb_err err;

	options.brief = front == FRONT_CGI;
	options.alone = front_is_single(front);
	err = store_sqlite_open(&h->store, &options, words);
	if (err == LB_OK)
		err = token_random(&poller, sizeof(poller));
	if (err != LB_OK)
		return err;
	/* SQLite keeps signed numbers; 0 means nobody. */
	poller = (poller >> 1) | 1;
	set_options(&h->options, h->conf);
	set_governor(&h->options.governor, h->conf, front);
	meeting_find(&h->meeting, h->store, h->conf->data_dir);
	share_rates(h);
	h->po = postoffice_new(h->store, &h->options, poller,
	    loop_now(h->loop));
	return h->po != NULL ? LB_OK : LB_NO_MEMORY;
}

/* Without a socket the store looks by itself, more often. */
static void
open_wake(struct house *h)
{
	enum lb_err err = meeting_open(&h->meeting, h->conf->data_dir, &h->wake,
	    h->loop, heard, h);

	if (err != LB_OK) {
		log_event(LOG_ERROR, "wake", "why=%s", err_words(err)->code);
		h->store->deaf = 1;
		return;
	}
	h->store->woke = tell_room;
	h->store->woke_arg = h;
	postoffice_on_word(h->po, tell_peer, h);
}

enum lb_err
house_open(struct house *h, const struct conf *conf, enum front front,
    struct buf *words)
{
	enum lb_err err;

	memset(h, 0, sizeof(*h));
	h->conf = conf;
	buf_init(&h->server_key, 8192);
	buf_init(&h->turn_secret, 8192);
	log_set_level((enum log_level)conf->log);
	umask(077);
	err = folder_make(conf->data_dir, words);
	if (err == LB_OK)
		err = loop_open(&h->loop);
	if (err == LB_OK)
		err = open_store(h, front, words);
	if (err == LB_OK)
		err = read_keys(h, words);
	if (err == LB_OK)
		open_wake(h);
	if (err == LB_OK)
		set_mount(h);
	set_doors(h);
	return err;
}

size_t
house_body_max(const struct conf *conf)
{
	return conf->body_max > CHANNEL_BODY_MAX ? (size_t)conf->body_max :
						   CHANNEL_BODY_MAX;
}

int64_t
house_turn(struct house *h, const struct clock *now)
{
	int64_t next = postoffice_turn(h->po, now);

	wake_flush(h->wake);
	return next;
}

void
house_close(struct house *h)
{
	postoffice_free(h->po);
	if (h->store != NULL)
		store_close(h->store);
	wake_close(h->wake);
	if (h->options.rates != NULL)
		munmap(h->options.rates, RATES_SIZE);
	loop_close(h->loop);
	buf_reset(&h->server_key);
	buf_reset(&h->turn_secret);
}

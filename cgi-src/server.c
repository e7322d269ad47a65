/*
 * server: see server.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dialect_rooms.h"
#include "keyfile.h"
#include "log.h"
#include "loop.h"
#include "postoffice.h"
#include "transport_fcgi.h"
#include "wake.h"

#define PATIENCE_MS 2000 /* a batch waits for a locked database */
#define FAREWELL_MS 1500 /* from SIGTERM to the end, at most */

struct server {
	const struct conf *conf;
	struct loop *loop;
	struct store *store;
	struct postoffice *po;
	struct wake *wake;
	struct transport_fcgi *transport;
	struct postoffice_options options;
	struct rooms_mount mount;
	struct buf server_key, turn_secret;
	struct loop_signal terminated, interrupted;
	struct loop_timer farewell;
	int leaving;
};

/* ---- between processes: a datagram carries a room or a peer ---- */

#define WAKE_ROOM(row) ((uint64_t)(row) << 1)
#define WAKE_PEER(row) ((uint64_t)(row) << 1 | 1)

static void
tell_room(void *arg, int64_t room)
{
	struct server *s = arg;

	wake_send(s->wake, WAKE_ROOM(room));
}

static void
tell_peer(void *arg, int64_t peer)
{
	struct server *s = arg;

	wake_send(s->wake, WAKE_PEER(peer));
}

static void
heard(void *arg, uint64_t word)
{
	struct server *s = arg;
	int64_t row = (int64_t)(word >> 1);

	postoffice_heard(s->po, word & 1 ? row : 0, loop_now(s->loop));
}

/* ---- the turn ---- */

static int64_t
turn(void *arg, const struct clock *now)
{
	struct server *s = arg;
	struct fcgi_stats stats;
	int64_t next = postoffice_turn(s->po, now);

	wake_flush(s->wake);
	if (s->leaving) {
		transport_fcgi_stats(s->transport, &stats);
		if (stats.connections == 0)
			loop_stop(s->loop);
	}
	return next;
}

static void
say_goodbye(struct server *s)
{
	if (s->leaving)
		return;
	s->leaving = 1;
	log_event(LOG_INFO, "stop", "waiters=%lld",
	    (long long)postoffice_stats(s->po)->waiters);
	transport_fcgi_stop_accepting(s->transport);
	postoffice_drain(s->po);
	loop_timer_start(s->loop, &s->farewell, FAREWELL_MS);
}

static void
on_terminated(struct loop_signal *signal)
{
	say_goodbye(LOOP_OWNER(signal, struct server, terminated));
}

static void
on_interrupted(struct loop_signal *signal)
{
	say_goodbye(LOOP_OWNER(signal, struct server, interrupted));
}

static void
on_farewell(struct loop_timer *timer)
{
	loop_stop(LOOP_OWNER(timer, struct server, farewell)->loop);
}

static void
print_metrics(void *arg, struct buf *out)
{
	struct server *s = arg;
	struct fcgi_stats stats;

	transport_fcgi_stats(s->transport, &stats);
	buf_printf(out,
	    "# HELP letterbox_connections Connections from the web "
	    "server.\n# TYPE letterbox_connections gauge\n"
	    "letterbox_connections %lld\n"
	    "# HELP letterbox_requests_total Requests read whole.\n"
	    "# TYPE letterbox_requests_total counter\n"
	    "letterbox_requests_total %lld\n",
	    (long long)stats.connections, (long long)stats.requests);
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
	o->hold = c->hold * 1000;
	o->lease_max = c->lease_max * 1000;
	o->away = c->away * 1000;
	o->ttl = c->ttl * 1000;
	o->stranger_ttl = c->stranger_ttl * 1000;
	o->post_rate = c->post_rate;
	o->post_burst = c->post_burst;
	o->join_rate = c->join_rate;
	o->join_burst = c->join_burst;
	o->polls_per_address = c->polls_per_address;
	o->seats = c->seats;
	o->pause = c->pause;
}

static const char *const *
items(const struct conf_list *list)
{
	return (const char *const *)list->item;
}

static void
set_mount(struct server *s)
{
	const struct conf *c = s->conf;
	struct rooms_mount *m = &s->mount;

	m->po = s->po;
	m->now = loop_now(s->loop);
	m->server_key = buf_as_slice(&s->server_key);
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
	m->ice.turn_secret = buf_as_slice(&s->turn_secret);
	m->ice.turn_ttl = c->turn_ttl;
	m->metrics_open = c->metrics_open;
	m->metrics = print_metrics;
	m->metrics_arg = s;
}

/* The keys: our own two, and those the configuration names. */
static enum lb_err
read_keys(struct server *s, struct buf *words)
{
	const struct conf *c = s->conf;
	struct buf text;
	enum lb_err err;

	buf_init(&text, 8192);
	err = keyfile_get(c->data_dir, "server.key", &s->server_key, words);
	if (err == LB_OK)
		err = keyfile_get(c->data_dir, "admin.key", &text, words);
	if (err == LB_OK)
		token_sha256(&s->mount.admin, buf_as_slice(&text));
	text.n = 0;
	if (err == LB_OK && c->ticket_key_file != NULL) {
		err = keyfile_read(c->ticket_key_file, &text, words);
		token_sha256(&s->mount.ticket_key, buf_as_slice(&text));
		s->mount.has_ticket_key = err == LB_OK;
	}
	if (err == LB_OK && c->turn_secret_file != NULL)
		err = keyfile_read(c->turn_secret_file, &s->turn_secret, words);
	buf_reset(&text);
	return err;
}

static enum lb_err
make_folder(const char *path, struct buf *words)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return LB_OK;
	buf_printf(words, "The folder %s cannot be made (%s).", path,
	    strerror(errno));
	return LB_READ_ONLY;
}

/* ---- start ---- */

#define RATES_SIZE (2 * LIMIT_SLOTS * sizeof(struct limit_slot))

/* The rates of all processes, in memory that they share through a file; when
 * that cannot be, each counts for itself. */
static void
share_rates(struct server *s)
{
	char path[4096];
	void *memory = MAP_FAILED;
	int fd;

	snprintf(path, sizeof(path), "%s/rates", s->conf->data_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (ftruncate(fd, (off_t)RATES_SIZE) == 0)
		memory = mmap(NULL, RATES_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	close(fd);
	if (memory != MAP_FAILED)
		s->options.rates = memory;
}

static enum lb_err
open_store(struct server *s, struct buf *words)
{
	const struct store_options options = {
		.folder = s->conf->data_dir,
		.power = s->conf->durability == CONF_POWER,
		.db_max = s->conf->db_max,
		.patience = PATIENCE_MS,
	};
	uint64_t poller = 0;
	enum lb_err err = store_sqlite_open(&s->store, &options, words);

	if (err == LB_OK)
		err = token_random(&poller, sizeof(poller));
	if (err != LB_OK)
		return err;
	/* SQLite keeps signed numbers; 0 means nobody. */
	poller = (poller >> 1) | 1;
	set_options(&s->options, s->conf);
	share_rates(s);
	s->po = postoffice_new(s->store, &s->options, poller,
	    loop_now(s->loop));
	return s->po != NULL ? LB_OK : LB_NO_MEMORY;
}

static enum lb_err
open_wake(struct server *s, struct buf *words)
{
	char path[4096];
	enum lb_err err;

	snprintf(path, sizeof(path), "%s/run", s->conf->data_dir);
	err = make_folder(path, words);
	if (err == LB_OK)
		err = wake_open(&s->wake, s->loop, path, heard, s);
	if (err != LB_OK) {
		buf_printf(words, "The folder %s cannot hold a socket.", path);
		return err;
	}
	s->store->woke = tell_room;
	s->store->woke_arg = s;
	postoffice_on_take_over(s->po, tell_peer, s);
	return LB_OK;
}

static enum lb_err
open_transport(struct server *s, int listen_fd)
{
	const struct fcgi_options options = {
		.dialect = &dialect_rooms,
		.mount = &s->mount,
		.body_max = (size_t)s->conf->body_max,
	};
	enum lb_err err;

	set_mount(s);
	err = transport_fcgi_open(&s->transport, s->loop, listen_fd, &options);
	if (err == LB_OK)
		s->options.seats = transport_fcgi_seats(s->transport,
		    s->options.seats);
	return err;
}

static void
start_signals(struct server *s)
{
	signal(SIGPIPE, SIG_IGN);
	loop_signal_init(&s->terminated, SIGTERM, on_terminated);
	loop_signal_init(&s->interrupted, SIGINT, on_interrupted);
	loop_signal_start(s->loop, &s->terminated);
	loop_signal_start(s->loop, &s->interrupted);
	loop_timer_init(&s->farewell, on_farewell);
	loop_set_turn(s->loop, turn, s);
}

static enum lb_err
start(struct server *s, int listen_fd, struct buf *words)
{
	enum lb_err err = make_folder(s->conf->data_dir, words);

	if (err == LB_OK)
		err = loop_open(&s->loop);
	if (err == LB_OK)
		err = open_store(s, words);
	if (err == LB_OK)
		err = read_keys(s, words);
	if (err == LB_OK)
		err = open_wake(s, words);
	if (err == LB_OK)
		err = open_transport(s, listen_fd);
	if (err != LB_OK)
		return err;
	start_signals(s);
	log_event(LOG_INFO, "start", "version=" LB_VERSION " durability=%s",
	    s->conf->durability == CONF_POWER ? "power" : "process");
	return LB_OK;
}

static void
stop(struct server *s)
{
	if (s->po != NULL)
		postoffice_drain(s->po);
	transport_fcgi_close(s->transport);
	postoffice_free(s->po);
	if (s->store != NULL)
		store_close(s->store);
	wake_close(s->wake);
	if (s->options.rates != NULL)
		munmap(s->options.rates, RATES_SIZE);
	if (s->transport != NULL) {
		loop_timer_stop(s->loop, &s->farewell);
		loop_signal_stop(s->loop, &s->terminated);
		loop_signal_stop(s->loop, &s->interrupted);
	}
	loop_close(s->loop);
	buf_reset(&s->server_key);
	buf_reset(&s->turn_secret);
}

enum lb_err
server_run(const struct conf *conf, int listen_fd, struct buf *words)
{
	struct server s;
	enum lb_err err;

	memset(&s, 0, sizeof(s));
	s.conf = conf;
	buf_init(&s.server_key, 8192);
	buf_init(&s.turn_secret, 8192);
	log_set_level((enum log_level)conf->log);
	umask(077);
	err = start(&s, listen_fd, words);
	if (err == LB_OK)
		loop_run(s.loop);
	stop(&s);
	return err;
}

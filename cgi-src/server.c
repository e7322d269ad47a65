/*
 * server: see server.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <signal.h>
#include <string.h>

#include "dialect_hall.h"
#include "hook_child.h"
#include "house.h"
#include "log.h"
#include "transport_fcgi.h"

#define FAREWELL_MS 1500 /* from SIGTERM to the end, at most */
#define GLANCE_MS 2000   /* between looks for a successor, in a pool */

struct server {
	struct house house;
	struct transport_fcgi *transport;
	struct successor *successor;
	struct hook_child hook;
	struct loop_signal terminated, interrupted, hung_up;
	struct loop_timer farewell, glance;
	uint64_t served; /* requests, at the last glance */
	int pooled, leaving, succeed, replaced;
};

static void say_goodbye(struct server *);

static int64_t
turn(void *arg, const struct clock *now)
{
	struct server *s = arg;
	struct fcgi_stats stats;
	int64_t next = house_turn(&s->house, now);

	if (s->house.store->outdated)
		say_goodbye(s);
	if (s->leaving) {
		transport_fcgi_stats(s->transport, &stats);
		if (stats.connections == 0 && hook_child_is_over(&s->hook))
			loop_stop(s->house.loop);
	}
	return next;
}

/* ---- the end ---- */

static void
say_goodbye(struct server *s)
{
	struct postoffice *po = s->house.po;

	if (s->leaving)
		return;
	s->leaving = 1;
	log_event(LOG_INFO, "stop", "waiters=%lld why=%s",
	    (long long)postoffice_stats(po)->waiters,
	    s->house.store->outdated      ? err_words(LB_NEWER_SCHEMA)->code :
		s->replaced || s->succeed ? "successor" :
					    "signal");
	transport_fcgi_stop_accepting(s->transport);
	hook_child_end(&s->hook);
	postoffice_drain(po);
	loop_timer_start(s->house.loop, &s->farewell, FAREWELL_MS);
}

/* Also when it makes way for its successor already: then without one. */
static void
end(struct server *s)
{
	successor_cancel(s->successor);
	s->succeed = 0;
	say_goodbye(s);
}

static void
on_terminated(struct loop_signal *signal)
{
	end(LOOP_OWNER(signal, struct server, terminated));
}

static void
on_interrupted(struct loop_signal *signal)
{
	end(LOOP_OWNER(signal, struct server, interrupted));
}

static void
make_way(void *arg)
{
	struct server *s = arg;

	s->succeed = 1;
	say_goodbye(s);
}

static void
on_hung_up(struct loop_signal *signal)
{
	struct server *s = LOOP_OWNER(signal, struct server, hung_up);

	if (!s->leaving)
		successor_try(s->successor, s->house.loop, make_way, s);
}

/*
 * Successors are there already: this one is only in their way.  A request that
 * was begun before they came may be meant for it still, so it goes when it had
 * none from one glance to the next.  A poll is answered, to come again there.
 */
static void
on_glance(struct loop_timer *timer)
{
	struct server *s = LOOP_OWNER(timer, struct server, glance);
	const uint64_t served = s->served;
	struct fcgi_stats stats;

	transport_fcgi_stats(s->transport, &stats);
	s->served = stats.requests;
	if (s->replaced && stats.connections == 0 && served == s->served) {
		say_goodbye(s);
		return;
	}
	if (s->replaced)
		postoffice_drain(s->house.po);
	s->replaced = successor_came(s->successor);
	loop_timer_start(s->house.loop, timer, GLANCE_MS);
}

static void
on_farewell(struct loop_timer *timer)
{
	loop_stop(LOOP_OWNER(timer, struct server, farewell)->house.loop);
}

/* ---- the beginning ---- */

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

static enum lb_err
open_transport(struct server *s, int listen_fd)
{
	struct house *h = &s->house;
	const struct fcgi_options options = {
		.dialect = &dialect_hall,
		.mount = &h->hall,
		.body_max = house_body_max(h->conf),
	};
	enum lb_err err = transport_fcgi_open(&s->transport, h->loop, listen_fd,
	    &options);

	if (err != LB_OK)
		return err;
	h->options.governor.most = transport_fcgi_seats(s->transport,
	    INT32_MAX);
	h->mount.metrics = print_metrics;
	h->mount.metrics_arg = s;
	return LB_OK;
}

static void
start_signals(struct server *s)
{
	struct loop *loop = s->house.loop;

	signal(SIGPIPE, SIG_IGN);
	loop_signal_init(&s->terminated, SIGTERM, on_terminated);
	loop_signal_init(&s->interrupted, SIGINT, on_interrupted);
	loop_signal_start(loop, &s->terminated);
	loop_signal_start(loop, &s->interrupted);
	loop_signal_init(&s->hung_up, SIGHUP, on_hung_up);
	loop_signal_start(loop, &s->hung_up);
	successor_release();
	loop_timer_init(&s->farewell, on_farewell);
	loop_timer_init(&s->glance, on_glance);
	if (s->pooled)
		loop_timer_start(loop, &s->glance, GLANCE_MS);
	loop_set_turn(loop, turn, s);
}

static void
stop_signals(struct server *s)
{
	struct loop *loop = s->house.loop;

	successor_hold();
	successor_cancel(s->successor);
	loop_timer_stop(loop, &s->farewell);
	loop_timer_stop(loop, &s->glance);
	loop_signal_stop(loop, &s->terminated);
	loop_signal_stop(loop, &s->interrupted);
	loop_signal_stop(loop, &s->hung_up);
}

/* A disk that is not what one would wish for is told every time. */
static void
say_start(const struct house *h)
{
	const struct store_disk *disk = store_journal(h->store);
	int asked = strcmp(disk->why, "asked") == 0;

	log_event(LOG_INFO, "start", "version=" LB_VERSION " durability=%s",
	    h->conf->durability == CONF_POWER ? "power" : "process");
	if (disk->journal == STORE_ROLLBACK)
		log_event(asked ? LOG_INFO : LOG_ERROR, "journal",
		    "mode=rollback why=%s file_system=%s", disk->why,
		    disk->file_system);
}

static enum lb_err
serve(struct server *s, struct buf *words)
{
	start_signals(s);
	say_start(&s->house);
	hook_child_start(&s->hook, s->house.loop, s->house.store, s->house.conf,
	    s->successor->argv[0]);
	loop_run(s->house.loop);
	postoffice_drain(s->house.po);
	hook_child_close(&s->hook);
	stop_signals(s);
	if (!s->house.store->outdated)
		return LB_OK;
	buf_str(words,
	    "A newer Letterbox has changed the database: its program goes on "
	    "from here.");
	return LB_NEWER_SCHEMA;
}

enum lb_err
server_run(const struct conf *conf, int listen_fd, struct successor *successor,
    int *succeed, struct buf *words)
{
	struct server s;
	enum front front = front_at_start((enum front)conf->front, 0,
	    listen_fd);
	enum lb_err err;

	memset(&s, 0, sizeof(s));
	s.successor = successor;
	s.pooled = front == FRONT_POOL;
	successor_hold();
	err = house_open(&s.house, conf, front, words);
	if (err == LB_OK)
		err = open_transport(&s, listen_fd);
	if (err == LB_OK)
		err = serve(&s, words);
	*succeed = s.succeed;
	transport_fcgi_close(s.transport);
	house_close(&s.house);
	return err;
}

/*
 * server: see server.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "server.h"

#include <signal.h>
#include <string.h>

#include "dialect_page.h"
#include "house.h"
#include "log.h"
#include "transport_fcgi.h"

#define FAREWELL_MS 1500 /* from SIGTERM to the end, at most */

struct server {
	struct house house;
	struct transport_fcgi *transport;
	struct loop_signal terminated, interrupted;
	struct loop_timer farewell;
	int leaving;
};

static int64_t
turn(void *arg, const struct clock *now)
{
	struct server *s = arg;
	struct fcgi_stats stats;
	int64_t next = house_turn(&s->house, now);

	if (s->leaving) {
		transport_fcgi_stats(s->transport, &stats);
		if (stats.connections == 0)
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
	log_event(LOG_INFO, "stop", "waiters=%lld",
	    (long long)postoffice_stats(po)->waiters);
	transport_fcgi_stop_accepting(s->transport);
	postoffice_drain(po);
	loop_timer_start(s->house.loop, &s->farewell, FAREWELL_MS);
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
		.dialect = &dialect_page,
		.mount = &h->mount,
		.body_max = (size_t)h->conf->body_max,
	};
	enum lb_err err = transport_fcgi_open(&s->transport, h->loop, listen_fd,
	    &options);

	if (err != LB_OK)
		return err;
	h->options.seats = transport_fcgi_seats(s->transport, h->options.seats);
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
	loop_timer_init(&s->farewell, on_farewell);
	loop_set_turn(loop, turn, s);
}

static void
stop_signals(struct server *s)
{
	struct loop *loop = s->house.loop;

	loop_timer_stop(loop, &s->farewell);
	loop_signal_stop(loop, &s->terminated);
	loop_signal_stop(loop, &s->interrupted);
}

static void
serve(struct server *s)
{
	start_signals(s);
	log_event(LOG_INFO, "start", "version=" LB_VERSION " durability=%s",
	    s->house.conf->durability == CONF_POWER ? "power" : "process");
	loop_run(s->house.loop);
	postoffice_drain(s->house.po);
	stop_signals(s);
}

enum lb_err
server_run(const struct conf *conf, int listen_fd, struct buf *words)
{
	struct server s;
	enum lb_err err;

	memset(&s, 0, sizeof(s));
	err = house_open(&s.house, conf, 0, words);
	if (err == LB_OK)
		err = open_transport(&s, listen_fd);
	if (err == LB_OK)
		serve(&s);
	transport_fcgi_close(s.transport);
	house_close(&s.house);
	return err;
}

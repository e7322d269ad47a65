/*
 * guest: see guest.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "guest.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "dialect_hall.h"
#include "dialect_sorry.h"
#include "house.h"
#include "transport_cgi.h"

extern char **environ;

struct guest {
	struct house house;
	struct transport_cgi cgi;
	struct loop_signal terminated, orphaned;
};

static int64_t
turn(void *arg, const struct clock *now)
{
	struct guest *g = arg;

	return house_turn(&g->house, now);
}

/* The web server lost patience, or ends. */
static void
on_terminated(struct loop_signal *signal)
{
	struct house *h = &LOOP_OWNER(signal, struct guest, terminated)->house;

	postoffice_cut(h->po, loop_now(h->loop));
}

static void
on_orphaned(struct loop_signal *signal)
{
	postoffice_drain(LOOP_OWNER(signal, struct guest, orphaned)->house.po);
}

/* A web server that ends or restarts may wait for those whose polls it holds,
 * as Apache does, and tell them nothing but by the end of the process that
 * started us. */
static void
heed_parent(struct guest *g)
{
	loop_signal_init(&g->orphaned, SIGHUP, on_orphaned);
	loop_signal_start(g->house.loop, &g->orphaned);
	prctl(PR_SET_PDEATHSIG, SIGHUP);
}

static void
serve(struct guest *g)
{
	struct house *h = &g->house;
	sigset_t late;
	int took;

	loop_signal_init(&g->terminated, SIGTERM, on_terminated);
	loop_signal_start(h->loop, &g->terminated);
	heed_parent(g);
	loop_set_turn(h->loop, turn, g);
	took = transport_cgi_serve(&g->cgi, h->loop, &dialect_hall, &h->hall) ==
	    LB_OK;
	transport_cgi_close(&g->cgi);
	postoffice_told(h->po, took, loop_now(h->loop));
	/* lighttpd ends whoever has replied and is still there; it shall not
	 * leave its socket behind. */
	sigemptyset(&late);
	sigaddset(&late, SIGTERM);
	sigaddset(&late, SIGHUP);
	sigprocmask(SIG_BLOCK, &late, NULL);
	loop_signal_stop(h->loop, &g->terminated);
	loop_signal_stop(h->loop, &g->orphaned);
}

/* Needs no more than a loop.  Strangers read it too. */
static void
apologize(struct transport_cgi *cgi, enum lb_err why, const struct buf *words)
{
	struct sorry sorry = { why, { NULL, 0 } };
	struct loop *loop;
	struct buf shown;

	if (loop_open(&loop) != LB_OK)
		return;
	buf_init(&shown, 2 * 65536);
	conf_veil(&shown, buf_as_slice(words));
	sorry.words = buf_as_slice(&shown);
	transport_cgi_serve(cgi, loop, &dialect_sorry, &sorry);
	transport_cgi_close(cgi);
	loop_close(loop);
	buf_reset(&shown);
}

static void
read_request(struct transport_cgi *cgi, size_t body_max)
{
	const struct cgi_options options = {
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
		.body_max = body_max,
	};

	signal(SIGPIPE, SIG_IGN);
	transport_cgi_read(cgi, &options, environ);
}

enum lb_err
guest_run(const struct conf *conf, struct buf *words)
{
	struct guest g;
	enum lb_err err;

	memset(&g, 0, sizeof(g));
	read_request(&g.cgi, house_body_max(conf));
	err = house_open(&g.house, conf, FRONT_CGI, words);
	if (err == LB_OK)
		serve(&g);
	house_close(&g.house);
	if (err != LB_OK)
		apologize(&g.cgi, err, words);
	return err;
}

void
guest_sorry(enum lb_err why, const struct buf *words)
{
	struct transport_cgi cgi;

	read_request(&cgi, 0);
	apologize(&cgi, why, words);
}

/*
 * deliver: how long a message takes from its post to the other peer's poll.
 *
 *	deliver -a HOST:PORT [-m MOUNT] [-p MOUNT] [-r ROOMS] [-f PER_SECOND]
 *	    [-t SECONDS] [-k letterbox|nchan]
 *
 * Rooms of two, both of whom have a poll parked all the time.  Open loop:
 * messages leave by a schedule drawn beforehand (exponential gaps, so that
 * some meet), whether or not the earlier ones have arrived.  Two times are
 * told of each message: from the moment the post was handed to the kernel
 * ("sent"), and from the moment the schedule had set for it ("scheduled"),
 * which leaves no delay out that the generator itself suffered.
 *
 * With -p posts go to another mount than polls: to another process.  How long
 * after the post was acknowledged, so was on disk, the message arrived is told
 * as "acked"; 0 when it was the first of the two.
 *
 * Prints one line of JSON.  A message that did not arrive within five
 * seconds, or arrived twice, fails the run.
 */
#define _GNU_SOURCE

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "client.h"
#include "peer.h"

enum { SENDERS = 1024, HOLD_S = 25 };

/* What stands before the number of a message in its body. */
#define MARK "\"mark\":"

struct letter;

struct guest {
	struct peer peer;
	struct conn poll;
	struct letter *posting; /* its last post, not answered yet */
	char modified[64];      /* Nchan's cursor, two headers */
	char etag[64];
};

struct letter {
	uint64_t scheduled, sent; /* ns */
	uint64_t came, acked;     /* ns, 0: not yet */
	int arrived;
};

struct protocol {
	const char *name;
	void (*join)(struct guest *, size_t);
	void (*poll)(struct guest *);
	void (*collect)(struct guest *, const struct reply *);
	void (*post)(struct guest *, struct conn *, const char *);
};

static struct {
	const struct protocol *protocol;
	struct guest *guests; /* 2i and 2i + 1 are a room */
	size_t nguests;
	struct letter *letters;
	size_t nletters, next, arrived;
	size_t answered;               /* polls, so far */
	struct conn *senders[SENDERS]; /* idle ones */
	size_t nsenders;
	struct samples from_sent, from_scheduled, from_acked, post_took;
	const char *post_mount; /* NULL: that of the polls */
} run;

/*
 * Letterbox.
 */

static void
rooms_join(struct guest *g, size_t n)
{
	struct peer *peers = grow(NULL, n, sizeof(*peers));
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(peers[i].room, sizeof(peers[i].room), "deliver-%d-%zu",
		    getpid(), i / 2);
	peer_join_all(peers, n);
	for (i = 0; i < n; i++)
		g[i].peer = peers[i];
	free(peers);
}

static void
rooms_poll(struct guest *g)
{
	peer_poll(&g->peer, &g->poll, HOLD_S);
}

static void
rooms_collect(struct guest *g, const struct reply *r)
{
	peer_collect(&g->peer, r);
}

static void
rooms_post(struct guest *g, struct conn *c, const char *body)
{
	const char *mount = peer_mount;

	if (run.post_mount != NULL)
		peer_mount = run.post_mount;
	peer_post(&g->peer, c, body);
	peer_mount = mount;
}

/*
 * Nchan: a channel for each direction of a room.
 */

static void
nchan_join(struct guest *g, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(g[i].peer.room, sizeof(g[i].peer.room), "d-%d-%zu",
		    getpid(), i);
}

static void
nchan_poll(struct guest *g)
{
	if (g->etag[0] == '\0')
		conn_send(&g->poll,
		    "GET /sub/%s HTTP/1.1\r\nHost: bench\r\n"
		    "\r\n",
		    g->peer.room);
	else
		conn_send(&g->poll,
		    "GET /sub/%s HTTP/1.1\r\nHost: bench\r\n"
		    "If-Modified-Since: %s\r\nIf-None-Match: %s\r\n\r\n",
		    g->peer.room, g->modified, g->etag);
}

static void
copy_field(const char *head, const char *name, char *buf, size_t size)
{
	const char *p = strcasestr(head, name);

	if (p == NULL)
		die("nchan: a reply without %s: %s", name, head);
	p += strlen(name);
	snprintf(buf, size, "%.*s", (int)strcspn(p, "\r"), p);
}

static void
nchan_collect(struct guest *g, const struct reply *r)
{
	if (r->status != 200)
		die("nchan: %d %s", r->status, r->head);
	copy_field(r->head, "\r\nLast-Modified: ", g->modified,
	    sizeof(g->modified));
	copy_field(r->head, "\r\nEtag: ", g->etag, sizeof(g->etag));
}

static void
nchan_post(struct guest *g, struct conn *c, const char *body)
{
	size_t other = (size_t)(g - run.guests) ^ 1;

	conn_send(c,
	    "POST /pub/%s HTTP/1.1\r\nHost: bench\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    run.guests[other].peer.room, strlen(body), body);
}

static const struct protocol protocols[] = {
	{ "letterbox", rooms_join, rooms_poll, rooms_collect, rooms_post },
	{ "nchan", nchan_join, nchan_poll, nchan_collect, nchan_post },
};

/*
 * The run.
 */

static void
take(const char *body, uint64_t now)
{
	struct letter *l;
	size_t i;

	for (; (body = strstr(body, MARK)) != NULL; body++) {
		i = strtoul(body + strlen(MARK), NULL, 10);
		if (i >= run.next || (l = &run.letters[i])->arrived++ > 0)
			die("message %zu arrived twice, or early", i);
		samples_add(&run.from_sent, now - l->sent);
		samples_add(&run.from_scheduled, now - l->scheduled);
		l->came = now;
		if (l->acked != 0)
			samples_add(&run.from_acked, now - l->acked);
		run.arrived++;
	}
}

static void
polled(struct conn *c, const struct reply *r)
{
	struct guest *g = c->arg;

	take(r->body, client_now());
	run.protocol->collect(g, r);
	run.answered++;
	run.protocol->poll(g);
}

static void
posted(struct conn *c, const struct reply *r)
{
	struct guest *g = c->arg;
	struct letter *l = g->posting;

	if (r->status != 201 && r->status != 202)
		die("post: %d %s", r->status, r->body);
	l->acked = client_now();
	samples_add(&run.post_took, l->acked - c->sent_at);
	if (l->came != 0)
		samples_add(&run.from_acked, 0);
	g->posting = NULL;
	run.senders[run.nsenders++] = c;
}

static void
send_letter(struct letter *l)
{
	struct guest *g;
	struct conn *c;
	char body[256];

	if (run.nsenders == 0)
		die("%d posts under way: the server does not follow", SENDERS);
	do
		g = &run.guests[(size_t)random() % run.nguests];
	while (g->posting != NULL);
	c = run.senders[--run.nsenders];
	c->arg = g;
	g->posting = l;
	snprintf(body, sizeof(body),
	    "{" MARK "%zu,\"candidate\":\"candidate:"
	    "842163049 1 udp 1677729535 203.0.113.77 50123 typ srflx raddr "
	    "192.0.2.4 rport 50123\",\"sdpMid\":\"0\"}",
	    (size_t)(l - run.letters));
	run.protocol->post(g, c, body);
	l->sent = c->sent_at;
}

static void
on_time(void)
{
	struct letter *l;

	while (run.next < run.nletters) {
		l = &run.letters[run.next];
		if (l->scheduled > client_now()) {
			client_alarm(l->scheduled, on_time);
			return;
		}
		run.next++;
		send_letter(l);
	}
}

/* Until no poll has been answered for half a second: all are parked. */
static void
settle(void)
{
	size_t before;
	uint64_t end;

	do {
		before = run.answered;
		end = client_now() + 500000000;
		while (client_now() < end)
			client_turn(50);
	} while (run.answered != before);
}

static void
schedule(double per_second, double seconds)
{
	double t = 0;
	size_t cap = (size_t)(per_second * seconds * 2) + 100;

	run.letters = grow(NULL, cap, sizeof(*run.letters));
	memset(run.letters, 0, cap * sizeof(*run.letters));
	while (run.nletters < cap) {
		t -= log(1 - drand48()) / per_second;
		if (t > seconds)
			break;
		run.letters[run.nletters++].scheduled = (uint64_t)(t * 1e9);
	}
}

static void
deliver(void)
{
	static struct conn senders[SENDERS]; /* opened as needed */
	uint64_t begun, end;
	size_t i;

	run.protocol->join(run.guests, run.nguests);
	for (i = 0; i < run.nguests; i++) {
		conn_init(&run.guests[i].poll, polled, &run.guests[i]);
		run.protocol->poll(&run.guests[i]);
		client_turn(0);
	}
	settle();
	for (i = 0; i < SENDERS; i++) {
		conn_init(&senders[i], posted, NULL);
		run.senders[run.nsenders++] = &senders[i];
	}
	begun = client_now() + 1000000;
	for (i = 0; i < run.nletters; i++)
		run.letters[i].scheduled += begun;
	end = run.letters[run.nletters - 1].scheduled + 5000000000U;
	client_alarm(begun, on_time);
	while (run.arrived < run.nletters && client_now() < end)
		client_turn(100);
}

static void
print_quantiles(const char *name, struct samples *s)
{
	printf(",\"%s_p50_us\":%.1f,\"%s_p99_us\":%.1f,\"%s_max_us\":%.1f",
	    name, samples_us(s, 0.5), name, samples_us(s, 0.99), name,
	    samples_us(s, 1.0));
}

int
main(int argc, char *argv[])
{
	const char *address = NULL;
	size_t rooms = 1000, k = 0;
	double per_second = 200, seconds = 10, cpu;
	uint64_t begun;
	int ch;

	while ((ch = getopt(argc, argv, "a:m:p:r:f:t:k:")) != -1)
		if (ch == 'a')
			address = optarg;
		else if (ch == 'm')
			peer_mount = optarg;
		else if (ch == 'p')
			run.post_mount = optarg;
		else if (ch == 'r')
			rooms = strtoul(optarg, NULL, 10);
		else if (ch == 'f')
			per_second = strtod(optarg, NULL);
		else if (ch == 't')
			seconds = strtod(optarg, NULL);
		else if (ch == 'k')
			k = strcmp(optarg, protocols[1].name) == 0;
	if (address == NULL || rooms == 0)
		die("usage: deliver -a HOST:PORT [-m MOUNT] [-p MOUNT] "
		    "[-r ROOMS] [-f PER_SECOND] [-t SECONDS] "
		    "[-k letterbox|nchan]");
	client_init(address);
	srand48((long)client_now());
	run.protocol = &protocols[k];
	run.nguests = 2 * rooms;
	run.guests = grow(NULL, run.nguests, sizeof(*run.guests));
	memset(run.guests, 0, run.nguests * sizeof(*run.guests));
	schedule(per_second, seconds);
	cpu = client_cpu();
	begun = client_now();
	deliver();
	cpu = (client_cpu() - cpu) / ((double)(client_now() - begun) / 1e9);
	printf("{\"kind\":\"%s\",\"rooms\":%zu,\"sent\":%zu,\"arrived\":%zu,"
	       "\"generator_cpu\":%.3f",
	    run.protocol->name, rooms, run.nletters, run.arrived, cpu);
	print_quantiles("sent", &run.from_sent);
	print_quantiles("scheduled", &run.from_scheduled);
	print_quantiles("acked", &run.from_acked);
	print_quantiles("post", &run.post_took);
	puts("}");
	return run.arrived != run.nletters;
}

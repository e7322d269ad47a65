/*
 * load: how many posts (or polls with mail) a second, and how long each takes.
 *
 *	load -a HOST:PORT [-m MOUNT] [-c CONNECTIONS] [-t SECONDS] [-k KIND]
 *	    [-r ROOM] [-K KEY]
 *
 * Closed loop: every connection is a peer of its own, alone in its room, and
 * sends the next request when the last is answered.  KIND is
 *	post	one durable message a request (the default)
 *	noop	the very same requests, but nobody is joined first: for the
 *		program that answers anything
 *	poll	one message waits, and is collected again and again
 *	create	the application with -K asks for a token for a new client
 *	send	it sends a message, to one of many clients in turns
 *
 * With -r all are peers of that one room.
 *
 * Prints one line of JSON.  A reply other than the one expected is counted,
 * the first of them shown, and the exit status is then 1.
 */
#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "client.h"
#include "peer.h"

/* What a browser sends most of: one ICE candidate. */
static const char candidate[] =
    "{\"candidate\":\"candidate:842163049 1 udp "
    "1677729535 203.0.113.77 50123 typ srflx raddr 192.0.2.4 rport 50123 "
    "generation 0 ufrag mT5k network-cost 999\",\"sdpMid\":\"0\","
    "\"sdpMLineIndex\":0,\"usernameFragment\":\"mT5k\"}";

static const double warm_up = 0.2; /* seconds that do not count */

enum kind { POST, NOOP, POLL, CREATE, SEND, KIND__MAX };

static const struct {
	const char *name;
	int expect;
	size_t peers; /* per connection */
} kinds[KIND__MAX] = {
	[POST] = { "post", 201, 1 },
	[NOOP] = { "noop", 201, 0 },
	[POLL] = { "poll", 200, 2 },
	[CREATE] = { "create", 201, 0 },
	[SEND] = { "send", 204, 0 },
};

static struct {
	enum kind kind;
	uint64_t start, end; /* of what counts, ns */
	size_t busy;         /* requests under way */
	unsigned long wrong, total;
	unsigned long asked; /* requests of an application */
	char *first_wrong;
	struct samples took;
} load;

/* Nobody collects: so few for each that no mailbox grows. */
static const unsigned long clients = 2048;

/* The n-th client of this run. */
static const char *
client_id(unsigned long n)
{
	static char id[64];

	snprintf(id, sizeof(id), "load-%ld-%lu", (long)getpid(), n);
	return id;
}

static void
request(struct conn *c)
{
	struct peer *p = c->arg;

	if (load.kind == POLL)
		peer_poll(p, c, 0);
	else if (load.kind == CREATE)
		app_create(c, client_id(load.asked++));
	else if (load.kind == SEND)
		app_send(c, client_id(load.asked++ % clients));
	else
		peer_post(p, c, candidate);
	load.busy++;
}

static void
answered(struct conn *c, const struct reply *r)
{
	uint64_t now = client_now();

	load.busy--;
	load.total++;
	if (r->status != kinds[load.kind].expect ||
	    (load.kind == POLL && strstr(r->body, "mT5k") == NULL)) {
		if (load.wrong++ == 0)
			load.first_wrong = strdup(r->body);
	} else if (now >= load.start && now < load.end)
		samples_add(&load.took, now - c->sent_at);
	if (now < load.end)
		request(c);
}

static void
posted(struct conn *c, const struct reply *r)
{
	(void)c;
	if (r->status != 201)
		die("post: %d %s", r->status, r->body);
	load.busy--;
}

/* For polls: the second peer of each room leaves a message to the first. */
static void
leave_mail(struct peer *peers, size_t n)
{
	struct conn c;
	size_t i;

	conn_init(&c, posted, NULL);
	for (i = 0; i < n; i += 2) {
		load.busy++;
		peer_post(&peers[i + 1], &c, candidate);
		while (load.busy > 0)
			client_turn(-1);
	}
	conn_close(&c);
}

static void
created(struct conn *c, const struct reply *r)
{
	if (r->status != 201)
		die("create: %d %s", r->status, r->body);
	load.busy--;
	load.total++; /* its CPU is in the figures as well */
	if (load.asked < clients) {
		app_create(c, client_id(load.asked++));
		load.busy++;
	}
}

/* The clients to which messages are sent. */
static void
create_clients(size_t conns)
{
	struct conn *c = calloc(conns, sizeof(*c));
	size_t i;

	if (c == NULL)
		die("out of memory");
	for (i = 0; i < conns; i++) {
		conn_init(&c[i], created, NULL);
		app_create(&c[i], client_id(load.asked++));
		load.busy++;
	}
	while (load.busy > 0)
		client_turn(-1);
	for (i = 0; i < conns; i++)
		conn_close(&c[i]);
	free(c);
}

static struct peer *
prepare(size_t conns, const char *room)
{
	size_t i, each = kinds[load.kind].peers;
	size_t n = conns * (each > 0 ? each : 1);
	struct peer *peers = calloc(n, sizeof(*peers));

	if (peers == NULL)
		die("out of memory");
	for (i = 0; i < n; i++) {
		if (room != NULL)
			snprintf(peers[i].room, sizeof(peers[i].room), "%s",
			    room);
		else if (i % 2 == 1 && each == 2)
			memcpy(peers[i].room, peers[i - 1].room,
			    sizeof(peers[i].room));
		else
			snprintf(peers[i].room, sizeof(peers[i].room),
			    "load-%lx-%zu", (unsigned long)client_now(), i);
		memset(peers[i].token, 'x', 43);
	}
	if (each > 0)
		peer_join_all(peers, n);
	if (each == 2)
		leave_mail(peers, n);
	if (load.kind == SEND)
		create_clients(conns);
	return peers;
}

static void
report(double seconds, double cpu)
{
	struct samples *s = &load.took;
	size_t i;

	printf(
	    "{\"kind\":\"%s\",\"rate\":%.1f,\"count\":%zu,\"total\":%lu,\"wrong\":%lu,"
	    "\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,"
	    "\"generator_cpu\":%.3f",
	    kinds[load.kind].name, (double)s->n / seconds, s->n, load.total,
	    load.wrong, samples_us(s, 0.5), samples_us(s, 0.99),
	    samples_us(s, 1.0), cpu);
	if (load.first_wrong != NULL) {
		printf(",\"first_wrong\":\"");
		for (i = 0; load.first_wrong[i] != '\0'; i++)
			putchar(strchr("\"\\\n", load.first_wrong[i]) == NULL ?
				load.first_wrong[i] :
				'\'');
		putchar('"');
	}
	puts("}");
}

static void
run(size_t conns, const char *room, double seconds)
{
	struct conn *c = calloc(conns, sizeof(*c));
	struct peer *peers = prepare(conns, room);
	size_t i, each = kinds[load.kind].peers;
	double cpu;
	uint64_t begun = client_now();

	if (c == NULL)
		die("out of memory");
	cpu = client_cpu();
	load.start = begun + (uint64_t)(warm_up * 1e9);
	load.end = load.start + (uint64_t)(seconds * 1e9);
	for (i = 0; i < conns; i++) {
		conn_init(&c[i], answered, &peers[each == 2 ? 2 * i : i]);
		request(&c[i]);
	}
	while (load.busy > 0)
		client_turn(-1);
	cpu = (client_cpu() - cpu) / ((double)(client_now() - begun) / 1e9);
	report(seconds, cpu);
	for (i = 0; i < conns; i++)
		conn_close(&c[i]);
	free(c);
	free(peers);
}

int
main(int argc, char *argv[])
{
	const char *address = NULL, *room = NULL;
	size_t conns = 64;
	double seconds = 2;
	int ch;

	while ((ch = getopt(argc, argv, "a:m:c:t:k:r:K:")) != -1)
		switch (ch) {
		case 'a':
			address = optarg;
			break;
		case 'm':
			peer_mount = optarg;
			break;
		case 'c':
			conns = strtoul(optarg, NULL, 10);
			break;
		case 't':
			seconds = strtod(optarg, NULL);
			break;
		case 'r':
			room = optarg;
			break;
		case 'K':
			app_key = optarg;
			break;
		case 'k':
			while (load.kind < KIND__MAX &&
			    strcmp(kinds[load.kind].name, optarg) != 0)
				load.kind++;
			break;
		default:
			load.kind = KIND__MAX;
		}
	if (address == NULL || conns == 0 || load.kind == KIND__MAX ||
	    (load.kind >= CREATE && app_key == NULL))
		die("usage: load -a HOST:PORT [-m MOUNT] [-c CONNECTIONS] "
		    "[-t SECONDS] [-k post|noop|poll|create|send] [-r ROOM] "
		    "[-K KEY]");
	client_init(address);
	run(conns, room, seconds);
	return load.wrong > 0;
}

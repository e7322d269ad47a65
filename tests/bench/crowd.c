/*
 * crowd: one room, many posters at full speed, one reader.
 *
 *	crowd -a HOST:PORT [-m MOUNT] [-c POSTERS] [-t SECONDS]
 *
 * Every message names its poster and its number.  The reader must meet each
 * acknowledged one, once, and in the order of its poster.  Prints one line of
 * JSON; anything lost, doubled or out of order makes the exit status 1.
 */
#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "peer.h"

enum { HOLD_S = 5, DRAIN_S = 20 };

struct poster {
	struct conn c;
	unsigned acknowledged;
	unsigned read; /* the number last met by the reader */
};

static struct {
	struct peer *peers; /* the last one reads */
	struct poster *posters;
	size_t n, busy;
	struct conn reader;
	unsigned long acknowledged, read, doubled, disorder, polls;
	uint64_t end;
	struct samples post_took;
} crowd;

static void
post_one(struct poster *p)
{
	size_t i = (size_t)(p - crowd.posters);
	char body[64];

	snprintf(body, sizeof(body), "{\"mark\":[%zu,%u]}", i,
	    crowd.peers[i].n + 1);
	peer_post(&crowd.peers[i], &p->c, body);
	crowd.busy++;
}

static void
posted(struct conn *c, const struct reply *r)
{
	struct poster *p = c->arg;
	uint64_t now = client_now();

	if (r->status != 201)
		die("post: %d %s", r->status, r->body);
	crowd.busy--;
	p->acknowledged++;
	crowd.acknowledged++;
	samples_add(&crowd.post_took, now - c->sent_at);
	if (now < crowd.end)
		post_one(p);
}

static void
polled(struct conn *c, const struct reply *r)
{
	struct peer *reader = &crowd.peers[crowd.n];
	const char *p;
	size_t i;
	unsigned n;

	peer_collect(reader, r);
	crowd.polls++;
	for (p = r->body; (p = strstr(p, "\"mark\":[")) != NULL; p++) {
		if (sscanf(p, "\"mark\":[%zu,%u]", &i, &n) != 2 || i >= crowd.n)
			die("not a message of ours: %.100s", p);
		if (n <= crowd.posters[i].read) {
			crowd.doubled++;
			continue;
		}
		crowd.disorder += n != crowd.posters[i].read + 1;
		crowd.posters[i].read = n;
		crowd.read++;
	}
	if (crowd.busy > 0 || crowd.read < crowd.acknowledged)
		peer_poll(reader, c, HOLD_S);
}

static void
run(double seconds)
{
	uint64_t begun, posted_at, drained_at;
	size_t i;

	for (i = 0; i <= crowd.n; i++)
		snprintf(crowd.peers[i].room, sizeof(crowd.peers[i].room),
		    "crowd-%d", getpid());
	peer_join_all(crowd.peers, crowd.n + 1);
	begun = client_now();
	crowd.end = begun + (uint64_t)(seconds * 1e9);
	for (i = 0; i < crowd.n; i++) {
		conn_init(&crowd.posters[i].c, posted, &crowd.posters[i]);
		post_one(&crowd.posters[i]);
	}
	conn_init(&crowd.reader, polled, NULL);
	peer_poll(&crowd.peers[crowd.n], &crowd.reader, HOLD_S);
	while (crowd.busy > 0)
		client_turn(100);
	posted_at = drained_at = client_now();
	while (crowd.read < crowd.acknowledged &&
	    drained_at < posted_at + DRAIN_S * 1000000000UL) {
		client_turn(100);
		drained_at = client_now();
	}
	printf("{\"posters\":%zu,\"acknowledged\":%lu,\"read\":%lu,"
	       "\"lost\":%lu,\"doubled\":%lu,\"disorder\":%lu,"
	       "\"polls\":%lu,\"rate\":%.1f,"
	       "\"drain_ms\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
	    crowd.n, crowd.acknowledged, crowd.read,
	    crowd.acknowledged - crowd.read, crowd.doubled, crowd.disorder,
	    crowd.polls,
	    (double)crowd.acknowledged / ((double)(posted_at - begun) / 1e9),
	    (double)(drained_at - posted_at) / 1e6,
	    samples_us(&crowd.post_took, 0.5),
	    samples_us(&crowd.post_took, 0.99));
}

int
main(int argc, char *argv[])
{
	const char *address = NULL;
	double seconds = 3;
	int ch;

	crowd.n = 64;
	while ((ch = getopt(argc, argv, "a:m:c:t:")) != -1)
		if (ch == 'a')
			address = optarg;
		else if (ch == 'm')
			peer_mount = optarg;
		else if (ch == 'c')
			crowd.n = strtoul(optarg, NULL, 10);
		else if (ch == 't')
			seconds = strtod(optarg, NULL);
	if (address == NULL || crowd.n == 0)
		die("usage: crowd -a HOST:PORT [-m MOUNT] [-c POSTERS] "
		    "[-t SECONDS]");
	crowd.peers = grow(NULL, crowd.n + 1, sizeof(*crowd.peers));
	crowd.posters = calloc(crowd.n, sizeof(*crowd.posters));
	if (crowd.posters == NULL)
		die("out of memory");
	client_init(address);
	run(seconds);
	return crowd.read != crowd.acknowledged || crowd.doubled > 0 ||
	    crowd.disorder > 0;
}

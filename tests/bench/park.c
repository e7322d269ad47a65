/*
 * park: thousands of parked polls, held, woken, and left to their deadline.
 *
 *	park -a HOST:PORT [-m MOUNT] [-p POLLS] [-g PEERS_PER_ROOM]
 *
 * Takes commands, one a line, from standard input, and answers each with one
 * line of JSON when it is done:
 *	join		all peers join
 *	park		each peer's poll is sent, to be held as long as may be;
 *			done when none has been answered for half a second
 *	wake		mail for every peer is posted; done when all polls are
 *			answered (each was: sent mail, its poll returned it)
 *	deadline N	all polls are sent to be held for N seconds; done when
 *			all are answered, with how late they were
 * The measuring of the server between them is the caller's.
 */
#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "peer.h"

enum { HOLD_S = 25, SENDERS = 32 };

static struct {
	struct peer *peers;
	struct conn *polls;
	size_t n, group;
	size_t answered, with_mail;
	int again; /* park what was answered once more */
	int wait_s;
	size_t next, posted, posts; /* of waking */
	struct samples late, woken;
	uint64_t wake_at;
} park;

static void
polled(struct conn *c, const struct reply *r)
{
	struct peer *p = c->arg;
	uint64_t now = client_now(), due;

	peer_collect(p, r);
	park.answered++;
	if (strstr(r->body, "\"bench\"") != NULL) {
		park.with_mail++;
		if (park.wake_at != 0)
			samples_add(&park.woken, now - park.wake_at);
	} else {
		due = c->sent_at + (uint64_t)park.wait_s * 1000000000U;
		samples_add(&park.late, now > due ? now - due : 0);
	}
	if (park.again)
		peer_poll(p, c, park.wait_s);
}

/* 4,000 a second: a stampede that fills the web server's backlog is another
 * measurement. */
static void
poll_all(int wait_s)
{
	uint64_t begun = client_now();
	size_t i;

	park.wait_s = wait_s;
	park.answered = park.with_mail = 0;
	for (i = 0; i < park.n; i++) {
		while (client_now() < begun + i * 250000)
			client_turn(1);
		if (!park.polls[i].busy)
			peer_poll(&park.peers[i], &park.polls[i], wait_s);
		client_turn(0);
	}
}

static void
do_join(const char *arg)
{
	size_t i;
	uint64_t begun = client_now();

	(void)arg;
	for (i = 0; i < park.n; i++)
		snprintf(park.peers[i].room, sizeof(park.peers[i].room),
		    "park-%d-%zu", getpid(), i / park.group);
	peer_join_all(park.peers, park.n);
	for (i = 0; i < park.n; i++)
		conn_init(&park.polls[i], polled, &park.peers[i]);
	printf("{\"joined\":%zu,\"ms\":%.0f}\n", park.n,
	    (double)(client_now() - begun) / 1e6);
}

static void
do_park(const char *arg)
{
	size_t before;
	uint64_t begun = client_now(), end;

	(void)arg;
	park.again = 1;
	poll_all(HOLD_S);
	do {
		before = park.answered;
		end = client_now() + 500000000;
		while (client_now() < end)
			client_turn(50);
	} while (park.answered != before);
	park.again = 0;
	printf("{\"parked\":%zu,\"ms\":%.0f}\n", park.n,
	    (double)(client_now() - begun) / 1e6);
}

/*
 * Two posts a room reach everybody: the first peer's all but itself, the
 * second's the first.
 */
static void
post_next(struct conn *c)
{
	size_t i = park.next++;

	c->arg = &park.peers[i / 2 * park.group + i % 2];
	peer_post(c->arg, c, "{\"wake\":true}");
}

static void
posted(struct conn *c, const struct reply *r)
{
	if (r->status != 201)
		die("post: %d %s", r->status, r->body);
	park.posted++;
	if (park.next < park.posts)
		post_next(c);
}

static void
do_wake(const char *arg)
{
	struct conn c[SENDERS];
	size_t i;
	uint64_t end;

	(void)arg;
	park.answered = park.with_mail = park.next = park.posted = 0;
	park.posts = park.n / park.group * 2;
	park.woken.n = 0;
	park.wake_at = client_now();
	for (i = 0; i < SENDERS; i++) {
		conn_init(&c[i], posted, NULL);
		if (park.next < park.posts)
			post_next(&c[i]);
	}
	end = park.wake_at + 20000000000U;
	while ((park.posted < park.posts || park.answered < park.n) &&
	    client_now() < end)
		client_turn(100);
	printf("{\"posts\":%zu,\"answered\":%zu,\"with_mail\":%zu,"
	       "\"p50_ms\":%.2f,\"last_ms\":%.2f}\n",
	    park.posted, park.answered, park.with_mail,
	    samples_us(&park.woken, 0.5) / 1e3,
	    samples_us(&park.woken, 1.0) / 1e3);
	for (i = 0; i < SENDERS; i++)
		conn_close(&c[i]);
}

static void
do_deadline(const char *arg)
{
	int wait_s = atoi(arg);
	uint64_t end;

	/* What came meanwhile (the first peer's own wake-up) goes first. */
	poll_all(0);
	while (park.answered < park.n)
		client_turn(-1);
	park.late.n = 0;
	poll_all(wait_s);
	end = client_now() + (uint64_t)(wait_s + 20) * 1000000000U;
	while (park.answered < park.n && client_now() < end)
		client_turn(100);
	printf("{\"answered\":%zu,\"with_mail\":%zu,\"late_p50_ms\":%.2f,"
	       "\"late_p99_ms\":%.2f,\"late_max_ms\":%.2f}\n",
	    park.answered, park.with_mail, samples_us(&park.late, 0.5) / 1e3,
	    samples_us(&park.late, 0.99) / 1e3,
	    samples_us(&park.late, 1.0) / 1e3);
}

static const struct {
	const char *name;
	void (*run)(const char *);
} commands[] = {
	{ "join", do_join },
	{ "park", do_park },
	{ "wake", do_wake },
	{ "deadline ", do_deadline },
};

static void
command(const char *line)
{
	size_t i, len;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		len = strlen(commands[i].name);
		if (strncmp(line, commands[i].name, len) == 0) {
			commands[i].run(line + len);
			fflush(stdout);
			return;
		}
	}
	die("%s: not a command", line);
}

int
main(int argc, char *argv[])
{
	const char *address = NULL;
	char line[64];
	int ch;

	park.n = 8000;
	park.group = 8;
	while ((ch = getopt(argc, argv, "a:m:p:g:")) != -1)
		if (ch == 'a')
			address = optarg;
		else if (ch == 'm')
			peer_mount = optarg;
		else if (ch == 'p')
			park.n = strtoul(optarg, NULL, 10);
		else if (ch == 'g')
			park.group = strtoul(optarg, NULL, 10);
	if (address == NULL || park.group < 2 || park.n < park.group)
		die("usage: park -a HOST:PORT [-m MOUNT] [-p POLLS] "
		    "[-g PEERS_PER_ROOM]");
	park.n -= park.n % park.group;
	park.peers = grow(NULL, park.n, sizeof(*park.peers));
	park.polls = grow(NULL, park.n, sizeof(*park.polls));
	client_init(address);
	while (fgets(line, sizeof(line), stdin) != NULL)
		command(line);
	return 0;
}

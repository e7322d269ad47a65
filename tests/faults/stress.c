/*
 * stress: a history of everything that was posted and read, held against what
 * was promised: no gap, no double, one order in each room.
 *
 *	stress -a HOST:PORT -m MOUNT,MOUNT,... -n OPERATIONS [-r ROOMS]
 *	    [-g PROGRAM -c CONF]
 *
 * In each room WRITERS peers post 1, 2, 3 ..., each post at another mount than
 * the last, and READERS peers poll, each poll at another mount.  A post
 * that was not acknowledged is repeated with the same n.  With -g two of the
 * peers of each room are CGI programs instead: a process a request.  An
 * operation is a post or a poll that was answered.
 *
 * Prints one line of JSON; the first thing that is not as promised ends it
 * with 1 and the words.
 */
#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench/client.h"
#include "../bench/peer.h"
#include "stress_cgi.h"

enum { WRITERS = 8, READERS = 2, MOUNTS = 16 };

struct writer {
	struct peer peer;
	struct conn conn;
	struct room *room;
	size_t number, turns;
	unsigned done; /* posts that were acknowledged */
};

struct reader {
	struct peer peer;
	struct conn conn;
	struct room *room;
	size_t turns;
	struct stress_reading reading;
};

struct room {
	struct writer writers[WRITERS];
	struct reader readers[READERS];
	size_t writing; /* writers that are not done */
};

static struct {
	const char *mounts[MOUNTS];
	size_t nmounts;
	struct room *rooms;
	size_t nrooms, nwriters, nreaders; /* of a room, by FastCGI */
	unsigned long wanted; /* operations, where no CGI program is there */
	unsigned quota;       /* else: posts of a writer */
	unsigned cgi_quota;   /* of one by CGI; 0: there is none */
	unsigned long posts, polls, repeats, open;
} run;

/* Each request goes to another process than the one before. */
static void
choose(size_t turn)
{
	peer_mount = run.mounts[turn % run.nmounts];
}

/* 1 when the server asks for the same once more. */
static int
is_refused(const struct reply *r)
{
	if (r->status != 503)
		return 0;
	if (strstr(r->body, "\"retryable\":true") == NULL)
		die("503 %s", r->body);
	run.repeats++;
	return 1;
}

static void
post(struct writer *w)
{
	char body[64];

	choose(w->number + w->turns++);
	w->peer.n = w->done;
	snprintf(body, sizeof(body), "{\"by\":%zu,\"k\":%u}", w->number,
	    w->done + 1);
	peer_post(&w->peer, &w->conn, body);
}

static void
posted(struct conn *c, const struct reply *r)
{
	struct writer *w = c->arg;

	if (!is_refused(r)) {
		if (r->status != 201)
			die("post %u: %d %s", w->peer.n, r->status, r->body);
		run.posts++;
		w->done++;
	}
	if (run.cgi_quota > 0 ? w->done < run.quota :
				run.posts + run.polls < run.wanted) {
		post(w);
		return;
	}
	run.open--;
	w->room->writing--;
}

static unsigned
count_posts(const struct room *room)
{
	unsigned n = run.cgi_quota;
	size_t i;

	for (i = 0; i < run.nwriters; i++)
		n += room->writers[i].done;
	return n;
}

static void
polled(struct conn *c, const struct reply *r)
{
	struct reader *reader = c->arg;

	if (!is_refused(r)) {
		peer_collect(&reader->peer, r);
		stress_read(&reader->reading, r->body);
		run.polls++;
	}
	if (reader->room->writing == 0 &&
	    reader->reading.count == count_posts(reader->room)) {
		run.open--;
		return;
	}
	choose(reader->turns++);
	peer_poll(&reader->peer, c, 1);
}

/* ---- the run ---- */

static void
prepare(void)
{
	size_t each = run.nwriters + run.nreaders, n = 0, i, k;
	struct peer *peers = grow(NULL, run.nrooms * each, sizeof(*peers));

	run.rooms = grow(NULL, run.nrooms, sizeof(*run.rooms));
	memset(run.rooms, 0, run.nrooms * sizeof(*run.rooms));
	for (i = 0; i < run.nrooms; i++)
		for (k = 0; k < each; k++)
			snprintf(peers[n++].room, sizeof(peers->room),
			    "stress-%d-%zu", getpid(), i);
	choose(0);
	peer_join_all(peers, n);
	for (i = n = 0; i < run.nrooms; i++) {
		struct room *room = &run.rooms[i];

		room->writing = run.nwriters;
		for (k = 0; k < run.nwriters; k++) {
			room->writers[k].peer = peers[n++];
			room->writers[k].number = k;
			room->writers[k].room = room;
			conn_init(&room->writers[k].conn, posted,
			    &room->writers[k]);
		}
		for (k = 0; k < run.nreaders; k++) {
			room->readers[k].peer = peers[n++];
			room->readers[k].turns = k;
			room->readers[k].room = room;
			conn_init(&room->readers[k].conn, polled,
			    &room->readers[k]);
		}
	}
	free(peers);
}

static void
start(struct room *room)
{
	size_t k;

	for (k = 0; k < run.nreaders; k++, run.open++) {
		choose(room->readers[k].turns++);
		peer_poll(&room->readers[k].peer, &room->readers[k].conn, 1);
	}
	for (k = 0; k < run.nwriters; k++, run.open++)
		post(&room->writers[k]);
}

/* The peers of each room that are CGI programs, a process of ours each. */
static size_t
start_cgi(const char *program, const char *conf)
{
	const struct stress_cgi cgi = { program, conf };
	size_t i;

	for (i = 0; run.cgi_quota > 0 && i < run.nrooms; i++) {
		const char *room = run.rooms[i].writers[0].peer.room;

		stress_cgi_writer(&cgi, room, WRITERS - 1, run.cgi_quota);
		stress_cgi_reader(&cgi, room,
		    (unsigned)run.nwriters * run.quota + run.cgi_quota);
	}
	return run.cgi_quota > 0 ? 2 * run.nrooms : 0;
}

static unsigned long
wait_cgi(size_t children)
{
	unsigned long done = 0;
	int status;

	for (; children > 0; children--) {
		if (wait(&status) < 0 || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != 0)
			die("a peer by CGI failed");
		done++;
	}
	return done;
}

static void
stress(const char *program, const char *conf)
{
	uint64_t begun = client_now();
	double seconds;
	size_t i, children;
	unsigned long by_cgi, messages = 0;

	prepare();
	children = start_cgi(program, conf);
	for (i = 0; i < run.nrooms; i++)
		start(&run.rooms[i]);
	while (run.open > 0)
		client_turn(-1);
	by_cgi = wait_cgi(children);
	for (i = 0; i < run.nrooms; i++)
		messages += count_posts(&run.rooms[i]);
	seconds = (double)(client_now() - begun) / 1e9;
	printf("{\"operations\":%lu,\"posts\":%lu,\"polls\":%lu,"
	       "\"repeats\":%lu,\"messages\":%lu,\"cgi_peers\":%lu,"
	       "\"seconds\":%.2f}\n",
	    run.posts + run.polls, run.posts, run.polls, run.repeats, messages,
	    by_cgi, seconds);
}

int
main(int argc, char *argv[])
{
	const char *address = NULL, *program = NULL, *conf = NULL;
	unsigned long operations = 100000;
	char *mount;
	int ch;

	run.nrooms = 8;
	while ((ch = getopt(argc, argv, "a:m:n:r:g:c:")) != -1)
		if (ch == 'a')
			address = optarg;
		else if (ch == 'm')
			while (run.nmounts < MOUNTS &&
			    (mount = strsep(&optarg, ",")) != NULL)
				run.mounts[run.nmounts++] = mount;
		else if (ch == 'n')
			operations = strtoul(optarg, NULL, 10);
		else if (ch == 'r')
			run.nrooms = strtoul(optarg, NULL, 10);
		else if (ch == 'g')
			program = optarg;
		else if (ch == 'c')
			conf = optarg;
	if (address == NULL || run.nmounts == 0 || run.nrooms == 0 ||
	    (program == NULL) != (conf == NULL))
		die("usage: stress -a HOST:PORT -m MOUNT,... -n OPERATIONS "
		    "[-r ROOMS] [-g PROGRAM -c CONF]");
	client_init(address);
	run.nwriters = program == NULL ? WRITERS : WRITERS - 1;
	run.nreaders = program == NULL ? READERS : READERS - 1;
	run.wanted = operations;
	run.quota = (unsigned)(operations / run.nrooms / run.nwriters) + 1;
	run.cgi_quota = program == NULL ? 0 : run.quota / 20 + 1;
	stress(program, conf);
	return 0;
}

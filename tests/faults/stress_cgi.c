/*
 * stress_cgi: see stress_cgi.h.
 */
#define _GNU_SOURCE

#include "stress_cgi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../bench/client.h"
#include "../bench/peer.h"

enum { REPLY = 1 << 21 };

/* ---- reading ---- */

/* The number behind the member `name`, found after `json`; -1 without one. */
static long
number(const char *json, const char *name)
{
	const char *p = strstr(json, name);

	return p == NULL ? -1 : strtol(p + strlen(name), NULL, 10);
}

void
stress_read(struct stress_reading *r, const char *body)
{
	const char *p = body;
	long seq, by, k;

	while ((p = strstr(p, "{\"seq\":")) != NULL) {
		const char *next = strstr(p + 1, "{\"seq\":");
		const char *mark = strstr(p, "\"body\":{\"by\":");

		seq = number(p, "{\"seq\":");
		if (seq <= r->seq)
			die("seq %ld after %ld: %.200s", seq, r->seq, p);
		r->seq = seq;
		/* Else it is that somebody joined. */
		if (mark != NULL && (next == NULL || mark < next)) {
			by = number(mark, "\"by\":");
			k = number(mark, "\"k\":");
			if (by < 0 || by >= STRESS_WRITERS ||
			    k != (long)r->last[by] + 1)
				die("writer %ld: %ld after %u", by, k,
				    by < 0 || by >= STRESS_WRITERS ?
					0 :
					r->last[by]);
			r->last[by]++;
			r->count++;
		}
		p++;
	}
}

/* ---- a request, a process ---- */

struct request {
	const struct stress_cgi *cgi;
	const char *method, *query, *token;
	char path[128];
};

static void
become(const struct request *q, const char *body, int in, int out)
{
	char length[32];

	dup2(in, 0);
	dup2(out, 1);
	clearenv();
	snprintf(length, sizeof(length), "%zu", strlen(body));
	setenv("GATEWAY_INTERFACE", "CGI/1.1", 1);
	setenv("SERVER_PROTOCOL", "HTTP/1.1", 1);
	setenv("LETTERBOX_CONF", q->cgi->conf, 1);
	setenv("REQUEST_METHOD", q->method, 1);
	setenv("SCRIPT_NAME", "/letterbox.cgi", 1);
	setenv("PATH_INFO", q->path, 1);
	setenv("QUERY_STRING", q->query, 1);
	setenv("CONTENT_TYPE", "application/json", 1);
	setenv("CONTENT_LENGTH", length, 1);
	setenv("REMOTE_ADDR", "127.0.0.1", 1);
	if (q->token != NULL)
		setenv("HTTP_X_LETTERBOX_TOKEN", q->token, 1);
	execl(q->cgi->program, q->cgi->program, (char *)NULL);
	_exit(127);
}

/* The reply's status, its text in `reply` (REPLY bytes). */
static int
ask(const struct request *q, const char *body, char *reply)
{
	int in[2], out[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t child;

	if (pipe2(in, 0) != 0 || pipe2(out, 0) != 0)
		die("pipe");
	child = fork();
	if (child == 0) {
		close(in[1]);
		close(out[0]);
		become(q, body, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	if (child < 0 || write(in[1], body, strlen(body)) < 0)
		die("cannot run %s", q->cgi->program);
	close(in[1]);
	while (
	    n < REPLY - 1 && (got = read(out[0], reply + n, REPLY - 1 - n)) > 0)
		n += (size_t)got;
	reply[n] = '\0';
	close(out[0]);
	waitpid(child, &status, 0);
	return (int)number(reply, "Status: ");
}

static int
is_refused(int status, const char *reply)
{
	return status == 503 && strstr(reply, "\"retryable\":true") != NULL;
}

static void
join(const struct stress_cgi *cgi, const char *room, struct peer *peer,
    char *reply)
{
	struct request q = { cgi, "POST", "", NULL, "" };
	char body[64];
	int status;

	snprintf(q.path, sizeof(q.path), "/rooms/%s/peers", room);
	snprintf(body, sizeof(body), "{\"key\":\"cgi-%08d%020llu\"}", getpid(),
	    (unsigned long long)client_now());
	do
		status = ask(&q, body, reply);
	while (is_refused(status, reply));
	if (status != 201 ||
	    !peer_member(reply, "token", peer->token, sizeof(peer->token)) ||
	    !peer_member(reply, "cursor", peer->cursor, sizeof(peer->cursor)))
		die("join by CGI: %.500s", reply);
}

static void
write_all(const struct stress_cgi *cgi, const char *room, unsigned writer,
    unsigned quota)
{
	char *reply = grow(NULL, REPLY, 1), body[128];
	struct request q = { cgi, "POST", "", NULL, "" };
	struct peer peer = { .n = 0 };
	unsigned k = 1;
	int status;

	join(cgi, room, &peer, reply);
	q.token = peer.token;
	snprintf(q.path, sizeof(q.path), "/rooms/%s/messages", room);
	while (k <= quota) {
		snprintf(body, sizeof(body),
		    "{\"n\":%u,\"messages\":[{\"type\":\"bench\","
		    "\"body\":{\"by\":%u,\"k\":%u}}]}",
		    k, writer, k);
		status = ask(&q, body, reply);
		if (status == 201)
			k++;
		else if (!is_refused(status, reply))
			die("post %u by CGI: %.500s", k, reply);
	}
	free(reply);
}

/* The pause that the server asks for when it has no seat. */
static void
rest(const char *reply)
{
	long ms = number(reply, "\"pause\":");
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

	if (ms > 0)
		nanosleep(&pause, NULL);
}

static void
read_all(const struct stress_cgi *cgi, struct peer *peer, char *reply,
    unsigned total)
{
	struct request q = { cgi, "GET", NULL, peer->token, "" };
	struct stress_reading reading = { .count = 0 };
	char query[128];
	int status;

	snprintf(q.path, sizeof(q.path), "/rooms/%s/messages", peer->room);
	q.query = query;
	while (reading.count < total) {
		snprintf(query, sizeof(query), "after=%s&wait=1", peer->cursor);
		status = ask(&q, "", reply);
		if (is_refused(status, reply))
			continue;
		if (status != 200 || strstr(reply, "\"gap\"") != NULL ||
		    strstr(reply, "\"reset\"") != NULL ||
		    !peer_member(reply, "cursor", peer->cursor,
			sizeof(peer->cursor)))
			die("poll by CGI: %.500s", reply);
		stress_read(&reading, reply);
		rest(reply);
	}
}

void
stress_cgi_writer(const struct stress_cgi *cgi, const char *room,
    unsigned writer, unsigned quota)
{
	if (fork() != 0)
		return;
	write_all(cgi, room, writer, quota);
	_exit(0);
}

void
stress_cgi_reader(const struct stress_cgi *cgi, const char *room,
    unsigned total)
{
	char *reply = grow(NULL, REPLY, 1);
	struct peer peer = { .n = 0 };

	/* Before anybody posts: it is to read all of it. */
	snprintf(peer.room, sizeof(peer.room), "%s", room);
	join(cgi, room, &peer, reply);
	if (fork() == 0) {
		read_all(cgi, &peer, reply, total);
		_exit(0);
	}
	free(reply);
}

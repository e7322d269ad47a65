/*
 * peer: requests and replies of the rooms, see peer.h.
 *
 * No JSON library: the generator shares two cores with what it measures, and
 * looks for four members whose form it knows.
 */
#define _GNU_SOURCE

#include "peer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *peer_mount = "/api";

enum { JOINS_AT_ONCE = 16 };

static struct {
	struct peer *peers;
	size_t next, done, n;
} joining;

int
peer_member(const char *json, const char *name, char *buf, size_t size)
{
	const char *p = json;
	size_t i, len = strlen(name);

	while ((p = strstr(p, name)) != NULL) {
		if (p > json && p[-1] == '"' && p[len] == '"')
			break;
		p += len;
	}
	if (p == NULL)
		return 0;
	p += len + 1;
	p += strspn(p, " :");
	if (*p++ != '"')
		return 0;
	for (i = 0; p[i] != '"' && p[i] != '\0' && i + 1 < size; i++)
		buf[i] = p[i];
	buf[i] = '\0';
	return p[i] == '"';
}

static void
send_join(struct conn *c, struct peer *p)
{
	char body[128];
	int len;

	/* 32 characters are 24 bytes of base64url, nothing left over. */
	len = snprintf(body, sizeof(body), "{\"key\":\"%08lx%08lx%08lx%08lx\"}",
	    (unsigned long)getpid(), (unsigned long)(p - joining.peers),
	    (unsigned long)random(), (unsigned long)random());
	c->arg = p;
	conn_send(c,
	    "POST %s/rooms/%s/peers HTTP/1.1\r\nHost: bench\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    peer_mount, p->room, len, body);
}

static void
joined(struct conn *c, const struct reply *r)
{
	struct peer *p = c->arg;

	if (r->status != 201 ||
	    !peer_member(r->body, "token", p->token, sizeof(p->token)) ||
	    !peer_member(r->body, "cursor", p->cursor, sizeof(p->cursor)))
		die("join: %d %s", r->status, r->body);
	p->n = 0;
	joining.done++;
	if (joining.next < joining.n)
		send_join(c, &joining.peers[joining.next++]);
}

void
peer_join_all(struct peer *peers, size_t npeers)
{
	struct conn c[JOINS_AT_ONCE];
	size_t i;

	srandom((unsigned)getpid() ^ (unsigned)client_now());
	joining.peers = peers;
	joining.next = joining.done = 0;
	joining.n = npeers;
	for (i = 0; i < JOINS_AT_ONCE; i++) {
		conn_init(&c[i], joined, NULL);
		if (joining.next < npeers)
			send_join(&c[i], &peers[joining.next++]);
	}
	while (joining.done < npeers)
		client_turn(-1);
	for (i = 0; i < JOINS_AT_ONCE; i++)
		conn_close(&c[i]);
}

void
peer_post(struct peer *p, struct conn *c, const char *body)
{
	char head[64];
	int len;

	len = snprintf(head, sizeof(head),
	    "{\"n\":%u,\"messages\":[{\"type\":\"bench\",\"body\":", ++p->n);
	conn_send(c,
	    "POST %s/rooms/%s/messages HTTP/1.1\r\nHost: bench\r\n"
	    "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n%s%s}]}",
	    peer_mount, p->room, p->token, (size_t)len + strlen(body) + 3, head,
	    body);
}

void
peer_poll(struct peer *p, struct conn *c, int wait_s)
{
	conn_send(c,
	    "GET %s/rooms/%s/messages?after=%s&wait=%d HTTP/1.1\r\n"
	    "Host: bench\r\nAuthorization: Bearer %s\r\n\r\n",
	    peer_mount, p->room, p->cursor, wait_s, p->token);
}

void
peer_collect(struct peer *p, const struct reply *r)
{
	if (r->status != 200 ||
	    !peer_member(r->body, "cursor", p->cursor, sizeof(p->cursor)))
		die("poll: %d %s", r->status, r->body);
	if (strstr(r->body, "\"gap\"") != NULL ||
	    strstr(r->body, "\"reset\"") != NULL)
		die("poll: mail was lost: %.300s", r->body);
}

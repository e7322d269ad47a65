/*
 * redact_again: what was hidden once is hidden wherever it is said again.
 *
 * A value is cut into pieces: words, and the single characters between them.
 * What is kept are sums of its first piece, of its first two, and so on; so
 * from any place of a text one walks on for as long as there is such a value,
 * which nearly everywhere is not one step: a table of bits of the first bytes
 * of all of them says so at once.
 *
 * Two values with the same sum of 64 bits would be taken for each other: a
 * word is hidden that need not be.
 */
#define _POSIX_C_SOURCE 200809L
#define HASH_NONFATAL_OOM 1 /* or uthash ends the process */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "redact.h"
#include "redact_parts.h"

#define VALUE_LEAST 3 /* bytes; less is said by chance */
#define VALUE_LEAST_IN_SDP 8
#define VALUE_MOST 512       /* bytes; of a longer one they are enough, */
#define PIECES_MOST 16       /* and so are these */
#define NODES_MOST (1 << 18) /* sums, of all values */
#define FILTER_BITS 16
#define OURS_MOST 24 /* bytes; of a pseudonym less */

struct node {
	uint64_t sum;
	const struct redact_seen *seen; /* NULL: no value ends here */
	UT_hash_handle hh;
};

struct redact_again {
	struct node *nodes;
	unsigned char filter[(1 << FILTER_BITS) / 8];
};

/* Words that calls are made of: if somebody is called so, it is no secret. */
static const char *const vocabulary[] = { "and", "answer", "application",
	"audio", "bye", "call", "candidate", "candidates", "chat", "code",
	"data", "description", "error", "false", "from", "host", "http",
	"https", "ice", "info", "joined", "key", "left", "message", "mid",
	"name", "null", "offer", "peer", "pranswer", "prflx", "reason", "relay",
	"rollback", "room", "rooms", "sdp", "sdpMid", "sdpMLineIndex", "seq",
	"session", "srflx", "tcp", "text", "the", "token", "true", "turn",
	"type", "udp", "user", "usernameFragment", "video" };

static int
is_vocabulary(struct slice value)
{
	for (size_t i = 0; i < sizeof(vocabulary) / sizeof(vocabulary[0]); i++)
		if (strlen(vocabulary[i]) == value.n &&
		    strncasecmp(vocabulary[i], value.p, value.n) == 0)
			return 1;
	return 0;
}

static unsigned
bit_of(struct slice s)
{
	const uint32_t first = (uint32_t)(unsigned char)s.p[0] |
	    (uint32_t)(unsigned char)s.p[1] << 8 |
	    (uint32_t)(unsigned char)s.p[2] << 16;

	return (unsigned)(first * 0x9e3779b1 >> (32 - FILTER_BITS));
}

/* ---- a walk, a piece a step ---- */

struct walk {
	struct slice s;
	size_t n; /* bytes that are behind us */
	unsigned pieces;
	uint64_t sum;
};

static int
is_over(const struct walk *w)
{
	return w->n == VALUE_MOST || w->pieces == PIECES_MOST;
}

/* 0: there is no more. */
static int
step(struct walk *w)
{
	const size_t most = w->s.n < VALUE_MOST ? w->s.n : VALUE_MOST;
	size_t n = w->n;

	if (n == most || is_over(w))
		return 0;
	do {
		w->sum ^= (unsigned char)w->s.p[n];
		w->sum *= 0x100000001b3;
		n++;
	} while (n < most && redact_is_wordy(w->s.p[n - 1]) &&
	    redact_is_wordy(w->s.p[n]));
	w->n = n;
	w->pieces++;
	return 1;
}

static struct walk
walk_of(struct slice s)
{
	return (struct walk){ .s = s, .sum = 0xcbf29ce484222325 };
}

/* ---- what is known ---- */

static struct node *
find(const struct redact_again *again, uint64_t sum)
{
	struct node *node;

	HASH_FIND(hh, again->nodes, &sum, sizeof(sum), node);
	return node;
}

static struct node *
add(struct redact_again *again, uint64_t sum)
{
	struct node *node = find(again, sum);

	if (node != NULL || HASH_COUNT(again->nodes) == NODES_MOST ||
	    (node = calloc(1, sizeof(*node))) == NULL)
		return node;
	node->sum = sum;
	HASH_ADD(hh, again->nodes, sum, sizeof(sum), node);
	if (node->hh.tbl == NULL) {
		free(node);
		node = NULL;
	}
	return node;
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

void
redact_again_add(struct redact *r, struct slice value,
    const struct redact_seen *seen)
{
	struct node *node = NULL;
	struct walk w;
	unsigned bit;

	value = trim(value);
	if (value.n < VALUE_LEAST || is_vocabulary(value))
		return;
	if (r->again == NULL &&
	    (r->again = calloc(1, sizeof(*r->again))) == NULL)
		return;
	w = walk_of(value);
	while (step(&w))
		if ((node = add(r->again, w.sum)) == NULL)
			return;
	if (node->seen == NULL)
		node->seen = seen;
	bit = bit_of(value);
	r->again->filter[bit / 8] |= (unsigned char)(1 << bit % 8);
}

void
redact_again_reset(struct redact *r)
{
	struct node *node, *next;

	if (r->again == NULL)
		return;
	HASH_ITER(hh, r->again->nodes, node, next) {
		HASH_DEL(r->again->nodes, node);
		free(node);
	}
	free(r->again);
	r->again = NULL;
}

/* ---- finding it ---- */

/* The word at the start is one of ours; a longer one is not. */
static int
is_ours(struct slice s)
{
	const size_t most = s.n < OURS_MOST ? s.n : OURS_MOST;
	size_t n = 0;

	while (n < most && (redact_is_wordy(s.p[n]) || s.p[n] == '-'))
		n++;
	if (n == OURS_MOST)
		return 0;
	return redact_is_pseudonym((struct slice){ s.p, n });
}

size_t
redact_again(const struct redact *r, struct slice s, int is_sdp,
    const struct redact_seen **found)
{
	const struct redact_seen *seen = NULL;
	const struct node *node;
	struct walk w = walk_of(s);
	size_t n = 0;
	unsigned bit;

	if (r->again == NULL || s.n < VALUE_LEAST)
		return 0;
	bit = bit_of(s);
	if ((r->again->filter[bit / 8] & 1 << bit % 8) == 0)
		return 0;
	while (step(&w) && (node = find(r->again, w.sum)) != NULL)
		if (node->seen != NULL) {
			seen = node->seen;
			n = w.n;
		}
	if (seen == NULL || is_ours(s) ||
	    (is_sdp &&
		(n < VALUE_LEAST_IN_SDP || seen->key[0] > REDACT_SECRET)))
		return 0;
	/* Of a long one the beginning is known, and it ends where words do. */
	if (n == w.n && is_over(&w))
		while (n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != '"')
			n++;
	*found = seen;
	return n;
}

/*
 * tape: see tape.h.
 */
#include "tape.h"

#include <stdlib.h>
#include <string.h>

void
tape_init(struct tape *t)
{
	memset(t, 0, sizeof(*t));
}

void
tape_reset(struct tape *t)
{
	for (size_t i = 0; i < t->count; i++)
		free((void *)(uintptr_t)t->messages[i].from.p);
	free(t->messages);
	tape_init(t);
}

static struct slice
keep(char **at, struct slice text)
{
	struct slice kept = { *at, text.n };

	if (text.p == NULL)
		return text;
	memcpy(*at, text.p, text.n);
	*at += text.n;
	return kept;
}

static int
grow(struct tape *t)
{
	const size_t room = t->room == 0 ? 256 : 2 * t->room;
	struct message *more;

	if (t->count < t->room)
		return 1;
	more = realloc(t->messages, room * sizeof(*more));
	if (more == NULL)
		return 0;
	t->messages = more;
	t->room = room;
	return 1;
}

void
tape_add(struct tape *t, const struct message *m)
{
	const size_t n = m->from.n + m->to.n + m->type.n + m->body.n + 1;
	struct message *kept;
	char *at;

	if (t->failed || t->bytes + n > TAPE_MAX || !grow(t) ||
	    (at = malloc(n)) == NULL) {
		t->failed = 1;
		return;
	}
	kept = &t->messages[t->count++];
	*kept = *m;
	/* The sender's id stands first: freeing it frees them all. */
	kept->from = keep(&at, m->from);
	kept->to = keep(&at, m->to);
	kept->type = keep(&at, m->type);
	kept->body = keep(&at, m->body);
	t->bytes += n;
}

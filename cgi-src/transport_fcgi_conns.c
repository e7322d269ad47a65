/*
 * transport_fcgi_conns: see transport_fcgi_conns.h.
 */
#include "transport_fcgi_conns.h"

#include <utlist.h>

#define SLACK 50 /* ms that a deadline may be late, to save wake-ups */

/* The milliseconds until `due`, 0 when it is over.  Half a number is enough:
 * terms are below 24 days. */
static int64_t
until(uint32_t due, int64_t now)
{
	int32_t left = (int32_t)(due - (uint32_t)now);

	return left > 0 ? left : 0;
}

/* The timer runs whenever a list with a term has members.  It is not set back
 * when they leave in time, as nearly all do: an early look costs less. */
static void
arm(struct conns *s)
{
	int64_t now, left, first = -1;
	int i;

	now = loop_now(s->loop)->mono;
	for (i = 0; i < CONNS__MAX; i++) {
		if (s->term[i] == 0 || s->lists[i] == NULL)
			continue;
		left = until(s->lists[i]->due, now);
		if (first < 0 || left < first)
			first = left;
	}
	if (first < 0)
		return;
	s->look_at = now + first + SLACK;
	loop_timer_start(s->loop, &s->timer, first + SLACK);
}

static void
look(struct loop_timer *timer)
{
	struct conns *s = LOOP_OWNER(timer, struct conns, timer);
	int64_t now = loop_now(s->loop)->mono;
	int i;

	for (i = 0; i < CONNS__MAX; i++)
		while (s->term[i] > 0 && s->lists[i] != NULL &&
		    until(s->lists[i]->due, now) == 0) {
			s->stats.expired++;
			s->expire(s->lists[i]);
		}
	arm(s);
}

static void
resume(struct loop_task *task)
{
	struct conns *s = LOOP_OWNER(task, struct conns, task);

	while (s->lists[CONNS_LATER] != NULL)
		s->resume(s->lists[CONNS_LATER]);
}

void
conns_init(struct conns *s)
{
	loop_timer_init(&s->timer, look);
	loop_task_init(&s->task, resume);
}

void
conns_stop(struct conns *s)
{
	loop_timer_stop(s->loop, &s->timer);
	loop_undefer(s->loop, &s->task);
}

void
conns_add(struct conns *s, struct conn *c, enum conns_list list)
{
	int64_t due;

	c->list = (uint8_t)list;
	DL_APPEND(s->lists[list], c);
	if (list == CONNS_LATER)
		loop_defer(s->loop, &s->task);
	if (s->term[list] == 0)
		return;
	due = loop_now(s->loop)->mono + s->term[list];
	c->due = (uint32_t)due;
	if (!loop_timer_active(&s->timer) || due + SLACK < s->look_at)
		arm(s);
}

void
conns_remove(struct conns *s, struct conn *c)
{
	DL_DELETE(s->lists[c->list], c);
}

void
conns_move(struct conns *s, struct conn *c, enum conns_list list)
{
	if (c->list == list && s->term[list] == 0)
		return;
	conns_remove(s, c);
	conns_add(s, c, list);
}

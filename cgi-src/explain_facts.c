/*
 * explain_facts: what is kept of each message for the rules.
 */
#include <stdlib.h>
#include <string.h>

#include "explain_parts.h"
#include "list.h"
#include "story_parts.h"

#define JUMP_MS 1000   /* smaller steps back are those of several processes */
#define LATE_MS 600000 /* later candidates are of another network */
#define PAST_MOST 32   /* connections of a peer that are remembered */

/* The message at hand. */
struct scene {
	struct explain *e;
	const struct message *m;
	size_t readers;
};

/* ---- lists ---- */

static void
add_mark(struct explain *e, struct explain_marks *marks, int64_t seq, int from)
{
	struct explain_mark *at = list_grow(marks->at, &marks->room,
	    marks->count, sizeof(*at));

	if (at == NULL) {
		e->failed = 1;
		return;
	}
	marks->at = at;
	at[marks->count++] = (struct explain_mark){ seq, from };
}

static void
add_end(struct explain *e, struct explain_ends *ends, struct explain_end end)
{
	struct explain_end *at = list_grow(ends->at, &ends->room, ends->count,
	    sizeof(*at));

	if (at == NULL) {
		e->failed = 1;
		return;
	}
	ends->at = at;
	at[ends->count++] = end;
}

struct explain_person *
explain_person(struct explain *e, int person)
{
	static struct explain_person nobody;
	struct explain_person *people;

	while (person >= 0 && (size_t)person >= e->people_count) {
		people = list_grow(e->people, &e->people_room, e->people_count,
		    sizeof(*people));
		if (people == NULL) {
			e->failed = 1;
			break;
		}
		e->people = people;
		people[e->people_count++] = (struct explain_person){
			.link = -1
		};
	}
	if (person < 0 || (size_t)person >= e->people_count) {
		nobody = (struct explain_person){ .link = -1 };
		return &nobody;
	}
	return &e->people[person];
}

static struct explain_link *
link_of(struct explain *e, const struct story_deed *deed)
{
	struct explain_person *person;
	struct explain_link *links;

	while (deed->pair >= e->link_count) {
		links = list_grow(e->links, &e->link_room, e->link_count,
		    sizeof(*links));
		if (links == NULL) {
			e->failed = 1;
			return NULL;
		}
		e->links = links;
		links += e->link_count++;
		memset(links, 0, sizeof(*links));
		links->newest[0] = links->newest[1] = -1;
		links->answer[0] = links->answer[1] = -1;
		links->settled = -1;
		memcpy(links->person, deed->after->person,
		    sizeof(links->person));
		for (int side = 0; side < 2; side++) {
			person = explain_person(e, links->person[side]);
			links->next[side] = person->link;
			person->link = (int)(e->link_count - 1);
		}
	}
	return &e->links[deed->pair];
}

/* ---- descriptions ---- */

static int
find_seq(const struct explain_link *link, int64_t seq)
{
	size_t low = 0, high = link->count;

	while (low < high) {
		const size_t i = low + (high - low) / 2;

		if (link->said[i].seq == seq)
			return (int)i;
		if (link->said[i].seq < seq)
			low = i + 1;
		else
			high = i;
	}
	return -1;
}

static int
was_replaced(const struct explain_link *link, int last, int connection)
{
	for (int i = 0; last >= 0 && i < PAST_MOST; i++) {
		if (link->said[last].brief.connection == connection)
			return 1;
		last = link->said[last].last;
	}
	return 0;
}

/* A generation of its own, or that of the one before. */
static int
find_tally(struct explain *e, struct explain_link *link,
    struct explain_said *said)
{
	struct explain_tally *tallies;
	size_t i;

	if (said->before >= 0 &&
	    link->said[said->before].brief.ufrag == said->brief.ufrag) {
		said->tally = link->said[said->before].tally;
	} else {
		tallies = list_grow(link->tallies, &link->tally_room,
		    link->tally_count, sizeof(*tallies));
		if (tallies == NULL) {
			e->failed = 1;
			return 0;
		}
		link->tallies = tallies;
		memset(&tallies[link->tally_count], 0, sizeof(*tallies));
		said->tally = link->tally_count++;
	}
	for (i = 0; i < SDP__WAYS; i++) {
		link->tallies[said->tally].ways[i] += said->brief.ways[i];
		link->tallies[said->tally].count += said->brief.ways[i];
	}
	return 1;
}

/* What of it was known before it. */
static void
compare(const struct explain_link *link, struct explain_said *said)
{
	int offer = said->brief.kind == EXPLAIN_OFFER;

	said->last = said->before = link->newest[said->side];
	if (said->last >= 0 &&
	    link->said[said->last].brief.connection != said->brief.connection)
		said->before = -1;
	said->restart = offer && said->before >= 0 &&
	    link->said[said->before].brief.ufrag != said->brief.ufrag;
	said->renewal = offer && said->last >= 0 && said->before < 0;
	said->past = said->before < 0 && said->brief.connection != 0 &&
	    was_replaced(link, said->last, said->brief.connection);
}

/* What it has to do with those of the other side. */
static void
relate(struct explain_link *link, struct explain_said *said,
    const struct story_deed *deed)
{
	const struct story_side *reader = &deed->after->side[!deed->mine];

	said->met = said->takes = said->answer = -1;
	if (deed->remark == STORY_GLARE)
		said->met = find_seq(link, deed->offered);
	if (explain_is_answer(said) && deed->remark != STORY_STALE &&
	    reader->theirs == said->seq)
		said->takes = find_seq(link, reader->local);
	if (said->met >= 0)
		link->said[said->met].was_met = 1;
	if (said->takes < 0 || deed->remark == STORY_LATE)
		return;
	link->said[said->takes].answer = (int)link->count;
	if (said->takes > link->settled)
		link->settled = said->takes;
}

static void
describe(struct scene *scene, struct explain_link *link,
    const struct story_deed *deed)
{
	struct explain *e = scene->e;
	struct explain_said *said = list_grow(link->said, &link->room,
	    link->count, sizeof(*said));

	if (said == NULL) {
		e->failed = 1;
		return;
	}
	link->said = said;
	said += link->count;
	memset(said, 0, sizeof(*said));
	said->seq = scene->m->seq;
	said->at = e->clock;
	said->from = deed->from;
	said->to = deed->to;
	said->side = deed->mine;
	said->size = scene->m->body.n;
	said->remark = deed->remark;
	said->absent = deed->absent;
	explain_brief(e, scene->m->body, &said->brief);
	compare(link, said);
	if (!find_tally(e, link, said)) {
		explain_brief_reset(&said->brief);
		return;
	}
	relate(link, said, deed);
	link->newest[said->side] = (int)link->count;
	if (explain_is_answer(said))
		link->answer[said->side] = (int)link->count;
	link->count++;
}

/* ---- candidates ---- */

static void
candidate(struct scene *scene, struct explain_link *link,
    const struct story_deed *deed)
{
	struct explain *e = scene->e;
	struct slice text = story_text(&e->story, scene->m->body, "candidate");
	int newest = link->newest[deed->mine];
	struct explain_said *said;
	struct explain_tally *tally;
	int64_t time;

	if (text.n == 0)
		return;
	if (deed->remark == STORY_ODD)
		add_mark(e, &link->odd, scene->m->seq, deed->from);
	if (deed->remark == STORY_PAST_OF)
		add_mark(e, &link->past, scene->m->seq, deed->from);
	/* Of a log that begins in the middle nobody knows what came before. */
	if (deed->remark == STORY_EARLY && !deed->absent &&
	    explain_person(e, deed->from)->joined != 0 &&
	    deed->signaling != STORY_CLOSED)
		add_mark(e, &link->early, scene->m->seq, deed->from);
	if (newest < 0 || deed->remark != STORY_PLAIN)
		return;
	said = &link->said[newest];
	tally = &link->tallies[said->tally];
	tally->count++;
	tally->ways[sdp_way(text)]++;
	time = e->clock - said->at;
	if (time >= EXPLAIN_SLOW_MS && time < LATE_MS && said->slow_seq == 0) {
		said->slow_seq = scene->m->seq;
		said->slow_time = time;
	}
}

static void
see(void *arg, const struct story_deed *deed)
{
	struct scene *scene = arg;
	struct explain_link *link = link_of(scene->e, deed);

	scene->readers++;
	if (link == NULL)
		return;
	if (slice_is(scene->m->type, "description"))
		describe(scene, link, deed);
	else if (slice_is(scene->m->type, "candidate"))
		candidate(scene, link, deed);
	else
		add_end(scene->e, &link->ends,
		    (struct explain_end){ scene->m->seq, scene->e->clock,
			deed->from, 0 });
}

/* ---- the others ---- */

static void
leave(struct explain *e, const struct message *m, int who)
{
	struct explain_end end = { m->seq, e->clock, who,
		slice_is(story_text(&e->story, m->body, "reason"), "lease") };

	add_end(e, &e->left, end);
	for (int i = explain_person(e, who)->link; i >= 0;) {
		struct explain_link *link = &e->links[i];

		add_end(e, &link->ends, end);
		i = link->next[link->person[0] != who];
	}
}

static void
join(struct explain *e, const struct message *m, int who)
{
	struct explain_person *person = explain_person(e, who);
	struct slice name = story_text(&e->story, m->body, "name");

	person->joined = m->seq;
	if (name.p == NULL)
		return;
	person->has_name = 1;
	person->name = lexicon_add(&e->lexicon, name);
}

static void
tell(struct explain *e, const struct message *m, int from, int is_error)
{
	struct explain_told *told = list_grow(e->told, &e->told_room,
	    e->told_count, sizeof(*told));

	if (told == NULL) {
		e->failed = 1;
		return;
	}
	e->told = told;
	told += e->told_count++;
	memset(told, 0, sizeof(*told));
	told->seq = m->seq;
	told->from = from;
	if (m->to.p != NULL)
		told->to = lexicon_add(&e->lexicon, m->to);
	if (is_error) {
		told->re = story_re(m->body);
		told->code = story_word(&e->story, m->body, "code");
	} else {
		told->type = lexicon_add(&e->lexicon, m->type);
	}
}

static void
look_at_clock(struct explain *e, const struct message *m)
{
	struct explain_jump *jumps;

	if (e->messages == 0 || m->at > e->clock)
		e->clock = m->at;
	if (e->messages == 0 || e->last_at - m->at <= JUMP_MS)
		return;
	jumps = list_grow(e->jumps, &e->jump_room, e->jump_count,
	    sizeof(*jumps));
	if (jumps == NULL) {
		e->failed = 1;
		return;
	}
	e->jumps = jumps;
	jumps[e->jump_count++] = (struct explain_jump){ m->seq, e->last_seq,
		e->last_at - m->at };
}

void
explain_take(struct explain *e, const struct message *m)
{
	struct scene scene = { .e = e, .m = m };
	enum story_remark remark;
	int who;

	look_at_clock(e, m);
	e->messages++;
	e->last_seq = m->seq;
	e->last_at = m->at;
	remark = story_take(&e->story, m, see, &scene);
	if ((who = story_person(&e->story, m->from)) < 0)
		return;
	if (slice_is(m->type, "joined"))
		join(e, m, who);
	else if (slice_is(m->type, "left"))
		leave(e, m, who);
	else if (slice_is(m->type, "error") || slice_is(m->type, "room-full"))
		tell(e, m, who, slice_is(m->type, "error"));
	else if (slice_is(m->type, "description") && m->to.p == NULL &&
	    scene.readers == 0 && remark == STORY_NOBODY &&
	    slice_is(story_text(&e->story, m->body, "type"), "offer"))
		add_mark(e, &e->alone, m->seq, who);
}

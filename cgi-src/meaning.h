/*
 * meaning: two calls compared by what happens in them, not by seq, time or the
 * random words of a connection; what public_html/js/replay/meaning.js is in a
 * browser, and the same JSON.
 *
 * A call becomes steps: who came, who offered what to whom, what was answered.
 * Candidates come in any order and number, so their kinds are one fact of the
 * description that they belong to.
 */
#ifndef LETTERBOX_MEANING_H
#define LETTERBOX_MEANING_H

#include "align.h"
#include "story.h"

/* Words of the lexicon: "direction of 0 audio" is "sendrecv". */
struct meaning_fact {
	int name, value;
};

struct meaning_step {
	int key;       /* a word, by which steps are aligned */
	int64_t seq;   /* of its message */
	int64_t since; /* ms since the step before, 0 or more */
	struct meaning_fact *facts;
	size_t count, room;
	unsigned ways; /* of its candidates, as bits of enum sdp_way */
};

/* A call, a message at a time. */
struct meaning {
	struct lexicon *lexicon;
	struct story story;
	struct meaning_step *steps;
	size_t count, room;
	int *open; /* by the word of a way: its newest description */
	size_t opened;
	int64_t last; /* when the newest step was */
	int has_last;
	int failed; /* no memory */
};

/* Both calls share the lexicon. */
void meaning_init(struct meaning *, struct lexicon *);
void meaning_reset(struct meaning *);
void meaning_take(struct meaning *, const struct message *);

/* What two steps of one row have not in common. */
struct meaning_difference {
	int name;    /* a word */
	int a, b;    /* likewise */
	int is_time; /* it is how long they took, and parts nobody */
};

struct meaning_row {
	const struct meaning_step *a, *b; /* NULL where one has nothing */
	struct meaning_difference *differs;
	size_t count;
};

struct meaning_rows {
	struct meaning_row *rows;
	size_t count;
	int first; /* where they part, -1: nowhere */
};

/* LB_NO_MEMORY.  The steps stay those of the calls. */
enum lb_err meaning_compare(struct meaning *a, struct meaning *b,
    struct meaning_rows *out);
void meaning_rows_reset(struct meaning_rows *);

#endif

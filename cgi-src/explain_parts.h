/*
 * explain_parts: what the rules look at, shared by the files of explain and by
 * nobody else.
 *
 * For each two peers what they said to each other, what answered what, and
 * which candidates belong to it.  Peers are persons of the story, strings are
 * words of its lexicon, and a description is known by its index in its link:
 * -1 is none.
 */
#ifndef LETTERBOX_EXPLAIN_PARTS_H
#define LETTERBOX_EXPLAIN_PARTS_H

#include "explain.h"
#include "sdp_use.h"
#include "story.h"

#define EXPLAIN_SLOW_MS 10000

enum explain_kind {
	EXPLAIN_OFFER,
	EXPLAIN_ANSWER,
	EXPLAIN_PRANSWER,
	EXPLAIN_ROLLBACK,
	EXPLAIN_ODD /* it cannot be read */
};

/* An m-line. */
struct explain_line {
	int kind, mid, setup; /* words */
	int is_tls, rejected, fingerprint;
	int *codecs; /* words: "vp8/90000" */
	size_t codec_count;
};

/* Of a description what the rules ask for. */
struct explain_brief {
	enum explain_kind kind;
	int connection; /* a word for the RTCPeerConnection it is of */
	int ufrag;      /* of the first m-line */
	struct explain_line *lines;
	size_t line_count;
	size_t ways[SDP__WAYS]; /* candidates in it */
};

/* The candidates of one generation. */
struct explain_tally {
	size_t count, ways[SDP__WAYS];
};

/* A description. */
struct explain_said {
	int64_t seq;
	int64_t at;   /* ms, by a clock that never goes back */
	int from, to; /* persons */
	int side;     /* of the link, of `from` */
	size_t size;  /* bytes of its body */
	struct explain_brief brief;
	enum story_remark remark;
	int absent;   /* whom it is for was not in the room */
	int last;     /* the same side's one before */
	int before;   /* the same, if of the same connection */
	int met;      /* an offer that this one met */
	int was_met;  /* by another */
	int takes;    /* the offer that it was applied to */
	int answer;   /* the one that settled this offer */
	int restart;  /* an offer with another ufrag than `before` */
	int renewal;  /* an offer of another connection than before */
	int past;     /* of a connection that another had replaced */
	size_t tally; /* in the link */
	int64_t slow_seq, slow_time; /* of a candidate; seq 0: none */
};

struct explain_mark {
	int64_t seq;
	int from;
};

/* Who went, or hung up. */
struct explain_end {
	int64_t seq, at;
	int from;
	int is_lease;
};

struct explain_marks {
	struct explain_mark *at;
	size_t count, room;
};

struct explain_ends {
	struct explain_end *at;
	size_t count, room;
};

/* Two peers. */
struct explain_link {
	int person[2];
	int next[2]; /* another one of that person, -1: no more */
	struct explain_said *said;
	size_t count, room;
	struct explain_tally *tallies;
	size_t tally_count, tally_room;
	int newest[2];                         /* of each side */
	int answer[2];                         /* likewise, of answers */
	int settled;                           /* newest offer with an answer */
	struct explain_marks early, odd, past; /* candidates */
	struct explain_ends ends;
};

/* What is told by somebody; `to` (0: everybody), `code` and `type` are
 * words. */
struct explain_told {
	int64_t seq, re;
	int from, to, code, type;
};

struct explain_jump {
	int64_t seq, other, time;
};

struct explain_person {
	int name; /* a word, 0: none */
	int has_name;
	int64_t joined; /* the newest; 0: never */
	int link;       /* the newest with this one in it, -1: none */
};

/* A rule's find.  What stands in the words is filled in from here. */
struct explain_hit {
	const char *rule, *variant; /* static */
	int a, b;                   /* persons, -1: nobody */
	int64_t seq, other, count, n, time;
	int detail; /* a word */
	int64_t *seqs;
	size_t seq_count, seq_room;
};

struct explain {
	struct lexicon lexicon;
	struct story story;
	struct explain_link *links; /* by the number of the pair */
	size_t link_count, link_room;
	struct explain_person *people;
	size_t people_count, people_room;
	struct explain_ends left;   /* at the end by person, and then by seq */
	struct explain_marks alone; /* offers that nobody reads */
	struct explain_told *told;
	size_t told_count, told_room;
	struct explain_jump *jumps;
	size_t jump_count, jump_room;
	int64_t messages, clock;
	int64_t last_seq, last_at;
	struct explain_hit *hits;
	size_t hit_count, hit_room;
	struct explain_finding *findings;
	size_t finding_count;
	struct buf words;   /* of the findings */
	struct slice rules; /* of schema/explain.json */
	int failed;         /* no memory */
};

/* ---- explain_brief.c ---- */
void explain_brief(struct explain *, struct slice body,
    struct explain_brief *out);
void explain_brief_reset(struct explain_brief *);

/* ---- explain_facts.c ---- */
struct explain_person *explain_person(struct explain *, int person);

/* ---- explain_fate.c: what became of an offer ---- */
/* Before the others: sorts who left. */
void explain_sort(struct explain *);
enum explain_fate {
	EXPLAIN_SETTLED,
	EXPLAIN_GLARE,
	EXPLAIN_STALE,
	EXPLAIN_VANISHED,
	EXPLAIN_ABSENT,
	EXPLAIN_MISSING
};
int explain_is_answer(const struct explain_said *);
/* Nobody waited for what would have come. */
int explain_is_hasty(const struct explain_link *, const struct explain_said *);
/* The end of a lease that the silence of `who` is due to, or NULL. */
const struct explain_end *explain_lapse(const struct explain *,
    const struct explain_said *, int who);
enum explain_fate explain_fate(const struct explain *,
    const struct explain_link *, const struct explain_said *offer);
/* The next offer of that fate, from `i` on; NULL at the end. */
struct explain_said *explain_next(const struct explain *,
    const struct explain_link *, enum explain_fate, size_t *i);

/* ---- explain_hit.c ---- */
/* A hit with these two, which may be -1; what is put into it when memory is
 * short goes nowhere. */
struct explain_hit *explain_hit(struct explain *, const char *rule,
    const char *variant, int a, int b);
void explain_hit_seq(struct explain *, struct explain_hit *, int64_t seq);
/* Words them all: the findings. */
enum lb_err explain_word(struct explain *);
/* The rules: each is an object. */
int explain_rule(const struct explain *, size_t *at, struct slice *rule);
/* 1 when the rule's list `member` holds that string. */
int explain_rule_has(struct slice rule, const char *member, struct slice text);

/* ---- the rules ---- */
void explain_told_rules(struct explain *); /* _told.c */
void explain_order_rules(struct explain *,
    struct explain_link *); /* _order.c */
void explain_nobody_at_all(struct explain *);
void explain_absence_rules(struct explain *, struct explain_link *);
void explain_content_rules(struct explain *, struct explain_link *);
void explain_ways_rules(struct explain *, struct explain_link *);

#endif

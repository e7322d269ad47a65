/*
 * story: the state of a room as its log has it: who is there, and how far each
 * two peers are with their connection.  A fold over the messages; what
 * public_html/js/replay/story.js is in a browser, and the same remarks.
 *
 * It says what each side's RTCPeerConnection must think (W3C WebRTC, section
 * 4.4.2), as if everything that is posted were read at once.
 */
#ifndef LETTERBOX_STORY_H
#define LETTERBOX_STORY_H

#include "lexicon.h"
#include "message.h"

#define STORY_PAST 32    /* connections of a side that are remembered */
#define STORY_UFRAGS 64  /* of a description */
#define STORY_READERS 64 /* of what is said to everybody */

/* What is odd about a message. */
enum story_remark {
	STORY_PLAIN,   /* nothing */
	STORY_STALE,   /* for a connection that was gone by then */
	STORY_PAST_OF, /* of a connection that was given up before */
	STORY_EARLY,   /* a candidate before its description */
	STORY_STRAY,   /* a candidate of another generation */
	STORY_GLARE,   /* the offers of both sides met */
	STORY_UNASKED, /* an answer where no offer waits for one */
	STORY_LATE,    /* it answers another offer than the newest */
	STORY_ABSENT,  /* whom it is for is not in the room */
	STORY_NOBODY,  /* nobody else is in the room */
	STORY_ODD,     /* it cannot be read */
	STORY__REMARKS
};

enum story_signaling {
	STORY_STABLE,
	STORY_LOCAL_OFFER,
	STORY_REMOTE_OFFER,
	STORY_LOCAL_PRANSWER,
	STORY_REMOTE_PRANSWER,
	STORY_CLOSED
};

enum story_presence {
	STORY_UNKNOWN, /* others write to it */
	STORY_PRESENT,
	STORY_KNOCKING,
	STORY_LEFT
};

/* One peer's end of a pair.  Words of the lexicon; seqs, 0: none. */
struct story_side {
	int session, remote; /* its own, and the one it is bound to */
	int past[STORY_PAST];
	size_t past_count;
	int ufrags[STORY_UFRAGS];
	size_t ufrag_count;
	enum story_signaling signaling;
	int64_t offered; /* its offer without an answer */
	int64_t asked;   /* their offer that it has not answered */
	int64_t local;   /* its current description */
	int64_t theirs;
	int64_t said; /* the newest description it posted */
};

struct story_person {
	int id; /* a word */
	enum story_presence presence;
};

struct story_pair {
	int person[2]; /* in the order of their ids */
	struct story_side side[2];
};

/* What a message of negotiation does between two of them. */
struct story_deed {
	size_t pair;  /* its number */
	int from, to; /* persons */
	const struct story_pair *after;
	int mine;                       /* which side of it is `from` */
	int64_t offered;                /* of the reader, before */
	enum story_signaling signaling; /* of the sender, before */
	enum story_remark remark;       /* of these two */
	int absent;                     /* the reader is not in the room */
};

struct story_key;
struct story {
	struct lexicon *lexicon;
	struct story_person *people; /* in the order they appear */
	size_t people_count, people_room;
	int *person_of; /* by word; -1: none */
	size_t words;
	struct story_pair *pairs; /* likewise */
	size_t pair_count, pair_room;
	struct story_key *keys;
	struct buf text; /* of the message at hand */
	int failed;      /* no memory: what follows is not counted */
};

/* `lexicon` stays the caller's and lives at least as long. */
void story_init(struct story *, struct lexicon *lexicon);
void story_reset(struct story *);
/*
 * The next message happens.  `seen`, if not NULL, is called for each reader of
 * a description, candidate or bye; what it gets is valid until it returns.
 */
enum story_remark story_take(struct story *, const struct message *,
    void (*seen)(void *, const struct story_deed *), void *arg);
/* The person of that id, -1: nobody. */
int story_person(const struct story *, struct slice id);
/* The words of a remark, as people read them; "" for STORY_PLAIN. */
const char *story_remark_words(enum story_remark);

/* The word of a member of a body that is a string; 0 when it is none, or
 * empty. */
int story_word(struct story *, struct slice body, const char *member);
/* The seq that a body answers, 0: none. */
int64_t story_re(struct slice body);

#endif

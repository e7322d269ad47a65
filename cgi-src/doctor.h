/*
 * doctor: looks at everything that a running Letterbox depends on and says in
 * words what it found, each bad thing with its cure.
 *
 * One table of checks, in families (doctor_*.c); each check has a table of
 * what it may find.  It changes nothing: what it needs for a try is gone when
 * it is done.  It works where the program itself cannot start.  What it says
 * never holds a key, a token, the address of a peer or a message.
 */
#ifndef LETTERBOX_DOCTOR_H
#define LETTERBOX_DOCTOR_H

#include "conf.h"
#include "front.h"
#include "http.h"
#include "store.h"

enum doctor_outcome {
	DOCTOR_OK,
	DOCTOR_NOTE,    /* worth knowing; nothing has to be done */
	DOCTOR_WARNING, /* it works, but not as well as it could */
	DOCTOR_BAD,     /* it does not work, or strangers can read the data */
	DOCTOR__MAX
};

/* What a check may find.  {0} to {4} in the sentences stand for values. */
struct doctor_finding {
	enum doctor_outcome outcome;
	const char *words; /* a sentence; of more than one the first tells */
	const char *cure;  /* one line; NULL exactly with DOCTOR_OK, and
			    * perhaps with DOCTOR_NOTE */
};

struct doctor;

struct doctor_check {
	const char *name;  /* stable, of [a-z-] */
	const char *title; /* what it looks at */
	const struct doctor_finding *findings;
	size_t count;
	/* The index of what it found; its values are set. */
	unsigned (*look)(struct doctor *);
};

struct doctor_family {
	const char *name;
	const char *title;
	const struct doctor_check *checks; /* ended by a NULL name */
	int asks_request; /* left out where there is no request */
};

extern const struct doctor_family doctor_families[];
extern const size_t doctor_family_count;

/* How open polls are shared out now. */
struct doctor_seats {
	enum front front;
	int64_t seats;   /* of all processes of this front */
	int64_t taken;   /* of them */
	int64_t waiting; /* peers that have none */
	int64_t learned; /* ms a poll is held, which may be less than
			  * configured; 0: not known */
	int64_t pause;   /* ms until one without a seat asks again */
};

/* What the page sends as X-Letterbox-Token and Last-Event-ID, and behind
 * "Bearer " as Authorization; as Prefer it sends wait=1. */
#define DOCTOR_MARK "doctor"

#define DOCTOR_VALUES 5
#define DOCTOR_VALUE 256 /* bytes of one, cut there */

/* What is looked at, and what was learnt of it on the way. */
struct doctor {
	/* in; all strings and structs stay the caller's */
	const struct conf *conf; /* as far as it could be read */
	const char *conf_file;   /* its path, or NULL: there is none */
	const char *faults;      /* lines that say what is wrong with it */
	const char *program;     /* path of the running program, or NULL */
	const char *root;        /* document root, or NULL: not known */
	const struct http_request *request; /* or NULL: a command line */
	const struct doctor_seats *seats;   /* or NULL: not known */
	int64_t now;                        /* ms of Unix time */
	int64_t patience;                   /* ms for the integrity check */
	/* out */
	enum doctor_outcome worst;
	int count[DOCTOR__MAX];
	/* its own */
	char value[DOCTOR_VALUES][DOCTOR_VALUE];
	struct store_look look;
	int looked;
};

/* One finding, with its values in place; valid during the call. */
typedef void doctor_told(void *arg, const struct doctor_family *,
    const struct doctor_check *, enum doctor_outcome, struct slice words,
    struct slice cure);

/* Runs all checks, in the order of the tables. */
void doctor_run(struct doctor *, doctor_told *told, void *arg);
/* The same as JSON: the schema DoctorReport of schema/openapi.yaml. */
void doctor_print(struct doctor *, struct buf *out);
/* "ok", "note", "warning", "bad". */
const char *doctor_word(enum doctor_outcome);

#endif

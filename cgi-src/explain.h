/*
 * explain: says in words why a call failed, or was slow: rules over the
 * messages of a room, each with its evidence and its cure, the likely cause
 * first.  public_html/js/replay/explain.js says the same in a browser, byte
 * for byte; the words of both are in schema/explain.json.
 *
 * Messages are given one by one and not kept: memory is some hundred bytes a
 * description, and nothing a candidate.
 */
#ifndef LETTERBOX_EXPLAIN_H
#define LETTERBOX_EXPLAIN_H

#include "err.h"
#include "message.h"

#define EXPLAIN_FINDINGS 64 /* that are told, at most */
#define EXPLAIN_SEQS 16     /* of evidence each, likewise */

struct explain;

/* LB_NO_MEMORY. */
enum lb_err explain_open(struct explain **out);
void explain_close(struct explain *);
/* The next message of the room, in the order of the log. */
void explain_take(struct explain *, const struct message *);

/* A finding; all of it is valid as long as the struct is. */
struct explain_finding {
	struct slice rule, severity, title, words, cure, source;
	struct slice peer[2]; /* whom it is about; absent: nobody */
	int64_t seq[EXPLAIN_SEQS];
	size_t seqs;
};

/*
 * After the last message: applies the rules.  LB_NO_MEMORY.  Then there are
 * `*count` findings, which explain_finding() gives, from 0 on.
 */
enum lb_err explain_end(struct explain *, size_t *count);
void explain_finding(const struct explain *, size_t i,
    struct explain_finding *out);
/* Appends {"explain":1,"namespace":...,"room":...,"messages":...,"pairs":...,
 * "findings":[...]} and a newline. */
void explain_print(const struct explain *, struct slice namespace,
    struct slice room, struct buf *out);

#endif

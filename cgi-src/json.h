/*
 * json: strict JSON at the door (RFC 8259), and slices of it.  Owns json-c.
 *
 * The scanner accepts exactly RFC 8259: UTF-8 without a byte order mark, no
 * lone surrogate escapes, no NaN, no raw control characters, a bounded depth;
 * numbers of any size pass as they are written.  It copies nothing: what is
 * stored and sent on is the slice that came.  json-c decodes the strings and
 * integers of envelopes, from slices the scanner has accepted.
 */
#ifndef LETTERBOX_JSON_H
#define LETTERBOX_JSON_H

#include "buf.h"
#include "err.h"

/* Of a body; an array or object of scalars has depth 1. */
#define JSON_DEPTH 32

/* Where and why something was refused. */
struct json_fault {
	size_t at;           /* byte offset in the document, 0-based */
	const char *why;     /* static words: "a lone surrogate" */
	struct slice member; /* the member's name as written, or absent */
};

/* Checks one whole value with white space around it and nothing else.
 * LB_BAD_JSON with `fault` (not NULL) filled.  Linear, no recursion. */
enum lb_err json_check(struct slice text, unsigned depth,
    struct json_fault *fault);

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
	JSON_ANY
};

/* The kind of a checked value's slice (never JSON_ANY). */
enum json_kind json_kind(struct slice value);

/* One member an envelope may have.  Tables end with name == NULL. */
struct json_member {
	const char *name;
	enum json_kind kind; /* JSON_ANY: any value */
	int required;
};

/*
 * Reads the object `text`, already checked by json_check: `values[i]` becomes
 * the slice of the member `table[i]` (without white space around it), absent
 * when it is not there.  LB_BAD_REQUEST with `fault->member` and `why` when a
 * member is unknown, doubled (also when spelled with escapes), missing or of
 * another kind, or when `text` is no object.
 */
enum lb_err json_envelope(struct slice text, const struct json_member *table,
    struct slice *values, struct json_fault *fault);

/* The same for what others define: unknown members are passed by. */
enum lb_err json_pick(struct slice text, const struct json_member *table,
    struct slice *values, struct json_fault *fault);

/* Steps through a checked array: *at starts at 0.  Returns 1 and the next
 * item's slice, or 0 at the end. */
int json_next(struct slice array, size_t *at, struct slice *item);

/* The same for an object: a member's name, in its quotes, and its value. */
int json_pair(struct slice object, size_t *at, struct slice *name,
    struct slice *value);
/* The value of the first member of that name, spelled without escapes; absent
 * when there is none, or `object` is none. */
struct slice json_get(struct slice object, const char *member);

/* Depth of a checked value: 0 for a scalar, 1 for [], 2 for [[]]. */
unsigned json_depth(struct slice value);

/* Appends the decoded string (UTF-8; may hold NUL).  LB_NO_MEMORY. */
enum lb_err json_string(struct slice value, struct buf *out);
/* A number written as an integer within min..max, else LB_BAD_REQUEST. */
enum lb_err json_int(struct slice value, int64_t min, int64_t max,
    int64_t *out);
/* 1 for true. */
int json_true(struct slice value);

#endif

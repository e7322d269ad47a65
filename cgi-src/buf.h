/*
 * buf: bytes.  A slice points at some, a buf holds some and grows up to a cap.
 *
 * A buf never aborts: when the cap is reached or memory is short it keeps
 * what it has, remembers that it failed, and ignores what follows, so a
 * writer checks once, at the end.
 */
#ifndef LETTERBOX_BUF_H
#define LETTERBOX_BUF_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns.  Not terminated.  p == NULL: absent. */
struct slice {
	const char *p;
	size_t n;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

struct slice slice_of(const char *string);       /* NULL gives an absent one */
int slice_equal(struct slice a, struct slice b); /* 1 when same bytes */
int slice_is(struct slice a, const char *string);
int slice_starts(struct slice a, const char *prefix);

struct buf {
	char *p;    /* NULL while empty */
	size_t n;   /* bytes used */
	size_t cap; /* bytes allocated */
	size_t max; /* never more than this */
	int failed; /* cap reached or no memory; contents cut short */
};

/* An empty buf that may grow to `max` bytes; allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* Frees; the buf is empty and usable again, its cap kept. */
void buf_reset(struct buf *b);
/* Makes room for `n` more bytes; returns where to write them, or NULL. */
char *buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *string);
void buf_slice(struct buf *b, struct slice s);
void buf_char(struct buf *b, char c);
void buf_int(struct buf *b, int64_t value); /* decimal */
void buf_printf(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/*
 * A JSON string with its quotes (RFC 8259 section 7): escapes '"', '\\' and
 * control characters; everything else, UTF-8 included, passes as it is.
 */
void buf_json(struct buf *b, struct slice utf8);
struct slice buf_as_slice(const struct buf *b);

#endif

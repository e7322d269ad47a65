/*
 * transport_fcgi_record: the bytes of FastCGI (FastCGI 1.0, section 3.3 and
 * 3.4): record headers, name-value pairs, and the records a server answers
 * with.  Owns <fastcgi.h>; no sockets.
 */
#ifndef LETTERBOX_TRANSPORT_FCGI_RECORD_H
#define LETTERBOX_TRANSPORT_FCGI_RECORD_H

#include <fastcgi.h>
#include <stdint.h>

#include "buf.h"

/* The most content we put into a record of ours: the largest multiple of 8,
 * which the specification recommends. */
#define RECORD_CONTENT 65528

struct record {
	uint8_t type; /* FCGI_BEGIN_REQUEST ... */
	uint8_t padding;
	uint16_t id;
	uint16_t length; /* of the content */
};

/* What ends a reply: an empty STDOUT record and END_REQUEST. */
struct record_end {
	FCGI_Header stdout_end;
	FCGI_EndRequestRecord end;
};

/* 0 when the header is of another version, and nothing after it can be
 * trusted. */
int record_read(struct record *, const unsigned char head[FCGI_HEADER_LEN]);
/* A header whose padding brings the record to a multiple of 8 bytes. */
FCGI_Header record_header(uint8_t type, uint16_t id, size_t length);
struct record_end record_end(uint16_t id);
/* `status` is FCGI_REQUEST_COMPLETE, FCGI_CANT_MPX_CONN ... */
FCGI_EndRequestRecord record_end_request(uint16_t id, uint8_t status);
FCGI_UnknownTypeRecord record_unknown_type(uint8_t type);
/* Appends the answer to FCGI_GET_VALUES, whose content was `asked`; names
 * that are not known are left out, as the specification has it. */
void record_values(struct buf *out, struct slice asked, size_t connections);

/*
 * Takes the next pair off `*rest`.  1; 0 when nothing is left; -1 when a
 * length leads beyond the end, `*rest` being as it was.  The slices point
 * into `*rest`.
 */
int record_pair(struct slice *rest, struct slice *name, struct slice *value);

#endif

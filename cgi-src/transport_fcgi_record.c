/*
 * transport_fcgi_record: see transport_fcgi_record.h.
 */
#include "transport_fcgi_record.h"

#include <stdio.h>
#include <string.h>

int
record_read(struct record *r, const unsigned char head[FCGI_HEADER_LEN])
{
	FCGI_Header h;

	memcpy(&h, head, sizeof(h));
	if (h.version != FCGI_VERSION_1)
		return 0;
	r->type = h.type;
	r->padding = h.paddingLength;
	r->id = (uint16_t)(h.requestIdB1 << 8 | h.requestIdB0);
	r->length = (uint16_t)(h.contentLengthB1 << 8 | h.contentLengthB0);
	return 1;
}

FCGI_Header
record_header(uint8_t type, uint16_t id, size_t length)
{
	FCGI_Header h = {
		.version = FCGI_VERSION_1,
		.type = type,
		.requestIdB1 = (uint8_t)(id >> 8),
		.requestIdB0 = (uint8_t)id,
		.contentLengthB1 = (uint8_t)(length >> 8),
		.contentLengthB0 = (uint8_t)length,
		.paddingLength = (uint8_t)(-length & 7),
	};

	return h;
}

FCGI_EndRequestRecord
record_end_request(uint16_t id, uint8_t status)
{
	FCGI_EndRequestRecord r = { .body = { .protocolStatus = status } };

	r.header = record_header(FCGI_END_REQUEST, id, sizeof(r.body));
	return r;
}

struct record_end
record_end(uint16_t id)
{
	struct record_end r;

	r.stdout_end = record_header(FCGI_STDOUT, id, 0);
	r.end = record_end_request(id, FCGI_REQUEST_COMPLETE);
	return r;
}

FCGI_UnknownTypeRecord
record_unknown_type(uint8_t type)
{
	FCGI_UnknownTypeRecord r = { .body = { .type = type } };

	r.header = record_header(FCGI_UNKNOWN_TYPE, FCGI_NULL_REQUEST_ID,
	    sizeof(r.body));
	return r;
}

/* A length is one byte, or four with the highest bit set. */
static int
take_length(struct slice *rest, size_t *n)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t used = 1;

	if (rest->n < 1)
		return 0;
	*n = p[0];
	if (p[0] & 0x80) {
		if (rest->n < 4)
			return 0;
		*n = (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 |
		    (size_t)p[2] << 8 | p[3];
		used = 4;
	}
	rest->p += used;
	rest->n -= used;
	return 1;
}

int
record_pair(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice s = *rest;

	if (s.n == 0)
		return 0;
	/* Neither sum can overflow: a length is below 2 GiB. */
	if (!take_length(&s, &name->n) || !take_length(&s, &value->n) ||
	    name->n > s.n || value->n > s.n - name->n)
		return -1;
	name->p = s.p;
	value->p = s.p + name->n;
	rest->p = value->p + value->n;
	rest->n = s.n - name->n - value->n;
	return 1;
}

/* The value of one of the three names there are, or 0. */
static int
print_value(char out[24], struct slice name, size_t connections)
{
	if (slice_is(name, FCGI_MPXS_CONNS))
		return snprintf(out, 24, "0");
	if (slice_is(name, FCGI_MAX_CONNS) || slice_is(name, FCGI_MAX_REQS))
		return snprintf(out, 24, "%zu", connections);
	return 0;
}

void
record_values(struct buf *out, struct slice asked, size_t connections)
{
	static const char padding[8];
	unsigned char pairs[128]; /* each of the three names once fits */
	size_t used = 0;
	struct slice name, value;
	FCGI_Header head;
	char text[24];
	int n;

	while (record_pair(&asked, &name, &value) > 0) {
		if ((n = print_value(text, name, connections)) <= 0 ||
		    used + 2 + name.n + (size_t)n > sizeof(pairs))
			continue;
		pairs[used++] = (unsigned char)name.n;
		pairs[used++] = (unsigned char)n;
		memcpy(pairs + used, name.p, name.n);
		memcpy(pairs + used + name.n, text, (size_t)n);
		used += name.n + (size_t)n;
	}
	head = record_header(FCGI_GET_VALUES_RESULT, FCGI_NULL_REQUEST_ID,
	    used);
	buf_add(out, &head, sizeof(head));
	buf_add(out, pairs, used);
	buf_add(out, padding, head.paddingLength);
}

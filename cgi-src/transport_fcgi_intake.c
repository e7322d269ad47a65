/*
 * transport_fcgi_intake: records in, a request out.
 *
 * Contents are moved to the request's buffer as they come, whatever the
 * records they came in: variables first, then the body.  What is over a
 * limit, of another request or unknown is dropped as it comes.
 */
#include "transport_fcgi_intake.h"

#include <string.h>

void
intake_init(struct intake *in, const struct intake_limits *limits)
{
	memset(in, 0, sizeof(*in));
	in->limits = limits;
	buf_init(&in->bytes, limits->params_max + limits->body_max);
	buf_init(&in->answer, 8 * INTAKE_SMALL);
	buf_init(&in->rest, INTAKE_REST_MAX);
}

void
intake_reset(struct intake *in)
{
	buf_reset(&in->bytes);
	buf_reset(&in->answer);
	buf_reset(&in->rest);
	intake_init(in, in->limits);
}

void
intake_request_end(struct intake *in)
{
	buf_reset(&in->bytes);
	in->phase = INTAKE_IDLE;
	in->refused = LB_OK;
	in->params = in->dropped = 0;
}

int
intake_begun(const struct intake *in)
{
	return in->phase == INTAKE_PARAMS || in->phase == INTAKE_STDIN;
}

int
intake_empty(const struct intake *in)
{
	return in->have == 0 &&
	    (in->phase == INTAKE_IDLE || in->phase == INTAKE_READY);
}

/* From now on contents are dropped.  What it was refused for first is what a
 * request is told. */
static void
refuse(struct intake *in, enum lb_err why)
{
	if (in->refused == LB_OK)
		in->refused = why;
}

void
intake_give_up(struct intake *in, enum lb_err why)
{
	if (in->phase == INTAKE_PARAMS)
		in->params = in->bytes.n;
	in->phase = INTAKE_READY;
	in->keep = 0;
	refuse(in, why);
}

/* Content of the request: kept, or counted as dropped. */
static enum intake_event
keep(struct intake *in, const char *p, size_t n)
{
	/* `params` is 0 until they are complete. */
	size_t before = in->bytes.n - in->params;

	if (in->phase == INTAKE_PARAMS && n > in->limits->params_max - before)
		refuse(in, LB_HEADERS_TOO_LARGE);
	if (in->phase == INTAKE_STDIN && n > in->limits->body_max - before)
		refuse(in, LB_TOO_LARGE);
	if (in->refused == LB_OK) {
		buf_add(&in->bytes, p, n);
		if (!in->bytes.failed)
			return INTAKE_MORE;
		refuse(in, LB_NO_MEMORY);
	}
	if ((in->dropped += n) <= INTAKE_DROP_MAX)
		return INTAKE_MORE;
	intake_give_up(in, in->refused);
	return INTAKE_WHOLE;
}

/* Records that are answered or looked at here, not kept for the request. */
static int
is_small(const struct record *r)
{
	return r->type == FCGI_BEGIN_REQUEST || r->id == FCGI_NULL_REQUEST_ID;
}

/* What can be said of a record by its header alone. */
static enum intake_event
begin_record(struct intake *in, enum intake_mode mode)
{
	struct record *r = &in->record;

	if (!record_read(r, in->head))
		return INTAKE_BROKEN;
	in->left = r->length;
	in->padding = r->padding;
	in->small = 0;
	if (r->id == FCGI_NULL_REQUEST_ID || r->type != FCGI_BEGIN_REQUEST)
		return INTAKE_MORE;
	if (r->length != sizeof(FCGI_BeginRequestBody))
		return INTAKE_BROKEN;
	/* Another one besides a request may come, and is refused when its
	 * record is whole. */
	in->held = mode != INTAKE_FREE;
	return INTAKE_MORE;
}

static enum intake_event
answer(struct intake *in, const void *record, size_t n)
{
	buf_add(&in->answer, record, n);
	return INTAKE_ANSWER;
}

static enum intake_event
answer_end(struct intake *in, uint8_t status)
{
	FCGI_EndRequestRecord end = record_end_request(in->record.id, status);

	return answer(in, &end, sizeof(end));
}

static enum intake_event
begin_request(struct intake *in, enum intake_mode mode)
{
	FCGI_BeginRequestBody body;

	/* lighttpd (1.4.69) that had to connect again, because more than the
	 * backlog came at once, says the beginning of the request again as
	 * often: the last one counts.  To break off would cost the browser a
	 * 500. */
	if (mode == INTAKE_FREE && intake_begun(in) && in->record.id == in->id)
		intake_request_end(in);
	if (mode != INTAKE_FREE || intake_begun(in))
		return answer_end(in, FCGI_CANT_MPX_CONN);
	memcpy(&body, in->content, sizeof(body));
	if (body.roleB1 != 0 || body.roleB0 != FCGI_RESPONDER) {
		answer_end(in, FCGI_UNKNOWN_ROLE);
		return body.flags & FCGI_KEEP_CONN ? INTAKE_ANSWER :
						     INTAKE_LAST;
	}
	in->id = in->record.id;
	in->keep = (body.flags & FCGI_KEEP_CONN) != 0;
	in->phase = INTAKE_PARAMS;
	return INTAKE_MORE;
}

static enum intake_event
end_management(struct intake *in)
{
	const struct slice asked = { (const char *)in->content, in->small };
	FCGI_UnknownTypeRecord unknown;

	if (in->record.type == FCGI_GET_VALUES) {
		record_values(&in->answer, asked, in->limits->connections);
		return INTAKE_ANSWER;
	}
	unknown = record_unknown_type(in->record.type);
	return answer(in, &unknown, sizeof(unknown));
}

/* The end of a record of the request that is being read. */
static enum intake_event
end_own(struct intake *in)
{
	switch (in->record.type) {
	case FCGI_PARAMS:
		if (in->phase != INTAKE_PARAMS)
			return INTAKE_BROKEN;
		if (in->record.length > 0)
			break;
		in->phase = INTAKE_STDIN;
		in->params = in->bytes.n;
		break;
	case FCGI_STDIN:
		if (in->phase != INTAKE_STDIN)
			return INTAKE_BROKEN;
		if (in->record.length > 0)
			break;
		in->phase = INTAKE_READY;
		return INTAKE_WHOLE;
	case FCGI_ABORT_REQUEST:
		intake_request_end(in);
		answer_end(in, FCGI_REQUEST_COMPLETE);
		return in->keep ? INTAKE_ANSWER : INTAKE_LAST;
	default:
		break; /* FCGI_DATA is for filters; others are not for us */
	}
	return INTAKE_MORE;
}

static enum intake_event
end_record(struct intake *in, enum intake_mode mode, uint16_t active)
{
	const struct record *r = &in->record;

	in->have = 0;
	in->held = 0;
	if (r->id == FCGI_NULL_REQUEST_ID)
		return end_management(in);
	if (r->type == FCGI_BEGIN_REQUEST)
		return begin_request(in, mode);
	if (mode == INTAKE_FREE)
		return intake_begun(in) && r->id == in->id ? end_own(in) :
							     INTAKE_MORE;
	return r->type == FCGI_ABORT_REQUEST && r->id == active ? INTAKE_ABORT :
								  INTAKE_MORE;
}

/* Content of a record, `n` bytes of it. */
static enum intake_event
take_content(struct intake *in, enum intake_mode mode, const char *p, size_t n)
{
	const struct record *r = &in->record;

	if (is_small(r)) {
		if (n > sizeof(in->content) - in->small)
			n = sizeof(in->content) - in->small;
		memcpy(in->content + in->small, p, n);
		in->small += n;
	} else if (mode == INTAKE_FREE && r->id == in->id &&
	    ((r->type == FCGI_PARAMS && in->phase == INTAKE_PARAMS) ||
		(r->type == FCGI_STDIN && in->phase == INTAKE_STDIN)))
		return keep(in, p, n);
	return INTAKE_MORE;
}

/* 1 when the record is the beginning of a request whose time has not come. */
static int
must_wait(const struct intake *in, enum intake_mode mode, uint16_t active)
{
	return in->held &&
	    (mode == INTAKE_SOON ||
		(mode == INTAKE_BUSY && in->record.id == active));
}

/* One step: some bytes of the header, the content or the padding. */
static enum intake_event
step(struct intake *in, enum intake_mode mode, uint16_t active, const char *p,
    size_t n, size_t *used)
{
	enum intake_event event = INTAKE_MORE;

	if (in->have < FCGI_HEADER_LEN) {
		if (n > FCGI_HEADER_LEN - (size_t)in->have)
			n = FCGI_HEADER_LEN - (size_t)in->have;
		memcpy(in->head + in->have, p, n);
		in->have = (uint8_t)(in->have + n);
		if (in->have == FCGI_HEADER_LEN)
			event = begin_record(in, mode);
	} else if (in->left > 0) {
		if (n > in->left)
			n = in->left;
		event = take_content(in, mode, p, n);
		in->left -= n;
	} else {
		if (n > in->padding)
			n = in->padding;
		in->padding -= n;
	}
	*used = n;
	if (event == INTAKE_MORE && in->have == FCGI_HEADER_LEN &&
	    in->left == 0 && in->padding == 0)
		event = end_record(in, mode, active);
	return event;
}

enum intake_event
intake_feed(struct intake *in, enum intake_mode mode, uint16_t active,
    const char *bytes, size_t n, size_t *used)
{
	enum intake_event event = INTAKE_MORE;
	size_t at = 0, took;

	buf_reset(&in->answer);
	while (event == INTAKE_MORE && at < n) {
		if (must_wait(in, mode, active)) {
			event = INTAKE_HELD;
			break;
		}
		event = step(in, mode, active, bytes + at, n - at, &took);
		at += took;
	}
	*used = at;
	return event;
}

static int
length_agrees(struct slice value, size_t body)
{
	int64_t n;

	return http_length(value, &n) == LB_OK &&
	    (n < 0 || (uint64_t)n == body);
}

void
intake_request(struct intake *in, struct http_request *r)
{
	struct slice rest = { in->bytes.p, in->params }, name, value;
	struct slice length = { NULL, 0 };
	size_t body = in->bytes.n - in->params;
	int found;

	memset(r, 0, sizeof(*r));
	while ((found = record_pair(&rest, &name, &value)) > 0) {
		http_variable(r, name, value);
		if (slice_is(name, "CONTENT_LENGTH"))
			length = value;
	}
	if (found < 0 || http_finish(r) != LB_OK ||
	    (in->refused == LB_OK && !length_agrees(length, body)))
		refuse(in, LB_BAD_REQUEST);
	r->refused = in->refused;
	if (in->refused == LB_OK && body > 0)
		r->body = (struct slice){ in->bytes.p + in->params, body };
}

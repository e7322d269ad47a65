/*
 * dialect_rooms_read: envelopes, tokens, letters and cursors of requests.
 */
#include <stdlib.h>
#include <string.h>

#include "dialect_rooms_parts.h"
#include "name.h"

/* Envelope, list, message: three levels above a body. */
#define DEPTH (JSON_DEPTH + 3)

void *
rooms_work(struct rooms_mount *m, struct exchange *ex, size_t size,
    void (*finish)(struct rooms_work *))
{
	struct rooms_work *work = calloc(1, size);

	if (work == NULL) {
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
		return NULL;
	}
	work->ex = ex;
	work->mount = m;
	work->finish = finish;
	ex->work = work;
	return work;
}

/* Before it says what is wrong with a body, it looks who asks: a stranger
 * learns that it is one, and no more. */
static void
refuse_body(struct rooms_work *work, enum lb_err err,
    const struct rooms_fault *fault)
{
	struct slice text = http_token(work->ex->request);
	struct postoffice_view view;
	struct token_digest token;

	if (text.p != NULL) {
		token_sha256(&token, text);
		if (postoffice_look(work->mount->po, NULL, &token,
			work->mount->now, &view) == LB_NOT_A_MEMBER) {
			rooms_refuse(work->ex, LB_NOT_A_MEMBER, NULL);
			return;
		}
	}
	rooms_refuse(work->ex, err, fault);
}

int
rooms_envelope(struct rooms_work *work, const struct json_member *table,
    struct slice *values, int plain)
{
	const struct http_request *r = work->ex->request;
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct json_fault where = { 0, NULL, { NULL, 0 } };
	enum lb_err err;

	if (!http_media(r->content_type, "application/json") &&
	    !(plain && http_media(r->content_type, "text/plain"))) {
		rooms_refuse(work->ex, LB_MEDIA_TYPE, NULL);
		return 0;
	}
	err = json_check(r->body, DEPTH, &where);
	if (err == LB_OK)
		err = json_envelope(r->body, table, values, &where);
	else
		fault.at = (int64_t)where.at;
	if (err == LB_OK)
		return 1;
	fault.part = where.why;
	fault.member = where.member;
	refuse_body(work, err, &fault);
	return 0;
}

/* All the strings of a body decode to less than the body, so the first
 * reservation is the last one, and slices stay valid. */
static struct buf *
need_text(struct rooms_work *work)
{
	if (work->text != NULL)
		return work->text;
	work->text = malloc(sizeof(*work->text));
	if (work->text == NULL)
		return NULL;
	buf_init(work->text, work->ex->request->body.n + 64);
	if (buf_reserve(work->text, work->text->max) == NULL) {
		free(work->text);
		work->text = NULL;
	}
	return work->text;
}

struct slice
rooms_text(struct rooms_work *work, struct slice value)
{
	struct slice text = { NULL, 0 };
	struct buf *decoded;
	size_t start;

	if (value.p == NULL)
		return text;
	text.p = value.p + 1;
	text.n = value.n - 2;
	if (memchr(text.p, '\\', text.n) == NULL)
		return text;
	decoded = need_text(work);
	if (decoded == NULL) {
		work->failed = 1;
		return (struct slice){ "", 0 };
	}
	start = decoded->n;
	if (json_string(value, decoded) == LB_NO_MEMORY)
		work->failed = 1;
	text.p = decoded->p + start;
	text.n = decoded->n - start;
	return text;
}

void
rooms_work_free(struct rooms_work *work)
{
	if (work->text != NULL)
		buf_reset(work->text);
	free(work->text);
	free(work);
}

void
rooms_finish(void *mount, struct exchange *ex)
{
	struct rooms_work *work = ex->work;

	(void)mount;
	if (work != NULL)
		work->finish(work);
}

void
rooms_bad(struct rooms_work *work, const char *member, const char *why)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.member = slice_of(member);
	fault.why = why;
	refuse_body(work, LB_BAD_REQUEST, &fault);
}

int
rooms_token(struct rooms_work *work, struct slice member,
    struct token_digest *out)
{
	struct slice text = http_token(work->ex->request);

	if (text.p == NULL)
		text = rooms_text(work, member);
	if (text.p == NULL || text.n != TOKEN_TEXT)
		return 0;
	token_sha256(out, text);
	return 1;
}

/* ---- letters ---- */

enum { TO, TYPE, BODY };

/* clang-format off */
static const struct json_member message_table[] = {
	[TO] = { "to", JSON_STRING, 0 },
	[TYPE] = { "type", JSON_STRING, 1 },
	[BODY] = { "body", JSON_ANY, 1 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

static int
too_large(struct rooms_work *work, const char *member, int64_t limit)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.member = slice_of(member);
	fault.limit = limit;
	refuse_body(work, LB_TOO_LARGE, &fault);
	return 0;
}

static int
bad(struct rooms_work *work, const char *member, const char *why)
{
	rooms_bad(work, member, why);
	return 0;
}

static int
read_item(struct rooms_work *work, struct slice text, struct room_item *item)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct json_fault where = { 0, NULL, { NULL, 0 } };
	struct slice values[3];
	enum lb_err err = json_envelope(text, message_table, values, &where);

	if (err != LB_OK) {
		fault.part = where.why;
		fault.member = where.member;
		refuse_body(work, err, &fault);
		return 0;
	}
	item->to = rooms_text(work, values[TO]);
	item->type = rooms_text(work, values[TYPE]);
	item->body = values[BODY];
	if (item->to.p != NULL && !name_valid(item->to))
		return bad(work, "to", "A peer's id has " NAME_RULE ".");
	if (!name_type(item->type))
		return bad(work, "type",
		    "A type has 1 to 64 characters, "
		    "and is none of the server's own (joined, left, "
		    "room-...).");
	if ((int64_t)item->body.n > work->mount->message_max)
		return too_large(work, "body", work->mount->message_max);
	if (json_depth(item->body) > JSON_DEPTH) {
		fault.why = "A body is nested deeper than 32.";
		fault.at = (int64_t)(item->body.p - work->ex->request->body.p);
		refuse_body(work, LB_BAD_JSON, &fault);
		return 0;
	}
	return 1;
}

int
rooms_letter(struct rooms_work *work, struct slice list,
    struct room_letter *letter)
{
	struct token_digest digest;
	struct slice item;
	size_t at = 0;

	letter->count = 0;
	while (json_next(list, &at, &item)) {
		if ((int64_t)letter->count >= work->mount->messages_max)
			return too_large(work, "messages",
			    work->mount->messages_max);
		if (!read_item(work, item, &letter->items[letter->count]))
			return 0;
		letter->count++;
	}
	if (letter->count == 0)
		return bad(work, "messages", "There is no message in it.");
	token_sha256(&digest, list);
	memcpy(letter->digest, digest.b, sizeof(letter->digest));
	return 1;
}

int
rooms_cursor(struct rooms_work *work, struct slice text, struct cursor *out)
{
	memset(out, 0, sizeof(*out));
	if (text.p == NULL || cursor_parse(text, out) == LB_OK)
		return 1;
	return bad(work, "after", "It is not a cursor that was given out.");
}

/* The last address that a trusted proxy has appended. */
struct slice
rooms_address(struct rooms_mount *m, const struct http_request *r)
{
	struct slice last;
	int trusted = 0;

	if (r == NULL)
		return (struct slice){ "", 0 };
	last = r->forwarded;

	for (size_t i = 0; i < m->proxy_count; i++)
		if (slice_is(r->remote, m->proxies[i]))
			trusted = 1;
	if (!trusted || last.p == NULL || last.n == 0)
		return r->remote;
	for (size_t i = last.n; i > 0; i--) {
		if (last.p[i - 1] != ',')
			continue;
		last.p += i;
		last.n -= i;
		break;
	}
	while (last.n > 0 && *last.p == ' ') {
		last.p++;
		last.n--;
	}
	return last.n > 0 ? last : r->remote;
}

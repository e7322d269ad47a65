/*
 * dialect_page: see dialect_page.h.
 */
#include "dialect_page.h"

#include "dialect_embedded.h"
#include "dialect_rooms.h"
#include "embed.h"
#include "exchange.h"

/* What the web server's configuration says of pages that it serves itself. */
static const char guards[] =
    "X-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(self), microphone=(self), "
    "display-capture=(self), geolocation=()\r\n";

void
dialect_page_guard(struct exchange *ex, const char *policy)
{
	buf_str(&ex->head, "Content-Security-Policy: ");
	buf_str(&ex->head, policy);
	buf_str(&ex->head, "; frame-ancestors 'none'\r\n");
	buf_str(&ex->head, guards);
}

/* A browser's navigation to the bare address: what asks for JSON, or for
 * anything, is a client of the API. */
static int
is_visit(const struct http_request *r)
{
	return r->refused == LB_OK &&
	    (r->method == HTTP_GET || r->method == HTTP_HEAD) &&
	    (r->path.n == 0 || slice_is(r->path, "/")) &&
	    http_accepts(r->accept, "text/html");
}

static int
names_room(const struct http_request *r)
{
	struct buf room;
	enum lb_err err;

	buf_init(&room, 4096);
	err = http_query(r->query, "room", &room);
	buf_reset(&room);
	return err != LB_NOT_FOUND;
}

static void
handle(void *mount, struct exchange *ex)
{
	struct slice text;
	int room;

	if (!is_visit(ex->request)) {
		dialect_rooms.handle(mount, ex);
		return;
	}
	room = names_room(ex->request);
	dialect_page_guard(ex,
	    room ? lb_room_html_policy : lb_index_html_policy);
	text.p = room ? lb_room_html : lb_index_html;
	text.n = room ? lb_room_html_len : lb_index_html_len;
	dialect_embedded(ex, "text/html; charset=utf-8", text,
	    room ? lb_room_html_tag : lb_index_html_tag);
}

static void
finish(void *mount, struct exchange *ex)
{
	dialect_rooms.finish(mount, ex);
}

const struct dialect dialect_page = { "page", handle, finish };

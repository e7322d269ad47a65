/*
 * Fuzzes what a request line and its headers can bring: query, path, cursor
 * and the few header grammars. The input is cut at newlines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "http.h"
#include "name.h"
#include "route.h"
#include "token.h"

static void
must(int holds)
{
	if (!holds)
		abort();
}

static struct slice
line(char **at, char *end)
{
	struct slice s = { *at, 0 };
	char *stop = memchr(*at, '\n', (size_t)(end - *at));

	s.n = (size_t)((stop == NULL ? end : stop) - *at);
	*at = stop == NULL ? end : stop + 1;
	return s;
}

static void
check_route(struct http_request *r)
{
	struct route_match match;

	memset(&match, 0, sizeof(match));
	if (route_find(r->method, r->path, &match) != LB_OK)
		return;
	must(match.allow != 0);
	must(match.room.p == NULL || name_valid(match.room));
	must(match.peer.p == NULL || name_valid(match.peer));
}

static void
check_cursor(struct slice query)
{
	struct cursor cursor;
	struct buf text, again;

	buf_init(&text, 256);
	buf_init(&again, 256);
	if (http_query(query, "after", &text) == LB_OK) {
		struct slice given = { text.p, text.n };

		if (cursor_parse(given, &cursor) == LB_OK) {
			struct slice printed;

			cursor_print(&again, cursor.epoch, cursor.seq);
			printed.p = again.p;
			printed.n = again.n;
			must(slice_equal(given, printed));
		}
	}
	buf_reset(&text);
	buf_reset(&again);
}

/* A token has one spelling. */
static void
check_token(struct slice given)
{
	unsigned char bytes[64];
	struct buf again;
	size_t n;

	if (token_decode(given, bytes, sizeof(bytes), &n) != LB_OK)
		return;
	must(n <= sizeof(bytes));
	buf_init(&again, 128);
	token_encode(&again, bytes, n);
	must(slice_equal(given, buf_as_slice(&again)));
	buf_reset(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *names[] = { "REQUEST_METHOD", "PATH_INFO",
		"QUERY_STRING", "CONTENT_TYPE", "HTTP_AUTHORIZATION",
		"HTTP_PREFER", "HTTP_ACCEPT", "HTTP_X_FORWARDED_FOR", NULL };
	char *text = malloc(size + 1), *at = text;
	struct http_request r;
	size_t i;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	memset(&r, 0, sizeof(r));
	for (i = 0; names[i] != NULL && at < text + size; i++)
		http_variable(&r, slice_of(names[i]), line(&at, text + size));
	check_cursor(r.query);
	check_token(http_token(&r));
	(void)http_media(r.content_type, "application/json");
	(void)http_accepts(r.accept, "text/event-stream");
	must(http_prefer_wait(r.prefer) >= -1);
	if (http_finish(&r) == LB_OK)
		check_route(&r);
	free(text);
	return 0;
}

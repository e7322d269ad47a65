/*
 * dialect_apprtc_reply: what a visitor of a room gets: JSON, or our page with
 * that JSON in it.
 */
#include <string.h>

#include "dialect_apprtc_parts.h"
#include "dialect_page.h"
#include "embed.h"

/* JSON in a page must not end the element that it stands in. */
static void
print_inside(struct buf *out, struct slice json)
{
	for (size_t i = 0; i < json.n; i++) {
		if (json.p[i] == '<')
			buf_str(out, "\\u003c");
		else
			buf_char(out, json.p[i]);
	}
}

static void
print_page(struct buf *out, struct slice json)
{
	const char *mark = strstr(lb_apprtc_html, EMBED_PARAMETERS);
	size_t before;

	if (mark == NULL) { /* the page has changed, and its test tells */
		out->failed = 1;
		return;
	}
	before = (size_t)(mark - lb_apprtc_html) + strlen(EMBED_PARAMETERS) -
	    strlen("{}</script>");
	buf_add(out, lb_apprtc_html, before);
	print_inside(out, json);
	before += strlen("{}");
	buf_add(out, lb_apprtc_html + before, lb_apprtc_html_len - before);
}

void
apprtc_reply(struct exchange *ex, int status, struct buf *json, int is_page)
{
	struct reply reply = { status, "application/json", { NULL, 0 } };
	struct buf page;

	buf_init(&page, lb_apprtc_html_len + 6 * json->n);
	if (is_page && !json->failed) {
		dialect_page_guard(ex, lb_apprtc_html_policy);
		reply.type = "text/html; charset=utf-8";
		print_page(&page, buf_as_slice(json));
	}
	reply.body = buf_as_slice(is_page ? &page : json);
	if (json->failed || page.failed)
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
	else
		exchange_reply(ex, &reply);
	buf_reset(&page);
	buf_reset(json);
}

/* Why AppRTC's users in particular may not enter, where the usual words would
 * lead them astray. */
static const struct {
	enum lb_err err;
	const char *words;
} refusals[] = {
	{ LB_ROOM_FULL, "The room is full." },
	{ LB_SECRET, "The room has a secret, and AppRTC has no words for it." },
	{ LB_TICKET, "This server wants tickets, and AppRTC has none." },
	{ LB_LOCKED,
	    "The room is locked. Its owner was told that you knocked." },
};

static void
print_refusal(struct buf *out, enum lb_err err)
{
	const struct err_words *words = err_words(err);

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (refusals[i].err == err) {
			buf_str(out, refusals[i].words);
			return;
		}
	buf_printf(out, "%s. %s", words->title, words->cure);
}

void
apprtc_refuse(struct exchange *ex, struct slice room, enum lb_err err,
    int is_page)
{
	const struct err_words *words = err_words(err);
	int is_full = err == LB_ROOM_FULL;
	struct buf json;

	if (words->status >= 500) {
		rooms_refuse(ex, err, NULL);
		return;
	}
	buf_init(&json, 4096);
	buf_printf(&json, "{\"error\":\"%s\",\"error_messages\":[\"",
	    is_full ? "full" : words->code);
	print_refusal(&json, err);
	buf_str(&json, "\"],\"room_key\":");
	buf_json(&json, room);
	buf_char(&json, '}');
	apprtc_reply(ex, is_full ? 200 : words->status, &json, is_page);
}

/*
 * dialect_rooms_log: GET /rooms/{room}/log, what happened in a room.
 *
 * An export of it (recording.h), a page at a time; each page is an export by
 * itself.  Nothing is redacted: whoever is shown a message has sent it or was
 * meant to read it.
 */
#include <stddef.h>

#include "dialect_rooms_history.h"

#define LIMIT 256
#define LIMIT_MAX 1000

struct log_page {
	struct rooms_history history; /* first */
	struct buf lines;
	int64_t left; /* messages that still go onto the page */
};

static struct log_page *
of(struct rooms_history *h)
{
	return (struct log_page *)(void *)h;
}

static void
finish(struct rooms_work *work)
{
	struct log_page *page = (struct log_page *)(void *)work;

	buf_reset(&page->lines);
	rooms_work_free(work);
}

static int
add(struct store_sub *sub, const struct message *m)
{
	struct log_page *page = (struct log_page *)(void *)((char *)sub -
	    offsetof(struct log_page, history.sub));

	recording_print(&page->lines, m, m->body);
	page->left--;
	return page->left == 0 || page->lines.n >= WAITER_BYTES ||
	    page->lines.failed;
}

/* A number of the query; absent: `*out` as it is.  0 after a refusal. */
static int
read_number(struct exchange *ex, const char *name, int64_t least, int64_t most,
    int64_t *out)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct buf text;
	enum lb_err err;

	buf_init(&text, 64);
	err = http_query(ex->request->query, name, &text);
	if (err == LB_OK)
		err = text.n > 0 && text.p[0] >= '0' && text.p[0] <= '9' ?
		    json_int(buf_as_slice(&text), least, most, out) :
		    LB_BAD_REQUEST;
	buf_reset(&text);
	if (err == LB_OK || err == LB_NOT_FOUND)
		return 1;
	if (err == LB_NO_MEMORY) {
		rooms_refuse(ex, err, NULL);
		return 0;
	}
	fault.member = slice_of(name);
	fault.why = "It is a seq (after), or a number from 1 to 1000 (limit).";
	rooms_refuse(ex, LB_BAD_REQUEST, &fault);
	return 0;
}

static void
tell(struct rooms_history *h)
{
	struct log_page *page = of(h);
	struct store *store = postoffice_store(h->work.mount->po);
	const struct recording_header header = rooms_history_header(h);
	struct reply reply = { 200, "application/jsonl", { NULL, 0 } };
	enum lb_err err;

	if (!read_number(h->work.ex, "after", 0, RECORDING_SEQ_MAX,
		&h->sub.after) ||
	    !read_number(h->work.ex, "limit", 1, LIMIT_MAX, &page->left))
		return;
	recording_print_header(&page->lines, &header);
	h->sub.message = add;
	err = store_follow(store, &h->sub);
	store_unfollow(store, &h->sub);
	if (err == LB_OK && page->lines.failed)
		err = LB_NO_MEMORY;
	if (err != LB_OK) {
		rooms_refuse(h->work.ex, err, NULL);
		return;
	}
	reply.body = buf_as_slice(&page->lines);
	exchange_reply(h->work.ex, &reply);
}

void
rooms_log(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct log_page *page = rooms_work(m, ex, sizeof(*page), finish);

	if (page == NULL)
		return;
	buf_init(&page->lines, WAITER_MOST + 4096);
	page->left = LIMIT;
	page->history.tell = tell;
	rooms_history(&page->history, match);
}

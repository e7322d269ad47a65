/*
 * dialect_rooms_report: GET /rooms/{room}/report, a call as a page to give away.
 *
 * The page that `letterbox report` writes, with what who asks may see of the
 * newest of the room, redacted: it is made to be shown to others.  What is to
 * be hidden may be said before it is known to be a name or a secret, so all is
 * read twice; and names are told by whoever joins, maybe long before.
 */
#include <stddef.h>

#include "dialect_rooms_history.h"
#include "embed.h"
#include "report.h"
#include "report_about.h"

#define MESSAGES 1000
#define ABOUT_MAX 4096
#define BYTES (512 << 10)       /* of bodies */
#define PAGE_MAX (32 * BYTES)   /* beside the page itself: escapes are longer */
#define LINE_MAX (PAGE_MAX / 8) /* of one message */

struct call {
	struct rooms_history history; /* first */
	struct report report;
	struct buf page;
	int64_t after; /* the message that the page begins behind, */
	int64_t last;  /* and the newest that was read when it was made */
};

/* For a file, not for a browser that would show it as one of our own pages. */
static const char guards[] =
    "Content-Disposition: attachment; filename=\"call.html\"\r\n"
    "Content-Security-Policy: sandbox; default-src 'none'; "
    "frame-ancestors 'none'\r\n";

static void
finish(struct rooms_work *work)
{
	struct call *call = (struct call *)(void *)work;

	report_reset(&call->report);
	buf_reset(&call->page);
	rooms_work_free(work);
}

static struct call *
of(struct store_sub *sub)
{
	return (struct call *)(void *)((char *)sub -
	    offsetof(struct call, history.sub));
}

static int
learn(struct store_sub *sub, const struct message *m)
{
	struct call *call = of(sub);

	if (m->seq > call->after || slice_is(m->type, "joined"))
		report_learn(&call->report, m);
	call->last = m->seq;
	return 0;
}

/* Who is there, but joined before what the log has. */
static void
learn_peer(void *arg, const struct store_peer *peer)
{
	struct call *call = arg;
	struct message m = { .type = SLICE("joined") };
	struct buf body;

	buf_init(&body, LINE_MAX);
	buf_str(&body, "{\"name\":");
	buf_slice(&body, peer->name.p != NULL ? peer->name : SLICE("null"));
	buf_str(&body, ",\"info\":");
	buf_slice(&body, peer->info.p != NULL ? peer->info : SLICE("null"));
	buf_char(&body, '}');
	m.body = buf_as_slice(&body);
	report_learn(&call->report, &m);
	buf_reset(&body);
}

static int
add(struct store_sub *sub, const struct message *m)
{
	struct call *call = of(sub);

	if (m->seq > call->last)
		return 1;
	report_add(&call->report, m, &call->page);
	return call->page.failed;
}

/* Hands the messages behind `after` to `each`. */
static enum lb_err
read_all(struct rooms_history *h, int64_t after,
    int (*each)(struct store_sub *, const struct message *))
{
	struct store *store = postoffice_store(h->work.mount->po);
	enum lb_err err;

	h->sub.after = after;
	h->sub.message = each;
	err = store_follow(store, &h->sub);
	store_unfollow(store, &h->sub);
	return err;
}

static void
add_about(struct rooms_history *h, struct buf *out)
{
	const struct rooms_mount *m = h->work.mount;
	const struct postoffice_options *options = postoffice_options(m->po);
	const struct http_request *request = h->work.ex->request;
	const struct report_about about = { .sqlite = store_sqlite_version(),
		.front = postoffice_front(m->po),
		.software = request != NULL ? request->server_software :
					      slice_of(NULL),
		.has_limits = 1,
		.lease = options->bounds.lease / 1000,
		.hold = options->governor.hold / 1000,
		.ttl = options->ttl / 1000,
		.has_turn = m->ice.turn_secret.p != NULL &&
		    m->ice.turn_count > 0 };

	report_about_print(out, &about);
}

static enum lb_err
make_page(struct call *call)
{
	struct rooms_history *h = &call->history;
	struct store *store = postoffice_store(h->work.mount->po);
	const struct recording_header header = rooms_history_header(h);
	struct buf about;
	enum lb_err err = store_recent(store, h->sub.room, MESSAGES, BYTES,
	    &call->after);

	if (err != LB_OK)
		return err;
	buf_init(&about, ABOUT_MAX);
	add_about(h, &about);
	report_begin(&call->report, &header, buf_as_slice(&about), &call->page);
	buf_reset(&about);
	err = store_peers(store, h->sub.room, learn_peer, call);
	if (err == LB_OK)
		err = read_all(h, 0, learn);
	if (err == LB_OK)
		err = read_all(h, call->after, add);
	if (err != LB_OK)
		return err;
	report_end(&call->page);
	return call->page.failed ? LB_NO_MEMORY : LB_OK;
}

static void
tell(struct rooms_history *h)
{
	struct call *call = (struct call *)(void *)h;
	struct rooms_mount *m = h->work.mount;
	struct reply reply = { 200, "text/html; charset=utf-8", { NULL, 0 } };
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err = LB_OK;

	if (h->sub.scope == MESSAGE_OWN)
		err = postoffice_report(m->po, &h->token,
		    rooms_address(m, h->work.ex->request), m->now,
		    &fault.retry_ms);
	if (err == LB_OK)
		err = make_page(call);
	if (err != LB_OK) {
		rooms_refuse(h->work.ex, err, &fault);
		return;
	}
	buf_str(&h->work.ex->head, guards);
	reply.body = buf_as_slice(&call->page);
	exchange_reply(h->work.ex, &reply);
}

void
rooms_report(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct call *call = rooms_work(m, ex, sizeof(*call), finish);

	if (call == NULL)
		return;
	report_init(&call->report,
	    REDACT_ADDRESSES | REDACT_SECRETS | REDACT_NAMES, LINE_MAX);
	buf_init(&call->page, lb_replay_html_len + PAGE_MAX);
	call->history.tell = tell;
	rooms_history(&call->history, match);
}

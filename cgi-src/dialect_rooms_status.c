/*
 * dialect_rooms_status: what operators and tools ask.
 */
#include "dialect_embedded.h"
#include "dialect_rooms_parts.h"
#include "embed.h"

void
rooms_healthz(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct buf out;

	(void)match;
	buf_init(&out, 32768);
	buf_str(&out, "{\"status\":\"ok\"");
	rooms_print_posts(&out, m, ex->request);
	buf_char(&out, '}');
	rooms_answer(ex, 200, &out);
}

void
rooms_readyz(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	enum lb_err err = store_ready(postoffice_store(m->po));
	struct rooms_fault fault = ROOMS_NO_FAULT;

	if (err == LB_OK) {
		rooms_healthz(m, ex, match);
		return;
	}
	/* Not ready is 503, whatever the reason is. */
	if (err_words(err)->status != 503) {
		fault.part = err_words(err)->title;
		err = err == LB_DISK_FULL ? LB_READ_ONLY : LB_BUSY;
	}
	rooms_refuse(ex, err, &fault);
}

void
rooms_openapi(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	(void)m;
	(void)match;
	dialect_embedded(ex, "application/json",
	    (struct slice){ lb_openapi_json, lb_openapi_json_len },
	    lb_openapi_json_tag);
}

/* For pages of every origin; which of them may do more is asked there. */
void
rooms_websocket(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	(void)m;
	(void)match;
	buf_str(&ex->head, "Cross-Origin-Resource-Policy: cross-origin\r\n");
	dialect_embedded(ex, "text/javascript; charset=utf-8",
	    (struct slice){ lb_websocket_js, lb_websocket_js_len },
	    lb_websocket_js_tag);
}

/* ---- metrics, in the text format of Prometheus ---- */

struct metric {
	const char *name, *type, *help;
	int64_t value;
};

static void
print_metric(struct buf *out, const struct metric *metric)
{
	buf_printf(out,
	    "# HELP letterbox_%s %s\n# TYPE letterbox_%s %s\n"
	    "letterbox_%s %lld\n",
	    metric->name, metric->help, metric->name, metric->type,
	    metric->name, (long long)metric->value);
}

static void
print_metrics(struct rooms_mount *m, struct buf *out)
{
	const struct postoffice_stats *po = postoffice_stats(m->po);
	struct store_stats st;

	store_stats(postoffice_store(m->po), &st);
	/* clang-format off */
	const struct metric table[] = {
		{ "joins_total", "counter", "Joins asked for.", po->joins },
		{ "posts_total", "counter", "Posts asked for.", po->posts },
		{ "messages_total", "counter", "Messages written by this process.",
		    st.messages },
		{ "delivered_total", "counter", "Messages put into replies.",
		    po->delivered },
		{ "polls_total", "counter", "Polls asked for.", po->polls },
		{ "superseded_total", "counter", "Polls ended by a newer one.",
		    po->superseded },
		{ "refused_total", "counter", "Requests refused for their rate.",
		    po->refused },
		{ "lapsed_total", "counter", "Leases that ended.", po->left },
		{ "waiters", "gauge", "Polls parked now.", po->waiters },
		{ "commits_total", "counter", "Transactions of the log.",
		    st.commits },
		{ "retries_total", "counter", "Turns that found the log locked.",
		    st.retries },
		{ "checkpoints_total", "counter", "Checkpoints run.",
		    st.checkpoints },
		{ "newest_seq", "gauge", "Highest seq in the log.", st.newest },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		print_metric(out, &table[i]);
}

/* One line a kind of front end. */
static void
print_by_front(struct buf *out, const char *name, const char *help,
    const int64_t values[FRONT__MAX])
{
	buf_printf(out, "# HELP letterbox_%s %s\n# TYPE letterbox_%s gauge\n",
	    name, help, name);
	for (int i = FRONT_AUTO + 1; i < FRONT__MAX; i++)
		buf_printf(out, "letterbox_%s{front=\"%s\"} %lld\n", name,
		    front_words[i], (long long)values[i]);
}

static void
print_seats(struct rooms_mount *m, struct buf *out)
{
	struct governor_stats st;

	postoffice_seats(m->po, m->now, &st);
	/* clang-format off */
	const struct metric table[] = {
		{ "waiting", "gauge", "Peers without a seat, of all processes.",
		    st.waiting },
		{ "pause_ms", "gauge", "Between two of their polls.",
		    st.pause },
	};
	/* clang-format on */

	print_by_front(out, "seats", "Seats taken by all processes.", st.seats);
	print_by_front(out, "hold_ms", "How long a poll is held.", st.ceiling);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		print_metric(out, &table[i]);
}

int
rooms_is_admin(struct rooms_mount *m, struct exchange *ex)
{
	struct slice key = http_token(ex->request);
	struct token_digest digest;

	if (key.p == NULL)
		return 0;
	token_sha256(&digest, key);
	return token_equal(digest.b, m->admin.b, TOKEN_DIGEST);
}

void
rooms_metrics(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct reply reply = { 200, "text/plain; version=0.0.4", { NULL, 0 } };
	struct buf out;

	(void)match;
	if (!m->metrics_open && !rooms_is_admin(m, ex)) {
		rooms_refuse(ex, LB_ADMIN, NULL);
		return;
	}
	buf_init(&out, 65536);
	print_metrics(m, &out);
	print_seats(m, &out);
	if (m->metrics != NULL)
		m->metrics(m->metrics_arg, &out);
	reply.body = buf_as_slice(&out);
	exchange_reply(ex, &reply);
	buf_reset(&out);
}

/*
 * format_rtcstats: a dump of rtcstats, version 3, for its importers.
 *
 * Each message is what its sender had from its connection, and what the
 * recipient had to do with it.  What no connection can have said is left out,
 * and no time is beyond what a Date can say: importers end at either.
 */
#include "format.h"
#include "json.h"

#define DATE_MAX 8640000000000000LL /* ms, ECMA-262, section 21.4.1.1 */

void
format_rtcstats_begin(struct format_work *w)
{
	buf_str(w->out, "RTCStatsDump\n{\"fileFormat\":3}\n");
}

/* Times are told as what has passed since the line before. */
static void
add_line(struct format_work *w, const char *method, struct slice own,
    struct slice other, struct slice value, int64_t at)
{
	struct buf name;

	buf_init(&name, 4096);
	buf_slice(&name, own);
	buf_str(&name, " > ");
	buf_slice(&name, other);
	if (lexicon_find(&w->pairs, buf_as_slice(&name)) == 0) {
		lexicon_add(&w->pairs, buf_as_slice(&name));
		add_line(w, "create", own, other, SLICE("{}"), at);
	}
	buf_printf(w->out, "[\"%s\",", method);
	buf_json(w->out, buf_as_slice(&name));
	buf_char(w->out, ',');
	buf_slice(w->out, value);
	buf_printf(w->out, ",%lld]\n", (long long)(at - w->at));
	w->at = at;
	buf_reset(&name);
}

static void
add_both(struct format_work *w, const struct message *m, const char *sent,
    const char *received, struct slice value)
{
	const struct slice to = m->to.p != NULL ? m->to : SLICE("*");

	const int64_t at = m->at > DATE_MAX ? DATE_MAX :
	    m->at < -DATE_MAX               ? -DATE_MAX :
					      m->at;

	add_line(w, sent, m->from, to, value, at);
	if (m->to.p != NULL)
		add_line(w, received, to, m->from, value, at);
}

/* A member that is a string; else absent. */
static struct slice
get_string(struct slice body, const char *member)
{
	struct slice value = slice_of(NULL);

	if (json_kind(body) == JSON_OBJECT)
		value = json_get(body, member);
	return value.p != NULL && json_kind(value) == JSON_STRING ?
	    value :
	    slice_of(NULL);
}

static void
add_description(struct format_work *w, const struct message *m)
{
	const struct slice body = m->body;
	const struct slice type = get_string(body, "type");
	const struct slice sdp = get_string(body, "sdp");
	struct buf value;

	if (type.p == NULL || sdp.p == NULL)
		return;
	buf_init(&value, 64 << 20);
	buf_str(&value, "{\"type\":");
	buf_slice(&value, type);
	buf_str(&value, ",\"sdp\":");
	buf_slice(&value, sdp);
	buf_char(&value, '}');
	add_both(w, m, "setLocalDescription", "setRemoteDescription",
	    buf_as_slice(&value));
	w->out->failed |= value.failed;
	buf_reset(&value);
}

static void
add_candidate(struct format_work *w, const struct message *m)
{
	const struct slice body = m->body;

	if (json_kind(body) == JSON_NULL ||
	    get_string(body, "candidate").p != NULL)
		add_both(w, m, "onicecandidate", "addIceCandidate", body);
}

void
format_rtcstats_add(struct format_work *w, const struct message *m)
{
	if (slice_is(m->type, "description"))
		add_description(w, m);
	else if (slice_is(m->type, "candidate"))
		add_candidate(w, m);
	else if (slice_is(m->type, "bye"))
		add_both(w, m, "close", "close", SLICE("null"));
}

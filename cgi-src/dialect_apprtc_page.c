/*
 * dialect_apprtc_page: GET /, which joins as a side effect.
 */
#include <string.h>

#include "dialect_apprtc_parts.h"
#include "log.h"

#define PARAMS_MAX 262144
#define MINUTES 30
#define MINUTES_MIN 3
#define MINUTES_MAX 1440

struct visit {
	struct rooms_work work;
	struct apprtc_join join;
	struct buf text; /* arguments and the room's name; does not move */
	struct http_request request; /* its query and host, which the
				      * exchange's text holds until the reply */
	int is_json;
};

static void
finish(struct rooms_work *work)
{
	struct visit *v = (struct visit *)(void *)work;

	buf_reset(&v->text);
	rooms_work_free(work);
}

/* ---- replies ---- */

static void
redirect(struct exchange *ex)
{
	const struct reply reply = { 302, NULL, { NULL, 0 } };
	char room[APPRTC_USER + 1];
	enum lb_err err = apprtc_user(room);

	if (err != LB_OK) {
		rooms_refuse(ex, err, NULL);
		return;
	}
	buf_str(&ex->head, "Location: ");
	buf_slice(&ex->head, ex->request->script_name);
	buf_printf(&ex->head, "/?r=%s", room);
	apprtc_arguments(&ex->head, ex->request);
	buf_str(&ex->head, "\r\n");
	if (ex->head.failed)
		rooms_refuse(ex, LB_HEADERS_TOO_LARGE, NULL);
	else
		exchange_reply(ex, &reply);
}

static void
reply_json(struct exchange *ex, struct buf *json)
{
	rooms_answer(ex, 200, json);
}

/* What keeps somebody out, as AppRTC says that a room is full. */
static void
refuse(struct visit *v, enum lb_err err)
{
	const struct err_words *words = err_words(err);
	struct buf json;

	buf_init(&json, 4096);
	buf_str(&json, "{\"error\":");
	buf_json(&json,
	    err == LB_ROOM_FULL ? SLICE("full") : slice_of(words->code));
	buf_str(&json, ",\"error_messages\":[");
	if (err == LB_ROOM_FULL)
		buf_str(&json, "\"The room is full.\"");
	else
		buf_printf(&json, "\"%s. %s\"", words->title, words->cure);
	buf_str(&json, "],\"room_key\":");
	buf_json(&json, v->join.seat.room);
	buf_char(&json, '}');
	reply_json(v->work.ex, &json);
}

static int64_t
minutes(struct visit *v)
{
	struct slice tt = apprtc_argument(&v->request, "tt", 18, &v->text);
	int64_t n = 0;

	if (tt.n == 0 || json_int(tt, 0, INT64_MAX, &n) != LB_OK)
		return MINUTES;
	return n < MINUTES_MIN ? MINUTES_MIN :
	    n > MINUTES_MAX    ? MINUTES_MAX :
				 n;
}

static void
welcome(struct visit *v)
{
	const struct apprtc_params p = {
		.seat = &v->join.seat,
		.initiator = v->join.alone || v->join.op.present > 1,
		.minutes = minutes(v),
		.is_loopback = v->join.alone,
	};
	struct buf json;
	enum lb_err err;

	buf_init(&json, PARAMS_MAX);
	err = apprtc_params(&json, v->work.mount, &v->request, &p);
	if (err != LB_OK) {
		buf_reset(&json);
		rooms_refuse(v->work.ex, err, NULL);
		return;
	}
	apprtc_set_cookie(v->work.ex, &v->join.seat);
	reply_json(v->work.ex, &json);
}

static void
joined(struct store_op *op, enum lb_err err)
{
	struct visit *v = (struct visit *)(void *)((char *)op -
	    offsetof(struct visit, join.op.op));

	if (!exchange_committed(v->work.ex))
		return;
	if (err == LB_OK)
		err = v->join.op.verdict;
	if (err == LB_OK)
		welcome(v);
	else if (err_words(err)->status >= 500)
		rooms_refuse(v->work.ex, err, NULL);
	else
		refuse(v, err);
}

/* ---- requests ---- */

static enum lb_err
join(struct visit *v, struct slice room, int64_t *retry)
{
	struct apprtc_join *j = &v->join;
	char user[APPRTC_USER + 1];
	enum lb_err err = apprtc_user(user);

	if (err == LB_OK)
		err = apprtc_seat(&j->seat, v->work.mount, room,
		    slice_of(user));
	if (err != LB_OK)
		return err;
	j->op.op.done = joined;
	j->alone = slice_is(apprtc_argument(&v->request, "debug", 16, &v->text),
	    "loopback");
	v->is_json = slice_is(apprtc_argument(&v->request, "t", 16, &v->text),
	    "json");
	apprtc_before(j, &v->request);
	return apprtc_join(v->work.mount, v->work.ex, j, retry);
}

static void
enter(struct rooms_mount *m, struct exchange *ex, struct visit *v)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct slice raw = apprtc_argument(ex->request, "r",
	    ex->request->query.n, &v->text);
	size_t start = v->text.n;
	enum lb_err err = apprtc_room(&v->text, raw);
	struct slice room = { v->text.p + start, v->text.n - start };

	(void)m;
	if (err == LB_OK)
		err = join(v, room, &fault.retry_ms);
	if (err != LB_OK)
		rooms_refuse(ex, err, &fault);
}

void
apprtc_page(struct rooms_mount *m, struct exchange *ex)
{
	const struct reply looked = { 200, "application/json", { NULL, 0 } };
	struct visit *v = rooms_work(m, ex, sizeof(*v), finish);
	struct slice room;

	if (v == NULL)
		return;
	v->request = *ex->request;
	buf_init(&v->text, 8 * ex->request->query.n + NAME_MAX_BYTES + 64);
	if (buf_reserve(&v->text, v->text.max) == NULL) {
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
		return;
	}
	room = apprtc_argument(ex->request, "r", ex->request->query.n,
	    &v->text);
	if (room.n == 0)
		redirect(ex);
	else if (ex->request->method == HTTP_HEAD)
		exchange_reply(ex, &looked); /* nobody comes */
	else
		enter(m, ex, v);
}

/*
 * dialect_apprtc_page: GET /, which joins as a side effect.
 */
#include <string.h>

#include "dialect_apprtc_parts.h"

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
	apprtc_path(&ex->head, ex->request);
	buf_printf(&ex->head, "?r=%s", room);
	apprtc_arguments(&ex->head, ex->request);
	buf_str(&ex->head, "\r\n");
	if (ex->head.failed)
		rooms_refuse(ex, LB_HEADERS_TOO_LARGE, NULL);
	else
		exchange_reply(ex, &reply);
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
	apprtc_reply(v->work.ex, 200, &json, !v->is_json);
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
	apprtc_joined(v->work.mount, &v->join);
	if (err == LB_OK)
		welcome(v);
	else
		apprtc_refuse(v->work.ex, v->join.seat.room, err, !v->is_json);
}

/* ---- requests ---- */

/* The seat that the page has already, when it shows its token; or a new one. */
static enum lb_err
choose_seat(struct visit *v, struct slice room)
{
	struct apprtc_join *j = &v->join;
	struct rooms_mount *m = v->work.mount;
	struct slice user = apprtc_argument(&v->request, "u", APPRTC_USER,
	    &v->text);
	char fresh[APPRTC_USER + 1];
	enum lb_err err = apprtc_seat(&j->seat, m, room, user);

	j->again = err == LB_OK && apprtc_has_token(m, &v->request, &j->seat);
	if (j->again)
		return LB_OK;
	err = apprtc_user(fresh);
	return err != LB_OK ? err :
			      apprtc_seat(&j->seat, m, room, slice_of(fresh));
}

static enum lb_err
join(struct visit *v, struct slice room, int64_t *retry)
{
	struct apprtc_join *j = &v->join;
	enum lb_err err = choose_seat(v, room);

	if (err != LB_OK)
		return err;
	j->op.op.done = joined;
	j->alone = slice_is(apprtc_argument(&v->request, "debug", 16, &v->text),
	    "loopback");
	apprtc_before(j, &v->request);
	return apprtc_join(v->work.mount, v->work.ex, j, retry);
}

static void
enter(struct visit *v, struct slice raw)
{
	struct exchange *ex = v->work.ex;
	size_t start = v->text.n;
	int64_t retry = 0;
	enum lb_err err = apprtc_room(&v->text, raw);
	struct slice room = { v->text.p + start, v->text.n - start };

	v->is_json = slice_is(apprtc_argument(&v->request, "t", 16, &v->text),
	    "json");
	if (err == LB_OK)
		err = join(v, room, &retry);
	if (err == LB_OK)
		return;
	if (retry > 0)
		buf_printf(&ex->head, "Retry-After: %lld\r\n",
		    (long long)(retry + 999) / 1000);
	apprtc_refuse(ex, room, err, !v->is_json);
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
		enter(v, room);
}

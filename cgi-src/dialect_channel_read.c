/*
 * dialect_channel_read: requests of applications, in JSON or as forms.
 */
#include <string.h>

#include "dialect_channel_parts.h"

#define MEMBERS_MAX 4
#define DEPTH 4
#define FORM "application/x-www-form-urlencoded"

/* clang-format off */
static const struct {
	enum lb_err err;
	const char *exception;
} exceptions[] = {
	{ LB_CHANNEL_CLIENT_ID, "InvalidChannelClientIdError" },
	{ LB_CHANNEL_DURATION, "InvalidChannelTokenDurationError" },
	{ LB_CHANNEL_MESSAGE, "InvalidMessageError" },
};
/* clang-format on */

void
channel_refuse_value(struct exchange *ex, enum lb_err err, const char *member)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.member = slice_of(member);
	for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
		if (exceptions[i].err == err)
			fault.exception = exceptions[i].exception;
	rooms_refuse(ex, err, &fault);
}

/* ---- whose it is ---- */

static void
finish_alone(struct rooms_work *work)
{
	channel_work_free((struct channel_work *)(void *)work);
}

void
channel_work_free(struct channel_work *w)
{
	buf_reset(&w->form);
	buf_reset(&w->json);
	rooms_work_free(&w->base);
}

static int
check_key(struct channel_work *w)
{
	struct rooms_mount *m = w->base.mount;
	struct exchange *ex = w->base.ex;
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err = appkey_check(postoffice_store(m->po), ex->request,
	    m->now->wall, &w->key, &fault.why);

	if (err == LB_OK)
		err = postoffice_serve(m->po, slice_of(w->key.name), m->now,
		    &fault.retry_ms);
	if (err == LB_OK)
		return 1;
	rooms_refuse(ex, err, &fault);
	return 0;
}

void *
channel_work(struct rooms_mount *m, struct exchange *ex, size_t size,
    void (*finish)(struct rooms_work *))
{
	struct channel_work *w = rooms_work(m, ex, size,
	    finish != NULL ? finish : finish_alone);

	if (w == NULL)
		return NULL;
	buf_init(&w->form, ex->request->body.n + 64);
	buf_init(&w->json, 6 * ex->request->body.n + 64);
	if (!check_key(w))
		return NULL;
	appkey_generation(&w->key.hash, w->generation);
	w->guard = appkey_guard(slice_of(w->key.name), slice_of(w->generation));
	strcpy(w->namespace, CHANNEL_PREFIX);
	strncat(w->namespace, w->key.name, STORE_KEY_NAME);
	return w;
}

/* ---- its values ---- */

static int
read_json(struct channel_work *w, const char *const *names,
    struct channel_value *values)
{
	struct json_member table[MEMBERS_MAX + 1] = { { NULL, JSON_ANY, 0 } };
	struct slice found[MEMBERS_MAX], body = w->base.ex->request->body;
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct json_fault where = { 0, NULL, { NULL, 0 } };
	enum lb_err err;
	size_t n;

	for (n = 0; names[n] != NULL; n++)
		table[n].name = names[n];
	for (size_t i = 0; i < n; i++)
		table[i].kind = JSON_ANY;
	err = json_check(body, DEPTH, &where);
	if (err == LB_OK)
		err = json_envelope(body, table, found, &where);
	else
		fault.at = (int64_t)where.at;
	if (err != LB_OK) {
		fault.part = where.why;
		fault.member = where.member;
		rooms_refuse(w->base.ex, err, &fault);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		values[i].is_there = found[i].p != NULL &&
		    json_kind(found[i]) != JSON_NULL;
		values[i].json = found[i];
		if (values[i].is_there && json_kind(found[i]) == JSON_STRING)
			values[i].text = rooms_text(&w->base, found[i]);
	}
	return 1;
}

/* In one piece of memory that is large enough for all, so that it does not move
 * under the slices. */
static int
read_form(struct channel_work *w, const char *const *names,
    struct channel_value *values)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err = LB_OK;
	size_t start;

	if (buf_reserve(&w->form, w->form.max) == NULL)
		err = LB_NO_MEMORY;
	for (size_t i = 0; err == LB_OK && names[i] != NULL; i++) {
		fault.member = slice_of(names[i]);
		start = w->form.n;
		err = http_query(w->base.ex->request->body, names[i], &w->form);
		if (err == LB_NOT_FOUND) {
			err = LB_OK;
			continue;
		}
		values[i].is_there = 1;
		values[i].text = (struct slice){ w->form.p + start,
			w->form.n - start };
	}
	if (err == LB_OK)
		return 1;
	fault.why = "It is there twice, or its percent-encoding is broken.";
	rooms_refuse(w->base.ex, err, err == LB_NO_MEMORY ? NULL : &fault);
	return 0;
}

int
channel_read(struct channel_work *w, const char *const *names,
    struct channel_value *values)
{
	const struct http_request *r = w->base.ex->request;
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	memset(values, 0, n * sizeof(*values));
	if (http_media(r->content_type, "application/json"))
		return read_json(w, names, values);
	if (http_media(r->content_type, FORM))
		return read_form(w, names, values);
	rooms_refuse(w->base.ex, LB_MEDIA_TYPE, NULL);
	return 0;
}

struct slice
channel_json(struct channel_work *w, const struct channel_value *v)
{
	struct json_fault fault;

	if (v->json.p != NULL)
		return v->json;
	w->json.n = 0;
	buf_json(&w->json, v->text);
	if (w->json.failed)
		w->base.failed = 1;
	if (w->json.failed ||
	    json_check(buf_as_slice(&w->json), 1, &fault) != LB_OK)
		return slice_of(NULL);
	return buf_as_slice(&w->json);
}

int
channel_text_valid(const struct channel_value *v, size_t max)
{
	struct json_fault fault;
	struct buf json;
	int is;

	if (v->text.n < 1 || v->text.n > max ||
	    memchr(v->text.p, '\0', v->text.n) != NULL)
		return 0;
	if (v->json.p != NULL)
		return 1; /* it was looked through */
	buf_init(&json, 6 * max + 64);
	buf_json(&json, v->text);
	is = !json.failed &&
	    json_check(buf_as_slice(&json), 1, &fault) == LB_OK;
	buf_reset(&json);
	return is;
}

int
channel_int(const struct channel_value *v, int64_t min, int64_t max,
    int64_t *out)
{
	struct slice digits = v->json.p != NULL ? v->json : v->text;

	/* A form's field is a number only if JSON would take it for one. */
	if (digits.n < 1 || digits.n > 18 || digits.p[0] < '0' ||
	    digits.p[0] > '9')
		return 0;
	return json_int(digits, min, max, out) == LB_OK;
}

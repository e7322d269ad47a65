/*
 * dialect_rooms_doctor: GET /doctor and POST /doctor.json.
 *
 * Whoever has no code learns nothing, not even whether there is one; and gets
 * few tries.  What the doctor says is the program's (rooms_mount.doctor).
 */
#include "dialect_doctor.h"
#include "dialect_rooms_parts.h"
#include "log.h"

#define REPLY_MAX 65536

/* clang-format off */
static const struct json_member table[] = {
	{ "code", JSON_STRING, 1 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

void
rooms_doctor(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	(void)match;
	/* Whoever comes here is about to look for it. */
	if (m->doctor != NULL)
		m->doctor(m->doctor_arg, ex->request, slice_of(NULL), NULL);
	dialect_doctor_page(ex);
}

static enum lb_err
ask(struct rooms_work *work, struct slice code, struct buf *out,
    struct rooms_fault *fault)
{
	struct rooms_mount *m = work->mount;
	const struct http_request *r = work->ex->request;
	enum lb_err err = postoffice_guess(m->po, rooms_address(m, r), m->now,
	    &fault->retry_ms);

	if (err != LB_OK)
		return err;
	if (m->doctor == NULL)
		return LB_DOCTOR;
	return m->doctor(m->doctor_arg, r, code, out);
}

void
rooms_doctor_json(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;
	struct rooms_work *work;
	struct slice value;
	struct buf out;
	enum lb_err err;

	(void)match;
	work = rooms_work(m, ex, sizeof(*work), rooms_work_free);
	if (work == NULL || !rooms_envelope(work, table, &value, 0))
		return;
	buf_init(&out, REPLY_MAX);
	err = ask(work, rooms_text(work, value), &out, &fault);
	if (err == LB_OK) {
		log_event(LOG_INFO, "doctor", "len=%zu", out.n);
		rooms_answer(ex, 200, &out);
		return;
	}
	buf_reset(&out);
	rooms_refuse(ex, err, &fault);
}

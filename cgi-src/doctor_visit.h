/*
 * doctor_visit: somebody asks the doctor over the web.
 */
#ifndef LETTERBOX_DOCTOR_VISIT_H
#define LETTERBOX_DOCTOR_VISIT_H

#include "doctor.h"

/* What a process that serves knows; its strings stay the caller's. */
struct doctor_visit {
	const struct conf *conf;
	struct slice key; /* the server's; passes are made of it */
	const struct clock *now;
	/* How open polls are shared out at this moment; NULL: not known. */
	void (*seats)(void *arg, struct doctor_seats *out);
	void *seats_arg;
};

/* rooms_mount.doctor; `arg` is a struct doctor_visit.  The reply is of the
 * schema DoctorReply of schema/openapi.yaml. */
enum lb_err doctor_visit(void *arg, const struct http_request *,
    struct slice code, struct buf *out);

/* rooms_mount.admits, of the same `arg`. */
enum lb_err doctor_admits(void *arg, struct slice code, int once);

#endif

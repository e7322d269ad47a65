/*
 * dialect_rooms_mount: what the rooms dialect is told by the program.
 */
#ifndef LETTERBOX_DIALECT_ROOMS_MOUNT_H
#define LETTERBOX_DIALECT_ROOMS_MOUNT_H

#include "http.h"
#include "ice.h"
#include "postoffice.h"

/* What all exchanges of a process share.  The program fills it. */
struct rooms_mount {
	struct postoffice *po;
	const struct clock *now;   /* of the turn; kept by the program */
	struct slice server_key;   /* 32 bytes; tokens are made of it */
	struct token_digest admin; /* SHA-256 of the admin key */
	int require_ticket;
	int has_ticket_key;
	struct token_digest ticket_key; /* SHA-256 of the application's key */
	int64_t body_max, message_max, messages_max;
	const char *const *origins; /* allowed, besides the own one */
	size_t origin_count;
	const char *const *proxies; /* whose X-Forwarded-For counts */
	size_t proxy_count;
	struct ice_options ice;
	struct slice apprtc; /* namespace of AppRTC's rooms; absent: off */
	int metrics_open;    /* /metrics without the admin key */
	/*
	 * The doctor, who is of the program; NULL: there is none.  With
	 * `code` absent he only sees to it that there is a code.  Else appends
	 * the reply to whoever gives the code or a pass; LB_DOCTOR: it is
	 * neither.
	 */
	enum lb_err (*doctor)(void *arg, const struct http_request *,
	    struct slice code, struct buf *out);
	/* LB_OK for who has the code, which is another one from then on, or,
	 * unless `once`, a pass; LB_DOCTOR.  NULL: nobody. */
	enum lb_err (*admits)(void *arg, struct slice code, int once);
	void *doctor_arg; /* of both */
	/* Appends the program's own lines to /metrics; may be NULL. */
	void (*metrics)(void *arg, struct buf *out);
	void *metrics_arg;
};

#endif

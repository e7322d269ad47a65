/*
 * dialect_rooms_parts: what the endpoints of the rooms dialect share.
 */
#ifndef LETTERBOX_DIALECT_ROOMS_PARTS_H
#define LETTERBOX_DIALECT_ROOMS_PARTS_H

#include "dialect_rooms_mount.h"
#include "exchange.h"
#include "json.h"
#include "route.h"

#define ROOMS_HISTORY_TYPES 16

/* Hangs on an exchange; each endpoint's own begins with it. */
struct rooms_work {
	struct exchange *ex;
	struct rooms_mount *mount;
	void (*finish)(struct rooms_work *); /* frees it */
	struct buf *text; /* decoded strings, once there are some */
	int failed;       /* no memory for one: whatever is wrong is that */
};

/* What a problem document says beside its code. */
struct rooms_fault {
	const char *why;       /* a sentence before the cure, or NULL */
	const char *part;      /* what json.h says is wrong, or NULL */
	struct slice member;   /* to blame, or absent */
	int64_t at;            /* byte offset, or -1 */
	int64_t expected;      /* next n, or 0 */
	int64_t limit;         /* or 0 */
	int64_t retry_ms;      /* or 0 */
	unsigned allow;        /* methods, for Allow */
	const char *exception; /* what the Channel API calls it, or NULL */
};

#define ROOMS_NO_FAULT ((struct rooms_fault){ .at = -1 })

/* One endpoint: must end in a reply, a commit or a park. */
typedef void rooms_endpoint(struct rooms_mount *, struct exchange *,
    const struct route_match *);

rooms_endpoint rooms_join, rooms_poll, rooms_post, rooms_away, rooms_leave,
    rooms_remove, rooms_set_rules, rooms_look, rooms_log, rooms_report,
    rooms_ice, rooms_healthz, rooms_readyz, rooms_metrics, rooms_openapi,
    rooms_websocket, rooms_doctor, rooms_doctor_json, rooms_keys;

/* ---- dialect_rooms_enter.c ---- */

/* Runs the endpoint once the store can be read: now, or when whoever writes
 * has ended.  `match` is copied; the request is there still. */
void rooms_enter(struct rooms_mount *, struct exchange *, rooms_endpoint *run,
    const struct route_match *match);

/* ---- dialect_rooms_reply.c ---- */

/* A problem document (RFC 9457). */
void rooms_refuse(struct exchange *, enum lb_err, const struct rooms_fault *);
/* 200 or 201 with JSON; LB_NO_MEMORY when `body` has failed.  Resets it. */
void rooms_answer(struct exchange *, int status, struct buf *body);
/* {"wait":25,"pause":0}, and the same as the member "poll". */
void rooms_print_pace(struct buf *, const struct governor_pace *);
void rooms_print_poll(struct buf *, const struct governor_pace *);
/* ,"posts":"/letterbox.cgi" where posts go better by CGI, else nothing. */
void rooms_print_posts(struct buf *, struct rooms_mount *,
    const struct http_request *);
/* "gap":true and "reset":true, each with a comma before it. */
void rooms_print_losses(struct buf *, const struct waiter *);
/* "peers":[{"peer":...,"name":...,"info":...,"since":...}],"owner":... of a
 * room, without the peer of the row `except` (or 0).  An error of the store:
 * the reply must not go out. */
enum lb_err rooms_print_people(struct buf *, struct rooms_mount *, int64_t room,
    int64_t except);
/* A waiter's print(): JSON objects with commas between. */
void rooms_print_message(struct waiter *, const struct message *);
/* ,"messages":[...],"cursor":"..." */
void rooms_print_messages(struct buf *, struct rooms_mount *,
    const struct waiter *);

/* ---- dialect_rooms_status.c ---- */

/* 1 when the request brings the admin key as its token. */
int rooms_is_admin(struct rooms_mount *, struct exchange *);

/* ---- dialect_rooms_poll.c ---- */

/* How long a poll wants to wait (`wait` of the query, or Prefer), in ms; -1
 * after a refusal. */
int64_t rooms_wait(struct exchange *);
/* From where: `after` of the query, or the Last-Event-ID of a stream that goes
 * on; epoch "" without.  0 after a refusal. */
int rooms_after(struct exchange *, struct cursor *out);

/* ---- dialect_rooms_read.c ---- */

/* A zeroed work of `size` bytes on the exchange; refuses and returns NULL
 * without memory. */
void *rooms_work(struct rooms_mount *, struct exchange *, size_t size,
    void (*finish)(struct rooms_work *));
/* Frees a work and its text: the last thing that a finish() does. */
void rooms_work_free(struct rooms_work *);
/* A dialect's finish(): that of the exchange's work, if it has one. */
void rooms_finish(void *mount, struct exchange *);
/* Media type, strict JSON and the members of an envelope; refuses and
 * returns 0 when something is wrong.  `plain`: text/plain is taken too. */
int rooms_envelope(struct rooms_work *, const struct json_member *,
    struct slice *values, int plain);
/* The string decoded: in place, or in *work->text.  `value` may be absent. */
struct slice rooms_text(struct rooms_work *, struct slice value);
/* A 400 that names a member. */
void rooms_bad(struct rooms_work *, const char *member, const char *why);
/* The digest of the token: of the headers, else of the body's member (may
 * be absent).  0 when there is none of the right form. */
int rooms_token(struct rooms_work *, struct slice member,
    struct token_digest *out);
/* Reads "messages" into a letter with its digest; refuses and returns 0. */
int rooms_letter(struct rooms_work *, struct slice list,
    struct room_letter *letter);
/* Reads a cursor's text; absent: epoch "".  Refuses and returns 0. */
int rooms_cursor(struct rooms_work *, struct slice text, struct cursor *out);
/* REMOTE_ADDR, or what a trusted proxy says of it; empty for the request of
 * an exchange that was parked. */
struct slice rooms_address(struct rooms_mount *, const struct http_request *);

#endif

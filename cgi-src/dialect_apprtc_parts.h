/*
 * dialect_apprtc_parts: what the endpoints of AppRTC share, those of the
 * Channel API's days and those of Collider's.
 *
 * An endpoint of either makes a seat of the room and the user that the request
 * names, and then joins, says or leaves with it:
 *
 *   apprtc_room()     the room's name from an address
 *   apprtc_user()     a new user's number
 *   apprtc_seat()     who that is in the rooms below
 *   apprtc_join()     takes the seat: who is first, who second, who is too many
 *   apprtc_token()    the channel token by which the user hears
 *   apprtc_say()      what the user posts, translated (dialect_apprtc_codec.h)
 *   apprtc_leave()    gives the seat up
 *
 * What a user hears is translated by dialect_channel_codec.c, whoever said it.
 */
#ifndef LETTERBOX_DIALECT_APPRTC_PARTS_H
#define LETTERBOX_DIALECT_APPRTC_PARTS_H

#include "channel_token.h"
#include "dialect_apprtc_codec.h"
#include "dialect_rooms_parts.h"
#include "name.h"

#define APPRTC_USER 8  /* digits of a user's number */
#define APPRTC_PEER 17 /* characters of its id in the room */
#define APPRTC_SEATS 2
/* A page that does not open its channel so soon gives its seat up. */
#define APPRTC_FIRST_LEASE 15000 /* ms */
#define APPRTC_MARK 64 /* bytes of a sender's own word for a message */
/* Bytes of a posted message, a description with everything included. */
#define APPRTC_MESSAGE_MAX 65536

/* One endpoint: must end in a reply, a commit or a park. */
typedef void apprtc_endpoint(struct rooms_mount *, struct exchange *);

apprtc_endpoint apprtc_page, apprtc_message;

/* ---- dialect_apprtc_room.c ---- */

/* A user in a room. */
struct apprtc_seat {
	struct slice room;          /* the caller's bytes */
	char user[APPRTC_USER + 1]; /* what AppRTC calls it */
	char peer[APPRTC_PEER + 1]; /* its id in the room */
	struct token_digest token;  /* digest of its token there */
};

/* Appends `raw` as a room's name: each character but A-Z a-z 0-9 - becomes a
 * "-".  LB_OK; LB_BAD_NAME for one that is empty or too long; LB_NO_MEMORY. */
enum lb_err apprtc_room(struct buf *out, struct slice raw);
/* Eight random digits.  LB_OK, LB_IO. */
enum lb_err apprtc_user(char user[APPRTC_USER + 1]);
/* Who `user` is in `room`: an id that tells nobody the number, and that is
 * higher than any native one, which makes native peers give way to it.
 * LB_OK; LB_NOT_A_MEMBER when `user` is no such number; LB_NO_MEMORY. */
enum lb_err apprtc_seat(struct apprtc_seat *, struct rooms_mount *,
    struct slice room, struct slice user);

/* Whether somebody has it, or had and may come back: LB_OK, LB_NOT_A_MEMBER,
 * LB_ENDED, or an error of the store (LB_BUSY: see rooms_enter()). */
enum lb_err apprtc_standing(struct rooms_mount *, const struct apprtc_seat *);

struct apprtc_join {
	struct room_join op;     /* op.op.done: the caller's; op.present: 1 for
				  * who comes first, 2 for who comes second */
	struct apprtc_seat seat; /* in */
	int again;               /* in: it has the seat, and wants no other */
	int alone;               /* in: takes both seats */
	/* in: number of a user whose seat it takes over; one that has opened
	 * its channel keeps it, unless it `goes` */
	struct slice before;
	int goes;
};

/* HANDLING -> COMMITTING, or LB_TOO_FAST, LB_TICKET (they are required),
 * LB_NO_MEMORY.  op.op.done() gets LB_OK or LB_ROOM_FULL, LB_SECRET, LB_LOCKED
 * (also as op.verdict) and must call exchange_committed(). */
enum lb_err apprtc_join(struct rooms_mount *, struct exchange *,
    struct apprtc_join *, int64_t *retry_ms);
/* Fills `before` and `goes` of a join from the browser's cookies, which must
 * live until op.op.done(), and tells the browser of its seat. */
void apprtc_before(struct apprtc_join *, const struct http_request *);
void apprtc_set_cookie(struct exchange *, const struct apprtc_seat *);
/* Ends what the user polls whose seat was taken over: first thing in done(). */
void apprtc_joined(struct rooms_mount *, const struct apprtc_join *);
/* Appends the channel token of a seat, for so many minutes. */
enum lb_err apprtc_token(struct buf *out, struct rooms_mount *,
    const struct apprtc_seat *, int64_t minutes);
/* 1 when the request shows a channel token of this seat that is good. */
int apprtc_has_token(struct rooms_mount *, const struct http_request *,
    const struct apprtc_seat *);

/* ---- dialect_apprtc_post.c ---- */

/* What a user says, or that it goes. */
struct apprtc_post {
	struct room_relay relay; /* relay.alone, relay.seq: out */
	struct room_leave leave;
	struct apprtc_seat seat; /* in */
	struct apprtc_text text;
	struct rooms_mount *mount;
	struct exchange *ex;
	/* in: LB_OK, LB_NOT_A_MEMBER, LB_MAILBOX_FULL, LB_ENDED or an error of
	 * the store; the exchange is committed.  Must reply. */
	void (*done)(struct apprtc_post *, enum lb_err);
};

/* HANDLING -> COMMITTING.  Anything but LB_OK: refused at once, and done() is
 * not called: LB_BAD_JSON, LB_TOO_LARGE, LB_TOO_FAST, LB_NO_MEMORY.  `json`
 * must live until done(). */
enum lb_err apprtc_say(struct apprtc_post *, struct slice json,
    int64_t *retry_ms);
void apprtc_leave(struct apprtc_post *);
/* The sender's own word for a message, a member of the query, by which a repeat
 * is known; others may have the same words.  Appended to `text`, which must not
 * move: it has room for APPRTC_PEER and the word.  LB_OK, LB_NO_MEMORY. */
enum lb_err apprtc_mark(struct apprtc_post *, const char *name,
    struct buf *text);
/* Frees what a post holds (not itself): last thing in a finish(). */
void apprtc_post_free(struct apprtc_post *);

/* ---- dialect_apprtc_query.c ---- */

/* A query's member, decoded UTF-8 without NUL; empty when it is absent,
 * doubled, broken or longer than `max`.  Appended to `text`, which must not
 * move: its capacity is for the whole query. */
struct slice apprtc_argument(const struct http_request *, const char *name,
    size_t max, struct buf *text);
/* Appends "&name=value" for each member of the query but `r` and `path`, as
 * they came, safe for a header and a page. */
void apprtc_arguments(struct buf *out, const struct http_request *);
/* Appends the path of the mount, with a slash behind it, as the browser has it;
 * apprtc_base() with "https://host" before it. */
void apprtc_path(struct buf *out, const struct http_request *);
void apprtc_base(struct buf *out, const struct http_request *);
int apprtc_is_secure(const struct http_request *); /* by https */
/* A cookie's value, or absent. */
struct slice apprtc_cookie(const struct http_request *, const char *name);

/* ---- dialect_apprtc_params.c ---- */

/* What the page and the JSON of a room are told. */
struct apprtc_params {
	const struct apprtc_seat *seat;
	int initiator;
	int64_t minutes; /* of the token */
	int is_loopback;
};

/* ---- dialect_apprtc_reply.c ---- */

/* Replies with JSON, as it is or in our page; resets it. */
void apprtc_reply(struct exchange *, int status, struct buf *json, int is_page);
/* The same about a room that one may not enter, in the form that AppRTC has
 * for a full one. */
void apprtc_refuse(struct exchange *, struct slice room, enum lb_err,
    int is_page);

/* Appends the parameters as one JSON object. */
enum lb_err apprtc_params(struct buf *out, struct rooms_mount *,
    const struct http_request *, const struct apprtc_params *);
/* Appends ,"pc_constraints":"..." and ,"media_constraints":"..." */
void apprtc_wishes(struct buf *out, const struct http_request *);

#endif

/*
 * err: every way in which something can be refused, in one table.
 *
 * Functions return an enum lb_err; LB_OK is 0.  The table gives each error
 * its HTTP status, its stable code, whether a repeat of the same request may
 * succeed, and the words for people.  Nothing else in the program knows a
 * status number of a refusal.
 */
#ifndef LETTERBOX_ERR_H
#define LETTERBOX_ERR_H

enum lb_err {
	LB_OK = 0,
	/* what the client sent */
	LB_BAD_REQUEST,
	LB_BAD_JSON,
	LB_BAD_NAME,
	LB_NOT_FOUND,
	LB_METHOD,
	LB_TOO_LARGE,
	LB_HEADERS_TOO_LARGE,
	LB_MEDIA_TYPE,
	LB_TIMEOUT, /* the request did not arrive in time */
	/* who the client is, and what it may */
	LB_NOT_A_MEMBER,
	LB_SECRET,
	LB_LOCKED,
	LB_TICKET,
	LB_REMOVED,
	LB_NOT_OWNER,
	LB_ENDED,
	LB_ORIGIN,
	LB_ADMIN,
	LB_DOCTOR,
	/* the state of the room */
	LB_PEER_TAKEN,
	LB_ROOM_FULL,
	LB_N_OLD,
	LB_N_GAP,
	LB_N_REUSED,
	LB_SUPERSEDED,
	LB_TOO_FAST,
	LB_MAILBOX_FULL,
	/* applications and their channels */
	LB_KEY,
	LB_KEY_TAKEN,
	LB_CHANNEL_CLIENT_ID,
	LB_CHANNEL_DURATION,
	LB_CHANNEL_MESSAGE,
	LB_CHANNEL_TOKEN,
	LB_CHANNEL_EXPIRED,
	/* the state of the server */
	LB_BUSY,
	LB_READ_ONLY,
	LB_NO_MEMORY,
	LB_SHUTTING_DOWN,
	LB_DISK_FULL,
	LB_IO,
	/* only at start, never sent to a client */
	LB_NEWER_SCHEMA,
	LB_NOT_OURS,
	LB_EXPOSED,
	LB_CONF,
	LB__MAX
};

/* What the table says of one error.  All strings are static. */
struct err_words {
	const char *code;  /* stable, of [a-z-]; the tag in the log */
	int status;        /* HTTP, 400..599; RFC 9110 section 15 */
	int retryable;     /* the same request may succeed later */
	const char *title; /* a few words, no full stop */
	const char *cure;  /* a sentence: what to do about it */
};

/* The words of `err`; for a value outside the enum those of LB_IO. */
const struct err_words *err_words(enum lb_err err);

#endif

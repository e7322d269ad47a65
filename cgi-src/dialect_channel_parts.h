/*
 * dialect_channel_parts: what the endpoints of the Channel dialect share.
 */
#ifndef LETTERBOX_DIALECT_CHANNEL_PARTS_H
#define LETTERBOX_DIALECT_CHANNEL_PARTS_H

#include "appkey.h"
#include "channel_token.h"
#include "dialect_rooms_parts.h"

#define CHANNEL_PREFIX APPKEY_ROOMS
#define CHANNEL_PEER SLICE("client")
#define CHANNEL_TYPE SLICE("channel") /* of its messages */
#define CHANNEL_HERALDS SLICE(APPKEY_HERALDS)
#define CHANNEL_CLIENT_MAX 256 /* bytes */

/* One endpoint: must end in a reply, a commit or a park. */
typedef void channel_endpoint(struct rooms_mount *, struct exchange *);

channel_endpoint channel_create, channel_send, channel_presence, channel_open,
    channel_mail, channel_close, channel_away, channel_receive, channel_dev,
    channel_jsapi;

/* ---- dialect_channel_read.c: requests of applications ---- */

/* Hangs on their exchanges; each endpoint's own begins with it. */
struct channel_work {
	struct rooms_work base;
	struct store_key key;
	char generation[APPKEY_GENERATION + 1]; /* of the key */
	struct appkey_guard guard; /* for operations that it asks for */
	char namespace[sizeof(CHANNEL_PREFIX) + STORE_KEY_NAME];
	struct buf form; /* decoded fields, and ... */
	struct buf json; /* ... one of them as JSON */
};

/* A member of a JSON object, or a field of a form. */
struct channel_value {
	struct slice json; /* as it stands in JSON; absent in a form */
	struct slice text; /* decoded; absent: not there, or no string */
	int is_there;
};

/* A zeroed work of `size` bytes for a request whose key is known and not too
 * fast; NULL: it was refused.  `finish` may be NULL: frees it alone. */
void *channel_work(struct rooms_mount *, struct exchange *, size_t size,
    void (*finish)(struct rooms_work *));
void channel_work_free(struct channel_work *);
/* Reads a body of JSON or of a form; `names` ends with NULL.  Refuses and
 * returns 0. */
int channel_read(struct channel_work *, const char *const *names,
    struct channel_value *values);
/* The text as JSON, as it came if it did; absent: it is no UTF-8.  Once for
 * each work. */
struct slice channel_json(struct channel_work *, const struct channel_value *);
/* 1 for 1 to `max` bytes of UTF-8 without NUL. */
int channel_text_valid(const struct channel_value *, size_t max);
/* The whole number of a value; 0 when it is none, or out of bounds. */
int channel_int(const struct channel_value *, int64_t min, int64_t max,
    int64_t *out);
/* A refusal with the name that the original has for it. */
void channel_refuse_value(struct exchange *, enum lb_err, const char *member);

/* ---- dialect_channel_enter.c: requests of browsers ---- */

/* What a channel token says, and the peer it stands for. */
struct channel_pass {
	struct buf text; /* of the token's slices */
	struct channel_token token;
	struct token_digest digest;
};

/* LB_OK with a pass that must be freed; LB_CHANNEL_TOKEN, LB_CHANNEL_EXPIRED,
 * LB_NO_MEMORY. */
enum lb_err channel_pass(struct rooms_mount *, struct slice token,
    struct channel_pass *);
void channel_pass_free(struct channel_pass *);
/* Like rooms_refuse(), and for the two errors of tokens with the words of the
 * original in the status line and in X-Letterbox-Error. */
void channel_refuse(struct exchange *, enum lb_err, int64_t retry_ms);

/* What it asks. */
struct channel_ask {
	struct cursor after; /* how far it has heard */
	int64_t wait;        /* ms to be held at most */
	int64_t opening;     /* its number, or 0 */
	int opens;           /* 1: it wants a new one */
};

/* Somebody comes: its room and its seat in it are there, and it is present. */
struct channel_entry {
	struct room_announce announce;
	struct appkey_guard guard;
	struct room_join join;
	struct rooms_mount *mount;
	struct exchange *ex;
	struct channel_pass pass; /* its own from now on */
	struct channel_ask ask;   /* with its number, when it is in */
	/* LB_OK: it is in; must end in a reply, a commit or a park. */
	void (*entered)(struct channel_entry *);
};

/* HANDLING -> COMMITTING.  Takes the pass over; refuses by itself what does not
 * end well; frees the entry after entered(). */
void channel_enter(struct rooms_mount *, struct exchange *,
    struct channel_pass *, const struct channel_ask *,
    void (*entered)(struct channel_entry *));

/* ---- dialect_channel_codec.c ---- */

/* How the messages of a namespace are said to a channel's client. */
struct channel_codec {
	/* What onmessage gets: appends a JSON string, or nothing when this is
	 * not for it. */
	void (*print)(struct buf *, const struct message *);
	int hears_all; /* what is said to everybody is for it too */
};

/* NULL when no channel leads there. */
const struct channel_codec *channel_codec(const struct rooms_mount *,
    struct slice namespace);

/* ---- dialect_channel_mail.c ---- */

/* How mail is told. */
enum channel_wire {
	CHANNEL_OPEN, /* with what the script must know */
	CHANNEL_MAIL,
	CHANNEL_DEV /* one message, as it is */
};

/* Polls for who has the pass, which it takes over; who is not present enters
 * first. */
void channel_poll(struct rooms_mount *, struct exchange *,
    struct channel_pass *, const struct channel_ask *, enum channel_wire);

/* ---- dialect_channel_open.c ---- */

/* Who has the pass, which it takes over, leaves; `reply` is static. */
void channel_leave(struct rooms_mount *, struct exchange *,
    struct channel_pass *, const struct cursor *after, const struct reply *);

#endif

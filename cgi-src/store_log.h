/*
 * store_log: reads a database beside those who work on it, and changes
 * nothing.
 *
 * Opened read-only, whatever state it is in: in use, left by a process that
 * was killed, a copy on a medium that cannot be written to.  Everything is
 * read in pages: some hundred rows are copied, the read has ended, and then
 * they are handed out one by one.  So nobody who prints to a slow terminal
 * holds up a commit or lets a write-ahead log grow, and memory is that of a
 * page, however long the log.
 *
 * What is handed out is valid until the callback returns.  Callbacks may ask
 * for other things, but not for a page of the same kind.
 */
#ifndef LETTERBOX_STORE_LOG_H
#define LETTERBOX_STORE_LOG_H

#include "err.h"
#include "front.h"
#include "message.h"

#define STORE_LOG_PAGE 256        /* rows read at once, at most */
#define STORE_LOG_EPOCH 65        /* of an epoch, with its NUL */
#define STORE_LOG_BYTES (1 << 20) /* or so many bytes of them */

struct store_log;

struct store_log_room {
	int64_t row;
	struct slice namespace;
	struct slice name;
	int kept;
	int64_t created_at; /* ms of Unix time */
	int64_t ended_at;   /* 0: open */
	int64_t present;    /* peers there now, as the log knows */
};

/* What a room holds. */
struct store_log_size {
	int64_t messages, bytes;
	int64_t first, last;       /* seq; 0: none */
	int64_t first_at, last_at; /* ms of Unix time */
};

struct store_log_peer {
	int64_t row;
	struct slice id;
	int state;         /* enum store_state */
	struct slice name; /* JSON text of a string, or absent */
	int64_t since;     /* ms of Unix time of the newest joining, 0: never */
	int64_t changed_at;
	int64_t waiting; /* addressed to it, not acknowledged in the log */
};

struct store_log_totals {
	int64_t rooms, open, kept;
	int64_t messages;
	int64_t peers, present;
	int64_t newest; /* seq ever given */
	int64_t schema; /* user_version */
	int64_t first_at, last_at;
	int64_t file, wal; /* bytes */
	char journal[16];
};

/*
 * `path` is a data folder or a database.  `words` gets a sentence with the
 * cure when it fails: LB_NOT_FOUND there is none, LB_EXPOSED it may not be
 * read by this account, LB_BUSY, LB_NOT_OURS, LB_NEWER_SCHEMA, LB_IO,
 * LB_NO_MEMORY; and a warning with LB_OK when it reads a copy of which the
 * newest part cannot be read.
 */
enum lb_err store_log_open(struct store_log **out, const char *path,
    struct buf *words);
void store_log_close(struct store_log *);
/* SQLite's words for what failed last. */
const char *store_log_fault(struct store_log *);

/* A page of rooms, in the order in which they were made, behind `*after`,
 * which moves on.  LB_NOT_FOUND when there are no more; `each` returns 0 to go
 * on, else the rest of the page is dropped and `*after` is the room it had. */
enum lb_err store_log_rooms(struct store_log *, int64_t *after,
    int (*each)(void *, const struct store_log_room *), void *arg);
/* The rooms that may be meant by a name: called so, "NAMESPACE/NAME", or "#"
 * and their row; of those of one name in one namespace the newest.  At most a
 * page; LB_NOT_FOUND when there is none. */
enum lb_err store_log_find(struct store_log *, struct slice name,
    int (*each)(void *, const struct store_log_room *), void *arg);
/* Counts a little at a time; costs about 50 ns a message. */
enum lb_err store_log_size(struct store_log *, int64_t room,
    struct store_log_size *out);
/* Like store_log_rooms, of the peers of a room. */
enum lb_err store_log_peers(struct store_log *, int64_t room, int64_t *after,
    int (*each)(void *, const struct store_log_peer *), void *arg);
/* Like store_log_rooms, of the messages of a room behind the seq `*after`.
 * `from` is absent when the peer is forgotten. */
enum lb_err store_log_messages(struct store_log *, int64_t room, int64_t *after,
    int (*each)(void *, const struct message *), void *arg);
/* The message of that seq; LB_NOT_FOUND when the room has none. */
enum lb_err store_log_message(struct store_log *, int64_t room, int64_t seq,
    int (*each)(void *, const struct message *), void *arg);
/* The seq before the first message posted at `at` or later (by halving, so a
 * clock that was set back shifts it).  0: all of them. */
enum lb_err store_log_seek(struct store_log *, int64_t room, int64_t at,
    int64_t *after);
/* Of the database; LB_NOT_FOUND when nothing was ever posted. */
enum lb_err store_log_epoch(struct store_log *, char epoch[STORE_LOG_EPOCH]);
/* A number that changes when somebody commits.  LB_NOT_FOUND: the database
 * was replaced by another. */
enum lb_err store_log_version(struct store_log *, int64_t *version);

/* What stood before the newest process that polled there, as run.db beside the
 * database has it; FRONT_AUTO when it does not, or cannot be read. */
enum front store_log_front(const struct store_log *);

/* ---- the whole ---- */
enum lb_err store_log_totals(struct store_log *, struct store_log_totals *out);
/* Messages and bytes by type, a piece of the log at a time: `each` is called
 * for every type of it, and the same type may come again in the next piece.
 * `*after` begins at 0; LB_NOT_FOUND at the end. */
enum lb_err store_log_types(struct store_log *, int64_t *after,
    int (*each)(void *, struct slice type, int64_t count, int64_t bytes),
    void *arg);

/* What is looked at by store_log_check(). */
enum store_log_check {
	STORE_LOG_PAGES,   /* PRAGMA integrity_check, or quick_check */
	STORE_LOG_KEYS,    /* foreign keys */
	STORE_LOG_SCHEMA,  /* tables, views and indices are those of its
			    * version */
	STORE_LOG_ORDER,   /* no seq above the highest ever given */
	STORE_LOG_SENDERS, /* each message is from a peer of its room */
	STORE_LOG_MAIL,    /* and for one of it */
	STORE_LOG_SIZES,   /* sizes are those of the bodies, which are JSON */
	STORE_LOG__MAX
};
/* What it is, for people: "the pages of the file". */
const char *store_log_check_title(enum store_log_check);
/* Looks at one thing; `said` is called with each line that is wrong, ten at
 * most.  `quick` leaves out what takes long.  `alive` is called now and then
 * and ends it by returning 1 (LB_TIMEOUT). */
enum lb_err store_log_check(struct store_log *, enum store_log_check, int quick,
    void (*said)(void *, const char *line), int (*alive)(void *), void *arg);

#endif

/*
 * store_sqlite.h: shared by the files of the SQLite store, and by nobody else.
 *
 * letterbox.db holds what is durable, run.db what is volatile; both in the
 * data folder.  All SQL stands in one table (store_sqlite_sql.c).  No
 * statement stays open across a turn: a held read transaction lets the WAL
 * grow without end.
 */
#ifndef LETTERBOX_STORE_SQLITE_H
#define LETTERBOX_STORE_SQLITE_H

#include <sys/stat.h>

#include <sqlite3.h>
#define HASH_NONFATAL_OOM 1 /* or uthash ends the process */
#include <uthash.h>

#include "store_seat.h"

enum sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_NEWEST,
	SQL_NEWEST_SET,
	SQL_EPOCH,
	SQL_VERSION,
	SQL_PAGES,
	SQL_HOLD,
	SQL_JOURNAL,
	SQL_ROOM_FIND,
	SQL_ROOM_GET,
	SQL_ROOM_ADD,
	SQL_ROOM_SET,
	SQL_ROOM_FLOOR,
	SQL_ROOMS_END,
	SQL_ROOMS_LET_GO,
	SQL_PEER_BY_TOKEN,
	SQL_PEER_BY_ID,
	SQL_PEER_GET,
	SQL_PEER_ADD,
	SQL_PEER_SET,
	SQL_PEER_POSTED,
	SQL_PEER_ID,
	SQL_PEER_CURSOR,
	SQL_PEERS_PRESENT,
	SQL_CENSUS,
	SQL_MAILBOX,
	SQL_MESSAGE_ADD,
	SQL_TAIL,
	SQL_CATCH_UP,
	SQL_HISTORY,
	SQL_RECENT,
	SQL_ROOM_SIZE,
	SQL_TRIM_LIST,
	SQL_MESSAGE_DELETE,
	SQL_OLD_MESSAGES,
	SQL_PEERS_OVER,
	SQL_HELD_OVER,
	SQL_STRANGERS,
	SQL_MAIL_DELETE,
	SQL_PEER_DELETE,
	SQL_PEER_OVER,
	SQL_PEERS_GONE,
	SQL_GONE_DELETE,
	SQL_ROOMS_EMPTY,
	SQL_ROOM_PEERS_DELETE,
	SQL_ROOM_DELETE,
	SQL_SENT_GET,
	SQL_SENT_PUT,
	SQL_SENT_OLD,
	SQL_KEY_BY_HASH,
	SQL_KEY_BY_NAME,
	SQL_KEYS,
	SQL_KEY_ADD,
	SQL_KEY_DROP,
	SQL_KEY_HOOKED,
	SQL_OUTBOX,
	SQL_OUTBOX_ADD,
	SQL_OUTBOX_DROP,
	/* run.db */
	SQL_RUN_HOLD,
	SQL_RUN_BEGIN,
	SQL_RUN_COMMIT,
	SQL_RUN_ROLLBACK,
	SQL_LEASE_GET,
	SQL_LEASE_PUT,
	SQL_LEASE_CLAIM,
	SQL_LEASE_END,
	SQL_LEASE_OVERDUE,
	SQL_LEASE_REFRESH,
	SQL_PROCESS_CENSUS,
	SQL_PROCESS_PUT,
	SQL_PROCESS_DELETE,
	SQL_PROCESS_PURGE,
	SQL_WAITING_QUEUE,
	SQL_WAITING_GET,
	SQL_WAITING_PUT,
	SQL_WAITING_DELETE,
	SQL_WAITING_PURGE,
	SQL_CEILING_GET,
	SQL_CEILING_PUT,
	SQL_SETTLED,
	SQL__MAX
};

/* A lease written in this turn and not yet in run.db. */
struct lease_entry {
	int64_t peer;
	struct store_lease lease;
	int64_t base; /* the deadline written when it was noted; 0: none */
	int ended;    /* by the batch that is running */
	UT_hash_handle hh;
};

/* The subscribers of one room. */
struct room_subs {
	int64_t room;
	int64_t floor;  /* of the room, as of ... */
	int64_t looked; /* ... the tail of this number */
	struct store_sub *first;
	UT_hash_handle hh;
};

/*
 * A walk along subscribers.  Their callbacks may end any of them, and follow
 * others, which walks again; so unfollow mends all walks under way.
 */
struct sub_walk {
	struct store_sub *sub; /* whose turn it is, unless `ended` */
	struct store_sub *next;
	int ended; /* it was unfollowed meanwhile */
	struct sub_walk *outer;
};

/* Shared by all processes through a file: what was last written. */
struct side {
	uint64_t magic;
	uint64_t inode;
	int64_t newest;
};

/* How far housekeeping has come in its rounds. */
struct expiry_places {
	int64_t message;       /* seq */
	int64_t round;         /* ms, monotonic: it begins anew */
	int64_t gone_at, gone; /* peer.changed_at and row */
	int64_t room;          /* row */
};

struct store_sqlite {
	struct store base;
	struct store_tx tx;
	char *folder;
	int power;
	int64_t db_max;
	int64_t patience;
	int brief, alone; /* as in struct store_options */
	enum store_journal asked;

	struct store_disk disk;
	int held; /* reads go on until the end of the turn */
	sqlite3 *db;
	sqlite3 *run;
	sqlite3_stmt *sql[SQL__MAX];
	struct stat file;  /* of letterbox.db when opened */
	int checkpoint_fd; /* flock: commits share, checkpoints own */
	int wal_pages;     /* in the WAL after our last commit */
	int side_fd;       /* of the side file; -1: mapped, or not open */
	struct side *side; /* mapped; NULL with a rollback journal */
	char epoch[CURSOR_EPOCH + 1];
	int version; /* of the schema, when last looked; 0: never */

	struct store_op *first_op, **last_op;
	int writes;     /* rows written by the running op */
	int64_t newest; /* given in the running transaction */
	int newest_set;
	int set_back;         /* a backup was restored into the open file */
	int64_t began;        /* the newest seq when it began */
	size_t scratch_used;  /* texts of rows, for one op: names */
	char scratch[131072]; /* and infos of 34 peers fit */
	int64_t *woken;       /* rooms with messages in this batch */
	size_t woken_count, woken_size;

	struct lease_entry *leases; /* dirty ones */
	int granted;                /* one of them by an operation */
	int run_began;              /* a transaction of run.db is open */

	struct room_subs *subs;
	struct sub_walk *walks; /* those under way, innermost first */
	int64_t tail;           /* highest seq handed over */
	int64_t tails;          /* how often that was looked for */
	int64_t looked;         /* ms: last look at others' commits */
	int64_t paged;          /* ms: last look at the pages */
	int full;               /* no room but for deleting */
	struct expiry_places expired;
	struct store_stats stats;
};

/* In SQL_PEER_BY_TOKEN the room's columns stand behind so many of the
 * peer's. */
#define SQL_PEER_COLUMNS 19

/* ---- store_sqlite_sql.c ---- */
enum lb_err sql_prepare(struct store_sqlite *);
void sql_finalize(struct store_sqlite *);
/* A statement of the table, ready to be bound.  NULL when a brief store has no
 * memory for it; sql_step() and sql_run() say so then, and SQLite's own
 * functions take it. */
sqlite3_stmt *sql_get(struct store_sqlite *, enum sql);
/* Runs a bound statement without rows to its end and resets it. */
enum lb_err sql_run(sqlite3_stmt *);
/* Steps once: LB_OK with a row, LB_NOT_FOUND without; not reset on a row. */
enum lb_err sql_step(sqlite3_stmt *);
/* What an SQLite code means to us, as an error; logs what is unexpected. */
enum lb_err sql_error(sqlite3 *, int rc);
/* The same to who only reads (store_sqlite_look.c). */
enum lb_err sql_meaning(int rc);
struct slice sql_text(sqlite3_stmt *, int column);
/* The text of a column, cut off where `to` ends (store_sqlite_key.c). */
void sql_copy(char *to, size_t size, sqlite3_stmt *, int column);
void sql_bind_slice(sqlite3_stmt *, int index, struct slice text);
void sql_bind_digest(sqlite3_stmt *, int index,
    const struct token_digest *digest, int has);
void sql_digest(sqlite3_stmt *, int column, struct token_digest *digest);

/* ---- store_sqlite_schema.c ---- */
/* Brings a database to the schema of lb_schema_sql, by `steps` (embed.h).
 * LB_NOT_OURS and LB_NEWER_SCHEMA, with `words`, leave it untouched. */
struct embed_migration;
enum lb_err schema_bring(sqlite3 *, const struct embed_migration *steps,
    struct buf *words);
/* Has a newer program migrated it since it was opened?  LB_NEWER_SCHEMA when
 * we must not use it any more (base.outdated). */
enum lb_err schema_watch(struct store_sqlite *);
/* What made a statement outside of a transaction fail: LB_NEWER_SCHEMA in
 * place of LB_IO when it is that; any other error as it is. */
enum lb_err schema_blame(struct store_sqlite *, enum lb_err);
/* Statements without rows. */
enum lb_err schema_run(sqlite3 *, const char *sql);
/* The version that letterbox.sql describes: that of the last step. */
int schema_newest(const struct embed_migration *steps);
#define SCHEMA_APPLICATION STORE_APPLICATION

/* ---- store_sqlite_open.c ---- */
/* Creates a file of mode 0600 unless it is there; LB_OK when it is. */
enum lb_err sqlite_create(const char *path);
enum lb_err sqlite_attach(struct store_sqlite *, struct buf *words);
void sqlite_detach(struct store_sqlite *);

/* ---- store_sqlite_disk.c ---- */
/* Which journal the disk can bear, or the operator asked for. */
void disk_look(struct store_sqlite *);
/* Memory cannot be shared here: a rollback journal, or LB_CONF with words
 * when a WAL was asked for. */
enum lb_err disk_cannot_share(struct store_sqlite *, const char *why,
    struct buf *words);
/* Opens a database with the journal of this disk, converting one that has
 * another; `code` is what SQLite said. */
enum lb_err disk_open(struct store_sqlite *, const char *path, sqlite3 **db,
    int *code, struct buf *words);
/*
 * With a rollback journal reading waits for who writes.  A hold is a read
 * that stays open in both databases, so that nobody can begin to write and
 * all that is read until its end can be read.  It ends with the turn.  With a
 * WAL nothing is held.
 */
enum lb_err hold_take(struct store_sqlite *);
void hold_end(struct store_sqlite *);
enum lb_err sqlite_enter(struct store *);
const struct store_disk *sqlite_journal(struct store *);

/* ---- store_sqlite_side.c ---- */
enum lb_err side_open(struct store_sqlite *, struct buf *words);
void side_close(struct store_sqlite *);
void side_note(struct store_sqlite *, int64_t newest);
/* The log begins anew, perhaps before what was noted. */
void side_forget(struct store_sqlite *);
/* 1 when the database is not the one last written. */
int side_differs(const struct store_sqlite *, int64_t newest);
enum lb_err checkpoint_share(struct store_sqlite *);
/* The same, and waits until it may: only while opening. */
void checkpoint_wait(struct store_sqlite *);
/* Waits until nobody commits, checkpoints or opens: only while opening. */
void checkpoint_own(struct store_sqlite *);
void checkpoint_release(struct store_sqlite *);
void checkpoint_run(struct store_sqlite *);

/* ---- store_sqlite_rows.c ---- */
void row_peer(sqlite3_stmt *, struct store_peer *);
void row_room(sqlite3_stmt *, int column, struct store_room *);
enum lb_err sqlite_room_find(struct store_tx *, struct slice, struct slice,
    struct store_room *);
enum lb_err sqlite_room_get(struct store_tx *, int64_t, struct store_room *);
enum lb_err sqlite_room_put(struct store_tx *, struct store_room *);
enum lb_err sqlite_peer_by_token(struct store_tx *, const struct token_digest *,
    struct store_room *, struct store_peer *);
enum lb_err sqlite_peer_by_id(struct store_tx *, int64_t, struct slice,
    struct store_peer *);
enum lb_err sqlite_peer_get(struct store_tx *, int64_t, struct store_peer *);
enum lb_err sqlite_peer_put(struct store_tx *, struct store_peer *);
enum lb_err sqlite_peer_posted(struct store_tx *, const struct store_peer *);
enum lb_err sqlite_census(struct store_tx *, int64_t, struct store_census *);
enum lb_err sqlite_mailbox(struct store_tx *, int64_t, int64_t,
    struct store_mailbox *);
enum lb_err sqlite_message_add(struct store_tx *, struct message *);

/* ---- store_sqlite_expire.c ---- */
enum lb_err sqlite_trim(struct store_tx *, int64_t, int64_t, int64_t);
enum lb_err sqlite_expire(struct store *, const struct store_expiry *);

/* ---- store_sqlite_tail.c ---- */
enum lb_err sqlite_follow(struct store *, struct store_sub *);
void sqlite_unfollow(struct store *, struct store_sub *);
enum lb_err sqlite_history(struct store *, const struct store_peer *,
    const struct slice *, size_t, int (*)(void *, const struct message *),
    void *);
enum lb_err sqlite_recent(struct store *, int64_t, int64_t, int64_t, int64_t *);
void sqlite_tail(struct store_sqlite *);
/* After a commit: 1 when all that is new is its own and nobody follows the
 * rooms, so that there is nothing to be read. */
int sqlite_tail_skip(struct store_sqlite *);
/* Forgets all who follow. */
void sqlite_unfollow_all(struct store_sqlite *);

/* ---- store_sqlite_run.c ---- */
enum lb_err run_open(struct store_sqlite *, const char *path,
    struct buf *words);
/* Another database, other peers: ends all leases, unsaid, and forgets who
 * waits.  Only while opening. */
enum lb_err run_clear(struct store_sqlite *);

/* ---- store_sqlite_lease.c ---- */
void lease_flush(struct store_sqlite *);
void lease_rollback(struct store_sqlite *);
void lease_forget(struct store_sqlite *);
void sqlite_renew(struct store *, int64_t, const struct store_lease *);
enum lb_err sqlite_claim(struct store *, int64_t, const struct store_lease *);
enum lb_err sqlite_overdue(struct store *, int64_t, int64_t *, size_t,
    size_t *);
enum lb_err sqlite_refresh(struct store *, int64_t);
enum lb_err sqlite_lease_get(struct store_tx *, int64_t, struct store_lease *);
enum lb_err sqlite_lease_put(struct store_tx *, int64_t,
    const struct store_lease *);
enum lb_err sqlite_lease_end(struct store_tx *, int64_t, int64_t);

/* ---- store_sqlite_seat.c ---- */
extern const struct store_seat_engine sqlite_seats;

/* ---- store_sqlite_sent.c, store_sqlite_key.c, store_sqlite_outbox.c ---- */
extern const struct store_sent_engine sqlite_sent;
extern const struct store_key_engine sqlite_keys;
extern const struct store_outbox_engine sqlite_outbox;

/* ---- store_sqlite_read.c ---- */
enum lb_err sqlite_peer(struct store *, const struct token_digest *,
    void (*)(void *, const struct store_room *, const struct store_peer *,
	const struct store_lease *),
    void *);
enum lb_err sqlite_peers(struct store *, int64_t,
    void (*)(void *, const struct store_peer *), void *);
enum lb_err sqlite_ready(struct store *);
const char *sqlite_epoch(struct store *);
void sqlite_stats(struct store *, struct store_stats *);

/* ---- store_sqlite_commit.c ---- */
enum lb_err sqlite_begin(struct store_sqlite *);
enum lb_err sqlite_commit(struct store_sqlite *);
void sqlite_rollback(struct store_sqlite *);
/* 1 when the database's name leads to another file, or to none. */
int sqlite_is_replaced(const struct store_sqlite *);
/* Opens what stands under the name now; followers are forgotten. */
enum lb_err sqlite_reopen(struct store_sqlite *);

#endif

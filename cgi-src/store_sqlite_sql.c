/*
 * store_sqlite_sql: every statement of the SQLite store, in one table.
 */
#include <errno.h>

#include "log.h"
#include "store_sqlite.h"

#define PEER_COLUMNS                                                         \
	"p.row, p.room, p.id, p.state, p.changed_at, p.token, p.may, "       \
	"p.admitted, p.name, p.info, p.since, p.first, p.joined, p.cursor, " \
	"p.n, p.n_digest, p.n_seq, p.n_count, p.held_until"
#define ROOM_COLUMNS                                                   \
	"r.row, r.namespace, r.name, r.secret, r.locked, r.capacity, " \
	"r.floor, r.ended_at, r.herald, r.kept"
#define LEASE_COLUMNS "peer, deadline, term, cursor, poller, opening"
#define KEY_COLUMNS "name, hash, strict, hook, created_at, hooked"
#define OUTBOX_COLUMNS "key, seq, epoch, connected, client, at"
#define MESSAGE_COLUMNS \
	"m.seq, m.room, m.sender, m.recipient, m.posted_at, m.type, m.body"
/* Found by the index i.  The room is asked of the message too: in a damaged
 * database the one may lead to a message of another room. */
#define MESSAGES_OF_ROOM                                        \
	"FROM message i CROSS JOIN message m ON m.seq = i.seq " \
	"WHERE i.room = ?1 AND m.room = ?1 "

#define IN_RUN(id) ((id) >= SQL_RUN_HOLD)

static const char *const table[SQL__MAX] = {
	/* With a WAL the same as IMMEDIATE; with a rollback journal no commit
	 * can find that somebody reads. */
	[SQL_BEGIN] = "BEGIN EXCLUSIVE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_NEWEST] = "SELECT newest FROM meta",
	[SQL_NEWEST_SET] = "UPDATE meta SET newest = ?1",
	[SQL_EPOCH] = "SELECT epoch, newest FROM meta",
	[SQL_VERSION] = "PRAGMA user_version",
	[SQL_PAGES] = "SELECT p.page_count - f.freelist_count "
		      "FROM pragma_page_count p, pragma_freelist_count f",
	/* One row each, and one step of it. */
	[SQL_HOLD] = "SELECT 1 FROM meta",
	[SQL_JOURNAL] = "PRAGMA journal_mode",

	[SQL_ROOM_FIND] =
	    "SELECT " ROOM_COLUMNS " FROM room r WHERE "
	    "r.namespace = ?1 AND r.name = ?2 AND r.ended_at IS NULL",
	[SQL_ROOM_GET] = "SELECT " ROOM_COLUMNS " FROM room r WHERE r.row = ?1",
	[SQL_ROOM_ADD] = "INSERT INTO room (namespace, name, secret, locked, "
			 "capacity, floor, created_at, herald) "
			 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_ROOM_SET] = "UPDATE room SET secret = ?2, locked = ?3, "
			 "capacity = ?4, ended_at = ?5, herald = ?6, kept = ?7 "
			 "WHERE row = ?1",
	[SQL_ROOMS_END] = "UPDATE room SET ended_at = ?3 WHERE namespace = ?1 "
			  "AND (?2 IS NULL OR name = ?2) AND ended_at IS NULL",
	[SQL_ROOMS_LET_GO] =
	    "UPDATE peer SET held_until = 0 WHERE held_until > 0 "
	    "AND state <> 5 AND room IN (SELECT row FROM room "
	    "WHERE namespace = ?1 AND (?2 IS NULL OR name = ?2) "
	    "AND ended_at IS NULL)",
	[SQL_ROOM_FLOOR] = "UPDATE room SET floor = max(floor, ?2) "
			   "WHERE row = ?1",

	[SQL_PEER_BY_TOKEN] = "SELECT " PEER_COLUMNS ", " ROOM_COLUMNS
			      " FROM peer p JOIN room r ON r.row = p.room "
			      "WHERE p.token = ?1 ORDER BY p.row DESC LIMIT 1",
	[SQL_PEER_BY_ID] = "SELECT " PEER_COLUMNS " FROM peer p "
			   "WHERE p.room = ?1 AND p.id = ?2 AND p.state <> 5",
	[SQL_PEER_GET] = "SELECT " PEER_COLUMNS " FROM peer p WHERE p.row = ?1",
	[SQL_PEER_ADD] =
	    "INSERT INTO peer (room, id, state, changed_at, "
	    "token, may, admitted, name, info, since, first, joined, cursor, "
	    "n, n_digest, n_seq, n_count, held_until) "
	    "VALUES (?2, ?3, ?4, ?5, ?6, ?7, ?8, "
	    "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
	[SQL_PEER_SET] =
	    "UPDATE peer SET state = ?4, changed_at = ?5, "
	    "token = ?6, may = ?7, admitted = ?8, name = ?9, info = ?10, "
	    "since = ?11, first = ?12, joined = ?13, cursor = ?14, n = ?15, "
	    "n_digest = ?16, n_seq = ?17, n_count = ?18, held_until = ?19 "
	    "WHERE row = ?1 AND room = ?2 AND id = ?3",
	[SQL_PEER_POSTED] =
	    "UPDATE peer SET cursor = ?2, n = ?3, "
	    "n_digest = ?4, n_seq = ?5, n_count = ?6 WHERE row = ?1",
	[SQL_PEER_ID] = "SELECT id FROM peer WHERE row = ?1",
	[SQL_PEER_CURSOR] = "UPDATE peer SET cursor = max(cursor, ?2) "
			    "WHERE row = ?1",
	[SQL_PEERS_PRESENT] =
	    "SELECT " PEER_COLUMNS " FROM peer p "
	    "WHERE p.room = ?1 AND p.state <> 5 AND p.state = 2 "
	    "ORDER BY p.joined",
	[SQL_CENSUS] = "SELECT total(state = 2), total(state < 2), "
		       "(SELECT row FROM peer WHERE room = ?1 AND state <> 5 "
		       "AND state = 2 ORDER BY joined LIMIT 1) "
		       "FROM peer WHERE room = ?1 AND state <> 5",
	[SQL_MAILBOX] = "SELECT count(*), total(size) FROM message "
			"WHERE recipient = ?1 AND seq > ?2",

	[SQL_MESSAGE_ADD] = "INSERT INTO message (seq, room, sender, "
			    "recipient, type, size, posted_at, body) "
			    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_TAIL] = "SELECT " MESSAGE_COLUMNS " FROM message m "
		     "WHERE m.seq > ?1 ORDER BY m.seq",
	[SQL_CATCH_UP] = "SELECT " MESSAGE_COLUMNS " " MESSAGES_OF_ROOM
			 "AND i.seq > ?2 ORDER BY i.seq",
	/* Newest first.  What was said to everybody only of the wanted types
	 * (a JSON array); all mail, whatever its type. */
	[SQL_HISTORY] = "SELECT " MESSAGE_COLUMNS " " MESSAGES_OF_ROOM
			"AND i.seq <= ?2 AND m.sender <> ?3 "
			"AND (m.recipient = ?3 OR (m.recipient IS NULL AND "
			"m.type IN (SELECT value FROM json_each(?4)))) "
			"ORDER BY i.seq DESC",

	/* Answered from the index alone. */
	[SQL_RECENT] = "SELECT seq, size FROM message WHERE room = ?1 "
		       "ORDER BY seq DESC LIMIT ?2",
	[SQL_ROOM_SIZE] = "SELECT count(*), total(size) FROM message "
			  "WHERE room = ?1",
	[SQL_TRIM_LIST] =
	    "SELECT m.seq, m.size, m.recipient IS NULL "
	    "FROM message m LEFT JOIN peer p ON p.row = m.recipient "
	    "WHERE m.room = ?1 AND (m.recipient IS NULL OR p.row IS NULL "
	    "OR p.state = 5 OR m.seq <= p.cursor) ORDER BY m.seq",
	[SQL_MESSAGE_DELETE] = "DELETE FROM message WHERE seq = ?1",

	/* Last: whom it waits for, as far as the peer's row knows. */
	[SQL_OLD_MESSAGES] = "SELECT m.seq, m.room, m.posted_at, "
			     "m.recipient IS NULL, r.kept, p.held_until > ?3, "
			     "p.state IN (2, 3), CASE WHEN p.state <> 5 "
			     "AND m.seq > p.cursor THEN p.row END "
			     "FROM message m JOIN room r ON r.row = m.room "
			     "LEFT JOIN peer p ON p.row = m.recipient "
			     "WHERE m.seq > ?1 ORDER BY m.seq LIMIT ?2",
	[SQL_PEERS_OVER] =
	    "UPDATE peer SET state = 5, changed_at = ?3 "
	    "WHERE row IN (SELECT row FROM peer WHERE state NOT IN (2, 5) "
	    "AND held_until = 0 "
	    "AND state IN (3, 4) AND changed_at < ?1 LIMIT ?2)",
	[SQL_HELD_OVER] =
	    "UPDATE peer SET state = 5, changed_at = ?3 "
	    "WHERE row IN (SELECT row FROM peer WHERE state NOT IN (2, 5) "
	    "AND held_until > 0 AND held_until <= ?4 "
	    "AND state IN (3, 4) AND changed_at < ?1 LIMIT ?2)",
	[SQL_STRANGERS] = "SELECT row FROM peer WHERE state NOT IN (2, 5) "
			  "AND held_until = 0 "
			  "AND state IN (0, 1) AND changed_at < ?1 LIMIT ?2",
	[SQL_MAIL_DELETE] = "DELETE FROM message WHERE recipient = ?1",
	/* Nothing is from somebody expected; a knock is from who knocked. */
	[SQL_PEER_DELETE] = "DELETE FROM peer WHERE row = ?1 AND state = 0",
	[SQL_PEER_OVER] = "UPDATE peer SET state = 5, changed_at = ?2 "
			  "WHERE row = ?1",
	/* A window of each, which moves on with every call; whoever went
	 * before the oldest message of its room was posted is named by none. */
	[SQL_PEERS_GONE] =
	    "SELECT p.changed_at, p.row, coalesce("
	    "(SELECT m.posted_at FROM message m WHERE m.room = p.room "
	    "ORDER BY m.seq LIMIT 1), p.changed_at) >= p.changed_at "
	    "FROM peer p WHERE p.state = 5 AND p.changed_at < ?3 "
	    "AND (p.changed_at, p.row) > (?1, ?2) "
	    "ORDER BY p.changed_at, p.row LIMIT ?4",
	[SQL_GONE_DELETE] = "DELETE FROM peer WHERE row = ?1 AND state = 5",
	[SQL_ROOMS_EMPTY] =
	    "SELECT r.row, "
	    "NOT EXISTS (SELECT 1 FROM message m WHERE m.room = r.row) "
	    "AND NOT EXISTS (SELECT 1 FROM peer p WHERE p.room = r.row "
	    "AND p.state <> 5) "
	    "AND NOT EXISTS (SELECT 1 FROM room o WHERE o.herald = r.row) "
	    "FROM room r WHERE r.row > ?1 "
	    "ORDER BY r.row LIMIT ?2",
	[SQL_ROOM_PEERS_DELETE] = "DELETE FROM peer WHERE room = ?1",
	[SQL_ROOM_DELETE] = "DELETE FROM room WHERE row = ?1",

	[SQL_SENT_GET] = "SELECT seq, at FROM sent "
			 "WHERE room = ?1 AND mark = ?2",
	[SQL_SENT_PUT] = "INSERT OR REPLACE INTO sent (room, mark, seq, at) "
			 "VALUES (?1, ?2, ?3, ?4)",
	[SQL_SENT_OLD] = "DELETE FROM sent WHERE (room, mark) IN (SELECT room, "
			 "mark FROM sent WHERE at < ?1 ORDER BY at LIMIT ?2)",
	[SQL_KEY_BY_HASH] = "SELECT " KEY_COLUMNS " FROM key WHERE hash = ?1",
	[SQL_KEY_BY_NAME] = "SELECT " KEY_COLUMNS " FROM key WHERE name = ?1",
	[SQL_KEYS] = "SELECT " KEY_COLUMNS " FROM key ORDER BY name",
	[SQL_KEY_ADD] = "INSERT INTO key (" KEY_COLUMNS ") "
			"VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_KEY_DROP] = "DELETE FROM key WHERE name = ?1",
	[SQL_KEY_HOOKED] = "UPDATE key SET hooked = max(hooked, ?2) "
			   "WHERE name = ?1",
	[SQL_OUTBOX] = "SELECT " OUTBOX_COLUMNS " FROM outbox "
		       "WHERE key = ?1 ORDER BY seq",
	[SQL_OUTBOX_ADD] = "INSERT OR REPLACE INTO outbox (" OUTBOX_COLUMNS ") "
			   "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_OUTBOX_DROP] = "DELETE FROM outbox WHERE key = ?1 AND seq = ?2",

	[SQL_RUN_HOLD] = "SELECT 1 FROM boot",
	[SQL_RUN_BEGIN] = "BEGIN EXCLUSIVE",
	[SQL_RUN_COMMIT] = "COMMIT",
	[SQL_RUN_ROLLBACK] = "ROLLBACK",
	[SQL_LEASE_GET] = "SELECT deadline, term, cursor, poller, opening "
			  "FROM lease WHERE peer = ?1",
	/* A renewal leaves the poller to claims, and the deadline to whoever
	 * has written one since it was noted: a page has gone meanwhile, or
	 * come back. */
	[SQL_LEASE_PUT] =
	    "INSERT INTO lease (" LEASE_COLUMNS ") "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (peer) DO UPDATE "
	    "SET deadline = iif(deadline = ?7 OR ?7 = -1 OR term <> ?3, ?2, "
	    "deadline), "
	    "term = ?3, cursor = max(cursor, ?4), opening = max(opening, ?6)",
	[SQL_LEASE_CLAIM] =
	    "INSERT INTO lease (" LEASE_COLUMNS ") "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (peer) DO UPDATE "
	    "SET deadline = ?2, term = ?3, cursor = max(cursor, ?4), "
	    "poller = iif(?5 = 0, poller, ?5), opening = max(opening, ?6)",
	[SQL_LEASE_END] = "DELETE FROM lease WHERE peer = ?1 "
			  "AND deadline <= ?2",
	[SQL_LEASE_OVERDUE] = "SELECT peer FROM lease WHERE deadline <= ?1 "
			      "ORDER BY deadline LIMIT ?2",
	[SQL_LEASE_REFRESH] = "UPDATE lease SET deadline = "
			      "max(deadline, ?1 + term)",

	[SQL_PROCESS_CENSUS] = "SELECT front, count(*), sum(seats), max(until) "
			       "FROM process WHERE until > ?1 AND number <> ?2 "
			       "GROUP BY front",
	[SQL_PROCESS_PUT] = "INSERT OR REPLACE INTO process "
			    "(number, front, seats, until) "
			    "VALUES (?1, ?2, ?3, ?4)",
	[SQL_PROCESS_DELETE] = "DELETE FROM process WHERE number = ?1",
	[SQL_PROCESS_PURGE] = "DELETE FROM process WHERE until <= ?1",
	[SQL_WAITING_QUEUE] = "SELECT count(*), ifnull(sum((since, peer) < "
			      "(?2, ?3) AND (1 << front & ?4) <> 0), 0) "
			      "FROM waiting WHERE until > ?1",
	[SQL_WAITING_GET] =
	    "SELECT front, since, until FROM waiting WHERE peer = ?1",
	[SQL_WAITING_PUT] = "INSERT OR REPLACE INTO waiting "
			    "(peer, front, since, until) "
			    "VALUES (?1, ?2, ?3, ?4)",
	[SQL_WAITING_DELETE] = "DELETE FROM waiting WHERE peer = ?1",
	[SQL_WAITING_PURGE] = "DELETE FROM waiting WHERE until <= ?1",
	[SQL_CEILING_GET] = "SELECT age, begun, count, hold, until "
			    "FROM ceiling WHERE front = ?1",
	[SQL_CEILING_PUT] = "INSERT OR REPLACE INTO ceiling "
			    "(front, age, begun, count, hold, until) "
			    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[SQL_SETTLED] = "INSERT OR IGNORE INTO settled VALUES (1)",
};

/* A full disk SQLite knows; a quota, or a limit of the process, it does not,
 * and of a commit that failed it keeps no number. */
static int
is_beyond_quota(sqlite3 *db, int code)
{
	const int kept = sqlite3_system_errno(db), last = errno;

	return (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC ||
		   code == SQLITE_IOERR_SHMSIZE) &&
	    (kept == EDQUOT || kept == EFBIG || last == EDQUOT ||
		last == EFBIG);
}

enum lb_err
sql_error(sqlite3 *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return LB_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return LB_BUSY;
	case SQLITE_FULL:
		return LB_DISK_FULL;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return LB_READ_ONLY;
	case SQLITE_NOMEM:
		return LB_NO_MEMORY;
	case SQLITE_NOTADB:
		return LB_NOT_OURS;
	case SQLITE_IOERR:
		if (is_beyond_quota(db, sqlite3_extended_errcode(db)))
			return LB_DISK_FULL;
		/* FALLTHROUGH */
	default:
		log_event(LOG_ERROR, "sqlite", "code=%d words=\"%s\"",
		    sqlite3_extended_errcode(db), sqlite3_errmsg(db));
		return LB_IO;
	}
}

static int
prepare(struct store_sqlite *s, int id)
{
	return sqlite3_prepare_v3(IN_RUN(id) ? s->run : s->db, table[id], -1,
	    SQLITE_PREPARE_PERSISTENT, &s->sql[id], NULL);
}

/* A process of one request needs few of them, and all take a millisecond:
 * there each is prepared when it is wanted. */
enum lb_err
sql_prepare(struct store_sqlite *s)
{
	for (int i = 0; i < SQL__MAX && !s->brief; i++) {
		int rc = prepare(s, i);

		if (rc != SQLITE_OK)
			return sql_error(IN_RUN(i) ? s->run : s->db, rc);
	}
	return LB_OK;
}

void
sql_finalize(struct store_sqlite *s)
{
	for (int i = 0; i < SQL__MAX; i++) {
		sqlite3_finalize(s->sql[i]);
		s->sql[i] = NULL;
	}
}

sqlite3_stmt *
sql_get(struct store_sqlite *s, enum sql id)
{
	if (s->sql[id] == NULL && s->brief) {
		int rc = prepare(s, (int)id);

		if (rc != SQLITE_OK)
			sql_error(IN_RUN(id) ? s->run : s->db, rc);
	}
	return s->sql[id];
}

enum lb_err
sql_step(sqlite3_stmt *stmt)
{
	int rc;

	if (stmt == NULL)
		return LB_NO_MEMORY;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		return LB_OK;
	sqlite3_reset(stmt);
	if (rc == SQLITE_DONE)
		return LB_NOT_FOUND;
	return sql_error(sqlite3_db_handle(stmt), rc);
}

enum lb_err
sql_run(sqlite3_stmt *stmt)
{
	int rc;

	if (stmt == NULL)
		return LB_NO_MEMORY;
	rc = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return sql_error(sqlite3_db_handle(stmt), rc);
}

struct slice
sql_text(sqlite3_stmt *stmt, int column)
{
	struct slice text;

	text.p = (const char *)sqlite3_column_text(stmt, column);
	text.n = (size_t)sqlite3_column_bytes(stmt, column);
	return text;
}

void
sql_bind_slice(sqlite3_stmt *stmt, int index, struct slice text)
{
	if (text.p == NULL)
		sqlite3_bind_null(stmt, index);
	else
		sqlite3_bind_text(stmt, index, text.p, (int)text.n,
		    SQLITE_STATIC);
}

void
sql_bind_digest(sqlite3_stmt *stmt, int index,
    const struct token_digest *digest, int has)
{
	if (has)
		sqlite3_bind_blob(stmt, index, digest->b, TOKEN_DIGEST,
		    SQLITE_STATIC);
	else
		sqlite3_bind_null(stmt, index);
}

void
sql_digest(sqlite3_stmt *stmt, int column, struct token_digest *digest)
{
	const void *blob = sqlite3_column_blob(stmt, column);

	memset(digest, 0, sizeof(*digest));
	if (blob != NULL && sqlite3_column_bytes(stmt, column) == TOKEN_DIGEST)
		memcpy(digest->b, blob, TOKEN_DIGEST);
}

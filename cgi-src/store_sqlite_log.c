/*
 * store_sqlite_log: pages of rows, copied before they are looked at.
 */
#include "store_sqlite_log.h"

#define ROOM_COLUMNS                                               \
	"r.row, r.namespace, r.name, r.kept, r.created_at, "       \
	"r.ended_at, (SELECT count(*) FROM peer p WHERE p.room = " \
	"r.row AND p.state <> 5 AND p.state = 2)"
#define MESSAGE_COLUMNS                                \
	"m.seq, m.sender, m.recipient, m.posted_at, "  \
	"(SELECT id FROM peer WHERE row = m.sender), " \
	"(SELECT id FROM peer WHERE row = m.recipient), m.type, m.body"

static const char *const table[LOG__MAX] = {
	[LOG_ROOMS] = "SELECT " ROOM_COLUMNS " FROM room r WHERE r.row > ?1 "
		      "ORDER BY r.row LIMIT ?2",
	[LOG_FIND] = "SELECT " ROOM_COLUMNS " FROM room r WHERE r.row IN "
		     "(SELECT max(row) FROM room WHERE name = ?1 "
		     "OR namespace || '/' || name = ?1 "
		     "GROUP BY namespace, name "
		     "UNION SELECT row FROM room WHERE '#' || row = ?1) "
		     "ORDER BY r.row LIMIT ?2",
	/* From the index alone. */
	[LOG_SIZE] = "SELECT count(*), total(size), max(seq) FROM "
		     "(SELECT seq, size FROM message WHERE room = ?1 "
		     "AND seq > ?2 ORDER BY seq LIMIT ?3)",
	/* The first one from a seq on. */
	[LOG_AT] = "SELECT seq, posted_at FROM message WHERE room = ?1 "
		   "AND seq >= ?2 ORDER BY seq LIMIT 1",
	[LOG_ENDS] = "SELECT min(seq), (SELECT max(seq) FROM message "
		     "WHERE room = ?1) FROM message WHERE room = ?1",
	[LOG_PEERS] = "SELECT p.row, p.id, p.state, p.name, p.since, "
		      "p.changed_at, (SELECT count(*) FROM message m WHERE "
		      "m.recipient = p.row AND m.seq > p.cursor) "
		      "FROM peer p WHERE p.room = ?1 AND p.row > ?2 "
		      "ORDER BY p.row LIMIT ?3",
	[LOG_MESSAGES] = "SELECT " MESSAGE_COLUMNS " FROM message m "
			 "WHERE m.room = ?1 AND m.seq > ?2 "
			 "ORDER BY m.seq LIMIT ?3",
	[LOG_MESSAGE] = "SELECT " MESSAGE_COLUMNS " FROM message m "
			"WHERE m.seq = ?2 AND m.room = ?1",
	[LOG_VERSION] = "PRAGMA data_version",
	[LOG_EPOCH] = "SELECT epoch FROM meta",
	[LOG_TOTALS] =
	    "SELECT (SELECT count(*) FROM room), "
	    "(SELECT count(*) FROM room WHERE ended_at IS NULL), "
	    "(SELECT count(*) FROM room WHERE kept), "
	    "(SELECT count(*) FROM peer), "
	    "(SELECT count(*) FROM peer WHERE state = 2), "
	    "(SELECT newest FROM meta), "
	    "(SELECT posted_at FROM message ORDER BY seq LIMIT 1), "
	    "(SELECT posted_at FROM message ORDER BY seq DESC LIMIT 1), "
	    "(SELECT count(*) FROM message)",
	[LOG_TYPES] = "SELECT type, count(*), total(size), max(seq) FROM "
		      "(SELECT seq, type, size FROM message WHERE seq > ?1 "
		      "ORDER BY seq LIMIT ?2) GROUP BY type",
};

sqlite3_stmt *
log_get(struct store_log *log, enum log_sql id)
{
	sqlite3_stmt **q = &log->sql[id];

	if (*q == NULL &&
	    sqlite3_prepare_v3(log->db, table[id], -1,
		SQLITE_PREPARE_PERSISTENT, q, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_reset(*q);
	return *q;
}

enum lb_err
log_step(struct store_log *log, sqlite3_stmt *q)
{
	int rc = q == NULL ? sqlite3_errcode(log->db) : sqlite3_step(q);

	if (rc == SQLITE_ROW)
		return LB_OK;
	sqlite3_reset(q);
	return rc == SQLITE_DONE ? LB_NOT_FOUND : sql_meaning(rc);
}

const char *
store_log_fault(struct store_log *log)
{
	return sqlite3_errmsg(log->db);
}

/* ---- rooms ---- */

static enum lb_err
read_rooms(struct store_log *log, struct log_page *page, sqlite3_stmt *q)
{
	enum lb_err err = LB_OK;

	log_page_begin(page);
	while (!log_page_is_full(page) && (err = log_step(log, q)) == LB_OK) {
		struct store_log_room *r = &page->row.room[page->count];

		r->row = sqlite3_column_int64(q, 0);
		log_page_text(page, 0, q, 1);
		log_page_text(page, 1, q, 2);
		r->kept = sqlite3_column_int(q, 3);
		r->created_at = sqlite3_column_int64(q, 4);
		r->ended_at = sqlite3_column_int64(q, 5);
		r->present = sqlite3_column_int64(q, 6);
		page->count++;
	}
	err = log_page_end(page, q, err);
	for (size_t i = 0; err == LB_OK && i < page->count; i++) {
		page->row.room[i].namespace = log_page_slice(page, i, 0);
		page->row.room[i].name = log_page_slice(page, i, 1);
	}
	return err;
}

enum lb_err
store_log_rooms(struct store_log *log, int64_t *after,
    int (*each)(void *, const struct store_log_room *), void *arg)
{
	sqlite3_stmt *q = log_get(log, LOG_ROOMS);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, *after);
	sqlite3_bind_int(q, 2, STORE_LOG_PAGE);
	err = read_rooms(log, &log->rooms, q);
	for (size_t i = 0; err == LB_OK && i < log->rooms.count; i++) {
		*after = log->rooms.row.room[i].row;
		if (each(arg, &log->rooms.row.room[i]))
			break;
	}
	return err;
}

enum lb_err
store_log_find(struct store_log *log, struct slice name,
    int (*each)(void *, const struct store_log_room *), void *arg)
{
	sqlite3_stmt *q = log_get(log, LOG_FIND);
	enum lb_err err;

	sql_bind_slice(q, 1, name);
	sqlite3_bind_int(q, 2, STORE_LOG_PAGE);
	err = read_rooms(log, &log->choice, q);
	for (size_t i = 0; err == LB_OK && i < log->choice.count; i++)
		if (each(arg, &log->choice.row.room[i]))
			break;
	return err;
}

#define COUNTED 20000 /* messages counted in one read */

static enum lb_err
time_of(struct store_log *log, int64_t room, int64_t seq, int64_t *at)
{
	sqlite3_stmt *q = log_get(log, LOG_AT);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, room);
	sqlite3_bind_int64(q, 2, seq);
	err = log_step(log, q);
	if (err != LB_OK)
		return err == LB_NOT_FOUND ? LB_OK : err; /* it has expired */
	*at = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return LB_OK;
}

enum lb_err
store_log_size(struct store_log *log, int64_t room, struct store_log_size *out)
{
	sqlite3_stmt *q;
	int64_t count = COUNTED;
	enum lb_err err = LB_OK;

	memset(out, 0, sizeof(*out));
	while (err == LB_OK && count == COUNTED) {
		q = log_get(log, LOG_SIZE);
		sqlite3_bind_int64(q, 1, room);
		sqlite3_bind_int64(q, 2, out->last);
		sqlite3_bind_int(q, 3, COUNTED);
		err = log_step(log, q);
		if (err != LB_OK)
			break;
		count = sqlite3_column_int64(q, 0);
		out->messages += count;
		out->bytes += sqlite3_column_int64(q, 1);
		if (count > 0)
			out->last = sqlite3_column_int64(q, 2);
		sqlite3_reset(q);
	}
	if (err != LB_OK || out->messages == 0)
		return err;
	q = log_get(log, LOG_ENDS);
	sqlite3_bind_int64(q, 1, room);
	err = log_step(log, q);
	if (err != LB_OK)
		return err;
	out->first = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	err = time_of(log, room, out->first, &out->first_at);
	return err == LB_OK ? time_of(log, room, out->last, &out->last_at) :
			      err;
}

/* ---- peers ---- */

enum lb_err
store_log_peers(struct store_log *log, int64_t room, int64_t *after,
    int (*each)(void *, const struct store_log_peer *), void *arg)
{
	struct log_page *page = &log->peers;
	sqlite3_stmt *q = log_get(log, LOG_PEERS);
	enum lb_err err = LB_OK;

	sqlite3_bind_int64(q, 1, room);
	sqlite3_bind_int64(q, 2, *after);
	sqlite3_bind_int(q, 3, STORE_LOG_PAGE);
	log_page_begin(page);
	while (!log_page_is_full(page) && (err = log_step(log, q)) == LB_OK) {
		struct store_log_peer *p = &page->row.peer[page->count];

		p->row = sqlite3_column_int64(q, 0);
		log_page_text(page, 0, q, 1);
		p->state = sqlite3_column_int(q, 2);
		log_page_text(page, 1, q, 3);
		p->since = sqlite3_column_int64(q, 4);
		p->changed_at = sqlite3_column_int64(q, 5);
		p->waiting = sqlite3_column_int64(q, 6);
		page->count++;
	}
	err = log_page_end(page, q, err);
	for (size_t i = 0; err == LB_OK && i < page->count; i++) {
		page->row.peer[i].id = log_page_slice(page, i, 0);
		page->row.peer[i].name = log_page_slice(page, i, 1);
		*after = page->row.peer[i].row;
		if (each(arg, &page->row.peer[i]))
			break;
	}
	return err;
}

/* ---- messages ---- */

static enum lb_err
read_messages(struct store_log *log, int64_t room, sqlite3_stmt *q)
{
	struct log_page *page = &log->messages;
	enum lb_err err = LB_OK;

	log_page_begin(page);
	while (!log_page_is_full(page) && (err = log_step(log, q)) == LB_OK) {
		struct message *m = &page->row.message[page->count];

		m->seq = sqlite3_column_int64(q, 0);
		m->room = room;
		m->sender = sqlite3_column_int64(q, 1);
		m->recipient = sqlite3_column_int64(q, 2);
		m->at = sqlite3_column_int64(q, 3);
		/* In this order, the body last: see log_page_rest(). */
		log_page_text(page, 0, q, 6);
		log_page_text(page, 1, q, 4);
		log_page_text(page, 2, q, 5);
		log_page_text(page, 3, q, 7);
		page->count++;
	}
	err = log_page_end(page, q, err);
	for (size_t i = 0; err == LB_OK && i < page->count; i++) {
		struct message *m = &page->row.message[i];

		m->type = log_page_slice(page, i, 0);
		m->from = log_page_slice(page, i, 1);
		m->to = log_page_slice(page, i, 2);
		m->body = log_page_rest(page, i, 3);
	}
	return err;
}

enum lb_err
store_log_messages(struct store_log *log, int64_t room, int64_t *after,
    int (*each)(void *, const struct message *), void *arg)
{
	sqlite3_stmt *q = log_get(log, LOG_MESSAGES);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, room);
	sqlite3_bind_int64(q, 2, *after);
	sqlite3_bind_int(q, 3, STORE_LOG_PAGE);
	err = read_messages(log, room, q);
	for (size_t i = 0; err == LB_OK && i < log->messages.count; i++) {
		*after = log->messages.row.message[i].seq;
		if (each(arg, &log->messages.row.message[i]))
			break;
	}
	return err;
}

enum lb_err
store_log_message(struct store_log *log, int64_t room, int64_t seq,
    int (*each)(void *, const struct message *), void *arg)
{
	sqlite3_stmt *q = log_get(log, LOG_MESSAGE);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, room);
	sqlite3_bind_int64(q, 2, seq);
	err = read_messages(log, room, q);
	if (err == LB_OK)
		each(arg, &log->messages.row.message[0]);
	return err;
}

/* The time of the first message from `seq` on; INT64_MAX behind the last. */
static enum lb_err
time_from(struct store_log *log, int64_t room, int64_t seq, int64_t *at)
{
	*at = INT64_MAX;
	return time_of(log, room, seq, at);
}

enum lb_err
store_log_seek(struct store_log *log, int64_t room, int64_t at, int64_t *after)
{
	sqlite3_stmt *q = log_get(log, LOG_ENDS);
	int64_t low, high, middle, there;
	enum lb_err err;

	*after = 0;
	sqlite3_bind_int64(q, 1, room);
	err = log_step(log, q);
	if (err != LB_OK)
		return err;
	low = sqlite3_column_int64(q, 0);
	high = sqlite3_column_int64(q, 1) + 1;
	sqlite3_reset(q);
	/* All before `low` are older, all from `high` on are not. */
	while (err == LB_OK && low < high) {
		middle = low + (high - low) / 2;
		err = time_from(log, room, middle, &there);
		if (there < at)
			low = middle + 1;
		else
			high = middle;
	}
	*after = low - 1;
	return err;
}

enum lb_err
store_log_version(struct store_log *log, int64_t *version)
{
	sqlite3_stmt *q = log_get(log, LOG_VERSION);
	enum lb_err err = log_step(log, q);
	struct stat st;

	if (err != LB_OK)
		return err;
	*version = sqlite3_column_int64(q, 0);
	sqlite3_reset(q);
	if (stat(log->path, &st) != 0 || st.st_ino != log->file.st_ino ||
	    st.st_dev != log->file.st_dev)
		return LB_NOT_FOUND;
	return LB_OK;
}

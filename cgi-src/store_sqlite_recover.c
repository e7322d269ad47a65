/*
 * store_sqlite_recover: see store_recover.h.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "embed.h"
#include "store_sqlite_recover.h"
#include "token.h"

/* What messages refer to is there, and refers to what is there.  A message of
 * a peer of another room is none that a server has written. */
static const char lost_rooms[] =
    "INSERT INTO room (row, namespace, name, kept, created_at, ended_at) "
    "SELECT room, 'lost', 'room-' || room, 1, 0, 1 FROM "
    "(SELECT room FROM message UNION SELECT room FROM peer) "
    "WHERE room NOT IN (SELECT row FROM room)";
static const char lost_peers[] =
    "INSERT INTO peer (row, room, id, state, changed_at) "
    "SELECT who, room, 'lost-' || who, 5, min(at) FROM "
    "(SELECT sender AS who, room, posted_at AS at FROM message UNION ALL "
    "SELECT recipient, room, posted_at FROM message "
    "WHERE recipient IS NOT NULL) "
    "WHERE who NOT IN (SELECT row FROM peer) GROUP BY who";
static const char strays[] =
    "DELETE FROM message WHERE room IS NOT "
    "(SELECT room FROM peer WHERE row = sender) OR (recipient IS NOT NULL "
    "AND room IS NOT (SELECT room FROM peer WHERE row = recipient))";
static const char last[] =
    "UPDATE room SET herald = NULL "
    "WHERE herald NOT IN (SELECT row FROM room);"
    "UPDATE meta SET newest = max(newest, "
    "(SELECT coalesce(max(seq), 0) FROM message), "
    "(SELECT coalesce(max(max(cursor, joined, n_seq, first)), 0) FROM peer), "
    "(SELECT coalesce(max(hooked), 0) FROM key))";

/* A statement of the new database, and how many rows it has changed. */
static enum lb_err
change(struct recover *r, const char *sql, int64_t *count)
{
	enum lb_err err = schema_run(r->new, sql);

	if (err == LB_OK && count != NULL)
		*count += sqlite3_changes(r->new);
	return err;
}

/* ---- the log as a whole ---- */

static enum lb_err
new_epoch(struct recover *r)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned char random[CURSOR_EPOCH];
	char epoch[CURSOR_EPOCH + 1] = "", sql[160];

	if (token_random(random, sizeof(random)) != LB_OK)
		return LB_IO;
	for (size_t i = 0; i < CURSOR_EPOCH; i++)
		epoch[i] = letters[random[i] % 32];
	r->out->epoch_is_new = 1;
	snprintf(sql, sizeof(sql),
	    "INSERT OR REPLACE INTO meta (one, epoch, newest) "
	    "VALUES (1, '%s', 0)",
	    epoch);
	return schema_run(r->new, sql);
}

/* `sql` counts what the new database has. */
static int64_t
count(struct recover *r, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int64_t n = 0;

	if (sqlite3_prepare_v2(r->new, sql, -1, &q, NULL) == SQLITE_OK &&
	    sqlite3_step(q) == SQLITE_ROW)
		n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static enum lb_err
save_meta(struct recover *r)
{
	enum lb_err err = recover_walk(r, STORE_RECOVER_META);

	if (err != LB_OK)
		return err;
	if (count(r,
		"SELECT count(*) FROM meta WHERE length(epoch) = 8 AND "
		"newest >= 0") == 1)
		r->out->newest = count(r, "SELECT newest FROM meta");
	else
		err = new_epoch(r);
	return err;
}

static enum lb_err
save(struct recover *r)
{
	struct store_recovered *out = r->out;
	int64_t stray = 0;
	enum lb_err err = schema_run(r->new, "BEGIN IMMEDIATE");

	if (err == LB_OK)
		err = save_meta(r);
	for (int what = STORE_RECOVER_ROOMS;
	     err == LB_OK && what < STORE_RECOVER__MAX; what++)
		err = recover_walk(r, (enum store_recover_table)what);
	if (err == LB_OK)
		err = change(r, lost_rooms, &out->lost_rooms);
	if (err == LB_OK)
		err = change(r, lost_peers, &out->lost_peers);
	if (err == LB_OK)
		err = change(r, strays, &stray);
	if (err == LB_OK)
		err = change(r, last, NULL);
	out->saved[STORE_RECOVER_MESSAGES] -= stray;
	out->refused[STORE_RECOVER_MESSAGES] += stray;
	out->newest = count(r, "SELECT newest FROM meta");
	if (err == LB_OK &&
	    out->saved[STORE_RECOVER_META] + out->saved[STORE_RECOVER_ROOMS] +
		    out->saved[STORE_RECOVER_PEERS] +
		    out->saved[STORE_RECOVER_MESSAGES] ==
		0)
		return LB_NOT_OURS;
	return err == LB_OK ? schema_run(r->new, "COMMIT") : err;
}

/* ---- files ---- */

static enum lb_err
find_file(struct recover *r, const char *path)
{
	struct stat st;
	int n = snprintf(r->from, sizeof(r->from), "%s%s", path,
	    stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "/letterbox.db" : "");

	if (n < 0 || (size_t)n >= sizeof(r->from)) {
		buf_str(r->words, "The path of the database is too long.");
		return LB_NOT_FOUND;
	}
	if (stat(r->from, &st) != 0) {
		buf_printf(r->words, "%s cannot be read: %s.", r->from,
		    strerror(errno));
		return LB_NOT_FOUND;
	}
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		return LB_OK;
	buf_printf(r->words, "%s is %s: there is nothing to be recovered.",
	    r->from, S_ISREG(st.st_mode) ? "empty" : "no file");
	return LB_NOT_OURS;
}

static enum lb_err
make_folder(struct recover *r, const char *folder)
{
	int n = snprintf(r->copy, sizeof(r->copy), "%s/damaged.db", folder);

	if (n < 0 || (size_t)n >= sizeof(r->copy)) {
		buf_str(r->words, "The path of the folder is too long.");
		return LB_IO;
	}
	snprintf(r->to, sizeof(r->to), "%s/letterbox.db", folder);
	if (mkdir(folder, 0700) == 0)
		return LB_OK;
	buf_printf(r->words, "%s cannot be made: %s.", folder,
	    errno == EEXIST ? "it is there already; name a new folder" :
			      strerror(errno));
	return LB_EXPOSED;
}

static enum lb_err
make_new(struct recover *r)
{
	if (sqlite_create(r->to) != LB_OK ||
	    sqlite3_open_v2(r->to, &r->new,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		buf_printf(r->words, "%s cannot be written.", r->to);
		return LB_IO;
	}
	return schema_bring(r->new, lb_migrations, r->words);
}

static enum lb_err
work(struct recover *r)
{
	enum lb_err err = recover_copy(r);

	if (err == LB_OK)
		err = make_new(r);
	if (err == LB_OK)
		err = recover_open(r);
	if (err == LB_OK)
		err = save(r);
	if (err != LB_OK && err != LB_TIMEOUT && r->words->n == 0)
		buf_printf(r->words, "%s %s.", r->from,
		    err == LB_NOT_OURS ?
			"is no database of Letterbox, or nothing of it can "
			"be read" :
			err == LB_DISK_FULL ? "is too large for this disk" :
					      "cannot be recovered");
	sqlite3_close(r->old);
	sqlite3_close(r->new);
	return err;
}

enum lb_err
store_recover(const char *path, const char *folder,
    const struct store_recover_watch *watch, struct store_recovered *out,
    struct buf *words)
{
	struct recover r = { .watch = watch, .out = out, .words = words };
	enum lb_err err;

	memset(out, 0, sizeof(*out));
	err = find_file(&r, path);
	if (err == LB_OK)
		err = make_folder(&r, folder);
	if (err != LB_OK)
		return err;
	err = work(&r);
	recover_unlink(r.copy);
	if (err != LB_OK) {
		recover_unlink(r.to);
		rmdir(folder);
	}
	return err;
}

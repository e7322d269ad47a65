/*
 * store_sqlite_import: see store_import.h.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "embed.h"
#include "store_import.h"
#include "store_sqlite.h"

enum {
	ADD_EPOCH,
	SAME_EPOCH,
	ADD_ROOM,
	FIND_PEER,
	ADD_PEER,
	ADD_MESSAGE,
	NOTE_JOINED,
	NOTE_NEWEST,
	IMPORT__MAX
};

static const char *const table[IMPORT__MAX] = {
	[ADD_EPOCH] = "INSERT INTO meta (one, epoch, newest) "
		      "VALUES (1, ?1, 0) ON CONFLICT DO NOTHING",
	[SAME_EPOCH] = "SELECT 1 FROM meta WHERE epoch = ?1",
	/* Kept, should a server be started there. */
	[ADD_ROOM] = "INSERT INTO room (namespace, name, kept, created_at) "
		     "VALUES (?1, ?2, 1, 0)",
	[FIND_PEER] = "SELECT row FROM peer WHERE room = ?1 AND id = ?2",
	[ADD_PEER] = "INSERT INTO peer (room, id, state, changed_at) "
		     "VALUES (?1, ?2, 5, ?3)",
	[ADD_MESSAGE] = "INSERT INTO message (seq, room, sender, recipient, "
			"type, size, posted_at, body) "
			"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[NOTE_JOINED] = "UPDATE peer SET since = ?2, joined = ?3, name = "
			"?4 -> '$.name' WHERE row = ?1",
	[NOTE_NEWEST] = "UPDATE meta SET newest = max(newest, ?1)",
};

struct store_import {
	sqlite3 *db;
	sqlite3_stmt *sql[IMPORT__MAX];
	int64_t room;
};

static sqlite3_stmt *
get(struct store_import *s, int id)
{
	if (s->sql[id] == NULL &&
	    sqlite3_prepare_v2(s->db, table[id], -1, &s->sql[id], NULL) !=
		SQLITE_OK)
		return NULL;
	sqlite3_reset(s->sql[id]);
	return s->sql[id];
}

static enum lb_err
open_db(struct store_import *s, const char *folder, struct buf *words)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/server.key", folder);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		buf_str(words, "The path of the folder is too long.");
		return LB_IO;
	}
	if (access(path, F_OK) == 0) {
		buf_printf(words,
		    "A server works in %s: name a folder of its own.", folder);
		return LB_NOT_OURS;
	}
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		buf_printf(words, "%s cannot be made: %s.", folder,
		    strerror(errno));
		return LB_IO;
	}
	snprintf(path, sizeof(path), "%s/letterbox.db", folder);
	if (sqlite_create(path) != LB_OK ||
	    sqlite3_open_v2(path, &s->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		buf_printf(words, "%s cannot be written.", path);
		return LB_IO;
	}
	sqlite3_busy_timeout(s->db, 5000);
	return schema_bring(s->db, lb_migrations, words);
}

static enum lb_err
begin(struct store_import *s, struct slice epoch, struct buf *words)
{
	sqlite3_stmt *q;
	enum lb_err err = schema_run(s->db, "PRAGMA foreign_keys = on");

	if (err == LB_OK)
		err = schema_run(s->db, "BEGIN IMMEDIATE");
	if (err != LB_OK)
		return err;
	q = get(s, ADD_EPOCH);
	sql_bind_slice(q, 1, epoch);
	err = sql_run(q);
	if (err != LB_OK)
		return err;
	q = get(s, SAME_EPOCH);
	sql_bind_slice(q, 1, epoch);
	err = sql_step(q);
	sqlite3_reset(q);
	if (err != LB_NOT_FOUND)
		return err;
	buf_str(words,
	    "The database there is of another epoch, that is of "
	    "another server: name a new folder.");
	return LB_NOT_OURS;
}

enum lb_err
store_import_open(struct store_import **out, const char *folder,
    struct slice epoch, struct buf *words)
{
	struct store_import *s = calloc(1, sizeof(*s));
	enum lb_err err = LB_NO_MEMORY;

	*out = NULL;
	if (s != NULL)
		err = open_db(s, folder, words);
	if (err == LB_OK)
		err = begin(s, epoch, words);
	if (err == LB_OK) {
		*out = s;
		return LB_OK;
	}
	if (words->n == 0)
		buf_printf(words, "The database in %s cannot be written%s.",
		    folder, err == LB_DISK_FULL ? ": the disk is full" : "");
	if (s != NULL)
		store_import_close(s, 0);
	return err;
}

enum lb_err
store_import_room(struct store_import *s, struct slice namespace,
    struct slice name)
{
	sqlite3_stmt *q = get(s, ADD_ROOM);

	sql_bind_slice(q, 1, namespace);
	sql_bind_slice(q, 2, name);
	if (q != NULL && sqlite3_step(q) == SQLITE_CONSTRAINT) {
		sqlite3_reset(q);
		return LB_PEER_TAKEN;
	}
	s->room = sqlite3_last_insert_rowid(s->db);
	return q == NULL ? LB_NO_MEMORY : sql_error(s->db, sqlite3_reset(q));
}

/* The row of the peer of that id, which is made where there is none. */
static enum lb_err
find_peer(struct store_import *s, struct slice id, int64_t at, int64_t *row)
{
	sqlite3_stmt *q = get(s, FIND_PEER);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, s->room);
	sql_bind_slice(q, 2, id);
	err = sql_step(q);
	if (err == LB_OK) {
		*row = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
		return LB_OK;
	}
	if (err != LB_NOT_FOUND)
		return err;
	q = get(s, ADD_PEER);
	sqlite3_bind_int64(q, 1, s->room);
	sql_bind_slice(q, 2, id);
	sqlite3_bind_int64(q, 3, at);
	err = sql_run(q);
	*row = sqlite3_last_insert_rowid(s->db);
	return err;
}

static enum lb_err
note_joined(struct store_import *s, const struct message *m, int64_t sender)
{
	sqlite3_stmt *q = get(s, NOTE_JOINED);

	if (!slice_is(m->type, "joined"))
		return LB_OK;
	sqlite3_bind_int64(q, 1, sender);
	sqlite3_bind_int64(q, 2, m->at);
	sqlite3_bind_int64(q, 3, m->seq);
	sql_bind_slice(q, 4, m->body);
	return sql_run(q);
}

enum lb_err
store_import_message(struct store_import *s, const struct message *m)
{
	int64_t sender, recipient;
	sqlite3_stmt *q;
	enum lb_err err = find_peer(s, m->from, m->at, &sender);

	if (err == LB_OK && m->to.p != NULL)
		err = find_peer(s, m->to, m->at, &recipient);
	if (err != LB_OK)
		return err;
	q = get(s, ADD_MESSAGE);
	sqlite3_bind_int64(q, 1, m->seq);
	sqlite3_bind_int64(q, 2, s->room);
	sqlite3_bind_int64(q, 3, sender);
	if (m->to.p != NULL)
		sqlite3_bind_int64(q, 4, recipient);
	else
		sqlite3_bind_null(q, 4);
	sql_bind_slice(q, 5, m->type);
	sqlite3_bind_int64(q, 6, (int64_t)m->body.n);
	sqlite3_bind_int64(q, 7, m->at);
	sql_bind_slice(q, 8, m->body);
	if (q != NULL && sqlite3_step(q) == SQLITE_CONSTRAINT) {
		sqlite3_reset(q);
		return LB_N_REUSED;
	}
	err = q == NULL ? LB_NO_MEMORY : sql_error(s->db, sqlite3_reset(q));
	if (err == LB_OK)
		err = note_joined(s, m, sender);
	if (err != LB_OK)
		return err;
	q = get(s, NOTE_NEWEST);
	sqlite3_bind_int64(q, 1, m->seq);
	return sql_run(q);
}

enum lb_err
store_import_close(struct store_import *s, int keep)
{
	enum lb_err err = LB_OK;

	for (int i = 0; i < IMPORT__MAX; i++) {
		sqlite3_finalize(s->sql[i]);
		s->sql[i] = NULL;
	}
	if (keep)
		err = schema_run(s->db, "COMMIT");
	/* Without a commit, closing takes it back. */
	sqlite3_close(s->db);
	free(s);
	return err;
}

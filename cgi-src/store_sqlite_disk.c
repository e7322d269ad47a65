/*
 * store_sqlite_disk: what kind of disk the data folder is on, and the journal
 * that goes with it.
 *
 * A write-ahead log is the quick way, and wants memory that all processes map
 * (SQLite's -shm).  Where the file system belongs to a network or to a
 * program, or where memory cannot be shared, a rollback journal takes its
 * place, which wants no more than locks.  It is emptied, not deleted: with
 * synchronous=full the emptying is synced, while a deletion is not, so that a
 * power cut could bring it back and take an acknowledged post with it.  One
 * that is kept and overwritten (persist) costs every reader an open and a
 * read, a fivefold on FUSE.
 */
#include <string.h>
#include <sys/vfs.h>

#include "log.h"
#include "store_sqlite.h"

#define NETWORK "network"
#define FUSE "fuse"

#define OPEN_MS 5000 /* opening waits for a lock; a turn never does */

/* f_type of statfs(2) where a write-ahead log may not work. */
/* clang-format off */
static const struct {
	uint32_t type;
	const char *name, *why;
} odd[] = {
	{ 0x00006969, "nfs", NETWORK },
	{ 0x0000517b, "smb", NETWORK },
	{ 0xff534d42, "cifs", NETWORK },
	{ 0xfe534d42, "smb2", NETWORK },
	{ 0x0000564c, "ncp", NETWORK },
	{ 0x01021997, "9p", NETWORK },
	{ 0x5346414f, "afs", NETWORK },
	{ 0x6b414653, "afs", NETWORK },
	{ 0x73757245, "coda", NETWORK },
	{ 0x00c36400, "ceph", NETWORK },
	{ 0x0bd00bd0, "lustre", NETWORK },
	{ 0x01161970, "gfs2", NETWORK },
	{ 0x7461636f, "ocfs2", NETWORK },
	{ 0x47504653, "gpfs", NETWORK },
	{ 0xaad7aaea, "panfs", NETWORK },
	{ 0x19830326, "beegfs", NETWORK },
	{ 0x20030528, "orangefs", NETWORK },
	{ 0x786f4256, "vboxsf", NETWORK },
	{ 0xbacbacbc, "vmhgfs", NETWORK },
	{ 0x7c7c6673, "prlfs", NETWORK },
	{ 0x65735546, "fuse", FUSE },
};
/* clang-format on */

void
store_disk_look(const char *folder, struct store_disk *out)
{
	struct statfs st;

	*out = (struct store_disk){ STORE_WAL, "local", "usual" };
	if (statfs(folder, &st) != 0)
		return;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if ((uint32_t)st.f_type == odd[i].type)
			*out = (struct store_disk){ STORE_ROLLBACK, odd[i].name,
				odd[i].why };
}

void
disk_look(struct store_sqlite *s)
{
	store_disk_look(s->folder, &s->disk);
	if (s->asked != STORE_AUTO && s->asked != s->disk.journal) {
		s->disk.journal = s->asked;
		s->disk.why = "asked";
	}
}

enum lb_err
disk_cannot_share(struct store_sqlite *s, const char *why, struct buf *words)
{
	if (s->asked != STORE_WAL) {
		s->disk.journal = STORE_ROLLBACK;
		s->disk.why = why;
		return LB_OK;
	}
	buf_printf(words,
	    "The disk of %s lets processes share no memory, which journal = "
	    "wal needs: set journal = auto.",
	    s->folder);
	return LB_CONF;
}

/* SQLite tells by its methods whether it could use a WAL on this file. */
static int
can_share(sqlite3 *db)
{
	sqlite3_file *file = NULL;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	return file != NULL && file->pMethods != NULL &&
	    file->pMethods->iVersion >= 2 && file->pMethods->xShmMap != NULL;
}

/* Sets a journal mode; SQLITE_CANTOPEN when SQLite would not. */
static int
set_mode(sqlite3 *db, const char *sql, const char *mode)
{
	sqlite3_stmt *q;
	int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		rc = strcmp((const char *)sqlite3_column_text(q, 0), mode) ==
			0 ?
		    SQLITE_OK :
		    SQLITE_CANTOPEN;
	sqlite3_finalize(q);
	return rc;
}

#define WAL_TRIES 250
#define WAL_PAUSE_MS 10

/* Processes that all find a new database are at this together, and SQLite
 * then waits for none of them. */
static int
use_wal(sqlite3 *db)
{
	int rc, tries = 0;

	while ((rc = set_mode(db, "PRAGMA journal_mode = wal", "wal")) ==
		SQLITE_BUSY &&
	    ++tries < WAL_TRIES) {
		sqlite3_busy_timeout(db, WAL_PAUSE_MS);
		sqlite3_sleep(WAL_PAUSE_MS);
	}
	sqlite3_busy_timeout(db, OPEN_MS);
	return rc;
}

static int
open_plain(const char *path, sqlite3 **db)
{
	int rc = sqlite3_open_v2(path, db,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
	    NULL);

	if (rc == SQLITE_OK)
		sqlite3_busy_timeout(*db, OPEN_MS);
	return rc;
}

/* What a WAL holds goes into the database, with the file locked for itself
 * alone: then SQLite needs no shared memory for it. */
static int
convert(const char *path, sqlite3 **db)
{
	int rc;

	sqlite3_close(*db);
	*db = NULL;
	rc = open_plain(path, db);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(*db, "PRAGMA locking_mode = exclusive", NULL,
		    NULL, NULL);
	if (rc == SQLITE_OK)
		rc = set_mode(*db, "PRAGMA journal_mode = truncate",
		    "truncate");
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_close(*db);
	*db = NULL;
	return open_plain(path, db);
}

/* Whether an error may come from a WAL that this disk cannot bear. */
static int
may_be_wal(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_PROTOCOL:
		return 1;
	default:
		return 0;
	}
}

static int
use_rollback(const struct store_sqlite *s, const char *path, sqlite3 **db)
{
	static const char sql[] = "PRAGMA journal_mode = truncate";
	int was_wal = set_mode(*db, "PRAGMA journal_mode", "wal") == SQLITE_OK;
	int rc = set_mode(*db, sql, "truncate");

	if (may_be_wal(rc)) {
		was_wal = 1;
		rc = convert(path, db);
		if (rc == SQLITE_OK)
			rc = set_mode(*db, sql, "truncate");
	}
	if (rc == SQLITE_OK && was_wal && db == &s->db)
		log_event(LOG_ERROR, "journal",
		    "mode=rollback why=%s file_system=%s converted=1",
		    s->disk.why, s->disk.file_system);
	return rc;
}

enum lb_err
disk_open(struct store_sqlite *s, const char *path, sqlite3 **db, int *code,
    struct buf *words)
{
	enum lb_err err;
	int rc = open_plain(path, db);

	*code = SQLITE_CANTOPEN;
	if (rc == SQLITE_OK && s->disk.journal == STORE_WAL &&
	    !can_share(*db)) {
		err = disk_cannot_share(s, "sqlite", words);
		if (err != LB_OK)
			return err;
	}
	if (rc == SQLITE_OK && s->disk.journal == STORE_WAL)
		rc = use_wal(*db);
	else if (rc == SQLITE_OK)
		rc = use_rollback(s, path, db);
	*code = rc;
	return sql_error(*db, rc);
}

const struct store_disk *
sqlite_journal(struct store *store)
{
	return &((struct store_sqlite *)(void *)store)->disk;
}

/* ---- holding still --------------------------------------------------- */

enum lb_err
hold_take(struct store_sqlite *s)
{
	enum lb_err err;

	if (s->disk.journal == STORE_WAL || s->held || s->db == NULL)
		return LB_OK;
	err = sql_step(sql_get(s, SQL_HOLD));
	if (err == LB_OK)
		err = sql_step(sql_get(s, SQL_RUN_HOLD));
	s->held = 1;
	if (err != LB_OK)
		hold_end(s);
	return err;
}

void
hold_end(struct store_sqlite *s)
{
	if (!s->held)
		return;
	sqlite3_reset(sql_get(s, SQL_HOLD));
	sqlite3_reset(sql_get(s, SQL_RUN_HOLD));
	s->held = 0;
}

enum lb_err
sqlite_enter(struct store *store)
{
	struct store_sqlite *s = (struct store_sqlite *)(void *)store;

	return hold_take(s) == LB_BUSY ? LB_BUSY : LB_OK;
}

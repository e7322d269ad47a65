/*
 * store_sqlite_recover_copy: the damaged database, as a file that may be
 * written to.
 *
 * SQLite plays a journal back into the database that it belongs to, so it
 * gets a copy.  A first page that cannot be read is replaced by that of a new
 * database: first its header alone, then with what it says of tables.  They
 * stand in a database where they do in a new one, unless it is of an older
 * version of the schema; rows of another table would not be taken.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "embed.h"
#include "store_sqlite_recover.h"

#define PIECE 65536
#define PAGE 4096
#define HEADER 100 /* bytes, https://www.sqlite.org/fileformat2.html#s1.3 */
#define CHANGES 24 /* in it: other than "valid for", its size is not read */

static const char *const endings[] = { "", "-wal", "-journal", "-shm" };

void
recover_unlink(const char *path)
{
	char name[4200];

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		unlink(name);
	}
}

static enum lb_err
fail(struct recover *r, const char *path, const char *what)
{
	const int number = errno;

	buf_printf(r->words, "%s cannot be %s: %s.", path, what,
	    strerror(number));
	return number == ENOSPC || number == EDQUOT ? LB_DISK_FULL :
	    number == EACCES                        ? LB_EXPOSED :
						      LB_IO;
}

static enum lb_err
pump(struct recover *r, int from, int to, const char *name)
{
	char bytes[PIECE];
	ssize_t n, done, some;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		for (done = 0; done < n; done += some) {
			some = write(to, bytes + done, (size_t)(n - done));
			if (some < 0)
				return fail(r, r->copy, "written");
		}
	return n < 0 ? fail(r, name, "read") : LB_OK;
}

/* A server has it open while this is locked, with a write-ahead log; with
 * another journal nobody writes to it as long as we read. */
static enum lb_err
lock(struct recover *r, int fd)
{
	/* Where SQLite locks: the shared range behind its pending byte. */
	struct flock shared = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = 0x40000002,
		.l_len = 510 };

	if (fcntl(fd, F_GETLK, &shared) == 0 && shared.l_type != F_UNLCK) {
		buf_printf(r->words,
		    "%s is in use: end the server first, or name a copy.",
		    r->from);
		return LB_BUSY;
	}
	shared = (struct flock){ .l_type = F_RDLCK,
		.l_whence = SEEK_SET,
		.l_start = 0x40000002,
		.l_len = 510 };
	fcntl(fd, F_SETLK, &shared);
	return LB_OK;
}

static enum lb_err
copy_one(struct recover *r, const char *ending)
{
	char from[4200], to[4200];
	enum lb_err err = LB_OK;
	int in, out;

	snprintf(from, sizeof(from), "%s%s", r->from, ending);
	snprintf(to, sizeof(to), "%s%s", r->copy, ending);
	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return errno == ENOENT ? LB_NOT_FOUND : fail(r, from, "read");
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		err = fail(r, to, "made");
	if (err == LB_OK)
		err = pump(r, in, out, from);
	close(in);
	if (out >= 0 && close(out) != 0 && err == LB_OK)
		err = fail(r, to, "written");
	return err;
}

enum lb_err
recover_copy(struct recover *r)
{
	int fd = open(r->from, O_RDONLY | O_CLOEXEC);
	enum lb_err err;

	if (fd < 0)
		return fail(r, r->from, "read");
	err = lock(r, fd);
	/* The journals first: closing any descriptor of the database ends
	 * the lock. */
	for (int i = 1; i < 3 && err == LB_OK; i++) {
		err = copy_one(r, endings[i]);
		if (err == LB_NOT_FOUND)
			err = LB_OK;
	}
	if (err == LB_OK)
		err = copy_one(r, "");
	close(fd);
	return err;
}

/* ---- opening it ---- */

static enum lb_err
open_copy(struct recover *r)
{
	sqlite3_close(r->old);
	r->old = NULL;
	if (sqlite3_open_v2(r->copy, &r->old,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return LB_IO;
	sqlite3_db_config(r->old, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* A schema that is wrong in part is read in part, and a file that is
	 * shorter than it says is taken as it is. */
	sqlite3_exec(r->old,
	    "PRAGMA writable_schema = on; PRAGMA cell_size_check = on;"
	    "PRAGMA mmap_size = 0",
	    NULL, NULL, NULL);
	return LB_OK;
}

/* Are its tables known? */
static int
is_legible(struct recover *r)
{
	return recover_number(r,
		   "SELECT count(*) FROM pragma_table_info('message')", 0) > 0;
}

/* Puts the beginning of a new database in place of the copy's. */
static enum lb_err
mend(struct recover *r, size_t bytes)
{
	unsigned char page[PAGE];
	int from = open(r->to, O_RDONLY | O_CLOEXEC), to;
	enum lb_err err = LB_IO;

	sqlite3_close(r->old);
	r->old = NULL;
	to = open(r->copy, O_WRONLY | O_CLOEXEC);
	if (from >= 0 && to >= 0 &&
	    pread(from, page, PAGE, 0) == (ssize_t)PAGE) {
		page[CHANGES] ^= 1;
		if (pwrite(to, page, bytes, 0) == (ssize_t)bytes)
			err = LB_OK;
	}
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	r->out->header_is_new = 1;
	return err == LB_OK ? open_copy(r) : fail(r, r->copy, "written");
}

static enum lb_err
check_kind(struct recover *r)
{
	const int64_t newest = schema_newest(lb_migrations);
	int64_t version = recover_number(r, "PRAGMA user_version", 0);

	if (version <= newest)
		return LB_OK;
	buf_printf(r->words,
	    "%s was written by a newer Letterbox: recover it with that one.",
	    r->from);
	return LB_NEWER_SCHEMA;
}

enum lb_err
recover_open(struct recover *r)
{
	enum lb_err err = open_copy(r);

	if (err != LB_OK || is_legible(r))
		return err == LB_OK ? check_kind(r) : err;
	/* What can be read and is something else is left alone. */
	if (recover_number(r, "SELECT count(*) FROM sqlite_schema", 0) > 0 &&
	    recover_number(r, "PRAGMA application_id", 0) != SCHEMA_APPLICATION)
		return LB_NOT_OURS;
	err = mend(r, HEADER);
	if (err == LB_OK && !is_legible(r))
		err = mend(r, PAGE);
	return err;
}

/*
 * store_sqlite_side: what is known of the database from outside of it.
 *
 * The side file tells whether the database is the one last written: it holds
 * the inode and the highest committed seq, in a page that all processes map,
 * so that noting a commit costs a store to memory.  After a power cut it may
 * be older than the database, which is harmless; a database older than it is
 * a restored backup, and gets a new epoch.  With a rollback journal the disk
 * is one where a map cannot be relied on, so there it is read and written.
 *
 * The checkpoint lock keeps commits and checkpoints apart.  SQLite before
 * 3.51.3 can corrupt the database when a checkpoint resets the WAL while
 * another connection commits, so automatic checkpoints are off; ours run
 * with the lock held alone, and commits hold it shared.
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "store_sqlite.h"

#define SIDE_MAGIC 0x6c65747465726278ull

/* Pages of the log, 4 KiB each.  16 MiB: seldom enough that few messages meet
 * its folding.  Where processes come and go the first one reads all of it, 0.4
 * ms a MiB; and a log that was only begun anew, not cut, is whole again to a
 * process that finds nobody else there. */
#define WAL_LONG 4000
#define WAL_BRIEF 256

static int
open_beside(const struct store_sqlite *s, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/%s", s->folder, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* Has the file's bytes given to it by the disk: a page that is mapped and
 * that the full disk cannot store ends the process. */
static enum lb_err
allocate(int fd)
{
	switch (posix_fallocate(fd, 0, sizeof(struct side))) {
	case 0:
		return LB_OK;
	case ENOSPC:
		return LB_DISK_FULL;
	default:
		return LB_READ_ONLY;
	}
}

static enum lb_err
map_side(struct store_sqlite *s, struct buf *words)
{
	void *page;
	enum lb_err err = allocate(s->side_fd);

	if (err != LB_OK)
		return err;
	page = mmap(NULL, sizeof(struct side), PROT_READ | PROT_WRITE,
	    MAP_SHARED, s->side_fd, 0);
	if (page == MAP_FAILED)
		return disk_cannot_share(s, "memory", words);
	close(s->side_fd);
	s->side_fd = -1;
	s->side = page;
	return LB_OK;
}

enum lb_err
side_open(struct store_sqlite *s, struct buf *words)
{
	disk_look(s);
	s->side = NULL;
	s->side_fd = open_beside(s, "letterbox.db-side");
	s->checkpoint_fd = open_beside(s, "letterbox.db-lock");
	if (s->checkpoint_fd < 0 || s->side_fd < 0)
		return errno == ENOSPC ? LB_DISK_FULL : LB_READ_ONLY;
	return s->disk.journal == STORE_WAL ? map_side(s, words) : LB_OK;
}

void
side_close(struct store_sqlite *s)
{
	if (s->side != NULL)
		munmap(s->side, sizeof(struct side));
	s->side = NULL;
	if (s->side_fd >= 0)
		close(s->side_fd);
	if (s->checkpoint_fd >= 0)
		close(s->checkpoint_fd);
	s->checkpoint_fd = s->side_fd = -1;
}

/* What the file says; zeroes when it says nothing. */
static struct side
read_side(const struct store_sqlite *s)
{
	struct side side;

	if (s->side != NULL)
		return *s->side;
	if (pread(s->side_fd, &side, sizeof(side), 0) != sizeof(side))
		memset(&side, 0, sizeof(side));
	return side;
}

/* Of two that write at once the later wins, and the file may then be older
 * than the database, which is harmless. */
static void
write_side(struct store_sqlite *s, const struct side *side)
{
	if (s->side != NULL)
		*s->side = *side;
	else if (pwrite(s->side_fd, side, sizeof(*side), 0) != sizeof(*side))
		log_event(LOG_ERROR, "sqlite", "words=\"side file\"");
}

/* On FUSE a file may have another number tomorrow: there it is 0. */
static uint64_t
number(const struct store_sqlite *s)
{
	return strcmp(s->disk.file_system, "fuse") == 0 ?
	    0 :
	    (uint64_t)s->file.st_ino;
}

void
side_note(struct store_sqlite *s, int64_t newest)
{
	struct side side = read_side(s);

	side.magic = SIDE_MAGIC;
	side.inode = number(s);
	/* Another process may have gone further: never back. */
	if (newest > side.newest)
		side.newest = newest;
	write_side(s, &side);
}

void
side_forget(struct store_sqlite *s)
{
	struct side side = read_side(s);

	side.newest = 0;
	write_side(s, &side);
}

int
side_differs(const struct store_sqlite *s, int64_t newest)
{
	struct side side = read_side(s);

	if (side.magic != SIDE_MAGIC)
		return 1;
	return (side.inode != 0 && number(s) != 0 && side.inode != number(s)) ||
	    side.newest > newest;
}

enum lb_err
checkpoint_share(struct store_sqlite *s)
{
	if (flock(s->checkpoint_fd, LOCK_SH | LOCK_NB) == 0)
		return LB_OK;
	return errno == EWOULDBLOCK ? LB_BUSY : LB_IO;
}

void
checkpoint_wait(struct store_sqlite *s)
{
	while (flock(s->checkpoint_fd, LOCK_SH) != 0 && errno == EINTR)
		;
}

void
checkpoint_own(struct store_sqlite *s)
{
	while (flock(s->checkpoint_fd, LOCK_EX) != 0 && errno == EINTR)
		;
}

void
checkpoint_release(struct store_sqlite *s)
{
	flock(s->checkpoint_fd, LOCK_UN);
}

void
checkpoint_run(struct store_sqlite *s)
{
	int log_pages = 0, done_pages = 0, rc;

	if (s->wal_pages < (s->brief ? WAL_BRIEF : WAL_LONG))
		return;
	if (flock(s->checkpoint_fd, LOCK_EX | LOCK_NB) != 0)
		return; /* someone commits: after the next turn */
	rc = sqlite3_wal_checkpoint_v2(s->db, NULL,
	    s->brief ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART,
	    &log_pages, &done_pages);
	flock(s->checkpoint_fd, LOCK_UN);
	if (rc == SQLITE_OK) {
		s->wal_pages = 0;
		s->stats.checkpoints++;
		log_event(LOG_DEBUG, "checkpoint", "pages=%d", done_pages);
	} else if (rc != SQLITE_BUSY) {
		sql_error(s->db, rc);
	}
}

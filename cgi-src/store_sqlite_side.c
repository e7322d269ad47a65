/*
 * store_sqlite_side: what is known of the database from outside of it.
 *
 * The side file tells whether the database is the one last written: it holds
 * the inode and the highest committed seq, in a page that all processes map,
 * so that noting a commit costs a store to memory.  After a power cut it may
 * be older than the database, which is harmless; a database older than it is
 * a restored backup, and gets a new epoch.
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

enum lb_err
side_open(struct store_sqlite *s)
{
	int fd = open_beside(s, "letterbox.db-side");
	void *page;

	s->side = NULL;
	s->checkpoint_fd = open_beside(s, "letterbox.db-lock");
	if (s->checkpoint_fd < 0) {
		if (fd >= 0)
			close(fd);
		return LB_READ_ONLY;
	}
	if (fd < 0)
		return LB_READ_ONLY;
	if (ftruncate(fd, sizeof(struct side)) != 0) {
		close(fd);
		return errno == ENOSPC ? LB_DISK_FULL : LB_READ_ONLY;
	}
	page = mmap(NULL, sizeof(struct side), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		return LB_IO;
	s->side = page;
	return LB_OK;
}

void
side_close(struct store_sqlite *s)
{
	if (s->side != NULL)
		munmap(s->side, sizeof(struct side));
	s->side = NULL;
	if (s->checkpoint_fd >= 0)
		close(s->checkpoint_fd);
	s->checkpoint_fd = -1;
}

void
side_note(struct store_sqlite *s, int64_t newest)
{
	if (s->side == NULL)
		return;
	s->side->magic = SIDE_MAGIC;
	s->side->inode = (uint64_t)s->file.st_ino;
	/* Another process may have gone further: never back. */
	if (newest > s->side->newest)
		s->side->newest = newest;
}

int
side_differs(const struct store_sqlite *s, int64_t newest)
{
	if (s->side == NULL)
		return 0;
	if (s->side->magic != SIDE_MAGIC)
		return 1;
	return s->side->inode != (uint64_t)s->file.st_ino ||
	    s->side->newest > newest;
}

enum lb_err
checkpoint_share(struct store_sqlite *s)
{
	if (flock(s->checkpoint_fd, LOCK_SH | LOCK_NB) == 0)
		return LB_OK;
	return errno == EWOULDBLOCK ? LB_BUSY : LB_IO;
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

/*
 * doctor_database: the database, and what it asks of its disk.
 */
#define _GNU_SOURCE /* mkostemp */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor_parts.h"

/* ---- can it be read ---- */

enum { READABLE, NONE_YET, LOCKED, FOREIGN, NEWER, FORBIDDEN, UNREADABLE };

static const struct doctor_finding reading[] = {
	[READABLE] = { DOCTOR_OK, "It can be read; it has {0}, of schema {1}.",
	    NULL },
	[NONE_YET] = { DOCTOR_NOTE,
	    "There is none yet; the first request makes it.", NULL },
	[LOCKED] = { DOCTOR_WARNING, "Another program holds it locked.",
	    "End whatever else has it open, for example a backup or an "
	    "sqlite3 shell." },
	[FOREIGN] = { DOCTOR_BAD, "letterbox.db is no database of Letterbox.",
	    "Move it away, or name another folder as data_dir." },
	[NEWER] = { DOCTOR_BAD,
	    "It was written by a newer Letterbox (schema {1}).",
	    "Install the newest version, or name another folder as data_dir." },
	[FORBIDDEN] = { DOCTOR_BAD, "{2} may not read it.",
	    "Ask as the account that the program runs as, or give the files "
	    "to it: chown -R {2} {3}." },
	[UNREADABLE] = { DOCTOR_BAD, "It is damaged, or its disk is.",
	    "Stop the program, keep a copy of the folder, and restore a "
	    "backup; `letterbox recover FOLDER' saves what can be read." },
};

static unsigned
look_reading(struct doctor *d)
{
	const struct store_look *look = doctor_look(d);

	doctor_set_bytes(d, 0, look->bytes);
	doctor_set(d, 1, "%lld", (long long)look->schema);
	doctor_set_account(d, 2, geteuid());
	doctor_set(d, 3, "%s",
	    d->conf->data_dir == NULL ? "" : d->conf->data_dir);
	switch (look->err) {
	case LB_OK:
		return READABLE;
	case LB_NOT_FOUND:
		return NONE_YET;
	case LB_BUSY:
		return LOCKED;
	case LB_NOT_OURS:
		return FOREIGN;
	case LB_NEWER_SCHEMA:
		return NEWER;
	case LB_EXPOSED:
		return FORBIDDEN;
	default:
		return UNREADABLE;
	}
}

/* ---- is it whole ---- */

enum { WHOLE, WHOLE_SO_FAR, DAMAGED, NOT_CHECKED };

static const struct doctor_finding integrity[] = {
	[WHOLE] = { DOCTOR_OK, "It was looked through and is whole.", NULL },
	[WHOLE_SO_FAR] = { DOCTOR_NOTE,
	    "It is too large to be looked through within {0}; what was seen "
	    "is whole.",
	    "letterbox doctor in a shell takes more time for it." },
	[DAMAGED] = { DOCTOR_BAD, "It is damaged: {1}.",
	    "Stop the program, keep a copy of the folder, and restore a "
	    "backup; `letterbox recover FOLDER' saves what can be read." },
	[NOT_CHECKED] = { DOCTOR_NOTE, "There is nothing to look at.", NULL },
};

static unsigned
look_integrity(struct doctor *d)
{
	const struct store_look *look = doctor_look(d);

	doctor_set_time(d, 0, d->patience);
	if (look->damage[0] != '\0') {
		doctor_set(d, 1, "%s", look->damage);
		return DAMAGED;
	}
	if (look->err != LB_OK)
		return NOT_CHECKED;
	return look->complete ? WHOLE : WHOLE_SO_FAR;
}

/* ---- what it lies on ---- */

enum { LOCAL, NETWORK, FUSE, DISK_UNSEEN };

static const struct doctor_finding disk[] = {
	[LOCAL] = { DOCTOR_OK, "Its disk is of this machine.", NULL },
	[NETWORK] = { DOCTOR_WARNING,
	    "Its disk is of another machine ({0}): it has a rollback journal "
	    "there instead of a write-ahead log, and posts take longer. On NFS "
	    "itself this was not tried.",
	    "Set data_dir in letterbox.conf to a folder on a disk of this "
	    "machine, where there is one." },
	[FUSE] = { DOCTOR_NOTE,
	    "Its disk is served by a program ({0}), of which nothing can be "
	    "said: it has a rollback journal there, and posts take longer.",
	    "Set data_dir in letterbox.conf to a folder on a disk of this "
	    "machine, where there is one." },
	[DISK_UNSEEN] = { DOCTOR_NOTE, "There is nothing to look at yet.",
	    NULL },
};

static unsigned
look_disk(struct doctor *d)
{
	struct store_disk found;
	struct stat st;

	if (!doctor_has_folder(d, &st))
		return DISK_UNSEEN;
	store_disk_look(d->conf->data_dir, &found);
	doctor_set(d, 0, "%s", found.file_system);
	if (strcmp(found.why, "network") == 0)
		return NETWORK;
	return strcmp(found.why, "fuse") == 0 ? FUSE : LOCAL;
}

/* ---- how it is kept ---- */

enum { WAL, ROLLBACK, JOURNAL_UNSEEN };

static const struct doctor_finding journal[] = {
	[WAL] = { DOCTOR_OK,
	    "It has a write-ahead log: readers and writers do not wait for "
	    "each other.",
	    NULL },
	[ROLLBACK] = { DOCTOR_NOTE,
	    "It has a rollback journal ({0}), since its disk cannot share "
	    "memory between processes, or the key journal asks for it: nothing "
	    "is lost, but posts take longer.",
	    "On a disk of this machine, with journal = auto, it gets a "
	    "write-ahead log." },
	[JOURNAL_UNSEEN] = { DOCTOR_NOTE, "There is nothing to look at.",
	    NULL },
};

static unsigned
look_journal(struct doctor *d)
{
	const struct store_look *look = doctor_look(d);

	doctor_set(d, 0, "%s", look->journal);
	if (look->journal[0] == '\0')
		return JOURNAL_UNSEEN;
	return strcmp(look->journal, "wal") == 0 ? WAL : ROLLBACK;
}

enum { MENDED, GUARDED };

static const struct doctor_finding sqlite[] = {
	[MENDED] = { DOCTOR_OK, "It is SQLite {0}.", NULL },
	[GUARDED] = { DOCTOR_NOTE,
	    "It is SQLite {0}; versions before 3.51.3 can damage a database "
	    "that several processes write, which a lock of Letterbox's own "
	    "prevents.",
	    "Let no other program write to letterbox.db; sqlite3 -readonly is "
	    "safe." },
};

static unsigned
look_sqlite(struct doctor *d)
{
	doctor_set(d, 0, "%s", store_sqlite_version());
	return store_sqlite_is_mended() ? MENDED : GUARDED;
}

/* ---- do locks hold ---- */

enum { HOLD, DO_NOT_HOLD, NO_LOCKS, NOT_TRIED };

static const struct doctor_finding locks[] = {
	[HOLD] = { DOCTOR_OK,
	    "A lock that one process takes in the data folder holds for the "
	    "others.",
	    NULL },
	[DO_NOT_HOLD] = { DOCTOR_BAD,
	    "A lock that one process takes in the data folder is not seen by "
	    "{0}: several writers will damage the database.",
	    "Name a folder on a local disk as data_dir." },
	[NO_LOCKS] = { DOCTOR_BAD,
	    "No lock can be taken in the data folder ({0}).",
	    "Name a folder on a local disk as data_dir." },
	[NOT_TRIED] = { DOCTOR_NOTE, "It could not be tried ({0}).", NULL },
};

static int
lock_record(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_SETLK, &lock);
}

/* In a process of its own: 0 when both locks of its parent hold for it. */
static int
try_as_other(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd >= 0 && lock_record(fd) != 0 &&
		flock(fd, LOCK_EX | LOCK_NB) != 0 ?
	    0 :
	    1;
}

static unsigned
try_other_process(struct doctor *d, const char *path)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		_exit(try_as_other(path));
	if (child < 0) {
		doctor_set(d, 0, "no second process: %s", strerror(errno));
		return NOT_TRIED;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return HOLD;
	doctor_set(d, 0, "another one");
	return DO_NOT_HOLD;
}

static unsigned
try_locks(struct doctor *d, const char *path, int one, int two)
{
	if (lock_record(one) != 0 || flock(one, LOCK_EX | LOCK_NB) != 0) {
		doctor_set(d, 0, "%s", strerror(errno));
		return NO_LOCKS;
	}
	if (flock(two, LOCK_EX | LOCK_NB) == 0) {
		doctor_set(d, 0, "a second descriptor");
		return DO_NOT_HOLD;
	}
	return try_other_process(d, path);
}

/* A file of its own: opening and closing one of the database's would give
 * away the locks that this process holds there. */
static unsigned
look_locks(struct doctor *d)
{
	char path[PATH_MAX];
	unsigned found = NOT_TRIED;
	struct stat st;
	int one, two;

	if (!doctor_has_folder(d, &st)) {
		doctor_set(d, 0, "there is no data folder yet");
		return NOT_TRIED;
	}
	snprintf(path, sizeof(path), "%s/doctor.XXXXXX", d->conf->data_dir);
	one = mkostemp(path, O_CLOEXEC);
	if (one < 0) {
		doctor_set(d, 0, "%s", strerror(errno));
		return NOT_TRIED;
	}
	two = open(path, O_RDWR | O_CLOEXEC);
	if (two >= 0) {
		found = try_locks(d, path, one, two);
		close(two);
	} else {
		doctor_set(d, 0, "%s", strerror(errno));
	}
	unlink(path);
	close(one);
	return found;
}

/* ---- who else has it ---- */

enum { ALONE, COMPANY, DEAD, NOT_COUNTED };

static const struct doctor_finding processes[] = {
	[ALONE] = { DOCTOR_OK, "No other process uses it now.", NULL },
	[COMPANY] = { DOCTOR_OK, "Processes that use it now: {0}.", NULL },
	[DEAD] = { DOCTOR_NOTE,
	    "Processes that use it now: {0}; {1} ended without a word. Their "
	    "traces are removed at the next post.",
	    NULL },
	[NOT_COUNTED] = { DOCTOR_OK,
	    "There is no trace of a process that uses it.", NULL },
};

/* 1 when somebody listens at a socket of the folder. */
static int
answers(DIR *dir, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, n, lives;

	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/%s",
	    dirfd(dir), name);
	if (n < 0 || (size_t)n >= sizeof(sun.sun_path))
		return 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	lives = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0;
	close(fd);
	return lives;
}

static unsigned
look_processes(struct doctor *d)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	int lives = 0, dead = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/run",
	    d->conf->data_dir == NULL ? "" : d->conf->data_dir);
	if ((dir = opendir(path)) == NULL)
		return NOT_COUNTED;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (answers(dir, entry->d_name))
			lives++;
		else
			dead++;
	}
	closedir(dir);
	doctor_set(d, 0, "%d", lives);
	doctor_set(d, 1, "%d", dead);
	if (dead > 0)
		return DEAD;
	return lives > 0 ? COMPANY : ALONE;
}

const struct doctor_check doctor_database[] = {
	DOCTOR_CHECK("database", "Whether it can be read", reading,
	    look_reading),
	DOCTOR_CHECK("integrity", "Whether it is whole", integrity,
	    look_integrity),
	DOCTOR_CHECK("file-system", "What it lies on", disk, look_disk),
	DOCTOR_CHECK("journal", "How it is kept", journal, look_journal),
	DOCTOR_CHECK("locks", "Locks between processes", locks, look_locks),
	DOCTOR_CHECK("sqlite", "Version of SQLite", sqlite, look_sqlite),
	DOCTOR_CHECK("processes", "Processes that use it", processes,
	    look_processes),
	DOCTOR_END,
};

/*
 * folder: see folder.h.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "folder.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_disk.h"

#define PATH_MOST 480 /* SQLite takes 512 with "/letterbox.db-journal" */
#define SPACE_LEAST (INT64_C(2) << 20) /* bytes for a new database */
#define HEAD 100 /* bytes that every SQLite database begins with */
#define OTHERS 077

/* What the program puts there. */
/* clang-format off */
static const struct entry {
	const char *name;
	mode_t type;
} entries[] = {
	{ "letterbox.db", S_IFREG },
	{ "letterbox.db-wal", S_IFREG },
	{ "letterbox.db-shm", S_IFREG },
	{ "letterbox.db-journal", S_IFREG },
	{ "letterbox.db-side", S_IFREG },
	{ "letterbox.db-lock", S_IFREG },
	{ "run.db", S_IFREG },
	{ "run.db-wal", S_IFREG },
	{ "run.db-shm", S_IFREG },
	{ "run.db-journal", S_IFREG },
	{ "rates", S_IFREG },
	{ "server.key", S_IFREG },
	{ "admin.key", S_IFREG },
	{ "run", S_IFDIR },
};
/* clang-format on */

static enum lb_err
check_type(const char *path, const struct stat *st, mode_t type,
    struct buf *words)
{
	if ((st->st_mode & S_IFMT) == type)
		return LB_OK;
	if (S_ISLNK(st->st_mode))
		buf_printf(words,
		    "%s is a symbolic link: put there what it leads to.", path);
	else if (type == S_IFDIR)
		buf_printf(words,
		    "%s is no folder, but the program keeps one of that name: "
		    "move it away.",
		    path);
	else
		buf_printf(words,
		    "%s is %s, but the program keeps a file of that name: "
		    "move it away.",
		    path, S_ISDIR(st->st_mode) ? "a folder" : "no file");
	return LB_NOT_OURS;
}

/* Root may work with what is others', but nobody with what they can read. */
static enum lb_err
check_owner(const char *path, const struct stat *st, uid_t account,
    struct buf *words)
{
	if (st->st_uid != account && account != 0) {
		buf_printf(words,
		    "%s belongs to account %ld, and the program runs as %ld: "
		    "give it to that one with `chown %ld %s`.",
		    path, (long)st->st_uid, (long)account, (long)account, path);
		return LB_EXPOSED;
	}
	if ((st->st_mode & OTHERS) != 0) {
		buf_printf(words,
		    "%s can be read by others: close it with `chmod %d %s`.",
		    path, S_ISDIR(st->st_mode) ? 700 : 600, path);
		return LB_EXPOSED;
	}
	return LB_OK;
}

static enum lb_err
check_entry(const char *folder, const struct entry *e, uid_t account,
    struct buf *words)
{
	char path[PATH_MAX];
	struct stat st;
	enum lb_err err;

	snprintf(path, sizeof(path), "%s/%s", folder, e->name);
	if (lstat(path, &st) != 0)
		return LB_OK;
	err = check_type(path, &st, e->type, words);
	return err == LB_OK ? check_owner(path, &st, account, words) : err;
}

/* 1 when the file has something in it. */
static int
is_filled(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return stat(path, &st) == 0 && st.st_size > 0;
}

/* What is wrong with the first bytes of a file that ends there, or NULL (the
 * file format of SQLite, section 1.3). */
static const char *
judge(const unsigned char *head, size_t n, off_t size)
{
	uint32_t application;

	if (n == 0)
		return NULL;
	if (n < HEAD || memcmp(head, "SQLite format 3", 16) != 0)
		return "is not an SQLite database";
	application = (uint32_t)head[68] << 24 | (uint32_t)head[69] << 16 |
	    (uint32_t)head[70] << 8 | head[71];
	/* One page without a mark: another process is just making it. */
	if (application == STORE_APPLICATION ||
	    (application == 0 && size <= 4096))
		return NULL;
	return "is not a database of Letterbox";
}

/* Whether letterbox.db is one: opening somebody else's would already change
 * it.  What is still in a log or a journal only SQLite can tell. */
static enum lb_err
check_database(const char *folder, struct buf *words)
{
	unsigned char head[HEAD];
	char path[PATH_MAX];
	const char *what = NULL;
	struct stat st;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/letterbox.db", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return LB_OK;
	n = read(fd, head, sizeof(head));
	if (n >= 0 && fstat(fd, &st) == 0)
		what = judge(head, (size_t)n, st.st_size);
	close(fd);
	if (what == NULL || is_filled(folder, "letterbox.db-wal") ||
	    is_filled(folder, "letterbox.db-journal"))
		return LB_OK;
	buf_printf(words, "%s %s: move it away, or name another data_dir.",
	    path, what);
	return LB_NOT_OURS;
}

/* With a database that is there polls go on, however full the disk is. */
static enum lb_err
check_disk(const char *folder, int made, struct buf *words)
{
	struct statvfs disk;

	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0 &&
	    (errno == EROFS || geteuid() != 0)) {
		buf_printf(words,
		    "%s cannot be written (%s): %s, or name another data_dir.",
		    folder, strerror(errno),
		    errno == EROFS ? "have its disk mounted for writing" :
				     "open it with `chmod 700`");
		return LB_READ_ONLY;
	}
	if (made || statvfs(folder, &disk) != 0 || disk.f_blocks == 0 ||
	    (int64_t)(disk.f_bavail * disk.f_frsize) >= SPACE_LEAST)
		return LB_OK;
	buf_printf(words,
	    "The disk of %s is full: make room for 2 MiB, or name another "
	    "data_dir.",
	    folder);
	return LB_DISK_FULL;
}

static enum lb_err
check_path(const char *path, struct buf *words)
{
	char real[PATH_MAX];
	size_t n = strlen(path);

	if (n <= PATH_MOST && realpath(path, real) != NULL)
		n = strlen(real);
	if (n <= PATH_MOST)
		return LB_OK;
	buf_printf(words,
	    "The path of the data folder has %zu bytes, and SQLite takes %d: "
	    "name a shorter data_dir.",
	    n, PATH_MOST);
	return LB_CONF;
}

/* The folder that `path` would be made in. */
static enum lb_err
check_parent(const char *path, struct buf *words)
{
	char parent[PATH_MOST + 2];
	struct stat st;
	char *slash;

	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	slash[slash == parent ? 1 : 0] = '\0';
	if (stat(parent, &st) == 0 && S_ISDIR(st.st_mode))
		return check_disk(parent, 0, words);
	buf_printf(words,
	    "The data folder %s is not there, nor the folder that it would be "
	    "made in: make it with `mkdir -p -m 700 %s`.",
	    path, path);
	return LB_IO;
}

/* LB_NOT_FOUND: it is not there, which may be right. */
static enum lb_err
check_folder(const char *path, uid_t account, struct buf *words)
{
	struct stat st, link;

	if (lstat(path, &link) != 0 && errno == ENOENT)
		return LB_NOT_FOUND;
	if (stat(path, &st) != 0) {
		if (S_ISLNK(link.st_mode) && errno == ENOENT)
			buf_printf(words,
			    "The data folder %s is a symbolic link that leads "
			    "nowhere: make the folder that it names, or "
			    "remove it.",
			    path);
		else
			buf_printf(words,
			    "The data folder %s cannot be looked at (%s): open "
			    "the folders above it to this account.",
			    path, strerror(errno));
		return LB_IO;
	}
	if (S_ISLNK(link.st_mode) && link.st_uid != account &&
	    link.st_uid != 0) {
		buf_printf(words,
		    "The data folder %s is a symbolic link of account %ld, who "
		    "can lead it elsewhere: name its target as data_dir.",
		    path, (long)link.st_uid);
		return LB_EXPOSED;
	}
	if (S_ISDIR(st.st_mode))
		return check_owner(path, &st, account, words);
	buf_printf(words,
	    "The data folder %s is a file: move it away, or name another "
	    "data_dir.",
	    path);
	return LB_NOT_OURS;
}

enum lb_err
folder_look(const char *path, uid_t account, struct buf *words)
{
	enum lb_err err = check_path(path, words);

	if (err != LB_OK)
		return err;
	err = check_folder(path, account, words);
	if (err == LB_NOT_FOUND)
		return check_parent(path, words);
	for (size_t i = 0;
	     err == LB_OK && i < sizeof(entries) / sizeof(entries[0]); i++)
		err = check_entry(path, &entries[i], account, words);
	if (err == LB_OK)
		err = check_database(path, words);
	if (err == LB_OK)
		err = check_disk(path, is_filled(path, "letterbox.db"), words);
	return err;
}

enum lb_err
folder_make(const char *path, struct buf *words)
{
	enum lb_err err = folder_look(path, geteuid(), words);

	if (err != LB_OK)
		return err;
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return LB_OK;
	buf_printf(words,
	    "The data folder %s cannot be made (%s): make it with `mkdir -m "
	    "700 %s`, as account %ld.",
	    path, strerror(errno), path, (long)geteuid());
	return LB_READ_ONLY;
}

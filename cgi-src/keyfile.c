/*
 * keyfile: see keyfile.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "token.h"

#define KEY_LEAST 16
#define KEY_MOST 4096

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A pipe gives what was written to it in pieces.  -1: see errno. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, text + n, size - n);
		n += got > 0 ? (size_t)got : 0;
	} while ((got > 0 && n < size) || (got < 0 && errno == EINTR));
	return got < 0 ? -1 : (ssize_t)n;
}

/* What is there from the first to the last that is no white space. */
static enum lb_err
take(int fd, const char *path, size_t least, struct buf *out, struct buf *words)
{
	char text[KEY_MOST];
	ssize_t n = read_all(fd, text, sizeof(text));
	size_t start = 0, end = n > 0 ? (size_t)n : 0;
	enum lb_err err = LB_OK;

	while (start < end && is_space(text[start]))
		start++;
	while (end > start && is_space(text[end - 1]))
		end--;
	if (n < 0) {
		buf_printf(words, "The key file %s cannot be read (%s).", path,
		    strerror(errno));
		err = LB_CONF;
	} else if (n == KEY_MOST || end - start < least) {
		buf_printf(words,
		    "The key file %s holds %s than %zu "
		    "characters.",
		    path, n == KEY_MOST ? "more" : "less",
		    n == KEY_MOST ? (size_t)KEY_MOST - 1 : least);
		err = LB_CONF;
	} else {
		buf_add(out, text + start, end - start);
		err = out->failed ? LB_NO_MEMORY : LB_OK;
	}
	memset(text, 0, sizeof(text));
	return err;
}

static enum lb_err
read_file(const char *path, size_t least, struct buf *out, struct buf *words)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	enum lb_err err;

	if (fd < 0) {
		buf_printf(words, "The key file %s cannot be read (%s).", path,
		    strerror(errno));
		return errno == ENOENT ? LB_NOT_FOUND : LB_CONF;
	}
	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0) {
		buf_printf(words,
		    "The key file %s can be read by others: "
		    "close it with `chmod 600 %s`.",
		    path, path);
		err = LB_EXPOSED;
	} else {
		err = take(fd, path, least, out, words);
	}
	close(fd);
	return err;
}

enum lb_err
keyfile_read(const char *path, struct buf *out, struct buf *words)
{
	return read_file(path, KEY_LEAST, out, words);
}

enum lb_err
keyfile_secret(const char *path, struct buf *out, struct buf *words)
{
	if (strcmp(path, "-") == 0)
		return take(STDIN_FILENO, "on standard input", 1, out, words);
	return read_file(path, 1, out, words);
}

static enum lb_err
write_key(const char *path)
{
	unsigned char random[TOKEN_DIGEST];
	enum lb_err err = token_random(random, sizeof(random));
	struct buf text;
	int fd;

	if (err != LB_OK)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC ? LB_DISK_FULL : LB_READ_ONLY;
	buf_init(&text, 64);
	token_encode(&text, random, sizeof(random));
	buf_char(&text, '\n');
	if (text.failed || write(fd, text.p, text.n) != (ssize_t)text.n ||
	    fsync(fd) != 0)
		err = LB_IO;
	close(fd);
	buf_reset(&text);
	return err;
}

/* Where no file can be linked: whoever gets the lock first makes the key, and
 * the others find it there.  Renaming alone would let the last one win. */
static enum lb_err
make_locked(const char *path, const char *aside)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char door[4200];
	enum lb_err err = LB_OK;
	int fd;

	snprintf(door, sizeof(door), "%s.lock", path);
	fd = open(door, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return LB_READ_ONLY;
	if (fcntl(fd, F_SETLKW, &lock) != 0)
		err = LB_IO;
	else if (access(path, F_OK) != 0 && rename(aside, path) != 0)
		err = LB_READ_ONLY;
	close(fd);
	return err;
}

/* Written aside and linked into place: whoever links first has made it, and
 * nobody ever reads half a key. */
static enum lb_err
make_key(const char *path, struct buf *words)
{
	char aside[4200];
	enum lb_err err;

	snprintf(aside, sizeof(aside), "%s.%ld", path, (long)getpid());
	unlink(aside);
	err = write_key(aside);
	if (err == LB_OK && link(aside, path) != 0 && errno != EEXIST)
		err = make_locked(path, aside);
	unlink(aside);
	if (err != LB_OK)
		buf_printf(words,
		    "The key file %s cannot be made: is its "
		    "folder writable, and is there space?",
		    path);
	return err;
}

enum lb_err
keyfile_get(const char *folder, const char *name, struct buf *out,
    struct buf *words)
{
	char path[4096];
	enum lb_err err;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return LB_CONF;
	if (access(path, F_OK) != 0) {
		err = make_key(path, words);
		if (err != LB_OK)
			return err;
	}
	err = keyfile_read(path, out, words);
	return err == LB_NOT_FOUND ? LB_IO : err;
}

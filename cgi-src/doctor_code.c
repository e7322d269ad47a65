/*
 * doctor_code: see doctor_code.h.
 *
 * The file is written aside and renamed into place.  It is read under its own
 * lock, and a file that has no name any more does not count: so of two
 * visitors with the same code one is too late.
 */
#define _POSIX_C_SOURCE 200809L

#include "doctor_code.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "token.h"

#define FRESH_S 3600
/* None that looks like another one. */
#define ALPHABET "abcdefghjkmnpqrstuvwxyz"

static int
path_of(char *path, size_t size, const char *folder, const char *name)
{
	return snprintf(path, size, "%s/%s", folder, name) < (int)size;
}

static enum lb_err
make_letters(char code[DOCTOR_CODE_LETTERS])
{
	const unsigned count = sizeof(ALPHABET) - 1;
	unsigned char random[8 * DOCTOR_CODE_LETTERS];
	size_t n = 0;

	if (token_random(random, sizeof(random)) != LB_OK)
		return LB_IO;
	for (size_t i = 0; i < sizeof(random) && n < DOCTOR_CODE_LETTERS; i++)
		if (random[i] < 256 / count * count) /* or some were likelier */
			code[n++] = ALPHABET[random[i] % count];
	return n == DOCTOR_CODE_LETTERS ? LB_OK : LB_IO;
}

static enum lb_err
renew(const char *folder)
{
	char code[DOCTOR_CODE_LETTERS + 1], path[4096], aside[4096];
	enum lb_err err = make_letters(code);
	int fd, written;

	code[DOCTOR_CODE_LETTERS] = '\n';
	if (err != LB_OK || !path_of(path, sizeof(path), folder, DOCTOR_CODE) ||
	    snprintf(aside, sizeof(aside), "%s/%s.%ld", folder, DOCTOR_CODE,
		(long)getpid()) >= (int)sizeof(aside))
		return LB_IO;
	unlink(aside);
	fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return LB_READ_ONLY;
	written = write(fd, code, sizeof(code)) == (ssize_t)sizeof(code);
	close(fd);
	if (written && rename(aside, path) == 0)
		return LB_OK;
	unlink(aside);
	return LB_READ_ONLY;
}

/* 1 when nobody else can have read or written it, and it is of late. */
static int
is_good(const struct stat *st, int64_t wall)
{
	int64_t age = wall / 1000 - st->st_mtime;

	return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	    (st->st_mode & 077) == 0 && st->st_nlink == 1 && age < FRESH_S &&
	    age > -FRESH_S;
}

enum lb_err
doctor_code_keep(const char *folder, int64_t wall)
{
	char path[4096];
	struct stat st;

	if (!path_of(path, sizeof(path), folder, DOCTOR_CODE))
		return LB_IO;
	if (lstat(path, &st) == 0 && is_good(&st, wall))
		return LB_OK;
	return renew(folder);
}

/* The code of the file behind `fd`, which is locked; 0 without. */
static int
read_code(int fd, int64_t wall, char code[DOCTOR_CODE_LETTERS])
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;

	return fcntl(fd, F_SETLK, &lock) == 0 && fstat(fd, &st) == 0 &&
	    is_good(&st, wall) &&
	    read(fd, code, DOCTOR_CODE_LETTERS) == DOCTOR_CODE_LETTERS;
}

enum lb_err
doctor_code_use(const char *folder, struct slice given, int64_t wall)
{
	char code[DOCTOR_CODE_LETTERS], path[4096];
	enum lb_err err = LB_DOCTOR;
	int fd;

	if (!path_of(path, sizeof(path), folder, DOCTOR_CODE))
		return LB_DOCTOR;
	fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return LB_DOCTOR;
	if (read_code(fd, wall, code) && given.n == sizeof(code) &&
	    token_equal(given.p, code, sizeof(code))) {
		/* On a full disk it can still be taken away; on one that is
		 * read-only it stays, and whoever has it needs the doctor. */
		if (renew(folder) != LB_OK)
			unlink(path);
		err = LB_OK;
	}
	close(fd);
	return err;
}

/* ---- passes: TIME.MAC ---- */

static void
sign(struct token_digest *out, struct slice key, struct slice until)
{
	const struct slice parts[] = { SLICE("doctor's pass"), until };

	token_hmac_parts(out, key, parts, 2);
}

void
doctor_pass_print(struct buf *out, struct slice key, int64_t wall)
{
	const int64_t end = wall + DOCTOR_PASS_MS;
	struct token_digest mac;
	char until[32];
	int n = snprintf(until, sizeof(until), "%lld", (long long)end);

	sign(&mac, key, (struct slice){ until, (size_t)n });
	buf_str(out, until);
	buf_char(out, '.');
	token_encode(out, mac.b, sizeof(mac.b));
}

enum lb_err
doctor_pass_check(struct slice given, struct slice key, int64_t wall)
{
	const char *dot = given.n == 0 ? NULL : memchr(given.p, '.', given.n);
	struct slice until, text;
	struct token_digest mac, claimed;
	int64_t end;
	size_t n;

	if (dot == NULL)
		return LB_DOCTOR;
	until = (struct slice){ given.p, (size_t)(dot - given.p) };
	text = (struct slice){ dot + 1, given.n - until.n - 1 };
	if (token_decode(text, claimed.b, sizeof(claimed.b), &n) != LB_OK ||
	    n != sizeof(claimed.b))
		return LB_DOCTOR;
	sign(&mac, key, until);
	if (!token_equal(mac.b, claimed.b, sizeof(mac.b)) ||
	    json_int(until, 0, INT64_MAX, &end) != LB_OK)
		return LB_DOCTOR;
	return wall < end && end <= wall + DOCTOR_PASS_MS ? LB_OK : LB_DOCTOR;
}

/*
 * wake: see wake.h.
 *
 * The folder is listed again when its mtime has changed.  A file system keeps
 * that in ticks of up to two seconds, so a change soon after another one may
 * not show: a listing counts only when it was made well after the mtime it
 * found.
 */
#define _GNU_SOURCE /* d_type, st_mtim */

#include "wake.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "log.h"
#include "loop.h"
#include "token.h"

#define PREFIX "wake-"
#define NAME 40      /* bytes of a name, its NUL included */
#define DATAGRAM 128 /* words of one */
#define WORDS 8192   /* of one turn; the slow look finds the rest */
#define RECENT 64    /* words looked through for a repetition */
#define RECEIVES 64  /* datagrams in one go */
#define YOUNG 2000   /* ms until an mtime can be trusted */
#define OTHERS 256   /* processes that are told */

struct wake {
	struct loop *loop;
	struct loop_io io;
	int fd;
	DIR *folder;
	char path[PATH_MAX]; /* of the folder */
	char name[NAME];     /* of our socket */
	wake_heard *heard;
	void *arg;
	struct buf words; /* uint64_t each */
	/* the listing */
	struct timespec changed; /* the folder's mtime then */
	int trusted;
	size_t count;
	char others[OTHERS][NAME];
};

/*
 * A socket's path has 108 bytes at most.  A longer one is reached through the
 * open folder; changing into it would be another way, but the working folder
 * belongs to the whole process.
 */
static int
address(const struct wake *w, const char *name, struct sockaddr_un *sun)
{
	int n;

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlen(w->path) + 1 + strlen(name) < sizeof(sun->sun_path))
		n = snprintf(sun->sun_path, sizeof(sun->sun_path), "%s/%s",
		    w->path, name);
	else
		n = snprintf(sun->sun_path, sizeof(sun->sun_path),
		    "/proc/self/fd/%d/%s", dirfd(w->folder), name);
	return n > 0 && (size_t)n < sizeof(sun->sun_path);
}

static int
is_other(const struct wake *w, const struct dirent *entry)
{
	return strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
	    strlen(entry->d_name) < NAME &&
	    strcmp(entry->d_name, w->name) != 0 &&
	    (entry->d_type == DT_SOCK || entry->d_type == DT_UNKNOWN);
}

static void
list(struct wake *w)
{
	const struct dirent *entry;

	w->count = 0;
	rewinddir(w->folder);
	while (w->count < OTHERS && (entry = readdir(w->folder)) != NULL)
		if (is_other(w, entry))
			memcpy(w->others[w->count++], entry->d_name,
			    strlen(entry->d_name) + 1);
}

static int64_t
milliseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* Lists the folder again when it may have changed. */
static void
refresh(struct wake *w)
{
	struct stat st;
	struct clock now;

	if (fstat(dirfd(w->folder), &st) != 0)
		return;
	if (w->trusted && st.st_mtim.tv_sec == w->changed.tv_sec &&
	    st.st_mtim.tv_nsec == w->changed.tv_nsec)
		return;
	clock_now(&now);
	w->changed = st.st_mtim;
	w->trusted = now.wall - milliseconds(&st.st_mtim) > YOUNG;
	list(w);
}

/* 0 when the socket is gone. */
static int
tell(struct wake *w, const char *name, const char *words, size_t n)
{
	struct sockaddr_un sun;

	if (!address(w, name, &sun) ||
	    sendto(w->fd, words, n, MSG_DONTWAIT | MSG_NOSIGNAL,
		(const struct sockaddr *)&sun, sizeof(sun)) >= 0)
		return 1;
	if (errno == ECONNREFUSED) {
		/* Its owner died without wake_close(). */
		unlinkat(dirfd(w->folder), name, 0);
		return 0;
	}
	/* A full buffer: it will look by itself. */
	return errno != ENOENT;
}

static void
tell_all(struct wake *w, const char *words, size_t n)
{
	size_t i = 0;

	while (i < w->count) {
		if (tell(w, w->others[i], words, n)) {
			i++;
			continue;
		}
		w->count--;
		memmove(w->others[i], w->others[w->count], NAME);
	}
}

void
wake_flush(struct wake *w)
{
	const size_t most = DATAGRAM * sizeof(uint64_t);
	size_t at, n;

	if (w == NULL || w->words.n == 0)
		return;
	refresh(w);
	for (at = 0; w->count > 0 && at < w->words.n; at += n) {
		n = w->words.n - at < most ? w->words.n - at : most;
		tell_all(w, w->words.p + at, n);
	}
	w->words.n = 0;
	w->words.failed = 0;
}

void
wake_send(struct wake *w, uint64_t word)
{
	size_t n = w->words.n / sizeof(word), i;
	uint64_t before;

	for (i = n > RECENT ? n - RECENT : 0; i < n; i++) {
		memcpy(&before, w->words.p + i * sizeof(word), sizeof(before));
		if (before == word)
			return;
	}
	buf_add(&w->words, &word, sizeof(word));
}

size_t
wake_others(struct wake *w)
{
	refresh(w);
	return w->count;
}

static void
readable(struct loop_io *io, int events)
{
	struct wake *w = loop_io_arg(io);
	uint64_t words[DATAGRAM];
	ssize_t n;
	size_t i;
	int round;

	(void)events;
	for (round = 0; round < RECEIVES; round++) {
		n = recv(w->fd, words, sizeof(words), MSG_DONTWAIT);
		if (n < 0)
			return;
		for (i = 0; i < (size_t)n / sizeof(words[0]); i++)
			w->heard(w->arg, words[i]);
	}
}

/* A fresh name, so that a dead process of the same pid does not matter. */
static enum lb_err
bind_socket(struct wake *w)
{
	struct sockaddr_un sun;
	uint32_t random;

	if (token_random(&random, sizeof(random)) != LB_OK)
		return LB_IO;
	snprintf(w->name, sizeof(w->name), PREFIX "%ld-%08" PRIx32,
	    (long)getpid(), random);
	if (!address(w, w->name, &sun))
		return LB_IO;
	w->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		return LB_IO;
	/* Linux gives the file the socket's mode, so that it is never wider,
	 * whatever the umask. */
	if (fchmod(w->fd, 0600) != 0 ||
	    bind(w->fd, (const struct sockaddr *)&sun, sizeof(sun)) != 0) {
		log_event(LOG_ERROR, "wake", "why=bind errno=%d", errno);
		close(w->fd);
		return LB_IO;
	}
	return LB_OK;
}

enum lb_err
wake_open(struct wake **out, struct loop *loop, const char *run_folder,
    wake_heard *heard, void *arg)
{
	enum lb_err err = LB_IO;
	struct wake *w;

	if (strlen(run_folder) >= sizeof(w->path))
		return LB_IO;
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return LB_NO_MEMORY;
	w->loop = loop;
	w->heard = heard;
	w->arg = arg;
	memcpy(w->path, run_folder, strlen(run_folder) + 1);
	buf_init(&w->words, WORDS * sizeof(uint64_t));
	if ((w->folder = opendir(run_folder)) == NULL)
		goto free;
	if ((err = bind_socket(w)) != LB_OK)
		goto closedir;
	loop_io_init(&w->io, w->fd, readable, w);
	loop_io_want(loop, &w->io, LOOP_READ);
	*out = w;
	return LB_OK;
closedir:
	closedir(w->folder);
free:
	free(w);
	return err;
}

void
wake_close(struct wake *w)
{
	if (w == NULL)
		return;
	loop_io_want(w->loop, &w->io, 0);
	close(w->fd);
	unlinkat(dirfd(w->folder), w->name, 0);
	closedir(w->folder);
	buf_reset(&w->words);
	free(w);
}

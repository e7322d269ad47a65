/*
 * transport_fcgi_out: see transport_fcgi_out.h.
 */
#include "transport_fcgi_out.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "transport_fcgi_record.h"

#define PARTS 12 /* slices of one record; a reply has two */

struct out {
	struct buf bytes;
	size_t at; /* the first one that waits */
};

/* Bytes written, 0 when the socket is full, -1 when it is broken. */
static ssize_t
put(int fd, struct iovec *iov, size_t count)
{
	struct msghdr message;
	ssize_t n;

	memset(&message, 0, sizeof(message));
	message.msg_iov = iov;
	message.msg_iovlen = count;
	do
		n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return n;
}

/* Copies what is behind the first `skip` bytes. */
static int
queue(struct out **out, const struct iovec *iov, size_t count, size_t skip)
{
	size_t i;

	if (*out == NULL) {
		if ((*out = calloc(1, sizeof(**out))) == NULL)
			return 0;
		buf_init(&(*out)->bytes, OUT_MAX);
	}
	for (i = 0; i < count; i++) {
		if (skip >= iov[i].iov_len) {
			skip -= iov[i].iov_len;
			continue;
		}
		buf_add(&(*out)->bytes, (const char *)iov[i].iov_base + skip,
		    iov[i].iov_len - skip);
		skip = 0;
	}
	return !(*out)->bytes.failed;
}

static int
write_all(struct out **out, int fd, struct iovec *iov, size_t count)
{
	size_t total = 0, i;
	ssize_t n = 0;

	for (i = 0; i < count; i++)
		total += iov[i].iov_len;
	if (*out == NULL && (n = put(fd, iov, count)) < 0)
		return 0;
	return (size_t)n == total || queue(out, iov, count, (size_t)n);
}

/* iovec has no const; nothing is written through it. */
static struct iovec
iovec(const void *bytes, size_t n)
{
	struct iovec v = { (void *)(uintptr_t)bytes, n };

	return v;
}

static int
is_behind(const struct out *o)
{
	return o != NULL && o->bytes.n - o->at > OUT_BEHIND;
}

int
out_bytes(struct out **out, int fd, const void *bytes, size_t n)
{
	struct iovec iov = iovec(bytes, n);

	return !is_behind(*out) && write_all(out, fd, &iov, 1);
}

/* Where we are in the parts. */
struct place {
	const struct slice *parts;
	size_t count, i, at;
};

/* The content of the next record, at most PARTS slices of it; its length. */
static size_t
gather(struct place *p, struct iovec *iov, size_t *n)
{
	size_t length = 0, take;

	for (*n = 0; p->i < p->count; p->i++, p->at = 0) {
		take = p->parts[p->i].n - p->at;
		if (take == 0)
			continue;
		if (length == RECORD_CONTENT || *n == PARTS)
			break;
		if (take > RECORD_CONTENT - length)
			take = RECORD_CONTENT - length;
		iov[(*n)++] = iovec(p->parts[p->i].p + p->at, take);
		length += take;
		if ((p->at += take) < p->parts[p->i].n)
			break;
	}
	return length;
}

int
out_reply(struct out **out, int fd, uint16_t id, const struct slice *parts,
    size_t count, int last)
{
	static const char padding[8];
	const struct record_end end = record_end(id);
	struct place place = { parts, count, 0, 0 };
	struct iovec iov[1 + PARTS + 2];
	FCGI_Header head;
	size_t length, n;

	if (is_behind(*out))
		return 0;
	do {
		length = gather(&place, iov + 1, &n);
		head = record_header(FCGI_STDOUT, id, length);
		iov[0] = iovec(&head, sizeof(head));
		/* A record without content would end the reply. */
		n = length > 0 ? n + 1 : 0;
		if (head.paddingLength > 0)
			iov[n++] = iovec(padding, head.paddingLength);
		if (last && place.i == count)
			iov[n++] = iovec(&end, sizeof(end));
		if (n > 0 && !write_all(out, fd, iov, n))
			return 0;
	} while (place.i < count);
	return 1;
}

int
out_flush(struct out **out, int fd, int *moved)
{
	struct out *o = *out;
	struct iovec iov;
	ssize_t n;

	*moved = 0;
	if (o == NULL)
		return 1;
	iov = iovec(o->bytes.p + o->at, o->bytes.n - o->at);
	if ((n = put(fd, &iov, 1)) < 0)
		return 0;
	*moved = n > 0;
	if ((o->at += (size_t)n) == o->bytes.n) {
		out_free(out);
	} else if (o->at > o->bytes.n / 2) {
		/* A stream may never be quite empty. */
		o->bytes.n -= o->at;
		memmove(o->bytes.p, o->bytes.p + o->at, o->bytes.n);
		o->at = 0;
	}
	return 1;
}

void
out_free(struct out **out)
{
	if (*out != NULL)
		buf_reset(&(*out)->bytes);
	free(*out);
	*out = NULL;
}

/*
 * noop: the FastCGI program that does nothing, as fast as one can.
 *
 * It reads each request to the end of its body and answers 201 with a few
 * bytes of JSON.  This is the upper bound for any program behind the same web
 * server: one thread, one epoll loop, four system calls a request (accept,
 * read, write, close) when the request is there at once.  It does not use
 * libfcgi, whose accept blocks and whose streams cost more than this whole
 * program: measured against that, any event loop would look good.
 *
 * Runs on descriptor 0, a listening socket; kept connections are supported.
 */
#define _GNU_SOURCE

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <fastcgi.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As long as an answer to a post. */
#define BODY "{\"seqs\":[1234567],\"n\":1234}"
#define REPLY                                                       \
	"Status: 201 Created\r\nContent-Type: application/json\r\n" \
	"Cache-Control: no-store\r\nContent-Length: 27\r\n\r\n" BODY

_Static_assert(sizeof(BODY) - 1 == 27, "Content-Length says otherwise");

struct conn {
	int fd;
	uint8_t head[FCGI_HEADER_LEN]; /* of the current record */
	size_t head_len;
	size_t skip; /* content and padding still to come */
	int keep;
	int polled; /* is in the epoll set */
};

static int epfd;
static struct {
	FCGI_Header out;
	char text[sizeof(REPLY) - 1];
	FCGI_Header out_end;
	FCGI_EndRequestRecord end;
} __attribute__((packed)) answer;

static FCGI_Header
header(uint8_t type, size_t len)
{
	FCGI_Header h = { .version = FCGI_VERSION_1, .type = type };

	h.contentLengthB1 = (uint8_t)(len >> 8);
	h.contentLengthB0 = (uint8_t)len;
	return h;
}

static void
make_answer(void)
{
	answer.out = header(FCGI_STDOUT, sizeof(answer.text));
	memcpy(answer.text, REPLY, sizeof(answer.text));
	answer.out_end = header(FCGI_STDOUT, 0);
	answer.end.header = header(FCGI_END_REQUEST, sizeof(answer.end.body));
	answer.end.body.protocolStatus = FCGI_REQUEST_COMPLETE;
}

static void
set_id(FCGI_Header *h, const uint8_t *record)
{
	h->requestIdB1 = record[2];
	h->requestIdB0 = record[3];
}

/* Answers that do not fit into an empty socket buffer do not occur. */
static int
reply(struct conn *c)
{
	set_id(&answer.out, c->head);
	set_id(&answer.out_end, c->head);
	set_id(&answer.end.header, c->head);
	if (write(c->fd, &answer, sizeof(answer)) != sizeof(answer))
		return 0;
	return c->keep;
}

/* The record whose header is complete; 0 when the connection has to go. */
static int
record(struct conn *c, const uint8_t *content, size_t have)
{
	size_t len = (size_t)c->head[4] << 8 | c->head[5];

	c->head_len = 0;
	c->skip = len + c->head[6];
	if (c->head[1] == FCGI_BEGIN_REQUEST) {
		/* Web servers send its 16 bytes in one piece. */
		if (have < 3)
			return 0;
		c->keep = content[2] & FCGI_KEEP_CONN;
	} else if (c->head[1] == FCGI_STDIN && len == 0)
		return reply(c);
	return 1;
}

static int
parse(struct conn *c, const uint8_t *p, size_t n)
{
	size_t take;

	while (n > 0) {
		if (c->skip > 0) {
			take = c->skip < n ? c->skip : n;
			c->skip -= take;
		} else {
			take = sizeof(c->head) - c->head_len;
			take = take < n ? take : n;
			memcpy(c->head + c->head_len, p, take);
			c->head_len += take;
			if (c->head_len == sizeof(c->head) &&
			    !record(c, p + take, n - take))
				return 0;
		}
		p += take;
		n -= take;
	}
	return 1;
}

static void
readable(struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	static uint8_t buf[65536];
	ssize_t n;

	n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if ((n == -1 && errno != EAGAIN) || n == 0 ||
	    (n > 0 && !parse(c, buf, (size_t)n))) {
		close(c->fd);
		free(c);
	} else if (!c->polled) {
		c->polled = 1;
		epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &ev);
	}
}

static void
accept_all(void)
{
	struct conn *c;
	int fd;

	while ((fd = accept4(0, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		if ((c = calloc(1, sizeof(*c))) == NULL)
			abort();
		c->fd = fd;
		readable(c);
	}
}

int
main(void)
{
	struct epoll_event evs[256], ev = { .events = EPOLLIN };
	int i, n;

	signal(SIGPIPE, SIG_IGN);
	make_answer();
	epfd = epoll_create1(EPOLL_CLOEXEC);
	if (epfd == -1 || epoll_ctl(epfd, EPOLL_CTL_ADD, 0, &ev) == -1) {
		perror("noop: descriptor 0 must be a listening socket");
		return 1;
	}
	for (;;) {
		n = epoll_wait(epfd, evs, 256, -1);
		for (i = 0; i < n; i++)
			if (evs[i].data.ptr == NULL)
				accept_all();
			else
				readable(evs[i].data.ptr);
	}
}

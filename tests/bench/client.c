/*
 * client: the epoll loop of the load generators, see client.h.
 *
 * One loop and one set of connections a process, hence the static state.
 */
#define _GNU_SOURCE

#include "client.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static struct {
	int epfd;
	int timer;
	void (*on_time)(void);
	struct sockaddr_in addr;
} client;

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void *
grow(void *p, size_t n, size_t size)
{
	if ((p = reallocarray(p, n, size)) == NULL)
		die("out of memory");
	return p;
}

uint64_t
client_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

double
client_cpu(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

void
client_init(const char *address)
{
	struct epoll_event ev = { .events = EPOLLIN };
	char host[64];
	unsigned port;

	if (sscanf(address, "%63[^:]:%u", host, &port) != 2 || port > 65535)
		die("%s: not an address like 127.0.0.1:8080", address);
	client.addr.sin_family = AF_INET;
	client.addr.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &client.addr.sin_addr) != 1)
		die("%s: not an IPv4 address", host);
	/* The kernel's default slack of 50 us would blur the schedule. */
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	client.epfd = epoll_create1(EPOLL_CLOEXEC);
	client.timer = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (client.epfd == -1 || client.timer == -1 ||
	    epoll_ctl(client.epfd, EPOLL_CTL_ADD, client.timer, &ev) == -1)
		die("epoll: %s", strerror(errno));
}

void
client_alarm(uint64_t at, void (*on_time)(void))
{
	struct itimerspec its = { 0 };

	client.on_time = on_time;
	its.it_value.tv_sec = (time_t)(at / 1000000000U);
	its.it_value.tv_nsec = (long)(at % 1000000000U);
	if (timerfd_settime(client.timer, TFD_TIMER_ABSTIME, &its, NULL) == -1)
		die("timerfd: %s", strerror(errno));
}

static void
open_socket(struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	/* Connecting blocks: on loopback it is a matter of microseconds. */
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd == -1 ||
	    connect(c->fd, (struct sockaddr *)&client.addr,
		sizeof(client.addr)) == -1)
		die("connect: %s", strerror(errno));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(client.epfd, EPOLL_CTL_ADD, c->fd, &ev) == -1)
		die("epoll_ctl: %s", strerror(errno));
}

void
conn_init(struct conn *c, reply_fn *on_reply, void *arg)
{
	memset(c, 0, sizeof(*c));
	c->fd = -1;
	c->on_reply = on_reply;
	c->arg = arg;
}

void
conn_close(struct conn *c)
{
	if (c->fd != -1)
		close(c->fd);
	c->fd = -1;
	c->busy = 0;
	free(c->in);
	free(c->out);
	c->in = c->out = NULL;
	c->in_len = c->in_cap = c->out_len = c->out_off = c->out_cap = 0;
}

/* Write what is left; ask for EPOLLOUT only when the socket is full. */
static void
flush(struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	ssize_t n;

	while (c->out_off < c->out_len) {
		n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && errno == EAGAIN) {
			ev.events |= EPOLLOUT;
			epoll_ctl(client.epfd, EPOLL_CTL_MOD, c->fd, &ev);
			return;
		}
		if (n == -1)
			die("send: %s", strerror(errno));
		c->out_off += (size_t)n;
	}
}

void
conn_send(struct conn *c, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (c->busy)
		die("a second request on a busy connection");
	if (c->fd == -1)
		open_socket(c);
	if (c->out == NULL)
		c->out = grow(NULL, c->out_cap = 512, 1);
	for (;;) {
		va_start(ap, fmt);
		n = vsnprintf(c->out, c->out_cap, fmt, ap);
		va_end(ap);
		if (n < 0)
			die("cannot format a request");
		if ((size_t)n < c->out_cap)
			break;
		c->out = grow(c->out, c->out_cap = (size_t)n + 1, 1);
	}
	c->out_len = (size_t)n;
	c->out_off = 0;
	c->busy = 1;
	c->sent_at = client_now();
	flush(c);
}

/* Find the reply's length; 0 while it is not whole. */
static size_t
whole(struct conn *c, struct reply *r)
{
	char *end, *field;
	size_t head;

	c->in[c->in_len] = '\0';
	if ((end = strstr(c->in, "\r\n\r\n")) == NULL)
		return 0;
	head = (size_t)(end - c->in) + 4;
	end[2] = '\0';
	if (sscanf(c->in, "HTTP/1.%*1[01] %3d", &r->status) != 1)
		die("not a reply: %.200s", c->in);
	field = strcasestr(c->in, "\r\nContent-Length:");
	if (field == NULL && r->status != 204 && r->status != 304)
		die("a reply without Content-Length: %.500s", c->in);
	r->body_len = field != NULL ? strtoul(field + 17, NULL, 10) : 0;
	end[2] = '\r';
	if (c->in_len < head + r->body_len)
		return 0;
	r->head = c->in;
	r->body = c->in + head;
	end[2] = '\0';
	return head + r->body_len;
}

static void
readable(struct conn *c)
{
	struct reply r;
	ssize_t n;

	if (c->in_cap - c->in_len < 1024) {
		c->in_cap = c->in_cap == 0 ? 2048 : c->in_cap * 2;
		c->in = grow(c->in, c->in_cap, 1);
	}
	n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len - 1,
	    MSG_DONTWAIT);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0)
		die("the server closed a connection%s%s", n == 0 ? "" : ": ",
		    n == 0 ? "" : strerror(errno));
	c->in_len += (size_t)n;
	if ((n = (ssize_t)whole(c, &r)) == 0)
		return;
	if ((size_t)n != c->in_len)
		die("more than one reply: %.500s", c->in);
	c->in_len = 0;
	c->busy = 0;
	/* Announced: a web server lets a connection have so many requests. */
	if (strcasestr(r.head, "\r\nConnection: close") != NULL) {
		close(c->fd);
		c->fd = -1;
	}
	c->on_reply(c, &r);
}

void
client_turn(int timeout_ms)
{
	struct epoll_event evs[256], ev = { .events = EPOLLIN };
	struct conn *c;
	uint64_t ticks;
	int i, n;

	n = epoll_wait(client.epfd, evs, 256, timeout_ms);
	if (n == -1 && errno != EINTR)
		die("epoll_wait: %s", strerror(errno));
	for (i = 0; i < n; i++) {
		if ((c = evs[i].data.ptr) == NULL) {
			if (read(client.timer, &ticks, sizeof(ticks)) > 0)
				client.on_time();
			continue;
		}
		if (evs[i].events & EPOLLOUT) {
			ev.data.ptr = c;
			epoll_ctl(client.epfd, EPOLL_CTL_MOD, c->fd, &ev);
			flush(c);
		}
		if (evs[i].events & ~(unsigned)EPOLLOUT)
			readable(c);
	}
}

void
samples_add(struct samples *s, uint64_t ns)
{
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 4096 : s->cap * 2;
		s->v = grow(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = ns;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double
samples_us(struct samples *s, double q)
{
	if (s->n == 0)
		return 0;
	qsort(s->v, s->n, sizeof(*s->v), compare);
	return (double)s->v[(size_t)(q * (double)(s->n - 1))] / 1000.0;
}

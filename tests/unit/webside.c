/*
 * webside: see webside.h.
 */
#include "webside.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MUCH (64u << 20)

void
webside_record(struct buf *b, uint8_t type, struct webside_how how,
    const void *p, size_t n)
{
	FCGI_Header h = record_header(type, how.id, n);
	static const char padding[255];

	if (how.version != 0)
		h.version = how.version;
	h.paddingLength = how.padding;
	buf_add(b, &h, sizeof(h));
	buf_add(b, p, n);
	buf_add(b, padding, how.padding);
}

void
webside_begin(struct buf *b, uint16_t id, uint8_t role, uint8_t flags)
{
	FCGI_BeginRequestBody body = { .roleB0 = role, .flags = flags };

	webside_record(b, FCGI_BEGIN_REQUEST, (struct webside_how){ .id = id },
	    &body, sizeof(body));
}

static void
add_length(struct buf *b, size_t n)
{
	unsigned char four[4] = { (unsigned char)(n >> 24 | 0x80),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };

	if (n < 128)
		buf_char(b, (char)n);
	else
		buf_add(b, four, sizeof(four));
}

void
webside_pair(struct buf *b, const char *name, struct slice value)
{
	add_length(b, strlen(name));
	add_length(b, value.n);
	buf_str(b, name);
	buf_slice(b, value);
}

void
webside_request(struct buf *b, uint16_t id, int keep, const char *path,
    struct slice body)
{
	const struct webside_how how = { .id = id };
	struct buf pairs;
	char length[24];
	size_t at, n;

	snprintf(length, sizeof(length), "%zu", body.n);
	buf_init(&pairs, MUCH);
	webside_pair(&pairs, "REQUEST_METHOD",
	    slice_of(body.n > 0 ? "POST" : "GET"));
	webside_pair(&pairs, "CONTENT_LENGTH", slice_of(length));
	webside_pair(&pairs, "PATH_INFO", slice_of(path));
	webside_pair(&pairs, "HTTP_X_EMPTY", slice_of(""));
	webside_begin(b, id, FCGI_RESPONDER, keep ? FCGI_KEEP_CONN : 0);
	webside_record(b, FCGI_PARAMS, how, pairs.p, pairs.n);
	webside_record(b, FCGI_PARAMS, how, NULL, 0);
	for (at = 0; at < body.n; at += n) {
		n = body.n - at < 60000 ? body.n - at : 60000;
		webside_record(b, FCGI_STDIN, how, body.p + at, n);
	}
	webside_record(b, FCGI_STDIN, how, NULL, 0);
	buf_reset(&pairs);
}

static void
want(struct webside *f)
{
	loop_io_want(f->loop, &f->io,
	    (f->lazy || f->closed ? 0 : LOOP_READ) |
		(f->sent < f->out.n ? LOOP_WRITE : 0));
}

static void
take(struct webside *f)
{
	char bytes[65536];
	ssize_t n;

	n = recv(f->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n > 0)
		buf_add(&f->got, bytes, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		f->closed = 1;
}

static void
give(struct webside *f)
{
	ssize_t n;

	n = send(f->fd, f->out.p + f->sent, f->out.n - f->sent,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		f->sent += (size_t)n;
	else if (n < 0 && errno != EAGAIN)
		f->sent = f->out.n; /* nobody is there to take it */
}

static void
ready(struct loop_io *io, int events)
{
	struct webside *f = loop_io_arg(io);

	if (events & LOOP_READ)
		take(f);
	if (events & LOOP_WRITE)
		give(f);
	want(f);
}

void
webside_open(struct webside *f, struct loop *loop, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	memset(f, 0, sizeof(*f));
	f->loop = loop;
	buf_init(&f->got, MUCH);
	buf_init(&f->out, MUCH);
	f->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(f->fd >= 0);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(connect(f->fd, (struct sockaddr *)&sun, sizeof(sun)),
	    0);
	loop_io_init(&f->io, f->fd, ready, f);
	want(f);
}

void
webside_close(struct webside *f)
{
	loop_io_want(f->loop, &f->io, 0);
	close(f->fd);
	buf_reset(&f->got);
	buf_reset(&f->out);
}

void
webside_send(struct webside *f, struct buf *bytes)
{
	assert_false(bytes->failed);
	buf_slice(&f->out, buf_as_slice(bytes));
	buf_reset(bytes);
	give(f);
	want(f);
}

void
webside_lazy(struct webside *f, int lazy)
{
	f->lazy = lazy;
	want(f);
}

/* The next whole record at `*at`. */
static int
next_record(const struct webside *f, size_t *at, struct record *r,
    struct slice *content)
{
	unsigned char head[FCGI_HEADER_LEN];

	if (f->got.n - *at < sizeof(head))
		return 0;
	memcpy(head, f->got.p + *at, sizeof(head));
	assert_true(record_read(r, head));
	if (f->got.n - *at < sizeof(head) + r->length + r->padding)
		return 0;
	content->p = f->got.p + *at + sizeof(head);
	content->n = r->length;
	*at += sizeof(head) + r->length + r->padding;
	return 1;
}

struct slice
webside_find(const struct webside *f, uint8_t type, uint16_t id)
{
	struct slice content;
	struct record r;
	size_t at = 0;

	while (next_record(f, &at, &r, &content))
		if (r.type == type && r.id == id)
			return content;
	return slice_of(NULL);
}

void
webside_reply(const struct webside *f, uint16_t id, struct webside_reply *reply)
{
	struct slice content;
	struct record r;
	size_t at = 0;
	char *split;

	memset(reply, 0, sizeof(*reply));
	buf_init(&reply->text, MUCH);
	while (next_record(f, &at, &r, &content)) {
		if (r.id != id)
			continue;
		assert_false(reply->ended);
		if (r.type == FCGI_STDOUT && content.n > 0) {
			assert_true(content.n <= RECORD_CONTENT);
			assert_int_equal((content.n + r.padding) % 8, 0);
			buf_slice(&reply->text, content);
			reply->records++;
		} else if (r.type == FCGI_END_REQUEST) {
			assert_int_equal(content.n, 8);
			reply->protocol = (uint8_t)content.p[4];
			reply->ended = 1;
		}
	}
	buf_char(&reply->text, '\0');
	sscanf(reply->text.p, "Status: %d", &reply->status);
	if ((split = strstr(reply->text.p, "\r\n\r\n")) == NULL)
		return;
	reply->body.p = split + 4;
	reply->body.n = reply->text.n - 1 - (size_t)(split + 4 - reply->text.p);
}

void
webside_reply_reset(struct webside_reply *reply)
{
	buf_reset(&reply->text);
}

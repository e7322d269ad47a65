/*
 * courier_curl: see courier.h.  libcurl's multi interface, whose sockets and
 * timer are those of our loop.
 */
#include "courier.h"

#include <stdlib.h>
#include <string.h>

#include "courier_curl_parts.h"
#include "loop.h"

#define REPLY_MOST 65536 /* bytes of a reply that are read */
#define IDLE_MOST 32L    /* connections kept for the next post */

struct courier {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer timer;
	struct ride *rides;
};

/* A post under way. */
struct ride {
	struct courier *courier;
	struct courier_post *post;
	CURL *easy;
	struct curl_slist *headers;
	size_t read;
	struct ride *prev, *next;
};

/* A socket of libcurl's. */
struct line {
	struct courier *courier;
	struct loop_io io;
};

int
courier_is_there(void)
{
	return 1;
}

/* ---- the end of a ride ---- */

static void
dismount(struct ride *r)
{
	struct courier *c = r->courier;

	if (r->prev != NULL)
		r->prev->next = r->next;
	else
		c->rides = r->next;
	if (r->next != NULL)
		r->next->prev = r->prev;
	curl_multi_remove_handle(c->multi, r->easy);
	curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->headers);
	free(r);
}

/* A reply whose end did not come, or was not wanted, is a reply: it has its
 * status. */
static void
judge(const struct ride *r, CURLcode code, struct courier_result *result)
{
	long status = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	courier_curl_judge(r->easy, code, status >= 200, result);
}

static void
collect(struct courier *c)
{
	struct courier_result result;
	struct courier_post *post;
	struct ride *r;
	CURLMsg *msg;
	char *private;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
		r = (struct ride *)(void *)private;
		judge(r, msg->data.result, &result);
		post = r->post;
		dismount(r);
		post->done(post, &result);
	}
}

/* ---- libcurl and the loop ---- */

static void
act(struct courier *c, curl_socket_t fd, int events)
{
	int running;

	curl_multi_socket_action(c->multi, fd, events, &running);
	collect(c);
}

static void
ready(struct loop_io *io, int events)
{
	const struct line *line = LOOP_OWNER(io, struct line, io);

	act(line->courier, loop_io_fd(io),
	    (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
		(events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void
due(struct loop_timer *timer)
{
	act(LOOP_OWNER(timer, struct courier, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *own)
{
	struct courier *c = arg;
	struct line *line = own;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (line != NULL)
			loop_io_want(c->loop, &line->io, 0);
		curl_multi_assign(c->multi, fd, NULL);
		free(line);
		return 0;
	}
	if (line == NULL) {
		if ((line = calloc(1, sizeof(*line))) == NULL)
			return -1;
		line->courier = c;
		loop_io_init(&line->io, fd, ready, line);
		curl_multi_assign(c->multi, fd, line);
	}
	loop_io_want(c->loop, &line->io,
	    (what & CURL_POLL_IN ? LOOP_READ : 0) |
		(what & CURL_POLL_OUT ? LOOP_WRITE : 0));
	return 0;
}

static int
want_time(CURLM *multi, long ms, void *arg)
{
	struct courier *c = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_stop(c->loop, &c->timer);
	else
		loop_timer_start(c->loop, &c->timer, ms);
	return 0;
}

/* ---- a post ---- */

/* Of the type of fwrite(3), which libcurl has by itself. */
static size_t
discard(const void *bytes, size_t size, size_t n, void *arg)
{
	struct ride *r = arg;

	(void)bytes;
	r->read += size * n;
	return r->read > REPLY_MOST ? 0 : size * n;
}

static int
add_headers(struct ride *r, const struct courier_post *post)
{
	/* One that would be asked for by libcurl costs a second of waiting. */
	int is_right = courier_curl_header(&r->headers, "Expect:");

	for (size_t i = 0; i < COURIER_HEADERS && post->headers[i] != NULL; i++)
		is_right = is_right &&
		    courier_curl_header(&r->headers, post->headers[i]);
	return is_right;
}

#define SET(option, value) \
	(curl_easy_setopt(r->easy, CURLOPT_##option, value) == CURLE_OK)

static int
set_post(struct ride *r, const struct courier_post *post)
{
	return add_headers(r, post) && SET(HTTPHEADER, r->headers) &&
	    SET(URL, post->url) &&
	    SET(POSTFIELDSIZE_LARGE, (curl_off_t)post->body.n) &&
	    SET(COPYPOSTFIELDS, post->body.p) && SET(WRITEFUNCTION, discard) &&
	    SET(WRITEDATA, r) && SET(PRIVATE, r);
}

enum lb_err
courier_send(struct courier *c, struct courier_post *post)
{
	struct ride *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return LB_NO_MEMORY;
	r->courier = c;
	r->post = post;
	r->easy = curl_easy_init();
	if (r->easy == NULL || !courier_curl_limit(r->easy, COURIER_TOTAL_MS) ||
	    !set_post(r, post) ||
	    curl_multi_add_handle(c->multi, r->easy) != CURLM_OK)
		goto free;
	r->next = c->rides;
	if (r->next != NULL)
		r->next->prev = r;
	c->rides = r;
	return LB_OK;
free:
	curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->headers);
	free(r);
	return LB_NO_MEMORY;
}

/* ---- open and close ---- */

enum lb_err
courier_open(struct courier **out, struct loop *loop)
{
	struct courier *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return LB_NO_MEMORY;
	c->loop = loop;
	loop_timer_init(&c->timer, due);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto free;
	if ((c->multi = curl_multi_init()) == NULL)
		goto cleanup;
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, want_time);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, IDLE_MOST);
	*out = c;
	return LB_OK;
cleanup:
	curl_global_cleanup();
free:
	free(c);
	return LB_NO_MEMORY;
}

void
courier_close(struct courier *c)
{
	struct ride *r, *next;

	if (c == NULL)
		return;
	for (r = c->rides; r != NULL; r = next) {
		next = r->next;
		dismount(r);
	}
	curl_multi_cleanup(c->multi);
	loop_timer_stop(c->loop, &c->timer);
	curl_global_cleanup();
	free(c);
}

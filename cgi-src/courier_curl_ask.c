/*
 * courier_curl_ask: see courier_ask.h.  libcurl's easy interface.
 */
#include <stdlib.h>

#include "courier_ask.h"
#include "courier_curl_parts.h"

struct courier_asker {
	CURL *easy;
	const volatile sig_atomic_t *ended;
};

enum lb_err
courier_ask_open(struct courier_asker **out, const volatile sig_atomic_t *ended)
{
	struct courier_asker *a = calloc(1, sizeof(*a));

	*out = NULL;
	if (a == NULL)
		return LB_NO_MEMORY;
	a->ended = ended;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto free;
	if ((a->easy = curl_easy_init()) == NULL)
		goto cleanup;
	*out = a;
	return LB_OK;
cleanup:
	curl_global_cleanup();
free:
	free(a);
	return LB_NO_MEMORY;
}

void
courier_ask_close(struct courier_asker *a)
{
	if (a == NULL)
		return;
	curl_easy_cleanup(a->easy);
	curl_global_cleanup();
	free(a);
}

/* Of the type of fwrite(3), which libcurl has by itself. */
static size_t
take(const void *bytes, size_t size, size_t n, void *arg)
{
	struct buf *reply = arg;

	buf_add(reply, bytes, size * n);
	return reply->failed ? 0 : size * n;
}

/* libcurl asks at least once a second. */
static int
look(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct courier_asker *asker = arg;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return *asker->ended != 0;
}

#define SET(option, value) \
	(curl_easy_setopt(a->easy, CURLOPT_##option, value) == CURLE_OK)

static int
set(struct courier_asker *a, const struct courier_question *q,
    struct curl_slist *headers, struct buf *reply)
{
	int is_right = courier_curl_limit(a->easy,
			   COURIER_TOTAL_MS + COURIER_POLL_MS) &&
	    SET(URL, q->url) && SET(HTTPHEADER, headers) &&
	    SET(WRITEFUNCTION, take) && SET(WRITEDATA, reply) &&
	    SET(NOPROGRESS, 0L) && SET(XFERINFOFUNCTION, look) &&
	    SET(XFERINFODATA, a);

	if (is_right && q->body.p != NULL)
		is_right = SET(POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n) &&
		    SET(COPYPOSTFIELDS, q->body.p);
	return is_right;
}

enum lb_err
courier_ask(struct courier_asker *a, const struct courier_question *q,
    struct buf *reply, struct courier_result *result)
{
	struct curl_slist *headers = NULL;
	int is_right = courier_curl_header(&headers, "Expect:");

	reply->n = 0;
	reply->failed = 0;
	for (size_t i = 0; i < COURIER_HEADERS && q->headers[i] != NULL; i++)
		is_right = is_right &&
		    courier_curl_header(&headers, q->headers[i]);
	curl_easy_reset(a->easy);
	is_right = is_right && set(a, q, headers, reply);
	if (is_right)
		courier_curl_judge(a->easy, curl_easy_perform(a->easy), 0,
		    result);
	curl_slist_free_all(headers);
	return is_right ? LB_OK : LB_NO_MEMORY;
}

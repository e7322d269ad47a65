/*
 * courier_curl_ask: see courier_ask.h.  libcurl's easy interface.
 */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "courier_ask.h"

#define AGENT "letterbox/" LB_VERSION

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
	int is_right = SET(PROTOCOLS_STR, "http,https") &&
	    SET(FOLLOWLOCATION, 0L) && SET(PROXY, "") &&
	    SET(NETRC, (long)CURL_NETRC_IGNORED) && SET(SSL_VERIFYPEER, 1L) &&
	    SET(SSL_VERIFYHOST, 2L) && SET(NOSIGNAL, 1L) &&
	    SET(CONNECTTIMEOUT_MS, (long)COURIER_CONNECT_MS) &&
	    SET(TIMEOUT_MS, (long)(COURIER_TOTAL_MS + COURIER_POLL_MS)) &&
	    SET(URL, q->url) && SET(HTTPHEADER, headers) &&
	    SET(USERAGENT, AGENT) && SET(WRITEFUNCTION, take) &&
	    SET(WRITEDATA, reply) && SET(NOPROGRESS, 0L) &&
	    SET(XFERINFOFUNCTION, look) && SET(XFERINFODATA, a);

	if (is_right && q->body.p != NULL)
		is_right = SET(POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n) &&
		    SET(COPYPOSTFIELDS, q->body.p);
	return is_right;
}

static const char *
tag_of(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return "unknown-host";
	case CURLE_COULDNT_CONNECT:
		return "no-connection";
	case CURLE_OPERATION_TIMEDOUT:
		return "too-slow";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR:
		return "tls";
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return "bad-address";
	case CURLE_ABORTED_BY_CALLBACK:
		return "ended";
	case CURLE_WRITE_ERROR:
		return "too-long";
	default:
		return "no-reply";
	}
}

static void
judge(struct courier_asker *a, CURLcode code, struct courier_result *out)
{
	curl_off_t after = 0;
	long status = 0;

	memset(out, 0, sizeof(*out));
	if (code != CURLE_OK) {
		out->why = tag_of(code);
		return;
	}
	curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(a->easy, CURLINFO_RETRY_AFTER, &after);
	out->status = (int)status;
	if (after > 0)
		out->retry_after = after < 3600 ? after * 1000 : 3600000;
}

enum lb_err
courier_ask(struct courier_asker *a, const struct courier_question *q,
    struct buf *reply, struct courier_result *result)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:"), *more;
	enum lb_err err = LB_NO_MEMORY;

	reply->n = 0;
	reply->failed = 0;
	for (size_t i = 0; i < COURIER_HEADERS && q->headers[i] != NULL; i++) {
		more = curl_slist_append(headers, q->headers[i]);
		if (headers == NULL || more == NULL)
			goto free;
		headers = more;
	}
	curl_easy_reset(a->easy);
	if (!set(a, q, headers, reply))
		goto free;
	judge(a, curl_easy_perform(a->easy), result);
	err = LB_OK;
free:
	curl_slist_free_all(headers);
	return err;
}

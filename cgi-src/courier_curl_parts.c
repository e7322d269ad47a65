/*
 * courier_curl_parts: see courier_curl_parts.h.
 */
#include "courier_curl_parts.h"

#include <string.h>

#define AGENT "letterbox/" LB_VERSION
#define AFTER_MOST 86400 /* s that an answer may ask for */

#define SET(option, value) \
	(curl_easy_setopt(easy, CURLOPT_##option, value) == CURLE_OK)

int
courier_curl_limit(CURL *easy, long ms)
{
	return SET(PROTOCOLS_STR, "http,https") && SET(FOLLOWLOCATION, 0L) &&
	    SET(PROXY, "") && SET(NETRC, (long)CURL_NETRC_IGNORED) &&
	    SET(SSL_VERIFYPEER, 1L) && SET(SSL_VERIFYHOST, 2L) &&
	    SET(CONNECTTIMEOUT_MS, (long)COURIER_CONNECT_MS) &&
	    SET(TIMEOUT_MS, ms) && SET(NOSIGNAL, 1L) && SET(USERAGENT, AGENT);
}

int
courier_curl_header(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer == NULL)
		return 0;
	*list = longer;
	return 1;
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
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
		return "tls";
	case CURLE_OUT_OF_MEMORY:
		return "no-memory";
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

/* 1 when there was no connection on which to say anything. */
static int
is_unreachable(CURL *easy, CURLcode code)
{
	curl_off_t begun = 0;

	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &begun);
		return begun == 0;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
		return 1;
	default:
		return strcmp(tag_of(code), "tls") == 0;
	}
}

void
courier_curl_judge(CURL *easy, CURLcode code, int got_all,
    struct courier_result *out)
{
	curl_off_t after = 0;
	long status = 0;

	memset(out, 0, sizeof(*out));
	if (code != CURLE_OK && !got_all) {
		out->why = tag_of(code);
		out->unreachable = is_unreachable(easy, code);
		return;
	}
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after);
	out->status = (int)status;
	if (after > 0)
		out->retry_after = (after < AFTER_MOST ? after : AFTER_MOST) *
		    1000;
}

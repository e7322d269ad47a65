/*
 * courier_curl_parts: what every request of libcurl's has in common.
 */
#ifndef LETTERBOX_COURIER_CURL_PARTS_H
#define LETTERBOX_COURIER_CURL_PARTS_H

#include <curl/curl.h>

#include "courier.h"

/* Where it may go, and that it takes `ms` at most; 0: no memory. */
int courier_curl_limit(CURL *, long ms);
/* Adds a line; 0: no memory, and the list is as it was. */
int courier_curl_header(struct curl_slist **, const char *line);
/* What a request came to that ended with `code`; `got_all` 1 where it counts as
 * answered all the same. */
void courier_curl_judge(CURL *, CURLcode code, int got_all,
    struct courier_result *);

#endif

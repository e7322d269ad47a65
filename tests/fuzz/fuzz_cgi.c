/*
 * Fuzzes a CGI request: lines are variables, and what stands behind an empty
 * line is the body, which comes from a file as lighttpd gives it.
 */
#define _GNU_SOURCE /* memfd_create */

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport_cgi.h"

#define VARIABLES 64

static void
must(int holds)
{
	if (!holds)
		abort();
}

/* A whole request has the body that was sent, as long as was said. */
static void
check(const struct transport_cgi *t, const char *body, size_t n)
{
	const struct http_request *r = &t->request;

	if (r->refused != LB_OK) {
		must(r->body.n == 0);
		return;
	}
	must(r->body.n <= n && r->body.n <= t->options.body_max);
	must(r->body.n == 0 || memcmp(r->body.p, body, r->body.n) == 0);
	must(r->path.n == 0 || memchr(r->path.p, '\0', r->path.n) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cgi_options options = {
		.in = memfd_create("body", MFD_CLOEXEC),
		.params_max = 1024,
		.body_max = 512,
		.read_timeout = 50,
	};
	char *text = malloc(size + 1), *at = text, *end;
	char *variables[VARIABLES + 1] = { NULL };
	struct transport_cgi t;
	size_t count = 0, left;

	must(text != NULL && options.in >= 0);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	while ((end = strchr(at, '\n')) != NULL && end != at &&
	    count < VARIABLES) {
		*end = '\0';
		variables[count++] = at;
		at = end + 1;
	}
	if (end == at)
		at++;
	left = (size_t)(text + size - at);
	must(write(options.in, at, left) == (ssize_t)left);
	must(lseek(options.in, 0, SEEK_SET) == 0);
	transport_cgi_read(&t, &options, variables);
	check(&t, at, left);
	transport_cgi_close(&t);
	close(options.in);
	free(text);
	return 0;
}

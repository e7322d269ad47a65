/*
 * front: see front.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "front.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

const char *const front_words[FRONT__MAX + 1] = {
	[FRONT_AUTO] = "auto",
	[FRONT_EVENT] = "event",
	[FRONT_THREAD] = "thread",
	[FRONT_POOL] = "pool",
	[FRONT_CGI] = "cgi",
};

/* Servers that wait for many answers in one thread. */
static const char *const patient[] = { "lighttpd", "nginx" };

/* mod_fcgid names its sockets PID.NUMBER, in a folder that is usually called
 * fcgid/sock or fcgidsock. */
static int
is_fcgid_path(const char *path)
{
	const char *name = strrchr(path, '/');
	size_t pid, number;

	if (name == NULL)
		return 0;
	if (strstr(path, "fcgid") != NULL)
		return 1;
	pid = strspn(++name, "0123456789");
	if (pid == 0 || name[pid] != '.')
		return 0;
	number = strspn(name + pid + 1, "0123456789");
	return number > 0 && name[pid + 1 + number] == '\0';
}

enum front
front_at_start(enum front configured, int is_cgi, int listen_fd)
{
	struct sockaddr_un address;
	socklen_t size = sizeof(address) - 1;

	if (is_cgi)
		return FRONT_CGI;
	if (configured != FRONT_AUTO)
		return configured;
	memset(&address, 0, sizeof(address));
	if (getsockname(listen_fd, (struct sockaddr *)(void *)&address,
		&size) == 0 &&
	    address.sun_family == AF_UNIX && is_fcgid_path(address.sun_path))
		return FRONT_POOL;
	return FRONT_AUTO;
}

enum front
front_of_software(struct slice software)
{
	for (size_t i = 0; i < sizeof(patient) / sizeof(patient[0]); i++) {
		size_t n = strlen(patient[i]);

		if (software.n >= n &&
		    strncasecmp(software.p, patient[i], n) == 0)
			return FRONT_EVENT;
	}
	return FRONT_THREAD;
}

/* 1 and `*stem` when it is STEM.fcgi. */
static int
take_stem(struct slice name, struct slice *stem)
{
	static const struct slice end = { ".fcgi", 5 };

	*stem = (struct slice){ name.p, name.n - end.n };
	return name.n > end.n &&
	    slice_equal((struct slice){ name.p + stem->n, end.n }, end);
}

static int
is_program(struct slice stem)
{
	char path[4096];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%.*s.cgi", (int)stem.n, stem.p);

	return n > 0 && (size_t)n < sizeof(path) && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int
front_posts(enum front front, struct slice script_name,
    struct slice script_filename, struct buf *path)
{
	struct slice url, file;

	if (front != FRONT_POOL || !slice_starts(script_name, "/") ||
	    !take_stem(script_name, &url) ||
	    !take_stem(script_filename, &file) || !is_program(file))
		return 0;
	buf_slice(path, url);
	buf_str(path, ".cgi");
	return !path->failed;
}

int
front_is_single(enum front front)
{
	return front == FRONT_POOL || front == FRONT_CGI;
}

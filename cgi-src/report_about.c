/*
 * report_about: see report_about.h.
 */
#include "report_about.h"

#include "err.h"

#define SOFTWARE_MOST 64 /* bytes */

static const char *const fronts[FRONT__MAX] = {
	[FRONT_EVENT] = "FastCGI, many requests at once",
	[FRONT_THREAD] = "FastCGI, a worker of the web server for each request",
	[FRONT_POOL] = "FastCGI, a process for each request (mod_fcgid)",
	[FRONT_CGI] = "CGI, a process for each request",
};

static void
add(struct buf *out, const char *what, const char *words)
{
	buf_printf(out, "<dt>%s</dt><dd>%s</dd>\n", what, words);
}

static void
add_seconds(struct buf *out, const char *what, int64_t seconds)
{
	buf_printf(out, "<dt>%s</dt><dd>%lld s</dd>\n", what,
	    (long long)seconds);
}

static int
is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '/' || c == '.' || c == '-' ||
	    c == '_';
}

/* "lighttpd/1.4.69" of it; what follows may say more of the machine. */
static void
add_software(struct buf *out, struct slice software)
{
	size_t n = 0;

	while (n < software.n && n < SOFTWARE_MOST && is_plain(software.p[n]))
		n++;
	if (n == 0)
		return;
	buf_str(out, "<dt>Web server</dt><dd>");
	buf_add(out, software.p, n);
	buf_str(out, "</dd>\n");
}

void
report_about_print(struct buf *out, const struct report_about *about)
{
	buf_str(out,
	    "<footer id=\"environment\"><details>\n"
	    "<summary>About this report</summary>\n<dl>\n");
	add(out, "Made by", "Letterbox " LB_VERSION);
	add(out, "SQLite", about->sqlite);
	add_software(out, about->software);
	if (about->front != FRONT_AUTO)
		add(out, "Started as", fronts[about->front]);
	if (about->has_limits) {
		add_seconds(out, "A peer is gone when it is silent for",
		    about->lease);
		add_seconds(out, "A poll waits for at most", about->hold);
		add_seconds(out, "A message is kept for", about->ttl);
		add(out, "TURN servers",
		    about->has_turn ? "configured" : "none configured");
	}
	buf_str(out, "</dl>\n");
	if (!about->has_limits)
		buf_str(out,
		    "<p>The configuration of the server is not known: "
		    "the report was made of a database alone.</p>\n");
	buf_str(out, "</details></footer>\n");
}

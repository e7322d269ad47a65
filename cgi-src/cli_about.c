/*
 * cli_about: see cli_about.h.
 */
#include "cli_about.h"

#include "err.h"
#include "store_sqlite.h"

static void
add_seconds(struct buf *out, const char *what, int64_t seconds)
{
	buf_printf(out, "<dt>%s</dt><dd>%lld s</dd>\n", what,
	    (long long)seconds);
}

static void
add_limits(struct buf *out, const struct conf *conf)
{
	add_seconds(out, "A peer is gone when it is silent for", conf->lease);
	add_seconds(out, "A poll waits for at most", conf->hold);
	add_seconds(out, "A message is kept for", conf->ttl);
	buf_printf(out, "<dt>TURN servers</dt><dd>%s</dd>\n",
	    conf->turn.count > 0 ? "configured" : "none configured");
}

void
cli_about_add(struct buf *out, const struct conf *conf)
{
	buf_str(out,
	    "<footer id=\"environment\"><details>\n"
	    "<summary>About this report</summary>\n<dl>\n");
	buf_printf(out, "<dt>Made by</dt><dd>Letterbox %s</dd>\n", LB_VERSION);
	buf_printf(out, "<dt>SQLite</dt><dd>%s</dd>\n", store_sqlite_version());
	if (conf != NULL)
		add_limits(out, conf);
	buf_str(out, "</dl>\n");
	if (conf == NULL)
		buf_str(out,
		    "<p>The configuration of the server is not known: "
		    "the report was made of a database alone.</p>\n");
	buf_str(out, "</details></footer>\n");
}

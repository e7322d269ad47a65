/*
 * embed: files of schema/ and pages that travel inside the program, so that one
 * uploaded file is a whole installation. The Makefile generates their C
 * sources with schema/embed.py; nothing is read from disk at run time.
 */
#ifndef LETTERBOX_EMBED_H
#define LETTERBOX_EMBED_H

#include <stddef.h>

/*
 * schema/letterbox.sql as it stands, for an empty database. NUL-terminated;
 * the length is in bytes and does not count the NUL. The tag is another one for
 * each version of the file: 16 characters of hex.
 */
extern const char lb_schema_sql[];
extern const size_t lb_schema_sql_len;
extern const char lb_schema_sql_tag[];

/* schema/openapi.yaml as JSON, for GET /openapi.json; same form. */
extern const char lb_openapi_json[];
extern const size_t lb_openapi_json_len;
extern const char lb_openapi_json_tag[];

/* schema/explain.json, the rules of explain.h; same form. */
extern const char lb_explain_json[];
extern const size_t lb_explain_json_len;

/*
 * The pages of a call and the doctor's, each one file with all that it needs;
 * same form.  The policy is what Content-Security-Policy says of it, without
 * frame-ancestors.
 */
extern const char lb_index_html[];
extern const size_t lb_index_html_len;
extern const char lb_index_html_tag[];
extern const char lb_index_html_policy[];
extern const char lb_room_html[];
extern const size_t lb_room_html_len;
extern const char lb_room_html_tag[];
extern const char lb_room_html_policy[];
extern const char lb_doctor_html[];
extern const size_t lb_doctor_html_len;
extern const char lb_doctor_html_tag[];
extern const char lb_doctor_html_policy[];

/* The page that shows a recording; what is in it goes before "</body>". */
extern const char lb_replay_html[];
extern const size_t lb_replay_html_len;

/* The page of AppRTC's rooms; its parameters are "{}" in EMBED_PARAMETERS. */
extern const char lb_apprtc_html[];
extern const size_t lb_apprtc_html_len;
extern const char lb_apprtc_html_policy[];
#define EMBED_PARAMETERS \
	"<script type=\"application/json\" id=\"parameters\">{}</script>"

/* The script of the Channel API, one of public_html/js/jsapi, and that of
 * pages with WebSockets, of public_html/js/websocket; same form. */
extern const char lb_jsapi_js[];
extern const size_t lb_jsapi_js_len;
extern const char lb_jsapi_js_tag[];
extern const char lb_websocket_js[];
extern const size_t lb_websocket_js_len;
extern const char lb_websocket_js_tag[];

/*
 * A step that brings a database of user_version `to` - 1 to `to`. Steps are
 * in rising order; the table ends with `to` 0 and `sql` NULL, and holds
 * nothing else while the schema has had one version only.
 */
struct embed_migration {
	int to;
	const char *sql;
};

extern const struct embed_migration lb_migrations[];

#endif

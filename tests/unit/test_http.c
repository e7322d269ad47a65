/*
 * http: variables, queries and headers are read as their documents say.
 */
#include "unit.h"

#include "http.h"

static void
methods_are_upper_case_words(void **state)
{
	(void)state;
	assert_int_equal(http_method(SLICE("GET")), HTTP_GET);
	assert_int_equal(http_method(SLICE("HEAD")), HTTP_HEAD);
	assert_int_equal(http_method(SLICE("POST")), HTTP_POST);
	assert_int_equal(http_method(SLICE("DELETE")), HTTP_DELETE);
	assert_int_equal(http_method(SLICE("OPTIONS")), HTTP_OPTIONS);
	assert_int_equal(http_method(SLICE("get")), HTTP_OTHER);
	assert_int_equal(http_method(SLICE("PUT")), HTTP_OTHER);
	assert_int_equal(http_method(SLICE("")), HTTP_OTHER);
	assert_int_equal(http_method(slice_of(NULL)), HTTP_OTHER);
}

static void
variables_find_their_places(void **state)
{
	static const char *const pairs[][2] = { { "REQUEST_METHOD", "POST" },
		{ "PATH_INFO", "/ice" }, { "QUERY_STRING", "a=b" },
		{ "CONTENT_TYPE", "text/plain" },
		{ "HTTP_AUTHORIZATION", "Bearer x" },
		{ "HTTP_X_LETTERBOX_TOKEN", "t" }, { "HTTP_PREFER", "wait=1" },
		{ "HTTP_ACCEPT", "*/*" }, { "HTTP_ORIGIN", "null" },
		{ "HTTP_HOST", "a.example:8080" },
		{ "HTTP_X_FORWARDED_FOR", "192.0.2.1" },
		{ "HTTP_LAST_EVENT_ID", "e.1" }, { "REMOTE_ADDR", "192.0.2.2" },
		{ "SERVER_SOFTWARE", "nginx/1.22.1" },
		{ "SCRIPT_NAME", "/box.cgi" },
		{ "SCRIPT_FILENAME", "/srv/box.cgi" }, { "HTTP_COOKIE", "no" },
		{ "HTTP_PROXY", "no" }, { "", "no" } };
	struct http_request r;
	size_t i;

	(void)state;
	memset(&r, 0, sizeof(r));
	for (i = 0; i < COUNT(pairs); i++)
		http_variable(&r, slice_of(pairs[i][0]), slice_of(pairs[i][1]));
	assert_int_equal(http_finish(&r), LB_OK);
	assert_int_equal(r.method, HTTP_POST);
	assert_slice(r.path, "/ice");
	assert_slice(r.query, "a=b");
	assert_slice(r.content_type, "text/plain");
	assert_slice(r.authorization, "Bearer x");
	assert_slice(r.x_token, "t");
	assert_slice(r.prefer, "wait=1");
	assert_slice(r.accept, "*/*");
	assert_slice(r.origin, "null");
	assert_slice(r.host, "a.example:8080");
	assert_slice(r.forwarded, "192.0.2.1");
	assert_slice(r.last_event_id, "e.1");
	assert_slice(r.remote, "192.0.2.2");
	assert_slice(r.server_software, "nginx/1.22.1");
	assert_slice(r.script_name, "/box.cgi");
	assert_slice(r.script_filename, "/srv/box.cgi");
}

static void
an_authorization_moved_by_apache_is_found(void **state)
{
	struct http_request r;

	(void)state;
	memset(&r, 0, sizeof(r));
	http_variable(&r, SLICE("HTTP_AUTHORIZATION"), SLICE(""));
	http_variable(&r, SLICE("REDIRECT_HTTP_AUTHORIZATION"),
	    SLICE("Bearer abc"));
	http_variable(&r, SLICE("HTTP_AUTHORIZATION"), SLICE(""));
	assert_slice(http_token(&r), "abc");
}

static enum lb_err
finish(struct http_request *r, const char *path_info, char *query)
{
	memset(r, 0, sizeof(*r));
	if (path_info != NULL)
		http_variable(r, SLICE("PATH_INFO"), slice_of(path_info));
	http_variable(r, SLICE("QUERY_STRING"), slice_of(query));
	return http_finish(r);
}

static void
the_path_is_in_path_info_or_in_the_query(void **state)
{
	char query[] = "path=%2Frooms/a%7Eb%2fmessages&after=abcdefgh.1";
	struct http_request r;
	struct buf b;

	(void)state;
	assert_int_equal(finish(&r, "/ice", query), LB_OK);
	assert_slice(r.path, "/ice");
	assert_int_equal(finish(&r, "", query), LB_OK);
	assert_slice(r.path, "/rooms/a~b/messages");
	buf_init(&b, 64);
	assert_int_equal(http_query(r.query, "after", &b), LB_OK);
	assert_buf(&b, "abcdefgh.1");
	buf_reset(&b);
	/* The slash of a folder's address is no path. */
	assert_int_equal(finish(&r, "/", strcpy(query, "path=/rooms/a")),
	    LB_OK);
	assert_slice(r.path, "/rooms/a");
	assert_int_equal(finish(&r, "/", strcpy(query, "a=1")), LB_OK);
	assert_slice(r.path, "/");
}

static void
a_plain_path_in_the_query_is_not_written_to(void **state)
{
	/* Read-only memory: a write would be the end. */
	const struct slice query = SLICE("x=1&path=/rooms/a");
	struct http_request r;

	(void)state;
	memset(&r, 0, sizeof(r));
	http_variable(&r, SLICE("QUERY_STRING"), query);
	assert_int_equal(http_finish(&r), LB_OK);
	assert_slice(r.path, "/rooms/a");
}

static void
a_broken_path_is_refused(void **state)
{
	static const char *const bad[] = { "path=/a%", "path=/a%4",
		"path=/a%zz", "path=/a%00", "path=/a&path=/b", "path=%" };
	struct http_request r;
	char query[32];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		snprintf(query, sizeof(query), "%s", bad[i]);
		assert_row(finish(&r, NULL, query) == LB_BAD_REQUEST, bad[i]);
	}
	memset(&r, 0, sizeof(r));
	http_variable(&r, SLICE("PATH_INFO"), SLICE("/a\0b"));
	assert_int_equal(http_finish(&r), LB_BAD_REQUEST);
}

static void
no_path_at_all_is_no_fault_here(void **state)
{
	struct http_request r;

	(void)state;
	memset(&r, 0, sizeof(r));
	assert_int_equal(http_finish(&r), LB_OK);
	assert_int_equal(r.path.n, 0);
}

static void
a_query_member_is_found_and_decoded(void **state)
{
	static const struct {
		const char *query, *value;
		enum lb_err err;
	} rows[] = {
		{ "after=x", "x", LB_OK },
		{ "a=1&after=x&b=2", "x", LB_OK },
		{ "after=", "", LB_OK },
		{ "after", "", LB_OK },
		{ "&&after=x&&", "x", LB_OK },
		{ "after=a+b%20c%2B%3D", "a b c+=", LB_OK },
		{ "after=a=b", "a=b", LB_OK },
		{ "%61fter=x", "x", LB_OK },
		{ "", "", LB_NOT_FOUND },
		{ "afte=x", "", LB_NOT_FOUND },
		{ "afterr=x", "", LB_NOT_FOUND },
		{ "After=x", "", LB_NOT_FOUND },
		{ "x=after", "", LB_NOT_FOUND },
		{ "%zz=after", "", LB_NOT_FOUND },
		{ "after=x&after=x", "", LB_BAD_REQUEST },
		{ "after=x&%61fter=x", "", LB_BAD_REQUEST },
		{ "after=%", "", LB_BAD_REQUEST },
		{ "after=%4", "", LB_BAD_REQUEST },
		{ "after=%4&x=1", "", LB_BAD_REQUEST },
		{ "after=%00", "", LB_BAD_REQUEST },
		{ "after=12345678901", "", LB_BAD_REQUEST },
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		buf_init(&b, 10);
		assert_row(http_query(slice_of(rows[i].query), "after", &b) ==
			rows[i].err,
		    rows[i].query);
		assert_buf(&b, rows[i].value);
		buf_reset(&b);
	}
	buf_init(&b, 10);
	assert_int_equal(http_query(slice_of(NULL), "after", &b), LB_NOT_FOUND);
}

static void
the_token_is_in_either_header(void **state)
{
	static const char *const rows[][3] = {
		/* Authorization, X-Letterbox-Token, the token */
		{ "Bearer abc", NULL, "abc" },
		{ "bEARER  abc ", NULL, "abc" },
		{ "Bearer abc", "def", "abc" },
		{ "Basic abc", "def", "def" },
		{ "Bearer ", " def ", "def" },
		{ "Bearer", "def", "def" },
		{ "", "def", "def" },
		{ NULL, "def", "def" },
		{ "Basic abc", NULL, NULL },
		{ "Bearerabc", NULL, NULL },
		{ "", "", NULL },
		{ NULL, NULL, NULL },
	};
	struct http_request r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(&r, 0, sizeof(r));
		r.authorization = slice_of(rows[i][0]);
		r.x_token = slice_of(rows[i][1]);
		if (rows[i][2] == NULL)
			assert_null(http_token(&r).p);
		else
			assert_slice(http_token(&r), rows[i][2]);
	}
}

static void
prefer_tells_how_long_to_wait(void **state)
{
	static const struct {
		const char *prefer;
		long wait;
	} rows[] = {
		{ "wait=25", 25 },
		{ "Wait=25", 25 },
		{ "wait = 25", 25 },
		{ "wait=\"25\"", 25 },
		{ "respond-async, wait=10", 10 },
		{ "wait=10;strict", 10 },
		{ "respond-async;x=\"a,wait=3\", wait=10", 10 },
		{ "wait=10, wait=20", 10 },
		{ ",,wait=1", 1 },
		{ "wait=0", 0 },
		{ "wait=99999999999999999999999", 999999999 },
		{ "", -1 },
		{ "wait", -1 },
		{ "wait=", -1 },
		{ "wait=-1", -1 },
		{ "wait=1.5", -1 },
		{ "wait=x", -1 },
		{ "await=1", -1 },
		{ "x;wait=1", -1 },
		{ "x=\"wait=1", -1 },
		{ "\"\\", -1 },
		{ "wait=\"", -1 },
		{ "wait=\"\"", -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_row(http_prefer_wait(slice_of(rows[i].prefer)) ==
			rows[i].wait,
		    rows[i].prefer);
	assert_int_equal(http_prefer_wait(slice_of(NULL)), -1);
}

static void
a_media_type_is_compared_without_parameters(void **state)
{
	static const char *const good[] = { "application/json",
		"Application/JSON", "application/json; charset=utf-8",
		" application/json ;charset=\"utf-8\"" };
	static const char *const bad[] = { "", "application/jsonp",
		"application/json-patch+json", "text/plain", "application",
		"text/plain; a=application/json", ";application/json",
		"application/json, text/plain" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_row(http_media(slice_of(good[i]), "application/json"),
		    good[i]);
	for (i = 0; i < COUNT(bad); i++)
		assert_row(!http_media(slice_of(bad[i]), "application/json"),
		    bad[i]);
	assert_false(http_media(slice_of(NULL), "application/json"));
}

static void
a_stream_must_be_asked_for_by_name(void **state)
{
	static const char *const yes[] = { "text/event-stream",
		"TEXT/Event-Stream", "application/json, text/event-stream",
		"text/event-stream;q=0.1", "text/event-stream; Q=1",
		"text/event-stream;x=\"a,b\";q=0.5",
		"text/event-stream;q=0, text/event-stream" };
	static const char *const no[] = { "", "*/*", "text/*",
		"text/event-stream;q=0", "text/event-stream; q=0.000",
		"text/event-streams", "text/plain;x=\"text/event-stream\"",
		"text/plain;x=\"a, text/event-stream\"",
		"text/event-stream; q = 0" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(yes); i++)
		assert_row(http_accepts(slice_of(yes[i]), "text/event-stream"),
		    yes[i]);
	for (i = 0; i < COUNT(no); i++)
		assert_row(!http_accepts(slice_of(no[i]), "text/event-stream"),
		    no[i]);
	assert_false(http_accepts(slice_of(NULL), "text/event-stream"));
}

static void
a_tag_is_found_among_those_a_browser_has(void **state)
{
	static const char *const yes[] = { "\"tag\"", "W/\"tag\"", "*",
		"\"x\", \"tag\"", "\"a,b\",W/\"tag\" ", "\"tag-gzip\"" };
	static const char *const no[] = { "", "tag", "\"\"", "\"Tag\"", "\"tag",
		"\"tags\"", "W/", "W/\"", "\"x, tag\"", "**", "," };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(yes); i++)
		assert_row(http_matches(slice_of(yes[i]), "tag"), yes[i]);
	for (i = 0; i < COUNT(no); i++)
		assert_row(!http_matches(slice_of(no[i]), "tag"), no[i]);
	assert_false(http_matches(slice_of(NULL), "tag"));
}

static void
every_status_we_send_has_its_phrase(void **state)
{
	int err;

	(void)state;
	for (err = LB_OK; err < LB__MAX; err++)
		assert_string_not_equal(
		    http_phrase(err_words((enum lb_err)err)->status), "Error");
	assert_string_equal(http_phrase(201), "Created");
	assert_string_equal(http_phrase(204), "No Content");
	assert_string_equal(http_phrase(304), "Not Modified");
	assert_string_equal(http_phrase(299), "Error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_are_upper_case_words),
		cmocka_unit_test(variables_find_their_places),
		cmocka_unit_test(an_authorization_moved_by_apache_is_found),
		cmocka_unit_test(the_path_is_in_path_info_or_in_the_query),
		cmocka_unit_test(a_plain_path_in_the_query_is_not_written_to),
		cmocka_unit_test(a_broken_path_is_refused),
		cmocka_unit_test(no_path_at_all_is_no_fault_here),
		cmocka_unit_test(a_query_member_is_found_and_decoded),
		cmocka_unit_test(the_token_is_in_either_header),
		cmocka_unit_test(prefer_tells_how_long_to_wait),
		cmocka_unit_test(a_media_type_is_compared_without_parameters),
		cmocka_unit_test(a_stream_must_be_asked_for_by_name),
		cmocka_unit_test(a_tag_is_found_among_those_a_browser_has),
		cmocka_unit_test(every_status_we_send_has_its_phrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

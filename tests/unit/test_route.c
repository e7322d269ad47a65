/*
 * route: each template leads to its endpoint, and nothing else does.
 */
#include "unit.h"

#include "route.h"

/* The template with "r1" and "p1" in its braces. */
static void
fill(char *path, size_t size, const char *template)
{
	size_t n = 0;

	while (*template != '\0' && n + 3 < size) {
		if (*template != '{') {
			path[n++] = *template ++;
			continue;
		}
		path[n++] = template[1];
		path[n++] = '1';
		template = strchr(template, '}') + 1;
	}
	path[n] = '\0';
}

static void
every_template_leads_to_its_route(void **state)
{
	struct route_match m;
	const char *template;
	char path[64];
	int i;

	(void)state;
	for (i = 0; i < ROUTE__MAX; i++) {
		template = route_template((enum route)i);
		fill(path, sizeof(path), template);
		assert_int_equal(route_find(route_method((enum route)i),
				     slice_of(path), &m),
		    LB_OK);
		assert_int_equal(m.route, i);
		if (strstr(template, "{room}") != NULL)
			assert_slice(m.room, "r1");
		else
			assert_null(m.room.p);
		if (strstr(template, "{peer}") != NULL)
			assert_slice(m.peer, "p1");
		else
			assert_null(m.peer.p);
	}
	assert_string_equal(route_template(ROUTE__MAX), "");
}

static void
foreign_paths_are_not_found(void **state)
{
	static const char *const rows[] = { "", "/", "rooms/a", "/room/a",
		"/rooms", "/rooms/", "/rooms/a/", "/rooms//messages",
		"/rooms/a/messages/", "/rooms/a/messages/1", "/rooms/a/peers/",
		"/rooms/a/peers/b/c", "/rooms/a/message", "/rooms/a/messagesx",
		"/ice/", "/ICE", "//ice", "/%69ce", "/healthz?x" };
	struct route_match m;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_row(route_find(HTTP_GET, slice_of(rows[i]), &m) ==
			LB_NOT_FOUND,
		    rows[i]);
	assert_int_equal(route_find(HTTP_GET, slice_of(NULL), &m),
	    LB_NOT_FOUND);
}

static void
another_method_is_told_which_are_allowed(void **state)
{
	struct route_match m;

	(void)state;
	assert_int_equal(route_find(HTTP_DELETE, SLICE("/rooms/a/messages"),
			     &m),
	    LB_METHOD);
	assert_int_equal(m.allow,
	    1U << HTTP_GET | 1U << HTTP_HEAD | 1U << HTTP_POST);
	assert_int_equal(route_find(HTTP_OPTIONS, SLICE("/rooms/a/peers"), &m),
	    LB_METHOD);
	assert_int_equal(m.allow, 1U << HTTP_POST);
	assert_int_equal(route_find(HTTP_GET, SLICE("/rooms/a/peers/b"), &m),
	    LB_METHOD);
	assert_int_equal(m.allow, 1U << HTTP_DELETE);
	assert_int_equal(route_find(HTTP_OTHER, SLICE("/ice"), &m), LB_METHOD);
}

static void
head_counts_as_get(void **state)
{
	struct route_match m;

	(void)state;
	assert_int_equal(route_find(HTTP_HEAD, SLICE("/healthz"), &m), LB_OK);
	assert_int_equal(m.route, ROUTE_HEALTHZ);
	assert_int_equal(route_find(HTTP_HEAD, SLICE("/rooms/a/peers"), &m),
	    LB_METHOD);
}

static void
names_are_decoded_and_checked(void **state)
{
	static const char *const bad[] = { "/rooms/a%20b", "/rooms/a%2Fb",
		"/rooms/a%", "/rooms/%00", "/rooms/..", "/rooms/%2e%2E",
		"/rooms/a+b", "/rooms/caf\xc3\xa9" };
	char path[] = "/rooms/%61%7E/peers/%2db";
	struct route_match m;
	char copy[64];
	size_t i;

	(void)state;
	assert_int_equal(route_find(HTTP_DELETE, slice_of(path), &m), LB_OK);
	assert_int_equal(m.route, ROUTE_REMOVE);
	assert_slice(m.room, "a~");
	assert_slice(m.peer, "-b");
	for (i = 0; i < COUNT(bad); i++) {
		snprintf(copy, sizeof(copy), "%s", bad[i]);
		assert_row(route_find(HTTP_GET, slice_of(copy), &m) ==
			LB_BAD_NAME,
		    bad[i]);
	}
}

static void
the_method_is_judged_before_the_name(void **state)
{
	struct route_match m;

	(void)state;
	assert_int_equal(route_find(HTTP_POST, SLICE("/rooms/a+b"), &m),
	    LB_METHOD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_template_leads_to_its_route),
		cmocka_unit_test(foreign_paths_are_not_found),
		cmocka_unit_test(another_method_is_told_which_are_allowed),
		cmocka_unit_test(head_counts_as_get),
		cmocka_unit_test(names_are_decoded_and_checked),
		cmocka_unit_test(the_method_is_judged_before_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

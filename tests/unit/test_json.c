/*
 * json: RFC 8259 and nothing more; what came in comes out byte for byte.
 *
 * The documents in json/accept and json/refuse, one a file, must be taken and
 * refused as bodies are; run from the top of the tree.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit.h"

#include <dirent.h>

#include "json.h"

#define FOLDER "tests/unit/json/"

/* The file's bytes in a block of just their size, so that the sanitizer sees
 * one byte read too much. */
static struct slice
load(const char *folder, const char *name)
{
	char path[512], *p;
	struct slice text;
	FILE *f;
	long n;

	snprintf(path, sizeof(path), FOLDER "%s/%s", folder, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	assert_true(n >= 0);
	rewind(f);
	p = malloc(n > 0 ? (size_t)n : 1);
	assert_non_null(p);
	assert_int_equal(fread(p, 1, (size_t)n, f), n);
	fclose(f);
	text.p = p;
	text.n = (size_t)n;
	return text;
}

static void
unload(struct slice text)
{
	free((char *)(uintptr_t)text.p);
}

/* Checks every document of a folder; returns how many there were. */
static unsigned
check_folder(const char *folder, enum lb_err expected)
{
	DIR *dir = opendir(
	    folder[0] == 'a' ? FOLDER "accept" : FOLDER "refuse");
	struct json_fault fault;
	struct dirent *entry;
	struct slice text;
	unsigned count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".json") == NULL)
			continue;
		text = load(folder, entry->d_name);
		memset(&fault, 0, sizeof(fault));
		if (json_check(text, JSON_DEPTH, &fault) != expected)
			fail_msg("%s/%s: %s at %zu", folder, entry->d_name,
			    fault.why == NULL ? "taken" : fault.why, fault.at);
		if (expected != LB_OK) {
			assert_non_null(fault.why);
			assert_true(fault.at <= text.n);
		}
		unload(text);
		count++;
	}
	closedir(dir);
	return count;
}

static void
good_documents_are_taken(void **state)
{
	(void)state;
	assert_true(check_folder("accept", LB_OK) >= 30);
}

static void
bad_documents_are_refused(void **state)
{
	(void)state;
	assert_true(check_folder("refuse", LB_BAD_JSON) >= 100);
}

static void
a_good_document_is_bad_wherever_it_is_cut(void **state)
{
	struct slice text = load("accept", "description.json"), cut;

	(void)state;
	for (cut = text, cut.n = 0; cut.n < text.n; cut.n++)
		assert_int_equal(json_check(cut, JSON_DEPTH, NULL),
		    LB_BAD_JSON);
	unload(text);
}

static void
the_fault_says_where_and_why(void **state)
{
	static const struct {
		const char *text;
		size_t at;
		const char *why;
	} rows[] = {
		{ "{\"a\": 1,}", 8, "a member's name must be a string" },
		{ "[1, 2", 5, "the text ends too early" },
		{ "\"abc\\ud800\"", 4, "a lone surrogate" },
		{ "\"ab\ncd\"", 3, "a raw control character in a string" },
		{ "\"ab\xe9 cd\"", 3, "not UTF-8" },
		{ "[1 2]", 3, "a comma or ] is missing" },
		{ "{\"a\":1]", 6, "a comma or } is missing" },
		{ "{\"a\" 1}", 5, "a colon is missing" },
		{ "[1] x", 4, "something after the value" },
		{ "[NaN]", 1, "not a value" },
		{ "[-]", 2, "a minus without digits" },
		{ "[012]", 1, "a leading zero" },
		{ "[1.]", 3, "a point without digits" },
		{ "[1e]", 3, "an exponent without digits" },
		{ "\"\\x\"", 1, "an unknown escape" },
		{ "\"\\u12\"", 1, "\\u without four hexadecimal digits" },
		{ "\xef\xbb\xbf{}", 0, "a byte order mark" },
		{ "[[[[1]]]]", 3, "nested too deeply" },
		{ "", 0, "the text ends too early" },
	};
	struct json_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_row(json_check(slice_of(rows[i].text), 3, &fault) ==
			LB_BAD_JSON,
		    rows[i].text);
		assert_string_equal(fault.why, rows[i].why);
		assert_int_equal(fault.at, rows[i].at);
		assert_null(fault.member.p);
	}
	assert_int_equal(json_check(slice_of(NULL), 3, &fault), LB_BAD_JSON);
}

static void
the_depth_asked_for_is_the_depth_allowed(void **state)
{
	(void)state;
	assert_int_equal(json_check(SLICE("1"), 0, NULL), LB_OK);
	assert_int_equal(json_check(SLICE("[]"), 0, NULL), LB_BAD_JSON);
	assert_int_equal(json_check(SLICE("[]"), 1, NULL), LB_OK);
	assert_int_equal(json_check(SLICE("[{}]"), 1, NULL), LB_BAD_JSON);
	assert_int_equal(json_check(SLICE("[[],[],[]]"), 2, NULL), LB_OK);
}

/* Every byte at every place of the eight that are looked at together. */
static void
no_byte_hides_among_plain_ones(void **state)
{
	char text[34];
	const struct slice all = { text, sizeof(text) };
	int c;
	size_t at;

	(void)state;
	for (at = 1; at < sizeof(text) - 1; at++)
		for (c = 0; c < 256; c++) {
			memset(text, 'x', sizeof(text));
			text[0] = text[sizeof(text) - 1] = '"';
			text[at] = (char)c;
			/* A backslash makes an escape of 'x', or of the
			 * closing quote. */
			assert_int_equal(json_check(all, 1, NULL) == LB_OK,
			    c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
		}
}

static void
kinds_are_told_by_the_first_byte(void **state)
{
	(void)state;
	assert_int_equal(json_kind(SLICE("null")), JSON_NULL);
	assert_int_equal(json_kind(SLICE("true")), JSON_BOOL);
	assert_int_equal(json_kind(SLICE("false")), JSON_BOOL);
	assert_int_equal(json_kind(SLICE("-1")), JSON_NUMBER);
	assert_int_equal(json_kind(SLICE("\"\"")), JSON_STRING);
	assert_int_equal(json_kind(SLICE("[]")), JSON_ARRAY);
	assert_int_equal(json_kind(SLICE("{}")), JSON_OBJECT);
	assert_int_equal(json_kind(SLICE(" {}")), JSON_OBJECT);
	assert_true(json_true(SLICE("true")));
	assert_false(json_true(SLICE("false")));
	assert_false(json_true(slice_of(NULL)));
}

enum { N, MESSAGES, AFTER, MEMBERS };

static const struct json_member table[] = {
	[N] = { "n", JSON_NUMBER, 1 },
	[MESSAGES] = { "messages", JSON_ARRAY, 0 },
	[AFTER] = { "after", JSON_ANY, 0 },
	[MEMBERS] = { NULL, JSON_ANY, 0 },
};

static void
an_envelope_is_cut_into_slices(void **state)
{
	const struct slice text = SLICE(
	    " { \"messages\" : [ {\"n\":[]}, \"}\\\"]\" ] , \"n\":7 }\n");
	struct slice values[MEMBERS];
	struct json_fault fault;

	(void)state;
	assert_int_equal(json_check(text, 4, &fault), LB_OK);
	assert_int_equal(json_envelope(text, table, values, &fault), LB_OK);
	assert_slice(values[N], "7");
	assert_slice(values[MESSAGES], "[ {\"n\":[]}, \"}\\\"]\" ]");
	assert_null(values[AFTER].p);
	assert_true(values[N].p > text.p && values[N].p < text.p + text.n);
}

static void
a_name_with_escapes_is_the_same_name(void **state)
{
	const struct slice text = SLICE("{\"\\u006e\":1,\"\\u0061fter\":2}");
	struct slice values[MEMBERS];

	(void)state;
	assert_int_equal(json_envelope(text, table, values, NULL), LB_OK);
	assert_slice(values[N], "1");
	assert_slice(values[AFTER], "2");
}

static void
a_wrong_envelope_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *member, *why;
	} rows[] = {
		{ "{}", "n", "is missing" },
		{ "{\"after\":1}", "n", "is missing" },
		{ "{\"n\":1,\"m\":1}", "m", "is not known here" },
		{ "{\"n\":1,\"\":1}", "", "is not known here" },
		{ "{\"n\":1,\"nn\":1}", "nn", "is not known here" },
		{ "{\"n\":1,\"N\":1}", "N", "is not known here" },
		{ "{\"n\":1,\"n\\u0000\":1}", "n\\u0000", "is not known here" },
		{ "{\"n\":1,\"n\":1}", "n", "is there twice" },
		{ "{\"n\":1,\"\\u006e\":1}", "\\u006e", "is there twice" },
		{ "{\"after\":null,\"after\":null}", "after",
		    "is there twice" },
		{ "{\"n\":\"1\"}", "n", "must be a number" },
		{ "{\"n\":null}", "n", "must be a number" },
		{ "{\"n\":1,\"messages\":{}}", "messages", "must be an array" },
	};
	struct slice values[MEMBERS];
	struct json_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_row(json_envelope(slice_of(rows[i].text), table, values,
			       &fault) == LB_BAD_REQUEST,
		    rows[i].text);
		assert_slice(fault.member, rows[i].member);
		assert_string_equal(fault.why, rows[i].why);
	}
}

static void
what_is_no_object_is_no_envelope(void **state)
{
	static const char *const rows[] = { "[]", "1", "\"{}\"", "null", "" };
	struct slice values[MEMBERS];
	struct json_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_row(json_envelope(slice_of(rows[i]), table, values,
			       &fault) == LB_BAD_REQUEST,
		    rows[i]);
		assert_null(fault.member.p);
		assert_string_equal(fault.why, "must be an object");
	}
}

static void
an_array_is_walked_item_by_item(void **state)
{
	const struct slice array = SLICE(
	    " [ 1 ,\"a,]\" , [2,[3]],{\"b\":[4]} ,null]");
	struct slice item;
	size_t at = 0;

	(void)state;
	assert_int_equal(json_next(array, &at, &item), 1);
	assert_slice(item, "1");
	assert_int_equal(json_next(array, &at, &item), 1);
	assert_slice(item, "\"a,]\"");
	assert_int_equal(json_next(array, &at, &item), 1);
	assert_slice(item, "[2,[3]]");
	assert_int_equal(json_next(array, &at, &item), 1);
	assert_slice(item, "{\"b\":[4]}");
	assert_int_equal(json_next(array, &at, &item), 1);
	assert_slice(item, "null");
	assert_int_equal(json_next(array, &at, &item), 0);
	assert_int_equal(json_next(array, &at, &item), 0);
	at = 0;
	assert_int_equal(json_next(SLICE("[ ]"), &at, &item), 0);
}

static void
depth_counts_brackets_outside_strings(void **state)
{
	(void)state;
	assert_int_equal(json_depth(SLICE("1")), 0);
	assert_int_equal(json_depth(SLICE("\"[[\"")), 0);
	assert_int_equal(json_depth(SLICE("[]")), 1);
	assert_int_equal(json_depth(SLICE("[\"[[\"]")), 1);
	assert_int_equal(json_depth(SLICE("[[],{\"a\":[1]},[]]")), 3);
}

static void
strings_are_decoded(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(json_string(SLICE("\"plain \xc3\xa9\""), &b), LB_OK);
	assert_buf(&b, "plain \xc3\xa9");
	buf_reset(&b);
	assert_int_equal(json_string(SLICE("\"a\\\"\\u00e9\\ud83d\\udcee\\/"
					   "\\\\\\n\""),
			     &b),
	    LB_OK);
	assert_buf(&b, "a\"\xc3\xa9\xf0\x9f\x93\xae/\\\n");
	buf_reset(&b);
	assert_int_equal(json_string(SLICE("\"a\\u0000b\""), &b), LB_OK);
	assert_int_equal(b.n, 3);
	assert_memory_equal(b.p, "a\0b", 3);
	buf_reset(&b);
	assert_int_equal(json_string(SLICE("\"\""), &b), LB_OK);
	assert_buf(&b, "");
	assert_int_equal(json_string(SLICE("12"), &b), LB_BAD_REQUEST);
	buf_reset(&b);
}

static void
a_string_beyond_the_cap_is_no_memory(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 3);
	assert_int_equal(json_string(SLICE("\"abcd\""), &b), LB_NO_MEMORY);
	buf_reset(&b);
	assert_int_equal(json_string(SLICE("\"abc\\n\""), &b), LB_NO_MEMORY);
	buf_reset(&b);
}

static void
integers_are_whole_and_within_bounds(void **state)
{
	static const char *const bad[] = { "1.0", "1e2", "2", "-2", "\"1\"",
		"true", "null", "[]", "", "99999999999999999999",
		"1000000000000000000000000000000000000000000000000" };
	int64_t n = 5;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		assert_row(json_int(slice_of(bad[i]), -1, 1, &n) ==
			LB_BAD_REQUEST,
		    bad[i]);
	assert_true(n == 5);
	assert_int_equal(json_int(SLICE("-0"), 0, 1, &n), LB_OK);
	assert_true(n == 0);
	assert_int_equal(json_int(SLICE("9223372036854775807"), INT64_MIN,
			     INT64_MAX, &n),
	    LB_OK);
	assert_true(n == INT64_MAX);
	assert_int_equal(json_int(SLICE("-9223372036854775808"), INT64_MIN,
			     INT64_MAX, &n),
	    LB_OK);
	assert_true(n == INT64_MIN);
	assert_int_equal(json_int(SLICE("9223372036854775808"), INT64_MIN,
			     INT64_MAX, &n),
	    LB_BAD_REQUEST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_documents_are_taken),
		cmocka_unit_test(bad_documents_are_refused),
		cmocka_unit_test(a_good_document_is_bad_wherever_it_is_cut),
		cmocka_unit_test(the_fault_says_where_and_why),
		cmocka_unit_test(the_depth_asked_for_is_the_depth_allowed),
		cmocka_unit_test(no_byte_hides_among_plain_ones),
		cmocka_unit_test(kinds_are_told_by_the_first_byte),
		cmocka_unit_test(an_envelope_is_cut_into_slices),
		cmocka_unit_test(a_name_with_escapes_is_the_same_name),
		cmocka_unit_test(a_wrong_envelope_is_refused_by_name),
		cmocka_unit_test(what_is_no_object_is_no_envelope),
		cmocka_unit_test(an_array_is_walked_item_by_item),
		cmocka_unit_test(depth_counts_brackets_outside_strings),
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(a_string_beyond_the_cap_is_no_memory),
		cmocka_unit_test(integers_are_whole_and_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * err: the table is whole, and each refusal can be told from the others.
 * Run from the top of the tree.
 */
#include "unit.h"

#include "err.h"

static void
every_error_has_its_words(void **state)
{
	const struct err_words *words;
	const char *p;
	int err;

	(void)state;
	for (err = LB_OK; err < LB__MAX; err++) {
		words = err_words((enum lb_err)err);
		assert_non_null(words->code);
		assert_true(words->code[0] != '\0');
		for (p = words->code; *p != '\0'; p++)
			assert_true((*p >= 'a' && *p <= 'z') || *p == '-');
		assert_non_null(words->title);
		assert_true(words->title[strlen(words->title) - 1] != '.');
		assert_non_null(words->cure);
		assert_int_equal(words->cure[strlen(words->cure) - 1], '.');
		if (err != LB_OK)
			assert_in_range(words->status, 400, 599);
	}
}

static void
no_two_errors_share_a_code(void **state)
{
	int a, b;

	(void)state;
	for (a = 0; a < LB__MAX; a++)
		for (b = 0; b < a; b++)
			assert_string_not_equal(err_words((enum lb_err)a)->code,
			    err_words((enum lb_err)b)->code);
}

static void
what_the_client_got_wrong_is_not_retryable(void **state)
{
	(void)state;
	assert_false(err_words(LB_BAD_JSON)->retryable);
	assert_false(err_words(LB_NOT_A_MEMBER)->retryable);
	assert_false(err_words(LB_N_REUSED)->retryable);
	assert_false(err_words(LB_SUPERSEDED)->retryable);
	assert_true(err_words(LB_TOO_FAST)->retryable);
	assert_true(err_words(LB_BUSY)->retryable);
	assert_true(err_words(LB_MAILBOX_FULL)->retryable);
}

static void
an_unknown_error_reads_as_io(void **state)
{
	(void)state;
	assert_ptr_equal(err_words(LB__MAX), err_words(LB_IO));
}

/* Each code, with its status, is an item of the manual's list. */
static void
the_manual_lists_every_code(void **state)
{
	static char text[65536];
	char item[128];
	FILE *f = fopen("cgi-src/man/letterbox.8", "r");
	const struct err_words *words;
	size_t n;
	int err;

	(void)state;
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	for (err = LB_OK + 1; err < LB__MAX; err++) {
		words = err_words((enum lb_err)err);
		if (err < LB_NEWER_SCHEMA)
			snprintf(item, sizeof(item), "\n.It Cm %s\n%d.\n%s.\n",
			    words->code, words->status, words->title);
		else
			snprintf(item, sizeof(item),
			    "\n.It Cm %s\nAt start.\n%s.\n", words->code,
			    words->title);
		assert_row(strstr(text, item) != NULL, words->code);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_its_words),
		cmocka_unit_test(no_two_errors_share_a_code),
		cmocka_unit_test(what_the_client_got_wrong_is_not_retryable),
		cmocka_unit_test(an_unknown_error_reads_as_io),
		cmocka_unit_test(the_manual_lists_every_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * align: both sequences can be read off the rows, and what is the same in both
 * stands side by side.
 */
#include "unit.h"

#include <stdlib.h>

#include "align.h"

static void
check(const int *a, size_t na, const int *b, size_t nb, size_t same)
{
	struct align_row *rows;
	size_t count, i, at_a = 0, at_b = 0, found = 0;

	assert_int_equal(align(a, na, b, nb, &rows, &count), LB_OK);
	for (i = 0; i < count; i++) {
		assert_true(rows[i].a >= 0 || rows[i].b >= 0);
		if (rows[i].a >= 0)
			assert_int_equal(rows[i].a, at_a++);
		if (rows[i].b >= 0)
			assert_int_equal(rows[i].b, at_b++);
		if (rows[i].a < 0 || rows[i].b < 0)
			continue;
		assert_int_equal(a[rows[i].a], b[rows[i].b]);
		found++;
	}
	assert_int_equal(at_a, na);
	assert_int_equal(at_b, nb);
	assert_int_equal(found, same);
	free(rows);
}

static void
what_is_common_stands_side_by_side(void **state)
{
	static const int a[] = { 1, 2, 3, 4, 5, 6 };
	static const int b[] = { 1, 3, 9, 4, 8, 6 };

	(void)state;
	check(a, 6, b, 6, 4);
	check(b, 6, a, 6, 4);
	check(a, 6, a, 6, 6);
	check(a, 6, b, 0, 0);
	check(a, 0, b, 6, 0);
	check(a, 0, b, 0, 0);
	check(a, 1, b + 1, 1, 0);
}

/* The length of a longest common subsequence, by trying all. */
static size_t
longest(const int *a, size_t na, const int *b, size_t nb)
{
	size_t one, two;

	if (na == 0 || nb == 0)
		return 0;
	if (a[0] == b[0])
		return 1 + longest(a + 1, na - 1, b + 1, nb - 1);
	one = longest(a + 1, na - 1, b, nb);
	two = longest(a, na, b + 1, nb - 1);
	return one > two ? one : two;
}

static void
nothing_common_is_missed(void **state)
{
	uint32_t random = 7;
	int a[9], b[9];

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t na = random % 9, nb = random / 9 % 9;

		for (size_t i = 0; i < 9; i++) {
			random = random * 1103515245u + 12345u;
			a[i] = (int)(random >> 16) % 3;
			random = random * 1103515245u + 12345u;
			b[i] = (int)(random >> 16) % 3;
		}
		check(a, na, b, nb, longest(a, na, b, nb));
	}
}

static void
what_is_too_much_is_told_as_replaced(void **state)
{
	enum { MANY = 5000 };
	int *a = calloc(MANY, sizeof(*a)), *b = calloc(MANY, sizeof(*b));

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	for (int i = 0; i < MANY; i++) {
		a[i] = i < 10 ? i : i + 1;
		b[i] = i < 10 ? i : i + 2;
	}
	check(a, MANY, b, MANY, 10);
	free(a);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_common_stands_side_by_side),
		cmocka_unit_test(nothing_common_is_missed),
		cmocka_unit_test(what_is_too_much_is_told_as_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

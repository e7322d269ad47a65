/*
 * unit: what every unit test includes.
 */
#ifndef LETTERBOX_UNIT_H
#define LETTERBOX_UNIT_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The bytes of a slice are those of a string. */
#define assert_slice(value, string)                      \
	do {                                             \
		struct slice s_ = (value);               \
		assert_non_null(s_.p);                   \
		assert_int_equal(s_.n, strlen(string));  \
		assert_memory_equal(s_.p, string, s_.n); \
	} while (0)

/* The bytes of a buf are those of a string; "" for an empty one. */
#define assert_buf(b, string)                                      \
	do {                                                       \
		const struct buf *b_ = (b);                        \
		assert_false(b_->failed);                          \
		assert_int_equal(b_->n, strlen(string));           \
		if (b_->n > 0)                                     \
			assert_memory_equal(b_->p, string, b_->n); \
	} while (0)

/* For rows of a table that is gone through: says which one it was. */
#define assert_row(condition, row)                                          \
	do {                                                                \
		if (!(condition))                                           \
			fail_msg("%s: not so for \"%s\"", #condition, row); \
	} while (0)

#endif

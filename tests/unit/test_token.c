/*
 * token: the digests are the published ones, the spelling has one form.
 */
#include "unit.h"

#include "token.h"

static void
assert_hex(const unsigned char *bytes, size_t n, const char *hex)
{
	char text[2 * TOKEN_DIGEST + 1];
	size_t i;

	assert_true(n <= TOKEN_DIGEST);
	for (i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	assert_string_equal(text, hex);
}

/* FIPS 180-2, appendix B.1. */
static void
sha256_is_the_published_one(void **state)
{
	struct token_digest d;

	(void)state;
	token_sha256(&d, SLICE("abc"));
	assert_hex(d.b, 32,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	token_sha256(&d, slice_of(NULL));
	assert_hex(d.b, 32,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 section 4.3 and RFC 2202 section 3, test case 2 of both. */
static void
the_hmacs_are_the_published_ones(void **state)
{
	const struct slice key = SLICE("Jefe");
	const struct slice text = SLICE("what do ya want for nothing?");
	struct token_digest d;
	unsigned char sha1[20];

	(void)state;
	token_hmac(&d, key, text);
	assert_hex(d.b, 32,
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	token_hmac_sha1(sha1, key, text);
	assert_hex(sha1, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

static void
parts_do_not_run_into_each_other(void **state)
{
	const struct slice a[] = { SLICE("ab"), SLICE("c") };
	const struct slice b[] = { SLICE("a"), SLICE("bc") };
	struct token_digest one, two;

	(void)state;
	token_hmac_parts(&one, SLICE("k"), a, 2);
	token_hmac_parts(&two, SLICE("k"), b, 2);
	assert_false(token_equal(one.b, two.b, TOKEN_DIGEST));
	token_hmac(&two, SLICE("k"), SLICE("ab\0c\0"));
	assert_true(token_equal(one.b, two.b, TOKEN_DIGEST));
}

static void
random_bytes_differ_each_time(void **state)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	assert_int_equal(token_random(a, sizeof(a)), LB_OK);
	assert_int_equal(token_random(b, sizeof(b)), LB_OK);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void
every_length_comes_back_as_it_went(void **state)
{
	unsigned char in[80], out[80];
	struct buf text;
	size_t n, i, got;

	(void)state;
	assert_int_equal(token_random(in, sizeof(in)), LB_OK);
	for (n = 0; n <= sizeof(in); n++) {
		buf_init(&text, 200);
		token_encode(&text, in, n);
		assert_false(text.failed);
		for (i = 0; i < text.n; i++)
			assert_null(memchr("+/=", text.p[i], 3));
		assert_int_equal(token_decode(buf_as_slice(&text), out, n,
				     &got),
		    LB_OK);
		assert_int_equal(got, n);
		assert_memory_equal(in, out, n);
		if (n > 0)
			assert_int_equal(token_decode(buf_as_slice(&text), out,
					     n - 1, &got),
			    LB_BAD_REQUEST);
		buf_reset(&text);
	}
}

static void
a_digest_is_43_characters(void **state)
{
	struct token_digest d;
	struct buf text;

	(void)state;
	token_sha256(&d, SLICE("x"));
	buf_init(&text, 100);
	token_encode(&text, d.b, sizeof(d.b));
	assert_int_equal(text.n, TOKEN_TEXT);
	buf_reset(&text);
}

static void
only_the_canonical_spelling_is_taken(void **state)
{
	static const char *const refused[] = {
		"Zg==",
		"Zg=",
		"Z",
		"Zh", /* trailing bits */
		"Zm9",
		"Zm8 ",
		" Zm8",
		"Zm 8",
		"Zm8\n",
		"+w",
		"/w",
		"Zm9v=",
		"Zm9vYg==",
		"Zm\xc3\xa9",
	};
	unsigned char out[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(refused); i++)
		assert_row(token_decode(slice_of(refused[i]), out, sizeof(out),
			       &n) == LB_BAD_REQUEST,
		    refused[i]);
	assert_int_equal(token_decode(SLICE("Zm8"), out, 16, &n), LB_OK);
	assert_int_equal(n, 2);
	assert_memory_equal(out, "fo", 2);
	assert_int_equal(token_decode(SLICE("-_8"), out, 16, &n), LB_OK);
	assert_memory_equal(out, "\xfb\xff", 2);
}

static void
turn_gets_base64_with_padding(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 100);
	token_encode64(&text, "\xfb\xff\xfe\xff", 4);
	assert_buf(&text, "+//+/w==");
	buf_reset(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_the_published_one),
		cmocka_unit_test(the_hmacs_are_the_published_ones),
		cmocka_unit_test(parts_do_not_run_into_each_other),
		cmocka_unit_test(random_bytes_differ_each_time),
		cmocka_unit_test(every_length_comes_back_as_it_went),
		cmocka_unit_test(a_digest_is_43_characters),
		cmocka_unit_test(only_the_canonical_spelling_is_taken),
		cmocka_unit_test(turn_gets_base64_with_padding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

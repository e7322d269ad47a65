/*
 * Channel tokens: another one each time, and none that was not given out.
 */
#include "channel_token.h"
#include "unit.h"

#define KEY SLICE("0123456789abcdef0123456789abcdef")
#define NOW 1700000000000

static const struct channel_token claims = {
	{ "channel:shop", 12 },
	{ "ann/\"1\"", 7 },
	{ "client", 6 },
	{ "generation", 10 },
	NOW + 60000,
	{ NULL, 0 },
};

static struct buf
mint(const struct channel_token *t)
{
	struct buf out;

	buf_init(&out, 2 * CHANNEL_TOKEN_MAX);
	assert_int_equal(channel_token_mint(&out, KEY, t), LB_OK);
	return out;
}

static enum lb_err
check(struct slice token, struct slice key, int64_t wall,
    struct channel_token *out)
{
	static struct buf text;

	buf_reset(&text);
	buf_init(&text, 0);
	return channel_token_check(token, key, wall, &text, out);
}

static void
what_was_minted_is_read_again(void **state)
{
	struct buf token = mint(&claims);
	struct channel_token t;

	(void)state;
	assert_int_equal(check(buf_as_slice(&token), KEY, NOW, &t), LB_OK);
	assert_slice(t.namespace, "channel:shop");
	assert_slice(t.room, "ann/\"1\"");
	assert_slice(t.peer, "client");
	assert_slice(t.by, "generation");
	assert_true(t.expires == NOW + 60000);
	for (size_t i = 0; i < token.n; i++)
		assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				       "nopqrstuvwxyz0123456789-_.",
		    token.p[i]));
	check(SLICE(""), KEY, NOW, &t);
	buf_reset(&token);
}

static void
each_one_is_another(void **state)
{
	struct buf a = mint(&claims), b = mint(&claims);
	struct token_digest one, two;

	(void)state;
	assert_false(slice_equal(buf_as_slice(&a), buf_as_slice(&b)));
	channel_token_digest(&one, KEY, &claims);
	channel_token_digest(&two, KEY, &claims);
	assert_memory_equal(one.b, two.b, TOKEN_DIGEST);
	buf_reset(&a);
	buf_reset(&b);
}

static void
from_one_seed_comes_one_token(void **state)
{
	struct channel_token t = claims;
	struct buf a, b, c;

	(void)state;
	t.seed = SLICE("seed");
	a = mint(&t);
	b = mint(&t);
	t.seed = SLICE("Seed");
	c = mint(&t);
	assert_true(slice_equal(buf_as_slice(&a), buf_as_slice(&b)));
	assert_false(slice_equal(buf_as_slice(&a), buf_as_slice(&c)));
	buf_reset(&a);
	buf_reset(&b);
	buf_reset(&c);
}

static void
nobody_need_answer_for_it(void **state)
{
	struct channel_token t = claims, read;
	struct token_digest one, two;
	struct buf token;

	(void)state;
	t.by = slice_of(NULL);
	token = mint(&t);
	assert_int_equal(check(buf_as_slice(&token), KEY, NOW, &read), LB_OK);
	assert_null(read.by.p);
	/* Whoever does answers for another peer. */
	channel_token_digest(&one, KEY, &claims);
	channel_token_digest(&two, KEY, &t);
	assert_memory_not_equal(one.b, two.b, TOKEN_DIGEST);
	check(SLICE(""), KEY, NOW, &read);
	buf_reset(&token);
}

static void
it_ends_at_its_time_and_says_whose_it_was(void **state)
{
	struct buf token = mint(&claims);
	struct channel_token t;

	(void)state;
	assert_int_equal(check(buf_as_slice(&token), KEY, NOW + 59999, &t),
	    LB_OK);
	assert_int_equal(check(buf_as_slice(&token), KEY, NOW + 60000, &t),
	    LB_CHANNEL_EXPIRED);
	assert_slice(t.room, "ann/\"1\"");
	check(SLICE(""), KEY, NOW, &t);
	buf_reset(&token);
}

static void
no_flipped_bit_passes(void **state)
{
	struct buf token = mint(&claims);
	struct channel_token t;

	(void)state;
	for (size_t i = 0; i < token.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			token.p[i] = (char)(token.p[i] ^ 1 << bit);
			assert_int_equal(check(buf_as_slice(&token), KEY, NOW,
					     &t),
			    LB_CHANNEL_TOKEN);
			token.p[i] = (char)(token.p[i] ^ 1 << bit);
		}
	for (size_t n = 0; n < token.n; n++)
		assert_int_equal(check((struct slice){ token.p, n }, KEY, NOW,
				     &t),
		    LB_CHANNEL_TOKEN);
	check(SLICE(""), KEY, NOW, &t);
	buf_reset(&token);
}

static void
another_servers_is_not_ours(void **state)
{
	struct buf token = mint(&claims);
	struct channel_token t;

	(void)state;
	assert_int_equal(check(buf_as_slice(&token),
			     SLICE("0123456789abcdef0123456789abcdeF"), NOW,
			     &t),
	    LB_CHANNEL_TOKEN);
	buf_reset(&token);
}

/* Signed rightly, but for something else, or with other claims. */
static void
other_payloads_are_refused(void **state)
{
	static const char *const payloads[] = {
		"{}",
		"{\"ns\":\"n\",\"room\":\"r\",\"peer\":\"p\",\"exp\":1.5,"
		"\"x\":\"\"}",
		"{\"ns\":\"n\",\"room\":\"r\",\"peer\":\"p\",\"exp\":-1,"
		"\"x\":\"\"}",
		"{\"ns\":\"n\",\"room\":1,\"peer\":\"p\",\"exp\":1,"
		"\"x\":\"\"}",
		"[]",
		"",
	};
	struct slice parts[2] = { SLICE("channel") };
	struct token_digest digest;
	struct channel_token t;
	struct buf token;

	(void)state;
	for (size_t i = 0; i < COUNT(payloads); i++) {
		buf_init(&token, 4096);
		token_encode(&token, payloads[i], strlen(payloads[i]));
		parts[1] = buf_as_slice(&token);
		token_hmac_parts(&digest, KEY, parts, 2);
		buf_char(&token, '.');
		token_encode(&token, digest.b, TOKEN_DIGEST);
		assert_int_equal(check(buf_as_slice(&token), KEY, 0, &t),
		    LB_CHANNEL_TOKEN);
		buf_reset(&token);
	}
	check(SLICE(""), KEY, NOW, &t);
}

static void
the_longest_names_fit(void **state)
{
	char name[256];
	struct channel_token t = claims;
	struct buf token;

	(void)state;
	memset(name, '\1', sizeof(name)); /* six characters each, in JSON */
	t.room = (struct slice){ name, sizeof(name) };
	token = mint(&t);
	assert_int_equal(check(buf_as_slice(&token), KEY, NOW, &t), LB_OK);
	assert_int_equal(t.room.n, sizeof(name));
	assert_memory_equal(t.room.p, name, sizeof(name));
	check(SLICE(""), KEY, NOW, &t);
	buf_reset(&token);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_minted_is_read_again),
		cmocka_unit_test(each_one_is_another),
		cmocka_unit_test(from_one_seed_comes_one_token),
		cmocka_unit_test(nobody_need_answer_for_it),
		cmocka_unit_test(it_ends_at_its_time_and_says_whose_it_was),
		cmocka_unit_test(no_flipped_bit_passes),
		cmocka_unit_test(another_servers_is_not_ours),
		cmocka_unit_test(other_payloads_are_refused),
		cmocka_unit_test(the_longest_names_fit),
	};

	return cmocka_run_group_tests_name("channel_token", tests, NULL, NULL);
}

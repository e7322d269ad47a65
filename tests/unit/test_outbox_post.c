/*
 * What an application gets by its hook, to the byte.
 */
#include "outbox_post.h"
#include "vectors.h"

static const struct outbox_options options = { 1, 1, 1, 1, 10 };

static struct store_key
key_of(const char *hook)
{
	char secret[TOKEN_TEXT];
	struct store_key key = { .name = "shop" };

	memset(secret, 'k', sizeof(secret));
	token_sha256(&key.hash, (struct slice){ secret, sizeof(secret) });
	snprintf(key.hook, sizeof(key.hook), "%s", hook);
	return key;
}

/* The letter is the outbox's. */
static struct outbox_letter *
letter(struct outbox *o, int connected)
{
	struct store_notice n = { .seq = 42, .epoch = "abcdefgh" };
	int64_t wait;

	n.connected = connected;
	n.client = slice_of("a/\"\xc3\xa9\" b&c=d*-._~");
	assert_int_equal(outbox_add(o, &n, 0), LB_OK);
	return outbox_next(o, 0, &wait);
}

static void
writes(const char *hook, int connected, const char *url, const char *signature)
{
	struct store_key key = key_of(hook);
	struct outbox *o = outbox_new(&options);
	struct outbox_post p = { .url.p = NULL };
	char line[128];

	assert_int_equal(outbox_post_write(&p, &key, letter(o, connected),
			     1700000000999),
	    LB_OK);
	assert_string_equal(p.url.p, url);
	assert_buf(&p.body, "from=a%2F%22%C3%A9%22+b%26c%3Dd*-._%7E");
	assert_string_equal(p.headers[0].p,
	    "Content-Type: application/x-www-form-urlencoded");
	assert_string_equal(p.headers[1].p, "X-Letterbox-Key-Name: shop");
	assert_string_equal(p.headers[2].p, "X-Letterbox-Event: abcdefgh.42");
	assert_string_equal(p.headers[3].p, "X-Letterbox-Date: 1700000000");
	snprintf(line, sizeof(line), "X-Letterbox-Signature: %s", signature);
	assert_string_equal(p.headers[4].p, line);
	outbox_post_reset(&p);
	outbox_free(o);
}

/* The signatures were made by Python's hmac. */
static void
a_post_is_this(void **state)
{
	(void)state;
	writes("https://shop.example:8443/app/", 1,
	    "https://shop.example:8443/app/_ah/channel/connected/",
	    "Idsr58NVivZSD9XTbm-hOrVz9NPVKXif3WcczZiXXMc");
	writes("http://[::1]:80", 0,
	    "http://[::1]:80/_ah/channel/disconnected/",
	    "UFsaY-i1AwGz41vu5_hXWuIZkNqrkGarb0eY9t4d-Y4");
}

/* ---- what other languages check ---- */

/* A header is this one. */
static void
assert_header(const struct buf *header, const char *name, struct slice value)
{
	char line[128];

	snprintf(line, sizeof(line), "%s: %s", name, value.p);
	assert_string_equal(header->p, line);
}

static void
check_vector(struct json_object *row, void *data)
{
	struct store_notice n = { .seq = vectors_number(row, "seq"),
		.epoch = "abcdefgh",
		.client = vectors_text(row, "client_id") };
	struct store_key key = key_of(vectors_text(row, "hook").p);
	struct outbox *o = outbox_new(&options);
	struct outbox_post p = { .url.p = NULL };
	int64_t wait;

	(void)data;
	n.connected = strcmp(vectors_text(row, "event").p, "connected") == 0;
	token_sha256(&key.hash, vectors_text(row, "key"));
	assert_int_equal(outbox_add(o, &n, 0), LB_OK);
	assert_int_equal(outbox_post_write(&p, &key, outbox_next(o, 0, &wait),
			     1700000000000),
	    LB_OK);
	assert_non_null(strstr(p.url.p, vectors_text(row, "path").p));
	assert_buf(&p.body, vectors_text(row, "body").p);
	assert_header(&p.headers[2], "X-Letterbox-Event",
	    vectors_text(row, "number"));
	assert_header(&p.headers[3], "X-Letterbox-Date",
	    vectors_text(row, "date"));
	assert_header(&p.headers[4], "X-Letterbox-Signature",
	    vectors_text(row, "signature"));
	outbox_post_reset(&p);
	outbox_free(o);
}

static void
vectors_of_all_languages_hold(void **state)
{
	(void)state;
	vectors_each("hooks.json", "posted", check_vector, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_is_this),
		cmocka_unit_test(vectors_of_all_languages_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

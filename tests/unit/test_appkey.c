/*
 * Keys of applications: names, hooks, and whose request it is.
 */
#include "appkey.h"
#include "scene.h"
#include "vectors.h"

static void
names_and_hooks(void **state)
{
	static const char *const names[] = { "a", "shop-2", "0",
		"abcdefghijklmnopqrstuvwxyz012345" };
	static const char *const others[] = { "", "Shop", "a b", "a_b", "a:b",
		"abcdefghijklmnopqrstuvwxyz0123456" };
	static const char *const hooks[] = { "http://a", "https://a.b:8080/c/d",
		"http://127.0.0.1:9/", "https://[::1]:65535/x",
		"http://[::1]" };
	static const char *const wrong[] = { "", "a", "ftp://a", "http://",
		"http:///a", "http://:80", "http://u@a", "http://u:p@a",
		"http://a?b", "http://a#b", "http://a b", "https://a\r\nb",
		"file:///a", "HTTP://a", "//a", "http://a:", "http://a:0",
		"http://a:65536", "http://a:4294967297", "http://a:8o/",
		"http://[::1]8", "http://\xc3\xa9/" };
	char longest[STORE_KEY_HOOK + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_row(appkey_name_valid(slice_of(names[i])), names[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_row(!appkey_name_valid(slice_of(others[i])), others[i]);
	for (size_t i = 0; i < COUNT(hooks); i++)
		assert_row(appkey_hook_fault(slice_of(hooks[i])) == NULL,
		    hooks[i]);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_row(appkey_hook_fault(slice_of(wrong[i])) != NULL,
		    wrong[i]);
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "http://a/", 9);
	assert_null(
	    appkey_hook_fault((struct slice){ longest, STORE_KEY_HOOK }));
	assert_non_null(
	    appkey_hook_fault((struct slice){ longest, STORE_KEY_HOOK + 1 }));
}

/* ---- requests ------------------------------------------------------- */

static int is_done;
static enum lb_err end;

static void
note_end(struct store_op *op, enum lb_err err)
{
	(void)op;
	is_done = 1;
	end = err;
}

static enum lb_err
add(struct scene *scene, struct appkey_add *a, const char *name)
{
	*a = (struct appkey_add){ .op = { .run = appkey_add_run,
				      .done = note_end } };
	strcpy(a->key.name, name);
	assert_int_equal(appkey_make(a), LB_OK);
	assert_int_equal(strlen(a->text), TOKEN_TEXT);
	is_done = 0;
	store_append(scene->store, &a->op);
	scene_turn(scene);
	assert_true(is_done);
	return end;
}

static enum lb_err
drop(struct scene *scene, const char *name)
{
	struct appkey_drop d = { .op = { .run = appkey_drop_run,
				     .done = note_end },
		.name = slice_of(name) };

	is_done = 0;
	store_append(scene->store, &d.op);
	scene_turn(scene);
	assert_true(is_done);
	return end;
}

static enum lb_err
check(struct scene *scene, const struct http_request *r, const char *name)
{
	struct store_key key;
	const char *why;
	enum lb_err err = appkey_check(scene->store, r, scene->now.wall, &key,
	    &why);

	if (err == LB_OK)
		assert_string_equal(key.name, name);
	return err;
}

static void
a_key_is_known_by_its_header(void **state)
{
	struct scene *scene = *state;
	struct appkey_add shop, other;
	struct http_request r = { .path = SLICE("/channel/send") };
	char bearer[128], wrong[128];

	assert_int_equal(check(scene, &r, ""), LB_KEY);
	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	assert_int_equal(add(scene, &other, "shop"), LB_KEY_TAKEN);
	assert_int_equal(add(scene, &other, "other"), LB_OK);
	assert_string_not_equal(shop.text, other.text);
	r.x_key = slice_of(shop.text);
	assert_int_equal(check(scene, &r, "shop"), LB_OK);
	r.x_key = slice_of(NULL);
	snprintf(bearer, sizeof(bearer), "Bearer %s", other.text);
	r.authorization = slice_of(bearer);
	assert_int_equal(check(scene, &r, "other"), LB_OK);
	strcpy(wrong, shop.text);
	wrong[5] = wrong[5] == 'x' ? 'y' : 'x';
	r.x_key = slice_of(wrong);
	assert_int_equal(check(scene, &r, ""), LB_KEY);
}

/* ---- removing ------------------------------------------------------- */

struct guarded {
	struct store_op op;
	struct appkey_guard guard;
};

static enum lb_err
ask(struct store_op *op, struct store_tx *tx)
{
	struct guarded *g = (struct guarded *)(void *)op;

	return g->guard.base.ask(&g->guard.base, tx);
}

/* Whether an operation that needs this very key may run. */
static enum lb_err
may(struct scene *scene, const char *name, const char *generation)
{
	struct guarded g = { .op = { .run = ask, .done = note_end },
		.guard = appkey_guard(slice_of(name), slice_of(generation)) };

	is_done = 0;
	store_append(scene->store, &g.op);
	scene_turn(scene);
	assert_true(is_done);
	return end;
}

static void
a_key_made_anew_is_another_generation(void **state)
{
	struct scene *scene = *state;
	char first[APPKEY_GENERATION + 1], second[APPKEY_GENERATION + 1];
	struct appkey_add shop;

	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	appkey_generation(&shop.key.hash, first);
	assert_int_equal(strlen(first), APPKEY_GENERATION);
	assert_int_equal(may(scene, "shop", first), LB_OK);
	assert_int_equal(may(scene, "shop", ""), LB_KEY);
	assert_int_equal(may(scene, "shop2", first), LB_KEY);
	assert_int_equal(drop(scene, "shop"), LB_OK);
	assert_int_equal(drop(scene, "shop"), LB_NOT_FOUND);
	assert_int_equal(may(scene, "shop", first), LB_KEY);
	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	appkey_generation(&shop.key.hash, second);
	assert_string_not_equal(first, second);
	assert_int_equal(may(scene, "shop", first), LB_KEY);
	assert_int_equal(may(scene, "shop", second), LB_OK);
}

static int64_t
room_of(struct scene *scene, const char *namespace, const char *name)
{
	struct act act = { .what = act_room_put };

	act.room.namespace = slice_of(namespace);
	act.room.name = slice_of(name);
	assert_int_equal(scene_do(scene, &act), LB_OK);
	return act.room.row;
}

static int
has_ended(struct scene *scene, int64_t row)
{
	struct act act = { .what = act_room_get, .a = row };

	assert_int_equal(scene_do(scene, &act), LB_OK);
	return act.room.ended_at != 0;
}

static void
a_removed_key_ends_its_rooms_and_no_others(void **state)
{
	struct scene *scene = *state;
	struct appkey_add shop;
	int64_t ann = room_of(scene, "channel:shop", "ann");
	int64_t bob = room_of(scene, "channel:shop", "bob");
	int64_t news = room_of(scene, "presence", "shop");
	int64_t others[] = { room_of(scene, "channel:shop2", "ann"),
		room_of(scene, "channel:sho", "ann"),
		room_of(scene, "presence", "shop2"),
		room_of(scene, "rooms", "shop") };

	assert_int_equal(drop(scene, "shop"), LB_NOT_FOUND);
	assert_false(has_ended(scene, ann));
	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	assert_int_equal(drop(scene, "shop"), LB_OK);
	assert_true(has_ended(scene, ann));
	assert_true(has_ended(scene, bob));
	assert_true(has_ended(scene, news));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_false(has_ended(scene, others[i]));
}

/* ---- signatures ----------------------------------------------------- */

/* As an application does it, with nothing but the key. */
static void
sign(struct buf *out, const struct appkey_add *a, const char *path,
    const char *date, const char *body)
{
	struct token_digest key, digest;
	struct buf text;

	buf_init(&text, 4096);
	token_sha256(&digest, slice_of(body));
	buf_printf(&text, "POST\n%s\n%s\n", path, date);
	for (size_t i = 0; i < TOKEN_DIGEST; i++)
		buf_printf(&text, "%02x", digest.b[i]);
	token_sha256(&key, slice_of(a->text));
	token_hmac(&digest, (struct slice){ (const char *)key.b, TOKEN_DIGEST },
	    buf_as_slice(&text));
	buf_init(out, 64);
	token_encode(out, digest.b, TOKEN_DIGEST);
	buf_reset(&text);
}

static void
a_signed_request_is_known_without_the_key(void **state)
{
	struct scene *scene = *state; /* at 1700000000 s */
	struct appkey_add shop;
	struct http_request r = { .path = SLICE("/channel/send"),
		.x_key_name = SLICE("shop"),
		.x_date = SLICE("1700000123"),
		.body = SLICE("{}") };
	struct buf signature;

	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	sign(&signature, &shop, "/channel/send", "1700000123", "{}");
	r.x_signature = buf_as_slice(&signature);
	assert_int_equal(check(scene, &r, "shop"), LB_OK);
	r.body = SLICE("{ }");
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	r.body = SLICE("{}");
	r.path = SLICE("/channel/create");
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	r.path = SLICE("/channel/send");
	r.x_date = SLICE("1700000124");
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	r.x_date = SLICE("1700000123");
	r.x_key_name = SLICE("shop2");
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	r.x_key_name = SLICE("shop");
	assert_int_equal(check(scene, &r, "shop"), LB_OK);
	scene->now.wall += 123000 + 300000;
	assert_int_equal(check(scene, &r, "shop"), LB_OK);
	scene->now.wall += 1000;
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	scene->now.wall -= 302000 + 300000;
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	buf_reset(&signature);
}

/* With a fraction two requests of one second are not the same. */
static void
a_fraction_of_a_second_counts(void **state)
{
	struct scene *scene = *state;
	struct appkey_add shop;
	struct http_request r = { .path = SLICE("/channel/send"),
		.x_key_name = SLICE("shop"),
		.x_date = SLICE("1700000000.123456789") };
	struct buf signature;

	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	sign(&signature, &shop, "/channel/send", "1700000000.123456789", "");
	r.x_signature = buf_as_slice(&signature);
	assert_int_equal(check(scene, &r, "shop"), LB_OK);
	assert_true(slice_equal(appkey_mark(&r), r.x_signature));
	r.x_date = SLICE("1700000000.123456788");
	assert_int_equal(check(scene, &r, ""), LB_KEY);
	r.x_key = slice_of(shop.text);
	assert_int_equal(check(scene, &r, "shop"), LB_OK);
	assert_null(appkey_mark(&r).p);
	buf_reset(&signature);
}

static void
absurd_signatures_are_refused(void **state)
{
	static const char *const dates[] = { "", "-1", "1700000000.", "x", ".5",
		"1700000000.5x", "1700000000.5.5", "1700000000.1234567890",
		"17000000000000", "99999999999999999999" };
	struct scene *scene = *state;
	struct appkey_add shop;
	struct http_request r = { .path = SLICE("/channel/send"),
		.x_key_name = SLICE("shop") };
	struct buf signature;

	assert_int_equal(add(scene, &shop, "shop"), LB_OK);
	for (size_t i = 0; i < COUNT(dates); i++) {
		sign(&signature, &shop, "/channel/send", dates[i], "");
		r.x_date = slice_of(dates[i]);
		r.x_signature = buf_as_slice(&signature);
		assert_row(check(scene, &r, "") == LB_KEY, dates[i]);
		buf_reset(&signature);
	}
	r.x_date = SLICE("1700000000");
	r.x_signature = SLICE("AAAA");
	assert_int_equal(check(scene, &r, ""), LB_KEY);
}

/* ---- what other languages sign ---- */

static void
check_vector(struct json_object *row, void *data)
{
	struct scene *scene = data;
	const char *name = vectors_text(row, "name").p;
	struct http_request r = { .path = vectors_text(row, "path"),
		.x_key_name = vectors_text(row, "key_name"),
		.x_date = vectors_text(row, "date"),
		.x_signature = vectors_text(row, "signature"),
		.body = vectors_text(row, "body") };

	assert_row(check(scene, &r, "shop") == LB_OK, name);
	r.path = SLICE("/channel/other");
	assert_row(check(scene, &r, "") == LB_KEY, name);
}

/* All of one key, which is brought along. */
static void
note_key(struct json_object *row, void *data)
{
	token_sha256(data, vectors_text(row, "key"));
}

static void
vectors_of_all_languages_hold(void **state)
{
	struct scene *scene = *state; /* at 1700000000 s */
	struct appkey_add shop = { .op = { .run = appkey_add_run,
				       .done = note_end } };

	vectors_each("requests.json", "signed", note_key, &shop.key.hash);
	strcpy(shop.key.name, "shop");
	is_done = 0;
	store_append(scene->store, &shop.op);
	scene_turn(scene);
	assert_true(is_done && end == LB_OK);
	vectors_each("requests.json", "signed", check_vector, scene);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_hooks),
		TEST(a_key_is_known_by_its_header),
		TEST(a_signed_request_is_known_without_the_key),
		TEST(a_fraction_of_a_second_counts),
		TEST(absurd_signatures_are_refused),
		TEST(a_key_made_anew_is_another_generation),
		TEST(a_removed_key_ends_its_rooms_and_no_others),
		TEST(vectors_of_all_languages_hold),
	};

	return cmocka_run_group_tests_name("appkey", tests, scene_sqlite, NULL);
}

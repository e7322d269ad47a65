/*
 * Tickets: what is let in, and what must be refused.
 */
#include "ticket.h"
#include "vectors.h"

#define NOW 1700000000000
#define GOOD "{\"room\":\"r\",\"exp\":1700000001}"

static struct token_digest
key_of(const char *words)
{
	struct token_digest key;

	token_sha256(&key, slice_of(words));
	return key;
}

/* Signs a payload as an application does. */
static void
sign(struct buf *out, const char *payload, const char *words)
{
	struct token_digest key = key_of(words), mac;

	buf_init(out, 65536);
	token_encode(out, payload, strlen(payload));
	token_hmac(&mac, (struct slice){ (const char *)key.b, TOKEN_DIGEST },
	    buf_as_slice(out));
	buf_char(out, '.');
	token_encode(out, mac.b, sizeof(mac.b));
}

static enum lb_err
check(struct slice ticket, const char *room, const char *peer, unsigned *may,
    const char **why)
{
	struct token_digest key = key_of("app");

	*may = 99;
	*why = NULL;
	return ticket_check(ticket, &key, slice_of(room), slice_of(peer), NOW,
	    may, why);
}

static enum lb_err
check_payload(const char *payload, const char *room, const char *peer,
    unsigned *may)
{
	const char *why;
	struct buf ticket;
	enum lb_err err;

	sign(&ticket, payload, "app");
	err = check(buf_as_slice(&ticket), room, peer, may, &why);
	if (err != LB_OK) {
		assert_int_equal(err, LB_TICKET);
		assert_non_null(why);
		assert_true(strlen(why) > 10);
	}
	buf_reset(&ticket);
	return err;
}

static void
a_signed_ticket_lets_in(void **state)
{
	unsigned may;

	(void)state;
	assert_int_equal(check_payload(GOOD, "r", "ann", &may), LB_OK);
	assert_int_equal(may, TICKET_ALL);
	assert_int_equal(check_payload(GOOD, "r", NULL, &may), LB_OK);
	assert_int_equal(
	    check_payload(
		"{\"room\":\"r\",\"peer\":\"ann\",\"exp\":1700000001}", "r",
		"ann", &may),
	    LB_OK);
	assert_int_equal(
	    check_payload(" { \"exp\" : 99999999999 , \"room\" : \"\\u0072\" }",
		"r", "ann", &may),
	    LB_OK);
}

static void
may_says_what_is_permitted(void **state)
{
	static const struct {
		const char *may;
		unsigned bits;
	} rows[] = {
		{ "[]", 0 },
		{ "[\"post\"]", TICKET_POST },
		{ "[\"rules\"]", TICKET_RULES },
		{ "[\"rules\",\"post\",\"post\"]", TICKET_ALL },
	};
	char payload[128];
	unsigned may;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		snprintf(payload, sizeof(payload),
		    "{\"room\":\"r\",\"exp\":1700000001,\"may\":%s}",
		    rows[i].may);
		assert_row(check_payload(payload, "r", "a", &may) == LB_OK,
		    rows[i].may);
		assert_row(may == rows[i].bits, rows[i].may);
	}
}

static void
what_is_not_of_the_form_is_refused(void **state)
{
	static const char *const rows[] = { "", "{}", "[]", "null",
		"{\"room\":\"r\"}", "{\"exp\":1700000001}",
		"{\"room\":\"r\",\"exp\":\"1700000001\"}",
		"{\"room\":\"r\",\"exp\":1700000001.5}",
		"{\"room\":\"r\",\"exp\":1e400}", "{\"room\":\"r\",\"exp\":-1}",
		"{\"room\":\"r\",\"exp\":99999999999999999999}",
		"{\"room\":\"r\",\"exp\":9223372036854775807}",
		"{\"room\":7,\"exp\":1700000001}",
		"{\"room\":null,\"exp\":1700000001}",
		"{\"room\":\"r\",\"room\":\"r\",\"exp\":1700000001}",
		"{\"room\":\"r\",\"exp\":1,\"exp\":1700000001}",
		"{\"room\":\"r\",\"exp\":1700000001,\"admin\":true}",
		"{\"room\":\"r\",\"exp\":1700000001,\"peer\":null}",
		"{\"room\":\"r\",\"exp\":1700000001,\"may\":\"post\"}",
		"{\"room\":\"r\",\"exp\":1700000001,\"may\":[\"fly\"]}",
		"{\"room\":\"r\",\"exp\":1700000001,\"may\":[1]}",
		"{\"room\":\"r\",\"exp\":1700000001,\"may\":[null]}",
		"{\"room\":\"r\",\"exp\":1700000001} x",
		"{'room':'r','exp':1700000001}" };
	unsigned may;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_row(check_payload(rows[i], "r", "a", &may) == LB_TICKET,
		    rows[i]);
}

static void
it_is_for_its_room_and_its_peer(void **state)
{
	static const char named[] =
	    "{\"room\":\"r\",\"peer\":\"ann\",\"exp\":1700000001}";
	unsigned may;

	(void)state;
	assert_int_equal(check_payload(GOOD, "R", "ann", &may), LB_TICKET);
	assert_int_equal(check_payload(GOOD, "rr", "ann", &may), LB_TICKET);
	assert_int_equal(check_payload(GOOD, "", "ann", &may), LB_TICKET);
	assert_int_equal(check_payload(named, "r", "bob", &may), LB_TICKET);
	assert_int_equal(check_payload(named, "r", "an", &may), LB_TICKET);
	assert_int_equal(check_payload(named, "r", NULL, &may), LB_TICKET);
}

static void
it_ends_with_its_second(void **state)
{
	unsigned may;

	(void)state;
	assert_int_equal(check_payload("{\"room\":\"r\",\"exp\":1700000000}",
			     "r", "a", &may),
	    LB_TICKET);
	assert_int_equal(check_payload("{\"room\":\"r\",\"exp\":1699999999}",
			     "r", "a", &may),
	    LB_TICKET);
	assert_int_equal(check_payload("{\"room\":\"r\",\"exp\":0}", "r", "a",
			     &may),
	    LB_TICKET);
}

static void
any_changed_character_is_refused(void **state)
{
	const char *why;
	struct buf ticket;
	unsigned may;
	size_t i;
	char was;

	(void)state;
	sign(&ticket, GOOD, "app");
	assert_int_equal(check(buf_as_slice(&ticket), "r", "a", &may, &why),
	    LB_OK);
	for (i = 0; i < ticket.n; i++) {
		was = ticket.p[i];
		ticket.p[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(check(buf_as_slice(&ticket), "r", "a", &may,
				     &why),
		    LB_TICKET);
		ticket.p[i] = was;
	}
	for (i = 0; i < ticket.n; i++)
		assert_int_equal(check((struct slice){ ticket.p, i }, "r", "a",
				     &may, &why),
		    LB_TICKET);
	buf_reset(&ticket);
}

static void
another_key_does_not_sign(void **state)
{
	const char *why;
	struct buf ticket;
	unsigned may;

	(void)state;
	sign(&ticket, GOOD, "another");
	assert_int_equal(check(buf_as_slice(&ticket), "r", "a", &may, &why),
	    LB_TICKET);
	buf_reset(&ticket);
}

static void
oddities_are_refused(void **state)
{
	static const char *const rows[] = { "", ".", "..", "a.b", "a..b",
		"eyJ9.", ".eyJ9", "\xff.\xff" };
	const char *why;
	struct buf ticket;
	char *big;
	unsigned may;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_row(check(slice_of(rows[i]), "r", "a", &may, &why) ==
			LB_TICKET,
		    rows[i]);
	/* A good one with more behind it. */
	sign(&ticket, GOOD, "app");
	buf_str(&ticket, ".x");
	assert_int_equal(check(buf_as_slice(&ticket), "r", "a", &may, &why),
	    LB_TICKET);
	buf_reset(&ticket);
	/* One that is longer than tickets may be. */
	big = malloc(2001);
	assert_non_null(big);
	memset(big, ' ', 2000);
	big[2000] = '\0';
	memcpy(big, GOOD, sizeof(GOOD) - 1);
	sign(&ticket, big, "app");
	assert_int_equal(check(buf_as_slice(&ticket), "r", "a", &may, &why),
	    LB_TICKET);
	buf_reset(&ticket);
	free(big);
}

/* ---- what other languages mint ---- */

static enum lb_err
check_row(struct json_object *row, int64_t wall, unsigned *may,
    const char **why)
{
	struct token_digest key;

	token_sha256(&key, vectors_text(row, "key"));
	return ticket_check(vectors_text(row, "ticket"), &key,
	    vectors_text(row, "room"), vectors_text(row, "peer"), wall, may,
	    why);
}

/* What its list names; without one, all. */
static unsigned
may_of(struct json_object *row)
{
	struct json_object *list = json_object_object_get(row, "may");
	unsigned may = 0;

	if (list == NULL)
		return TICKET_ALL;
	for (size_t i = 0; i < json_object_array_length(list); i++)
		may |= strcmp(json_object_get_string(
				  json_object_array_get_idx(list, i)),
			   "post") == 0 ?
		    TICKET_POST :
		    TICKET_RULES;
	return may;
}

/* Good until its last millisecond, and no longer. */
static void
check_minted(struct json_object *row, void *data)
{
	const char *name = vectors_text(row, "name").p, *why = NULL;
	int64_t end = 1000 *
	    (vectors_number(row, "now") + vectors_number(row, "seconds"));
	unsigned may = 0;

	(void)data;
	assert_row(check_row(row, end - 1, &may, &why) == LB_OK, name);
	assert_row(may == may_of(row), name);
	assert_row(check_row(row, end, &may, &why) == LB_TICKET, name);
}

static void
check_refused(struct json_object *row, void *data)
{
	const char *why = NULL;
	unsigned may;

	(void)data;
	assert_row(check_row(row, 1000 * vectors_number(row, "now"), &may,
		       &why) == LB_TICKET,
	    vectors_text(row, "name").p);
	assert_non_null(why);
}

static void
vectors_of_all_languages_hold(void **state)
{
	(void)state;
	vectors_each("tickets.json", "minted", check_minted, NULL);
	vectors_each("tickets.json", "refused", check_refused, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_ticket_lets_in),
		cmocka_unit_test(may_says_what_is_permitted),
		cmocka_unit_test(what_is_not_of_the_form_is_refused),
		cmocka_unit_test(it_is_for_its_room_and_its_peer),
		cmocka_unit_test(it_ends_with_its_second),
		cmocka_unit_test(any_changed_character_is_refused),
		cmocka_unit_test(another_key_does_not_sign),
		cmocka_unit_test(oddities_are_refused),
		cmocka_unit_test(vectors_of_all_languages_hold),
	};

	return cmocka_run_group_tests_name("ticket", tests, NULL, NULL);
}

/*
 * rerun, chaos, renew: a recording becomes a plan, the same for the same seed,
 * and what it says is said to somebody else.
 */
#include "unit.h"

#include "renew.h"
#include "rerun.h"

static void
put_body(struct tape *t, int64_t at, const char *from, const char *type,
    const char *to, const char *body)
{
	const struct message m = { .seq = 10 + (int64_t)t->count,
		.at = at,
		.from = slice_of(from),
		.to = slice_of(to),
		.type = slice_of(type),
		.body = slice_of(body) };

	tape_add(t, &m);
}

static void
put(struct tape *t, int64_t at, const char *from, const char *type,
    const char *to)
{
	put_body(t, at, from, type, to, "{}");
}

/* Two come, speak, and one goes. */
static void
record(struct tape *t)
{
	tape_init(t);
	put(t, 1000, "a", "joined", NULL);
	put(t, 1100, "b", "joined", NULL);
	put(t, 1200, "b", "description", "a");
	put(t, 900, "a", "description", "b");
	put(t, 1300, "a", "room-owner", NULL);
	put(t, 1400, "b", "chat", NULL);
	put(t, 1500, "b", "left", NULL);
	put(t, 1600, "b", "chat", "a");
	assert_int_equal(t->failed, 0);
}

/* The plan in letters: who does what, and when. */
static void
spell(const struct rerun *r, struct buf *out)
{
	static const char what[] = "jlvpd";

	buf_init(out, 65536);
	for (size_t i = 0; i < r->count; i++) {
		buf_slice(out, r->steps[i].message->from);
		buf_printf(out, "%c%lld ", what[r->steps[i].what],
		    (long long)r->steps[i].due);
	}
}

static void
assert_plan_of(struct tape *tape, const struct rerun_wish *wish,
    const char *expected)
{
	struct rerun plan;
	struct buf text;

	assert_int_equal(rerun_make(&plan, tape, wish), LB_OK);
	spell(&plan, &text);
	assert_slice(buf_as_slice(&text), expected);
	buf_reset(&text);
	rerun_reset(&plan);
	tape_reset(tape);
}

static void
assert_plan(const struct rerun_wish *wish, const char *expected)
{
	struct tape tape;

	record(&tape);
	assert_plan_of(&tape, wish, expected);
}

static void
all_of_it_in_its_order(void **state)
{
	const struct rerun_wish wish = { .types = NULL };

	(void)state;
	/* A clock that was set back does not turn time; who left comes again
	 * to speak. */
	assert_plan(&wish, "aj0 bj100 bp200 ap200 bp400 bl500 bj600 bp600 ");
}

static void
a_lease_that_ended_ends_again(void **state)
{
	static const char *const bodies[] = { "{\"reason\":\"lease\"}",
		"{\"reason\":\"leave\"}", "{\"reason\":\"removed\"}",
		"{\"reason\":[\"lease\"]}", "\"lease\"", "null" };
	const struct rerun_wish wish = { .types = NULL };
	struct tape tape;

	(void)state;
	tape_init(&tape);
	for (int i = 0; i < 6; i++) {
		put(&tape, 10 * i, "a", "joined", NULL);
		put_body(&tape, 10 * i, "a", "left", NULL, bodies[i]);
	}
	assert_plan_of(&tape, &wish,
	    "aj0 av0 aj10 al10 aj20 al20 aj30 al30 aj40 al40 aj50 al50 ");
}

static void
a_part_of_it(void **state)
{
	const struct rerun_wish as = { .as = SLICE("b") };
	const struct rerun_wish from = { .from = 13 };
	const struct rerun_wish only = { .types = "bye,chat" };

	(void)state;
	assert_plan(&as, "bj0 bp100 bp300 bl400 bj500 bp500 ");
	assert_plan(&from, "aj0 bj0 ap0 bp500 bl600 bj700 bp700 ");
	assert_plan(&only, "aj0 bj100 bp400 bl500 bj600 bp600 ");
}

static void
nobody_of_that_name(void **state)
{
	const struct rerun_wish wish = { .as = SLICE("c") };
	struct tape tape;
	struct rerun plan;

	(void)state;
	record(&tape);
	assert_int_equal(rerun_make(&plan, &tape, &wish), LB_NOT_FOUND);
	rerun_reset(&plan);
	tape_reset(&tape);
}

static void
what_was_heard_by_then_is_known(void **state)
{
	const struct rerun_wish wish = { .as = SLICE("a") };
	struct tape tape;
	struct rerun plan;

	(void)state;
	record(&tape);
	assert_int_equal(rerun_make(&plan, &tape, &wish), LB_OK);
	assert_int_equal(plan.count, 2);
	assert_int_equal(plan.steps[1].heard, 1);
	rerun_reset(&plan);
	tape_reset(&tape);
}

/* ---- chaos ---- */

static void
plan_of(const struct chaos *chaos, struct buf *text)
{
	const struct rerun_wish wish = { .chaos = *chaos };
	struct tape tape;
	struct rerun plan;

	tape_init(&tape);
	for (int i = 0; i < 100; i++)
		put(&tape, i * 10, i % 2 ? "a" : "b", "chat", NULL);
	assert_int_equal(rerun_make(&plan, &tape, &wish), LB_OK);
	for (size_t i = 1; i < plan.count; i++)
		assert_true(plan.steps[i - 1].due <= plan.steps[i].due);
	spell(&plan, text);
	rerun_reset(&plan);
	tape_reset(&tape);
}

static void
the_same_seed_is_the_same_chaos(void **state)
{
	struct chaos chaos = { .drop = 0.2,
		.twice = 0.2,
		.delay = 300,
		.reorder = 4,
		.seed = 42 };
	struct buf one, two, three;

	(void)state;
	plan_of(&chaos, &one);
	plan_of(&chaos, &two);
	chaos.seed = 43;
	plan_of(&chaos, &three);
	assert_true(slice_equal(buf_as_slice(&one), buf_as_slice(&two)));
	assert_false(slice_equal(buf_as_slice(&one), buf_as_slice(&three)));
	buf_reset(&one);
	buf_reset(&two);
	buf_reset(&three);
}

static void
one_figure_leaves_the_others_alone(void **state)
{
	const struct chaos some = { .drop = 0.5, .seed = 1 };
	const struct chaos more = { .drop = 0.5,
		.twice = 1,
		.delay = 9,
		.seed = 1 };
	struct chaos_dice one, two;
	struct chaos_fate a, b;

	(void)state;
	chaos_begin(&one, &some);
	chaos_begin(&two, &more);
	for (int i = 0; i < 1000; i++) {
		chaos_cast(&one, &some, &a);
		chaos_cast(&two, &more, &b);
		assert_int_equal(a.is_dropped, b.is_dropped);
		assert_int_equal(a.is_doubled, 0);
		assert_int_equal(b.is_doubled, 1);
		assert_true(b.delay >= 0 && b.delay <= 9);
	}
}

/* ---- renew ---- */

static void
assert_renewed(const struct renew *r, const char *body, const char *expected)
{
	struct buf out;

	buf_init(&out, 65536);
	renew_body(r, slice_of(NULL), slice_of(body), &out);
	assert_slice(buf_as_slice(&out), expected);
	buf_reset(&out);
}

static void
an_answer_names_the_living_offer(void **state)
{
	struct renew r = { 0 };

	(void)state;
	renew_hear(&r, SLICE("candidate"), SLICE("null"), 5);
	renew_hear(&r, SLICE("description"),
	    SLICE("{\"type\":\"offer\",\"session\":\"their\\u0073\"}"), 7);
	renew_hear(&r, SLICE("description"), SLICE("{\"type\":\"answer\"}"), 9);
	assert_int_equal(r.offer, 7);
	assert_int_equal(r.descriptions, 2);
	assert_int_equal(r.session_n, 6);
	assert_memory_equal(r.session, "theirs", 6);
	assert_renewed(&r, "{ \"re\" : 3, \"x\": [1, 2] }",
	    "{\"re\":7,\"x\":[1, 2]}");
	assert_renewed(&r, "{\"for\":\"x\"}", "{\"for\":\"x\"}");
	assert_renewed(&r, "null", "null");
	assert_renewed(&r, "{}", "{}");
}

static void
sessions_are_made_anew(void **state)
{
	const struct renew nothing = { 0 };
	struct renew r = { .session = "theirs", .session_n = 6 };
	struct buf a, b;

	(void)state;
	buf_init(&a, 65536);
	buf_init(&b, 65536);
	renew_body(&r, SLICE("salt"),
	    SLICE("{\"for\":\"old\",\"session\":\"s\"}"), &a);
	renew_body(&nothing, SLICE("salt"),
	    SLICE("{\"for\":\"old\",\"re\":1,\"session\":\"s\"}"), &b);
	assert_true(slice_starts(buf_as_slice(&a),
	    "{\"for\":\"theirs\",\"session\":\""));
	assert_true(slice_starts(buf_as_slice(&b), "{\"session\":\""));
	/* The same session is the same one again, and not the old one. */
	assert_memory_equal(a.p + a.n - 15, b.p + b.n - 15, 15);
	assert_int_equal(b.n, strlen("{\"session\":\"123456789012\"}"));
	buf_reset(&a);
	buf_reset(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_in_its_order),
		cmocka_unit_test(a_lease_that_ended_ends_again),
		cmocka_unit_test(a_part_of_it),
		cmocka_unit_test(nobody_of_that_name),
		cmocka_unit_test(what_was_heard_by_then_is_known),
		cmocka_unit_test(the_same_seed_is_the_same_chaos),
		cmocka_unit_test(one_figure_leaves_the_others_alone),
		cmocka_unit_test(an_answer_names_the_living_offer),
		cmocka_unit_test(sessions_are_made_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The outbox of a hook: what is sent when, in which order, and what is kept.
 */
#include "outbox.h"
#include "unit.h"

#define PAUSE 500
#define MOST 60000
#define DOWN 10000

static const struct outbox_options usual = {
	.flights = 8,
	.pause = PAUSE,
	.most = MOST,
	.down = DOWN,
	.letters = 1000,
};

static void
put(struct outbox *o, int64_t seq, int connected, const char *client,
    int64_t mono)
{
	struct store_notice n = { .key = "shop", .epoch = "abcdefgh" };

	n.seq = seq;
	n.connected = connected;
	n.client = slice_of(client);
	assert_int_equal(outbox_add(o, &n, mono), LB_OK);
}

static struct outbox_letter *
next_is(struct outbox *o, int64_t mono, int64_t seq, const char *client)
{
	int64_t wait;
	struct outbox_letter *l = outbox_next(o, mono, &wait);

	assert_non_null(l);
	assert_int_equal(l->seq, seq);
	assert_slice(outbox_client(l), client);
	return l;
}

static void
none_before(struct outbox *o, int64_t mono, int64_t wait)
{
	int64_t asked;

	assert_null(outbox_next(o, mono, &asked));
	assert_int_equal(asked, wait);
}

static void
a_client_is_told_one_after_the_other(void **state)
{
	struct outbox *o = outbox_new(&usual);
	struct outbox_letter *l;

	(void)state;
	none_before(o, 0, -1);
	put(o, 3, 1, "ann", 0);
	put(o, 5, 0, "ann", 0);
	l = next_is(o, 0, 3, "ann");
	assert_string_equal(l->epoch, "abcdefgh");
	assert_int_equal(l->connected, 1);
	none_before(o, 0, -1);
	outbox_told(o, l);
	none_before(o, 0, -1);
	outbox_noted(o, l, 10);
	l = next_is(o, 10, 5, "ann");
	assert_int_equal(l->connected, 0);
	outbox_told(o, l);
	put(o, 6, 1, "ann", 10);
	none_before(o, 10, -1);
	outbox_noted(o, l, 11);
	next_is(o, 11, 6, "ann");
	assert_int_equal(outbox_count(o), 1);
	outbox_free(o);
}

static void
a_client_that_fails_keeps_back_itself_alone(void **state)
{
	struct outbox *o = outbox_new(&usual);
	struct outbox_letter *l;
	int64_t pause;

	(void)state;
	put(o, 1, 1, "ann", 0);
	put(o, 2, 0, "ann", 0);
	put(o, 3, 1, "bob", 0);
	l = next_is(o, 0, 1, "ann");
	pause = outbox_failed(o, l, 0, 0, 77);
	l = next_is(o, 0, 3, "bob");
	outbox_told(o, l);
	outbox_noted(o, l, 1);
	none_before(o, 1, pause - 1);
	next_is(o, pause, 1, "ann");
	outbox_free(o);
}

static void
no_more_at_once_than_allowed(void **state)
{
	struct outbox_options two = usual;
	struct outbox *o;
	struct outbox_letter *l;

	(void)state;
	two.flights = 2;
	o = outbox_new(&two);
	put(o, 1, 1, "ann", 0);
	put(o, 2, 1, "bob", 0);
	put(o, 3, 1, "cat", 0);
	next_is(o, 0, 1, "ann");
	l = next_is(o, 0, 2, "bob");
	none_before(o, 0, -1);
	outbox_told(o, l);
	/* What is only to be noted is under way no longer. */
	next_is(o, 0, 3, "cat");
	outbox_free(o);
}

static void
pauses_double_to_their_most(void **state)
{
	struct outbox *o = outbox_new(&usual);
	int64_t mono = 0, whole = PAUSE, pause, least;

	(void)state;
	put(o, 1, 1, "ann", 0);
	for (int i = 0; i < 200; i++) {
		pause = outbox_failed(o, next_is(o, mono, 1, "ann"), mono, 0,
		    i % 2 ? UINT32_MAX : 0);
		least = whole / 2;
		assert_true(pause >= least && pause <= whole);
		if (i % 2 == 0)
			assert_int_equal(pause, least);
		none_before(o, mono, pause);
		mono += pause;
		whole = 2 * whole < MOST ? 2 * whole : MOST;
	}
	outbox_free(o);
}

static void
an_application_may_ask_for_time(void **state)
{
	struct outbox *o = outbox_new(&usual);

	(void)state;
	put(o, 1, 1, "ann", 0);
	assert_int_equal(outbox_failed(o, next_is(o, 0, 1, "ann"), 0, 7000, 0),
	    7000);
	assert_int_equal(outbox_failed(o, next_is(o, 7000, 1, "ann"), 7000,
			     INT64_MAX, 0),
	    300000);
	outbox_free(o);
}

/* What has succeeded begins with the shortest pause again. */
static void
a_success_forgets_failures(void **state)
{
	struct outbox *o = outbox_new(&usual);
	struct outbox_letter *l;
	int64_t mono = 0;

	(void)state;
	put(o, 1, 1, "ann", 0);
	put(o, 2, 0, "ann", 0);
	for (int i = 0; i < 5; i++)
		mono += outbox_failed(o, next_is(o, mono, 1, "ann"), mono, 0,
		    0);
	l = next_is(o, mono, 1, "ann");
	outbox_told(o, l);
	outbox_noted(o, l, mono);
	assert_int_equal(outbox_failed(o, next_is(o, mono, 2, "ann"), mono, 0,
			     0),
	    PAUSE / 2);
	outbox_free(o);
}

static void
an_application_out_of_reach_is_asked_by_one(void **state)
{
	struct outbox *o = outbox_new(&usual);
	struct outbox_letter *a, *b;
	int64_t mono = 0, pause, again;

	(void)state;
	put(o, 1, 1, "ann", 0);
	put(o, 2, 1, "bob", 0);
	put(o, 3, 1, "cat", 0);
	a = next_is(o, 0, 1, "ann");
	b = next_is(o, 0, 2, "bob");
	pause = outbox_unreachable(o, a, 0, 0);
	assert_int_equal(pause, PAUSE / 2);
	/* Sent together, they are one try. */
	assert_int_equal(outbox_unreachable(o, b, 0, 0), pause);
	for (int i = 0; i < 100; i++) {
		none_before(o, mono, pause);
		mono += pause;
		a = next_is(o, mono, 1, "ann");
		none_before(o, mono, -1);
		again = outbox_unreachable(o, a, mono, 0);
		assert_true(again >= pause && again <= DOWN / 2);
		pause = again;
	}
	assert_int_equal(pause, DOWN / 2);
	mono += pause;
	a = next_is(o, mono, 1, "ann");
	outbox_told(o, a);
	/* All at once, and without a pause for what it could not know. */
	next_is(o, mono, 2, "bob");
	next_is(o, mono, 3, "cat");
	outbox_free(o);
}

static void
note_gone(void *arg, const struct outbox_letter *l)
{
	buf_printf(arg, "%lld%.*s ", (long long)l->seq, (int)outbox_client(l).n,
	    outbox_client(l).p);
}

static void
beyond_the_bound_the_oldest_go(void **state)
{
	struct outbox_options few = usual;
	struct outbox_letter *l;
	struct outbox *o;
	struct buf gone;

	(void)state;
	few.letters = 3;
	o = outbox_new(&few);
	buf_init(&gone, 1024);
	put(o, 1, 1, "ann", 0);
	put(o, 2, 1, "bob", 0);
	put(o, 3, 0, "ann", 0);
	assert_int_equal(outbox_trim(o, note_gone, &gone), 0);
	l = next_is(o, 0, 1, "ann");
	put(o, 4, 1, "cat", 0);
	put(o, 5, 0, "cat", 0);
	put(o, 6, 1, "cat", 0);
	/* One that is under way stays, and what is behind it. */
	assert_int_equal(outbox_trim(o, note_gone, &gone), 3);
	assert_buf(&gone, "2bob 4cat 5cat ");
	outbox_told(o, l);
	outbox_noted(o, l, 1);
	next_is(o, 1, 6, "cat");
	next_is(o, 1, 3, "ann");
	buf_reset(&gone);
	outbox_free(o);
}

/* ---- a day of an application that fails every third request ---- */

#define CLIENTS 97
#define LETTERS 6000

struct day {
	struct outbox *o;
	int64_t mono, given, last[CLIENTS];
	int told, seen[LETTERS + 1];
	struct outbox_letter *flying[8], *to_note[8];
	int flights, notes;
};

static uint32_t
chance(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	return x ^= x << 5;
}

static void
give(struct day *d)
{
	char client[8];

	if (d->given == LETTERS)
		return;
	snprintf(client, sizeof(client), "%u", chance() % CLIENTS);
	put(d->o, ++d->given, 1, client, d->mono);
}

static int
client_of(const struct outbox_letter *l)
{
	struct slice id = outbox_client(l);
	int number = 0;

	for (size_t i = 0; i < id.n; i++)
		number = 10 * number + id.p[i] - '0';
	return number;
}

static void
end_flight(struct day *d)
{
	struct outbox_letter *l;
	int i, client;

	if (d->flights == 0)
		return;
	i = (int)(chance() % (uint32_t)d->flights);
	l = d->flying[i];
	d->flying[i] = d->flying[--d->flights];
	client = client_of(l);
	if (chance() % 3 == 0) {
		outbox_failed(d->o, l, d->mono, 0, chance());
		return;
	}
	assert_int_equal(d->seen[l->seq]++, 0);
	assert_true(l->seq > d->last[client]);
	d->last[client] = l->seq;
	d->told++;
	outbox_told(d->o, l);
	d->to_note[d->notes++] = l;
}

static void
each_is_told_once_and_in_order(void **state)
{
	struct day d = { .o = outbox_new(&usual) };
	struct outbox_letter *l;
	int64_t wait;

	(void)state;
	while (d.told < LETTERS) {
		for (uint32_t i = chance() % 8; i > 0; i--)
			give(&d);
		while ((l = outbox_next(d.o, d.mono, &wait)) != NULL) {
			assert_true(d.flights < 8);
			d.flying[d.flights++] = l;
		}
		for (uint32_t i = chance() % 4; i > 0; i--)
			end_flight(&d);
		if (d.notes > 4 || chance() % 2)
			while (d.notes > 0)
				outbox_noted(d.o, d.to_note[--d.notes], d.mono);
		d.mono += wait > 0 && d.flights == 0 ? wait : chance() % 50;
		assert_true(outbox_count(d.o) <= LETTERS);
	}
	while (d.notes > 0)
		outbox_noted(d.o, d.to_note[--d.notes], d.mono);
	assert_int_equal(outbox_count(d.o), 0);
	none_before(d.o, d.mono, -1);
	outbox_free(d.o);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_is_told_one_after_the_other),
		cmocka_unit_test(a_client_that_fails_keeps_back_itself_alone),
		cmocka_unit_test(no_more_at_once_than_allowed),
		cmocka_unit_test(pauses_double_to_their_most),
		cmocka_unit_test(an_application_may_ask_for_time),
		cmocka_unit_test(a_success_forgets_failures),
		cmocka_unit_test(an_application_out_of_reach_is_asked_by_one),
		cmocka_unit_test(beyond_the_bound_the_oldest_go),
		cmocka_unit_test(each_is_told_once_and_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

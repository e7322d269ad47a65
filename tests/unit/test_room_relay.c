/*
 * Rooms of few seats: who gets one, who gives his to another, and messages to
 * whoever else is there.
 */
#include "office.h"

static struct room_join
joining(struct guest *guest, int64_t capacity)
{
	return (struct room_join){
		.op = { .done = office_note },
		.namespace = ROOM_NAMESPACE,
		.name = slice_of(guest->room),
		.id = slice_of(guest->id),
		.token = guest->token,
		.may = 1,
		.capacity = capacity,
	};
}

static enum lb_err
run_join(struct guest *guest, struct room_join *j)
{
	struct office *office = guest->office;
	int64_t retry;
	enum lb_err err;

	assert_int_equal(postoffice_join(office->po, j, SLICE("192.0.2.1"),
			     &office->now, &retry),
	    LB_OK);
	err = office_wait(office);
	guest->row = j->self.row;
	return err == LB_OK ? j->verdict : err;
}

/* How many are there then; 0: it is full. */
static int64_t
take_seat(struct guest *guest, int64_t capacity)
{
	struct room_join j = joining(guest, capacity);
	enum lb_err err = run_join(guest, &j);

	assert_true(err == LB_OK || err == LB_ROOM_FULL);
	return err == LB_OK ? j.present : 0;
}

/* The same in the place of another. */
static int64_t
take_over(struct guest *guest, const struct guest *from, int if_unheard,
    int64_t *gone)
{
	struct room_join j = joining(guest, 2);
	enum lb_err err;

	j.has_leaver = 1;
	j.if_unheard = if_unheard;
	j.leaver = from->token;
	err = run_join(guest, &j);
	assert_true(err == LB_OK || err == LB_ROOM_FULL);
	*gone = j.gone;
	return err == LB_OK ? j.present : 0;
}

static enum lb_err
run_relay(struct guest *guest, struct room_relay *r, const char *body)
{
	struct office *office = guest->office;
	int64_t retry;

	r->op.done = office_note;
	r->namespace = ROOM_NAMESPACE;
	r->name = slice_of(guest->room);
	r->token = guest->token;
	r->type = SLICE("note");
	r->body = slice_of(body);
	assert_int_equal(postoffice_relay(office->po, r, &office->now, &retry),
	    LB_OK);
	return office_wait(office);
}

static enum lb_err
relay(struct guest *guest, const char *body, const char *mirror, int *alone)
{
	struct room_relay r = { .mirror = slice_of(mirror) };
	enum lb_err err = run_relay(guest, &r, body);

	*alone = r.alone;
	return err;
}

static enum lb_err
go_for_good(struct guest *guest)
{
	struct room_leave l = {
		.op = { .done = office_note },
		.namespace = ROOM_NAMESPACE,
		.name = slice_of(guest->room),
		.token = guest->token,
		.for_good = 1,
	};

	postoffice_leave(guest->office->po, &l);
	return office_wait(guest->office);
}

static void
a_room_has_so_many_seats(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	struct guest b = guest_new(office, "r", "b", "kb");
	struct guest c = guest_new(office, "r", "c", "kc");

	assert_int_equal(take_seat(&a, 2), 1);
	assert_int_equal(take_seat(&b, 2), 2);
	assert_int_equal(take_seat(&c, 2), 0);
	/* For everybody. */
	assert_int_equal(guest_join(&c), LB_ROOM_FULL);
	assert_int_equal(guest_leave(&b), LB_OK);
	assert_int_equal(take_seat(&c, 2), 2);
}

static void
an_empty_room_is_as_its_next_one_wants(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	struct guest b = guest_new(office, "r", "b", "kb");
	struct guest c = guest_new(office, "r", "c", "kc");

	assert_int_equal(take_seat(&a, 1), 1);
	assert_int_equal(take_seat(&b, 2), 0);
	assert_int_equal(guest_leave(&a), LB_OK);
	assert_int_equal(take_seat(&b, 2), 1);
	/* With somebody there, it only becomes less. */
	assert_int_equal(take_seat(&c, 5), 2);
	a = guest_new(office, "r", "d", "kd");
	assert_int_equal(take_seat(&a, 5), 0);
}

static void
a_room_of_more_is_full_for_who_wants_two(void **state)
{
	struct office *office = *state;
	struct guest a = guest_enter(office, "r", "a");
	struct guest b = guest_enter(office, "r", "b");
	struct guest c = guest_new(office, "r", "c", "kc");

	(void)a;
	(void)b;
	assert_int_equal(take_seat(&c, 2), 0);
	/* A refusal has changed nothing. */
	assert_int_equal(guest_join(&c), LB_OK);
}

static void
a_seat_is_taken_over_in_one_stroke(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	struct guest b = guest_new(office, "r", "b", "kb");
	struct guest c = guest_new(office, "r", "c", "kc");
	struct guest stranger = guest_new(office, "r", "x", "kx");
	int64_t gone;

	take_seat(&a, 2);
	take_seat(&b, 2);
	assert_int_equal(take_over(&c, &stranger, 0, &gone), 0);
	assert_int_equal(gone, 0);
	assert_int_equal(take_over(&c, &b, 1, &gone), 2);
	assert_int_equal(gone, b.row);
	/* Its token is spent. */
	assert_int_equal(guest_return(&b), LB_NOT_A_MEMBER);
	assert_int_equal(guest_join(&b), LB_REMOVED);
	/* Nobody goes twice. */
	assert_int_equal(take_over(&stranger, &b, 0, &gone), 0);
}

static void
who_polls_keeps_its_seat_unless_it_goes(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	struct guest b = guest_new(office, "r", "b", "kb");
	struct guest c = guest_new(office, "r", "c", "kc");
	struct visit visit;
	int64_t gone;

	take_seat(&a, 2);
	take_seat(&b, 2);
	assert_int_equal(guest_poll(&b, &visit, 1000), LB_OK);
	office_turn(office);
	assert_int_equal(take_over(&c, &b, 1, &gone), 0);
	assert_int_equal(take_over(&c, &b, 0, &gone), 2);
	assert_int_equal(gone, b.row);
	visit_forget(&visit);
}

static void
members_of_other_rooms_do_not_go(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	struct guest far = guest_enter(office, "elsewhere", "far");
	int64_t gone;
	int alone;

	assert_int_equal(take_over(&a, &far, 0, &gone), 1);
	assert_int_equal(gone, 0);
	assert_int_equal(relay(&far, "{}", NULL, &alone), LB_OK);
}

static void
who_goes_for_good_does_not_come_back(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	int alone;

	take_seat(&a, 2);
	assert_int_equal(go_for_good(&a), LB_OK);
	assert_int_equal(guest_return(&a), LB_NOT_A_MEMBER);
	assert_int_equal(guest_join(&a), LB_REMOVED);
	assert_int_equal(relay(&a, "{}", NULL, &alone), LB_NOT_A_MEMBER);
	assert_int_equal(go_for_good(&a), LB_NOT_A_MEMBER);
}

static void
a_relay_is_for_the_others(void **state)
{
	struct office *office = *state;
	struct guest a = guest_enter(office, "r", "a");
	struct guest b = guest_enter(office, "r", "b");
	struct guest c = guest_enter(office, "r", "c");
	int alone;

	assert_int_equal(relay(&a, "1", "2", &alone), LB_OK);
	assert_false(alone);
	guest_hears(&b, "c>* joined {}\na>b note 1\n");
	guest_hears(&c, "a>c note 1\n");
	guest_hears(&a, "b>* joined {}\nc>* joined {}\n");
}

static void
said_to_nobody_it_comes_back(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	int alone;

	take_seat(&a, 2);
	assert_int_equal(relay(&a, "1", "2", &alone), LB_OK);
	assert_true(alone);
	guest_hears(&a, "app>a note 1\n");
	/* In a room of its own it hears the mirror. */
	guest_leave(&a);
	a = guest_new(office, "s", "a", "ka");
	take_seat(&a, 1);
	assert_int_equal(relay(&a, "1", "2", &alone), LB_OK);
	guest_hears(&a, "app>a note 2\n");
	assert_int_equal(relay(&a, "3", NULL, &alone), LB_OK);
	guest_hears(&a, "app>a note 3\n");
}

static void
a_full_mailbox_refuses_a_relay(void **state)
{
	struct office *office = *state;
	struct guest a = guest_enter(office, "r", "a");
	struct guest b = guest_enter(office, "r", "b");
	int alone;

	(void)b;
	office->options.bounds.mailbox_messages = 2;
	assert_int_equal(relay(&a, "1", NULL, &alone), LB_OK);
	assert_int_equal(relay(&a, "2", NULL, &alone), LB_OK);
	assert_int_equal(relay(&a, "3", NULL, &alone), LB_MAILBOX_FULL);
}

/* The same with a mark, or NULL; kept when nobody is there. */
static enum lb_err
say(struct guest *guest, const char *body, const char *mark, int *inhabited)
{
	struct room_relay r = { .keep = 1, .mark = slice_of(mark) };
	enum lb_err err = run_relay(guest, &r, body);

	*inhabited = r.inhabited;
	return err;
}

static int
count_notes(void *arg, const struct message *m)
{
	size_t *count = arg;

	*count += m->recipient == 0;
	return 0;
}

static void
said_to_nobody_it_may_wait_for_who_comes(void **state)
{
	const struct slice types[] = { SLICE("note") };
	struct office *office = *state;
	struct guest a = guest_enter(office, "r", "a");
	struct guest b = guest_new(office, "r", "b", "kb");
	struct room_join j = joining(&b, 2);
	size_t count = 0;
	int there;

	assert_int_equal(say(&a, "1", NULL, &there), LB_OK);
	assert_int_equal(say(&a, "2", NULL, &there), LB_OK);
	guest_hears(&a, "");
	assert_int_equal(run_join(&b, &j), LB_OK);
	assert_int_equal(store_history(postoffice_store(office->po), &j.self,
			     types, 1, count_notes, &count),
	    LB_OK);
	assert_int_equal(count, 2);
	/* From then on there is somebody. */
	assert_int_equal(say(&a, "3", NULL, &there), LB_OK);
	guest_hears(&b, "a>b note 3\n");
}

static void
a_mark_makes_a_repeat_one_message(void **state)
{
	struct office *office = *state;
	struct guest a = guest_enter(office, "r", "a");
	struct guest b = guest_enter(office, "r", "b");
	int there;

	assert_int_equal(say(&a, "1", "one", &there), LB_OK);
	assert_int_equal(say(&a, "1", "one", &there), LB_OK);
	assert_int_equal(say(&a, "2", "two", &there), LB_OK);
	guest_hears(&b, "a>b note 1\na>b note 2\n");
	/* After an hour it is another one. */
	office->now.wall += 3600000;
	assert_int_equal(say(&a, "3", "one", &there), LB_OK);
	guest_hears(&b, "a>b note 3\n");
}

static void
who_had_lapsed_is_back_by_what_it_says(void **state)
{
	struct office *office = *state;
	struct guest a = guest_new(office, "r", "a", "ka");
	struct guest b = guest_new(office, "r", "b", "kb");
	struct guest c = guest_new(office, "r", "c", "kc");
	int there;

	take_seat(&a, 2);
	office_pass(office, 30000);
	take_seat(&b, 2);
	office_pass(office, 10000);
	guest_hears(&b, "a>* left {\"reason\":\"lease\"}\n");
	assert_int_equal(say(&a, "1", "one", &there), LB_OK);
	guest_hears(&b, "a>* joined {}\na>b note 1\n");
	/* Unless somebody else has its place. */
	office_pass(office, 30000);
	guest_hears(&b, "");
	office_pass(office, 10000);
	take_seat(&c, 2);
	assert_int_equal(say(&a, "1", "one", &there), LB_OK); /* a repeat */
	assert_int_equal(say(&a, "2", "two", &there), LB_NOT_A_MEMBER);
	assert_true(there);
}

static void
a_stranger_learns_whether_there_is_anybody(void **state)
{
	struct office *office = *state;
	struct guest a = guest_enter(office, "r", "a");
	struct guest b = guest_new(office, "r", "b", "kb");
	int there;

	assert_int_equal(say(&b, "1", NULL, &there), LB_NOT_A_MEMBER);
	assert_true(there);
	guest_leave(&a);
	assert_int_equal(say(&b, "1", NULL, &there), LB_NOT_A_MEMBER);
	assert_false(there);
	b.room = "s";
	assert_int_equal(say(&b, "1", NULL, &there), LB_NOT_A_MEMBER);
	assert_false(there);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_room_has_so_many_seats),
		TEST(an_empty_room_is_as_its_next_one_wants),
		TEST(a_room_of_more_is_full_for_who_wants_two),
		TEST(a_seat_is_taken_over_in_one_stroke),
		TEST(who_polls_keeps_its_seat_unless_it_goes),
		TEST(members_of_other_rooms_do_not_go),
		TEST(who_goes_for_good_does_not_come_back),
		TEST(a_relay_is_for_the_others),
		TEST(said_to_nobody_it_comes_back),
		TEST(a_full_mailbox_refuses_a_relay),
		TEST(said_to_nobody_it_may_wait_for_who_comes),
		TEST(a_mark_makes_a_repeat_one_message),
		TEST(who_had_lapsed_is_back_by_what_it_says),
		TEST(a_stranger_learns_whether_there_is_anybody),
	};

	return cmocka_run_group_tests_name("in memory", tests, office_memory,
		   NULL) +
	    cmocka_run_group_tests_name("on SQLite", tests, office_sqlite,
		NULL);
}

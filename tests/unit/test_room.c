/*
 * The rules of a room: joining, posting, leaving, and what its owner decides.
 */
#include "office.h"
#include "ticket.h"

/* ---- joining -------------------------------------------------------- */

static void
a_newcomer_is_told_to_those_who_are_there(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann"), bob;

	bob = guest_new(office, "r", "bob", "key");
	bob.name = "\"Bob\"";
	assert_int_equal(guest_join(&bob), LB_OK);
	assert_string_equal(bob.self.id, "bob");
	assert_int_equal(bob.n, 0);
	guest_hears(&ann, "bob>* joined {\"name\":\"Bob\"}\n");
	guest_hears(&bob, "");
	guest_hears(&ann, "");
}

static void
a_repeated_join_is_the_same_peer(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann"), bob, again;

	bob = guest_new(office, "r", "bob", "key");
	assert_int_equal(guest_join_with(&bob, NULL, "1"), LB_OK);
	assert_int_equal(bob.n, 1);
	again = guest_new(office, "r", "bob", "key");
	assert_int_equal(guest_join_with(&again, NULL, "1"), LB_OK);
	assert_true(again.row == bob.row);
	assert_int_equal(again.n, 1);
	assert_true(again.after == bob.after);
	guest_hears(&ann, "bob>* joined {}\nbob>* chat 1\n");
	assert_int_equal(guest_say(&again, NULL, "2"), LB_OK);
	assert_int_equal(again.n, 2);
	assert_int_equal(guest_join(&bob), LB_OK);
	assert_int_equal(bob.n, 2);
	guest_hears(&ann, "bob>* chat 2\n");
}

static void
a_repeated_join_hears_again_what_came_since(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann"), again;
	struct guest bob = guest_enter(office, "r", "bob");

	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	guest_hears(&bob, "ann>bob chat 1\nann>* chat 2\n");
	again = guest_new(office, "r", "bob", "key");
	assert_int_equal(guest_join(&again), LB_OK);
	guest_hears(&again, "ann>bob chat 1\nann>* chat 2\n");
}

static void
another_key_does_not_get_the_id(void **state)
{
	struct office *office = *state;
	struct guest thief = guest_new(office, "r", "ann", "other");

	guest_enter(office, "r", "ann");
	assert_int_equal(guest_join(&thief), LB_PEER_TAKEN);
	thief.room = "elsewhere";
	assert_int_equal(guest_join(&thief), LB_OK);
}

static void
a_token_returns_and_a_strange_one_does_not(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_new(office, "r", "bob", "key");

	assert_int_equal(guest_return(&ann), LB_OK);
	assert_string_equal(ann.self.id, "ann");
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_NOT_A_MEMBER);
	assert_int_equal(guest_leave(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_away(&bob), LB_NOT_A_MEMBER);
	ann.room = "elsewhere";
	assert_int_equal(guest_return(&ann), LB_NOT_A_MEMBER);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_NOT_A_MEMBER);
	assert_int_equal(guest_leave(&ann), LB_NOT_A_MEMBER);
	assert_int_equal(guest_away(&ann), LB_NOT_A_MEMBER);
}

static void
the_first_join_fixes_the_secret(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_new(office, "r", "ann", "key");
	struct guest bob = guest_new(office, "r", "bob", "key");

	ann.secret = "sesame";
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_join(&bob), LB_SECRET);
	bob.secret = "simsala";
	assert_int_equal(guest_join(&bob), LB_SECRET);
	bob.secret = "sesame";
	assert_int_equal(guest_join(&bob), LB_OK);
	/* Who is in needs it no more. */
	ann.secret = NULL;
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_return(&ann), LB_OK);
}

static void
a_room_without_a_secret_takes_none(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_new(office, "r", "bob", "key");

	guest_enter(office, "r", "ann");
	bob.secret = "sesame";
	assert_int_equal(guest_join(&bob), LB_SECRET);
}

static void
a_full_room_takes_nobody_until_somebody_goes(void **state)
{
	struct office *office = *state;
	struct guest ann, bob, cat = guest_new(office, "r", "cat", "key");

	office->options.bounds.peers = 2;
	ann = guest_enter(office, "r", "ann");
	bob = guest_enter(office, "r", "bob");
	assert_int_equal(guest_join(&cat), LB_ROOM_FULL);
	assert_int_equal(cat.fault.limit, 2);
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_return(&bob), LB_OK);
	assert_int_equal(guest_leave(&bob), LB_OK);
	assert_int_equal(guest_join(&cat), LB_OK);
	assert_int_equal(guest_join(&bob), LB_ROOM_FULL);
}

static void
a_refusal_is_noted_once_a_minute(void **state)
{
	struct office *office = *state;
	struct guest ann, bob, cat = guest_new(office, "r", "cat", "key");
	int64_t seq;

	office->options.bounds.peers = 2;
	ann = guest_enter(office, "r", "ann");
	bob = guest_enter(office, "r", "bob");
	guest_hears(&ann, "bob>* joined {}\n");
	assert_int_equal(guest_post(&bob, 1, NULL, "1"), LB_OK);
	seq = bob.seq;
	for (int i = 0; i < 3; i++)
		assert_int_equal(guest_join(&cat), LB_ROOM_FULL);
	assert_int_equal(guest_post(&bob, 2, NULL, "2"), LB_OK);
	assert_true(bob.seq == seq + 2);
	for (int i = 0; i < 3; i++) {
		office_pass(office, 21000);
		assert_int_equal(guest_return(&ann), LB_OK);
		assert_int_equal(guest_return(&bob), LB_OK);
	}
	seq = bob.seq;
	assert_int_equal(guest_join(&cat), LB_ROOM_FULL);
	assert_int_equal(guest_post(&bob, 3, NULL, "3"), LB_OK);
	assert_true(bob.seq == seq + 2);
	/* Nobody hears of it. */
	guest_hears(&ann, "bob>* chat 1\nbob>* chat 2\nbob>* chat 3\n");
}

static void
a_refused_join_writes_nothing(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_new(office, "r", "bob", "key");

	/* Mail to oneself is refused with the join that carries it. */
	assert_int_equal(guest_join_with(&bob, "bob", "1"), LB_BAD_REQUEST);
	guest_hears(&ann, "");
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
	bob.room = "new";
	assert_int_equal(guest_join_with(&bob, "bob", "1"), LB_BAD_REQUEST);
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
}

/* ---- posting -------------------------------------------------------- */

static void
a_repeated_post_is_posted_once(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	int64_t seq;

	guest_hears(&ann, "bob>* joined {}\n");
	assert_int_equal(guest_post(&bob, 1, NULL, "1"), LB_OK);
	seq = bob.seq;
	assert_int_equal(guest_post(&bob, 1, NULL, "1"), LB_OK);
	assert_true(bob.seq == seq);
	assert_int_equal(guest_post(&bob, 2, "ann", "2"), LB_OK);
	assert_int_equal(guest_post(&bob, 2, "ann", "2"), LB_OK);
	guest_hears(&ann, "bob>* chat 1\nbob>ann chat 2\n");
}

static void
the_counter_is_held_to(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");

	assert_int_equal(guest_post(&ann, 2, NULL, "1"), LB_N_GAP);
	assert_int_equal(ann.fault.expected, 1);
	assert_int_equal(guest_post(&ann, 1, NULL, "1"), LB_OK);
	assert_int_equal(guest_post(&ann, 1, NULL, "other"), LB_N_REUSED);
	assert_int_equal(ann.fault.expected, 2);
	assert_int_equal(guest_post(&ann, 2, NULL, "2"), LB_OK);
	assert_int_equal(guest_post(&ann, 1, NULL, "1"), LB_N_OLD);
	assert_int_equal(ann.fault.expected, 3);
	assert_int_equal(guest_post(&ann, INT64_MAX, NULL, "1"), LB_N_GAP);
	assert_int_equal(guest_post(&ann, 3, NULL, "3"), LB_OK);
}

static void
mail_waits_for_who_is_not_there_yet(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann"), bob;

	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "2"), LB_OK);
	assert_int_equal(guest_say(&ann, "bob", "3"), LB_OK);
	bob = guest_enter(office, "r", "bob");
	/* What was said to everybody before is none of its business; its
	 * mail comes with the join, as history. */
	guest_hears(&bob, "");
	bob.after = 0;
	guest_hears(&bob,
	    "ann>* joined {}\nann>bob chat 1\nann>* chat 2\n"
	    "ann>bob chat 3\n");
}

static void
mail_to_strangers_is_bounded(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");

	office->options.bounds.stranger_ids = 2;
	office->options.bounds.stranger_messages = 3;
	office->options.bounds.stranger_bytes = 10;
	assert_int_equal(guest_say(&ann, "x", "1"), LB_OK);
	assert_int_equal(guest_say(&ann, "y", "1"), LB_OK);
	assert_int_equal(guest_say(&ann, "z", "1"), LB_MAILBOX_FULL);
	assert_int_equal(ann.fault.limit, 2);
	assert_int_equal(guest_say(&ann, "x", "12345678"), LB_OK);
	assert_int_equal(guest_say(&ann, "x", "22"), LB_MAILBOX_FULL);
	assert_int_equal(ann.fault.limit, 10);
	assert_int_equal(guest_say(&ann, "x", "3"), LB_OK);
	assert_int_equal(guest_say(&ann, "x", "4"), LB_MAILBOX_FULL);
	assert_int_equal(ann.fault.limit, 3);
	assert_int_equal(guest_say(&ann, NULL, "5"), LB_OK);
}

static void
mail_of_a_peer_is_bounded_until_it_acknowledges(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	office->options.bounds.mailbox_messages = 2;
	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	assert_int_equal(guest_say(&ann, "bob", "2"), LB_OK);
	assert_int_equal(guest_say(&ann, "bob", "3"), LB_MAILBOX_FULL);
	assert_int_equal(ann.fault.limit, 2);
	assert_int_equal(guest_say(&ann, NULL, "to all"), LB_OK);
	/* Handed over is not acknowledged: the next poll does that. */
	guest_hears(&bob,
	    "ann>bob chat 1\nann>bob chat 2\nann>* chat to all\n");
	assert_int_equal(guest_say(&ann, "bob", "3"), LB_MAILBOX_FULL);
	guest_hears(&bob, "");
	assert_int_equal(guest_say(&ann, "bob", "3"), LB_OK);
	guest_hears(&bob, "ann>bob chat 3\n");
}

static void
mail_is_bounded_in_bytes(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	office->options.bounds.mailbox_bytes = 10;
	assert_int_equal(guest_say(&ann, "bob", "12345"), LB_OK);
	assert_int_equal(guest_say(&ann, "bob", "123456"), LB_MAILBOX_FULL);
	assert_int_equal(ann.fault.limit, 10);
	assert_int_equal(guest_say(&ann, "bob", "54321"), LB_OK);
	/* A post acknowledges as well as a poll. */
	guest_hears(&bob, "ann>bob chat 12345\nann>bob chat 54321\n");
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
	assert_int_equal(guest_say(&ann, "bob", "123456"), LB_OK);
}

static void
a_room_keeps_its_newest_and_tells_the_gap(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;
	char body[16];
	int i;

	office->options.bounds.room_messages = 10;
	assert_int_equal(guest_say(&ann, "bob", "\"mail\""), LB_OK);
	for (i = 0; i < 30; i++) {
		snprintf(body, sizeof(body), "%d", i);
		assert_int_equal(guest_say(&ann, NULL, body), LB_OK);
	}
	assert_int_equal(guest_poll(&bob, &visit, 25000), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.gap, 1);
	assert_int_equal(visit.reset, 0);
	assert_int_equal(visit.count, 10);
	/* Mail outlives what was said to everybody. */
	assert_memory_equal(visit.heard, "ann>bob chat \"mail\"\n", 20);
	assert_non_null(strstr(visit.heard, "ann>* chat 29\n"));
	assert_null(strstr(visit.heard, "ann>* chat 20\n"));
	bob.after = visit.after;
	visit_forget(&visit);
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_OK);
	assert_int_equal(visit.gap, 0);
	visit_forget(&visit);
}

/* One post of more than the room keeps, while somebody waits. */
static void
what_a_post_drops_of_itself_is_told(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit stream;
	struct room_post p = { .n = 1 };
	int64_t retry;

	office->options.bounds.room_messages = 3;
	visit_init(&stream, office);
	stream.waiter.is_stream = 1;
	assert_int_equal(guest_visit(&ann, &stream, 25000, "192.0.2.1"), LB_OK);
	p.op.done = office_note;
	p.namespace = ROOM_NAMESPACE;
	p.name = SLICE("r");
	p.token = bob.token;
	for (; p.letter.count < 9; p.letter.count++)
		p.letter.items[p.letter.count] = (struct room_item){
			.type = SLICE("chat"),
			.body = SLICE("1")
		};
	assert_int_equal(postoffice_post(office->po, &p, &office->now, &retry),
	    LB_OK);
	assert_int_equal(office_wait(office), LB_OK);
	bob.n = 1;
	assert_int_equal(stream.count, 4); /* one had joined */
	assert_int_equal(stream.gap, 1);
	assert_int_equal(guest_say(&bob, NULL, "2"), LB_OK);
	assert_int_equal(stream.count, 5);
	assert_int_equal(stream.gap, 0);
	visit_forget(&stream);
}

static void
mail_to_oneself_is_refused(void **state)
{
	struct guest ann = guest_enter(*state, "r", "ann");

	assert_int_equal(guest_say(&ann, "ann", "1"), LB_BAD_REQUEST);
	assert_non_null(ann.fault.why);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_OK);
}

static void
a_ticket_may_forbid_to_post_and_to_rule(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_new(office, "r", "ann", "key");

	ann.may = 0;
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_TICKET);
	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_TICKET);
	ann = guest_new(office, "s", "ann", "key");
	ann.may = TICKET_RULES;
	assert_int_equal(guest_join(&ann), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "1"), LB_TICKET);
	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_OK);
}

/* ---- leaving -------------------------------------------------------- */

static void
leaving_is_told_and_frees_the_id(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct guest other = guest_new(office, "r", "bob", "other");

	assert_int_equal(guest_leave(&bob), LB_OK);
	assert_int_equal(guest_leave(&bob), LB_OK);
	guest_hears(&ann,
	    "bob>* joined {}\n"
	    "bob>* left {\"reason\":\"leave\"}\n");
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_NOT_A_MEMBER);
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_join(&other), LB_OK);
	assert_int_equal(guest_join(&bob), LB_PEER_TAKEN);
	/* It is another peer: mail for the old one is not for it. */
	assert_true(other.row != bob.row);
	guest_hears(&ann, "bob>* joined {}\n");
}

static void
who_left_and_comes_again_starts_anew(void **state)
{
	struct office *office = *state;
	struct guest bob = guest_enter(office, "r", "bob"), again;

	guest_enter(office, "r", "ann");
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_OK);
	assert_int_equal(guest_leave(&bob), LB_OK);
	again = guest_new(office, "r", "bob", "key");
	assert_int_equal(guest_join(&again), LB_OK);
	assert_true(again.row != bob.row);
	assert_int_equal(again.n, 0);
	guest_hears(&again, "");
}

/* ---- the owner's rules ---------------------------------------------- */

static void
the_owner_is_the_first_and_then_the_next(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	assert_int_equal(guest_rule(&bob, RULES(.lock = 1)), LB_NOT_OWNER);
	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_OK);
	guest_hears(&bob, "ann>* room-rules {\"lock\":true,\"capacity\":8}\n");
	assert_int_equal(guest_leave(&ann), LB_OK);
	assert_int_equal(guest_rule(&ann, RULES(.lock = 0)), LB_NOT_A_MEMBER);
	assert_int_equal(guest_rule(&bob, RULES(.lock = 0, .capacity = 3)),
	    LB_OK);
	guest_hears(&bob, "ann>* left {\"reason\":\"leave\"}\n");
}

static void
capacity_holds_for_newcomers(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_new(office, "r", "bob", "key");

	assert_int_equal(guest_rule(&ann, RULES(.lock = -1, .capacity = 1)),
	    LB_OK);
	assert_int_equal(guest_join(&bob), LB_ROOM_FULL);
	assert_int_equal(bob.fault.limit, 1);
	assert_int_equal(guest_rule(&ann, RULES(.lock = -1, .capacity = 20)),
	    LB_OK);
	assert_int_equal(guest_join(&bob), LB_OK);
}

static void
a_locked_room_asks_its_owner(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_new(office, "r", "bob", "key");
	struct guest thief = guest_new(office, "r", "bob", "other");
	struct guest cat = guest_enter(office, "r", "cat");

	bob.name = "\"Bob\"";
	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_OK);
	assert_int_equal(guest_join(&bob), LB_LOCKED);
	guest_hears(&ann,
	    "cat>* joined {}\n"
	    "bob>ann room-knock {\"name\":\"Bob\"}\n");
	guest_hears(&cat, "ann>* room-rules {\"lock\":true,\"capacity\":8}\n");
	/* Once a minute. */
	assert_int_equal(guest_join(&bob), LB_LOCKED);
	office_pass(office, 30000);
	assert_int_equal(guest_join(&bob), LB_LOCKED);
	guest_hears(&ann, "");
	guest_hears(&cat, "");
	office_pass(office, 31000);
	assert_int_equal(guest_join(&bob), LB_LOCKED);
	guest_hears(&ann, "bob>ann room-knock {\"name\":\"Bob\"}\n");
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_NOT_A_MEMBER);
	/* The owner admits this knocker, and no other key. */
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .admit = SLICE("bob"))),
	    LB_OK);
	assert_int_equal(guest_join(&thief), LB_PEER_TAKEN);
	assert_int_equal(guest_join(&bob), LB_OK);
	guest_hears(&ann, "bob>* joined {\"name\":\"Bob\"}\n");
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .admit = SLICE("nobody"))),
	    LB_BAD_REQUEST);
}

static void
somebody_expected_may_knock(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_new(office, "r", "bob", "key");

	assert_int_equal(guest_say(&ann, "bob", "1"), LB_OK);
	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_OK);
	assert_int_equal(guest_join(&bob), LB_LOCKED);
	guest_hears(&ann, "bob>ann room-knock {}\n");
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .admit = SLICE("bob"))),
	    LB_OK);
	assert_int_equal(guest_join(&bob), LB_OK);
	bob.after = 0;
	guest_hears(&bob,
	    "ann>* joined {}\nann>bob chat 1\n"
	    "ann>* room-rules {\"lock\":true,\"capacity\":8}\n");
}

static void
a_locked_room_lets_its_peers_return(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");

	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_OK);
	assert_int_equal(guest_join(&bob), LB_OK);
	assert_int_equal(guest_return(&bob), LB_OK);
	office_pass(office, 36000);
	assert_int_equal(guest_return(&bob), LB_OK);
}

static void
who_was_removed_stays_out_a_while(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct guest other = guest_new(office, "r", "bob", "other");

	assert_int_equal(guest_rule(&bob,
			     RULES(.lock = -1, .remove = SLICE("ann"))),
	    LB_NOT_OWNER);
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("ann"))),
	    LB_BAD_REQUEST);
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("zoe"))),
	    LB_BAD_REQUEST);
	assert_int_equal(guest_rule(&ann,
			     RULES(.lock = -1, .remove = SLICE("bob"))),
	    LB_OK);
	guest_hears(&ann,
	    "bob>* joined {}\n"
	    "bob>* left {\"reason\":\"removed\"}\n");
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_NOT_A_MEMBER);
	assert_int_equal(guest_return(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_leave(&bob), LB_NOT_A_MEMBER);
	assert_int_equal(guest_join(&bob), LB_REMOVED);
	assert_int_equal(guest_join(&other), LB_PEER_TAKEN);
	office_pass(office, 300000);
	guest_return(&ann);
	assert_int_equal(guest_join(&bob), LB_REMOVED);
	office_pass(office, 300001);
	assert_int_equal(guest_join(&bob), LB_OK);
}

static void
an_ended_room_is_over_for_its_members(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob"), cat;
	struct visit visit;

	assert_int_equal(guest_rule(&bob, RULES(.lock = -1, .end = 1)),
	    LB_NOT_OWNER);
	assert_int_equal(guest_rule(&ann, RULES(.lock = -1, .end = 1)), LB_OK);
	guest_hears(&bob, "ann>* room-ended {}\n");
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_ENDED);
	visit_forget(&visit);
	assert_int_equal(guest_say(&bob, NULL, "1"), LB_ENDED);
	assert_int_equal(guest_return(&bob), LB_ENDED);
	assert_int_equal(guest_rule(&ann, RULES(.lock = 1)), LB_ENDED);
	/* The name is free, and whoever comes opens another room. */
	cat = guest_enter(office, "r", "cat");
	guest_hears(&cat, "");
	assert_int_equal(guest_rule(&cat, RULES(.lock = 1)), LB_OK);
}

static void
who_had_left_hears_nothing_of_an_ended_room(void **state)
{
	struct office *office = *state;
	struct guest ann = guest_enter(office, "r", "ann");
	struct guest bob = guest_enter(office, "r", "bob");
	struct visit visit;

	assert_int_equal(guest_leave(&bob), LB_OK);
	assert_int_equal(guest_say(&ann, NULL, "\"among us\""), LB_OK);
	assert_int_equal(guest_rule(&ann, RULES(.lock = -1, .end = 1)), LB_OK);
	assert_int_equal(guest_poll(&bob, &visit, 0), LB_NOT_A_MEMBER);
	visit_forget(&visit);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_newcomer_is_told_to_those_who_are_there),
		TEST(a_repeated_join_is_the_same_peer),
		TEST(a_repeated_join_hears_again_what_came_since),
		TEST(another_key_does_not_get_the_id),
		TEST(a_token_returns_and_a_strange_one_does_not),
		TEST(the_first_join_fixes_the_secret),
		TEST(a_room_without_a_secret_takes_none),
		TEST(a_full_room_takes_nobody_until_somebody_goes),
		TEST(a_refusal_is_noted_once_a_minute),
		TEST(a_refused_join_writes_nothing),
		TEST(a_repeated_post_is_posted_once),
		TEST(the_counter_is_held_to),
		TEST(mail_waits_for_who_is_not_there_yet),
		TEST(mail_to_strangers_is_bounded),
		TEST(mail_of_a_peer_is_bounded_until_it_acknowledges),
		TEST(mail_is_bounded_in_bytes),
		TEST(a_room_keeps_its_newest_and_tells_the_gap),
		TEST(what_a_post_drops_of_itself_is_told),
		TEST(mail_to_oneself_is_refused),
		TEST(a_ticket_may_forbid_to_post_and_to_rule),
		TEST(leaving_is_told_and_frees_the_id),
		TEST(who_left_and_comes_again_starts_anew),
		TEST(the_owner_is_the_first_and_then_the_next),
		TEST(capacity_holds_for_newcomers),
		TEST(a_locked_room_asks_its_owner),
		TEST(somebody_expected_may_knock),
		TEST(a_locked_room_lets_its_peers_return),
		TEST(who_was_removed_stays_out_a_while),
		TEST(an_ended_room_is_over_for_its_members),
		TEST(who_had_left_hears_nothing_of_an_ended_room),
	};

	int failed = 0;

	failed += cmocka_run_group_tests_name("room over memory", tests,
	    office_memory, NULL);
	failed += cmocka_run_group_tests_name("room over sqlite", tests,
	    office_sqlite, NULL);
	return failed;
}

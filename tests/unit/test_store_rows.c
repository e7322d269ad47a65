/*
 * What every store promises of rooms, peers, mailboxes and trimming.
 */
#include "scene.h"

/* ---- rooms ---------------------------------------------------------- */

static enum lb_err
find_room(struct scene *scene, const char *namespace, const char *name,
    struct act *act)
{
	*act = (struct act){ .what = act_room_find };
	act->room.namespace = slice_of(namespace);
	act->room.name = slice_of(name);
	return scene_do(scene, act);
}

static void
a_room_is_found_by_namespace_and_name(void **state)
{
	struct scene *scene = *state;
	struct act put = { .what = act_room_put }, act;
	int64_t room = scene_room(scene, "lobby");

	put.room.namespace = SLICE("channel:KEY");
	put.room.name = SLICE("lobby");
	assert_int_equal(scene_do(scene, &put), LB_OK);
	assert_int_equal(find_room(scene, "rooms", "lobby", &act), LB_OK);
	assert_true(act.room.row == room);
	assert_slice(act.room.namespace, "rooms");
	assert_slice(act.room.name, "lobby");
	assert_int_equal(act.room.has_secret, 0);
	assert_int_equal(act.room.locked, 0);
	assert_int_equal(act.room.capacity, 0);
	assert_int_equal(act.room.floor, 0);
	assert_int_equal(act.room.ended_at, 0);
	assert_int_equal(find_room(scene, "channel:KEY", "lobby", &act), LB_OK);
	assert_true(act.room.row == put.room.row);
	assert_int_equal(find_room(scene, "rooms", "Lobby", &act),
	    LB_NOT_FOUND);
	assert_int_equal(find_room(scene, "other", "lobby", &act),
	    LB_NOT_FOUND);
}

static void
a_room_keeps_what_was_written(void **state)
{
	struct scene *scene = *state;
	struct act act = { .what = act_room_get };
	int64_t room = scene_room(scene, "r");

	act.a = room;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	act.what = act_room_put;
	act.room.has_secret = 1;
	act.room.secret = scene_token("secret");
	act.room.locked = 1;
	act.room.capacity = 12;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(find_room(scene, "rooms", "r", &act), LB_OK);
	assert_true(act.room.row == room);
	assert_int_equal(act.room.has_secret, 1);
	assert_memory_equal(act.room.secret.b, scene_token("secret").b,
	    TOKEN_DIGEST);
	assert_int_equal(act.room.locked, 1);
	assert_int_equal(act.room.capacity, 12);
	act.what = act_room_put;
	act.room.has_secret = 0;
	act.room.locked = 0;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(find_room(scene, "rooms", "r", &act), LB_OK);
	assert_int_equal(act.room.has_secret, 0);
	assert_int_equal(act.room.locked, 0);
}

static void
an_ended_room_frees_its_name(void **state)
{
	struct scene *scene = *state;
	int64_t old = scene_room(scene, "r");
	struct act act = { .what = act_room_get, .a = old };

	assert_int_equal(scene_do(scene, &act), LB_OK);
	act.what = act_room_put;
	act.room.ended_at = 1700000000001;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(find_room(scene, "rooms", "r", &act), LB_NOT_FOUND);
	assert_true(scene_room(scene, "r") != old);
	act = (struct act){ .what = act_room_get, .a = old };
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.room.ended_at == 1700000000001);
}

static void
a_row_that_is_not_there_is_not_found(void **state)
{
	struct scene *scene = *state;
	struct act act = { .what = act_room_get, .a = 4711 };

	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
	act.what = act_peer_get;
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
	act.what = act_lease_get;
	assert_int_equal(scene_do(scene, &act), LB_NOT_FOUND);
}

/* ---- peers ---------------------------------------------------------- */

static void
compare_peers(const struct store_peer *a, const struct store_peer *b)
{
	assert_true(a->row == b->row);
	assert_true(a->room == b->room);
	assert_string_equal(a->id, b->id);
	assert_int_equal(a->state, b->state);
	assert_true(a->changed_at == b->changed_at);
	assert_int_equal(a->has_token, b->has_token);
	assert_memory_equal(a->token.b, b->token.b, TOKEN_DIGEST);
	assert_int_equal(a->may, b->may);
	assert_int_equal(a->admitted, b->admitted);
	assert_true(slice_equal(a->name, b->name));
	assert_int_equal(a->name.p == NULL, b->name.p == NULL);
	assert_true(slice_equal(a->info, b->info));
	assert_int_equal(a->info.p == NULL, b->info.p == NULL);
	assert_true(a->since == b->since);
	assert_true(a->first == b->first);
	assert_true(a->joined == b->joined);
	assert_true(a->cursor == b->cursor);
	assert_true(a->n == b->n);
	assert_memory_equal(a->n_digest, b->n_digest, sizeof(a->n_digest));
	assert_true(a->n_seq == b->n_seq);
	assert_true(a->n_count == b->n_count);
}

static struct store_peer
full_peer(int64_t room)
{
	struct store_peer peer = { .room = room,
		.id = "ann",
		.state = STORE_PRESENT,
		.changed_at = 1700000000001,
		.has_token = 1,
		.may = 3,
		.admitted = 1,
		.since = 1700000000002,
		.first = 3,
		.joined = 4,
		.cursor = 5,
		.n = 6,
		.n_seq = 7,
		.n_count = 8 };

	peer.token = scene_token("ann");
	peer.name = SLICE("\"Ann \xe2\x98\x83\"");
	peer.info = SLICE("{ \"a\" : [1, null] }");
	memcpy(peer.n_digest, "0123456789abcdef", 16);
	return peer;
}

static void
a_peer_keeps_what_was_written(void **state)
{
	struct scene *scene = *state;
	struct act put = { .what = act_peer_put },
		   get = { .what = act_peer_get };

	put.peer = full_peer(scene_room(scene, "r"));
	assert_int_equal(scene_do(scene, &put), LB_OK);
	get.a = put.peer.row;
	assert_int_equal(scene_do(scene, &get), LB_OK);
	compare_peers(&get.peer, &put.peer);

	put.peer.name = put.peer.info = (struct slice){ NULL, 0 };
	put.peer.may = 0;
	put.peer.admitted = 0;
	put.peer.state = STORE_REMOVED;
	put.peer.joined = 99;
	memset(put.peer.n_digest, 0xff, 16);
	assert_int_equal(scene_do(scene, &put), LB_OK);
	assert_int_equal(scene_do(scene, &get), LB_OK);
	compare_peers(&get.peer, &put.peer);
	put.peer.has_token = 0;
	memset(&put.peer.token, 0, sizeof(put.peer.token));
	assert_int_equal(scene_do(scene, &put), LB_OK);
	assert_int_equal(scene_do(scene, &get), LB_OK);
	compare_peers(&get.peer, &put.peer);
}

static void
posted_writes_its_columns_alone(void **state)
{
	struct scene *scene = *state;
	struct act put = { .what = act_peer_put },
		   get = { .what = act_peer_get };
	struct act posted = { .what = act_peer_posted };

	put.peer = full_peer(scene_room(scene, "r"));
	assert_int_equal(scene_do(scene, &put), LB_OK);
	posted.peer = (struct store_peer){ .row = put.peer.row,
		.n = 16,
		.n_seq = 17,
		.n_count = 18,
		.cursor = 19 };
	memcpy(posted.peer.n_digest, "fedcba9876543210", 16);
	assert_int_equal(scene_do(scene, &posted), LB_OK);
	put.peer.n = 16;
	put.peer.n_seq = 17;
	put.peer.n_count = 18;
	put.peer.cursor = 19;
	memcpy(put.peer.n_digest, "fedcba9876543210", 16);
	get.a = put.peer.row;
	assert_int_equal(scene_do(scene, &get), LB_OK);
	compare_peers(&get.peer, &put.peer);
}

static enum lb_err
find_id(struct scene *scene, int64_t room, const char *id, int64_t *row)
{
	struct act act = { .what = act_peer_by_id, .a = room };
	enum lb_err err;

	act.id = slice_of(id);
	err = scene_do(scene, &act);
	*row = act.peer.row;
	return err;
}

static void
an_id_is_held_in_every_state_but_gone(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), other = scene_room(scene, "o");
	int64_t ann = scene_peer(scene, room, "ann", STORE_EXPECTED), row;
	int s;

	for (s = STORE_EXPECTED; s < STORE_GONE; s++) {
		scene_set_state(scene, ann, (enum store_state)s, 1);
		assert_int_equal(find_id(scene, room, "ann", &row), LB_OK);
		assert_true(row == ann);
	}
	assert_int_equal(find_id(scene, other, "ann", &row), LB_NOT_FOUND);
	assert_int_equal(find_id(scene, room, "anne", &row), LB_NOT_FOUND);
	assert_int_equal(find_id(scene, room, "Ann", &row), LB_NOT_FOUND);
	scene_set_state(scene, ann, STORE_GONE, 2);
	assert_int_equal(find_id(scene, room, "ann", &row), LB_NOT_FOUND);
	assert_int_equal(scene_get(scene, ann).state, STORE_GONE);
	assert_true(scene_peer(scene, room, "ann", STORE_PRESENT) != ann);
	assert_int_equal(find_id(scene, room, "ann", &row), LB_OK);
	assert_true(row != ann);
}

/* What store_peer() calls with what it found. */
struct found {
	int calls, leased;
	struct store_peer peer;
	int64_t room;
	struct store_lease lease;
};

static void
note_peer(void *arg, const struct store_room *room,
    const struct store_peer *peer, const struct store_lease *lease)
{
	struct found *found = arg;

	found->calls++;
	found->peer = *peer;
	found->room = room->row;
	assert_slice(room->name, "r");
	assert_slice(room->namespace, "rooms");
	assert_true(peer->room == room->row);
	assert_slice(peer->name, "\"Ann \xe2\x98\x83\"");
	assert_slice(peer->info, "{ \"a\" : [1, null] }");
	found->leased = lease != NULL;
	if (lease != NULL)
		found->lease = *lease;
}

static void
a_token_finds_the_newest_peer_in_any_state(void **state)
{
	struct scene *scene = *state;
	struct act put = { .what = act_peer_put };
	struct act get = { .what = act_peer_by_token };
	struct found found;
	int64_t room = scene_room(scene, "r"), row = 0;
	int s;

	get.token = scene_token("ann");
	found.calls = 0;
	assert_int_equal(store_peer(scene->store, &get.token, note_peer,
			     &found),
	    LB_NOT_A_MEMBER);
	assert_int_equal(found.calls, 0);
	assert_int_equal(scene_do(scene, &get), LB_NOT_FOUND);
	for (s = STORE_KNOCKING; s <= STORE_GONE; s++) {
		if (row != 0)
			scene_set_state(scene, row, STORE_GONE, 1);
		put.peer = full_peer(room);
		put.peer.state = (enum store_state)s;
		assert_int_equal(scene_do(scene, &put), LB_OK);
		assert_true(put.peer.row != row);
		row = put.peer.row;
		found.calls = 0;
		assert_int_equal(store_peer(scene->store, &get.token, note_peer,
				     &found),
		    LB_OK);
		assert_int_equal(found.calls, 1);
		assert_int_equal(found.leased, 0);
		assert_true(found.peer.row == row);
		assert_true(found.room == room);
		assert_int_equal(found.peer.state, s);
		assert_int_equal(scene_do(scene, &get), LB_OK);
		compare_peers(&get.peer, &put.peer);
	}
}

static void
a_peer_comes_with_its_lease(void **state)
{
	struct scene *scene = *state;
	struct act put = { .what = act_peer_put };
	struct store_lease lease = { 2000000, 35000, 9, UINT64_MAX, 0 };
	struct found found = { .calls = 0 };

	put.peer = full_peer(scene_room(scene, "r"));
	assert_int_equal(scene_do(scene, &put), LB_OK);
	assert_int_equal(store_claim(scene->store, put.peer.row, &lease),
	    LB_OK);
	assert_int_equal(store_peer(scene->store, &put.peer.token, note_peer,
			     &found),
	    LB_OK);
	assert_int_equal(found.leased, 1);
	assert_true(found.lease.deadline == 2000000);
	assert_true(found.lease.term == 35000);
	assert_true(found.lease.cursor == 9);
	assert_true(found.lease.poller == UINT64_MAX);
}

static void
note_id(void *arg, const struct store_peer *peer)
{
	struct buf *ids = arg;

	assert_int_equal(peer->state, STORE_PRESENT);
	buf_str(ids, peer->id);
	buf_char(ids, ' ');
}

static void
check_present(struct scene *scene, int64_t room, const char *expected)
{
	struct buf ids;

	buf_init(&ids, 4096);
	assert_int_equal(store_peers(scene->store, room, note_id, &ids), LB_OK);
	assert_buf(&ids, expected);
	buf_reset(&ids);
}

static struct store_census
take_census(struct scene *scene, int64_t room)
{
	struct act act = { .what = act_census, .a = room };

	assert_int_equal(scene_do(scene, &act), LB_OK);
	return act.census;
}

static void
present_peers_stand_in_the_order_of_joining(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), other = scene_room(scene, "o");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_PRESENT);
	struct act again = { .what = act_peer_put };

	scene_peer(scene, other, "zoe", STORE_PRESENT);
	check_present(scene, room, "ann bob ");
	assert_true(take_census(scene, room).owner == ann);
	/* Ann lapses and comes back: she is behind Bob now. */
	scene_set_state(scene, ann, STORE_LAPSED, 5);
	check_present(scene, room, "bob ");
	assert_true(take_census(scene, room).owner == bob);
	again.peer = scene_get(scene, ann);
	again.peer.state = STORE_PRESENT;
	again.peer.joined = ++scene->joined;
	assert_int_equal(scene_do(scene, &again), LB_OK);
	check_present(scene, room, "bob ann ");
	assert_true(take_census(scene, room).owner == bob);
}

static void
the_census_counts_by_state(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), other = scene_room(scene, "o");
	struct store_census census;

	census = take_census(scene, room);
	assert_int_equal(census.present, 0);
	assert_int_equal(census.expected, 0);
	assert_int_equal(census.owner, 0);
	scene_peer(scene, room, "a", STORE_EXPECTED);
	scene_peer(scene, room, "b", STORE_KNOCKING);
	scene_peer(scene, room, "c", STORE_LAPSED);
	scene_peer(scene, room, "d", STORE_REMOVED);
	scene_peer(scene, room, "e", STORE_GONE);
	scene_peer(scene, other, "f", STORE_PRESENT);
	census = take_census(scene, room);
	assert_int_equal(census.present, 0);
	assert_int_equal(census.expected, 2);
	assert_int_equal(census.owner, 0);
	scene_peer(scene, room, "g", STORE_PRESENT);
	scene_peer(scene, room, "h", STORE_PRESENT);
	census = take_census(scene, room);
	assert_int_equal(census.present, 2);
	assert_int_equal(census.expected, 2);
}

/* ---- mailboxes and trimming ----------------------------------------- */

static void
a_mailbox_counts_what_comes_after_the_cursor(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_EXPECTED);
	int64_t cat = scene_peer(scene, room, "cat", STORE_PRESENT);
	struct act act = { .what = act_mailbox, .a = bob };
	int64_t seq;

	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.mailbox.count, 0);
	assert_int_equal(act.mailbox.bytes, 0);
	seq = scene_say(scene, room, ann, bob, "1");
	scene_say(scene, room, ann, 0, "\"to all\"");
	scene_say(scene, room, ann, cat, "\"to cat\"");
	scene_say(scene, room, cat, bob, "\"\xc3\xa9\"");
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.mailbox.count, 2);
	assert_int_equal(act.mailbox.bytes, 5);
	act.b = seq;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_int_equal(act.mailbox.count, 1);
	assert_int_equal(act.mailbox.bytes, 4);
}

/* Ann speaks; `ear` hears what is there for `peer` after a trimming. */
static void
check_trim(struct scene *scene, int64_t room, int64_t peer, int64_t count,
    int64_t bytes, int64_t floor, const char *left)
{
	struct act act = { .what = act_trim,
		.a = room,
		.b = count,
		.c = bytes };
	struct ear ear;

	assert_int_equal(scene_do(scene, &act), LB_OK);
	act.what = act_room_get;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.room.floor == floor);
	assert_int_equal(ear_open(&ear, scene, room, peer, 0), LB_OK);
	ear_heard(&ear, left);
	ear_close(&ear);
}

static void
trim_drops_the_oldest_and_raises_the_floor(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r"), other = scene_room(scene, "o");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t zoe = scene_peer(scene, other, "zoe", STORE_PRESENT);
	int64_t seqs[5];
	char body[] = "1111";
	int i;

	scene_say(scene, other, zoe, 0, "0");
	for (i = 0; i < 5; i++, body[0]++)
		seqs[i] = scene_say(scene, room, ann, 0, body);
	check_trim(scene, room, 0, 5, 20, 0,
	    "ann>* chat 1111\nann>* chat 2111\nann>* chat 3111\n"
	    "ann>* chat 4111\nann>* chat 5111\n");
	check_trim(scene, room, 0, 4, 100, seqs[0],
	    "ann>* chat 2111\nann>* chat 3111\nann>* chat 4111\n"
	    "ann>* chat 5111\n");
	check_trim(scene, room, 0, 10, 11, seqs[2],
	    "ann>* chat 4111\nann>* chat 5111\n");
	check_trim(scene, room, 0, 0, 0, seqs[4], "");
	check_trim(scene, other, 0, 1, 1, 0, "zoe>* chat 0\n");
}

static void
trim_leaves_unread_mail(void **state)
{
	struct scene *scene = *state;
	int64_t room = scene_room(scene, "r");
	int64_t ann = scene_peer(scene, room, "ann", STORE_PRESENT);
	int64_t bob = scene_peer(scene, room, "bob", STORE_PRESENT);
	int64_t cat = scene_peer(scene, room, "cat", STORE_LAPSED);
	int64_t dan = scene_peer(scene, room, "dan", STORE_EXPECTED);
	struct act lease = { .what = act_lease_put, .a = bob };
	struct act posted = { .what = act_peer_posted };
	int64_t first, second, said;

	first = scene_say(scene, room, ann, bob, "1");
	second = scene_say(scene, room, ann, bob, "2");
	scene_say(scene, room, ann, cat, "3");
	scene_say(scene, room, ann, dan, "4");
	said = scene_say(scene, room, ann, 0, "5");
	check_trim(scene, room, bob, 0, 0, said,
	    "ann>bob chat 1\nann>bob chat 2\n");
	check_trim(scene, room, cat, 0, 0, said, "ann>cat chat 3\n");
	check_trim(scene, room, dan, 0, 0, said, "ann>dan chat 4\n");
	posted.peer.row = bob;
	posted.peer.cursor = first;
	assert_int_equal(scene_do(scene, &posted), LB_OK);
	check_trim(scene, room, bob, 4, 100, said,
	    "ann>bob chat 1\nann>bob chat 2\n");
	check_trim(scene, room, bob, 0, 0, said, "ann>bob chat 2\n");
	lease.lease = (struct store_lease){ 2000000, 35000, second, 1, 0 };
	assert_int_equal(scene_do(scene, &lease), LB_OK);
	check_trim(scene, room, bob, 0, 0, said, "");
	check_trim(scene, room, cat, 0, 0, said, "ann>cat chat 3\n");
	scene_set_state(scene, cat, STORE_GONE, 1);
	check_trim(scene, room, cat, 0, 0, said, "");
	check_trim(scene, room, dan, 0, 0, said, "ann>dan chat 4\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_room_is_found_by_namespace_and_name),
		TEST(a_room_keeps_what_was_written),
		TEST(an_ended_room_frees_its_name),
		TEST(a_row_that_is_not_there_is_not_found),
		TEST(a_peer_keeps_what_was_written),
		TEST(posted_writes_its_columns_alone),
		TEST(an_id_is_held_in_every_state_but_gone),
		TEST(a_token_finds_the_newest_peer_in_any_state),
		TEST(a_peer_comes_with_its_lease),
		TEST(present_peers_stand_in_the_order_of_joining),
		TEST(the_census_counts_by_state),
		TEST(a_mailbox_counts_what_comes_after_the_cursor),
		TEST(trim_drops_the_oldest_and_raises_the_floor),
		TEST(trim_leaves_unread_mail),
	};

	return SCENE_ON_EACH(tests);
}

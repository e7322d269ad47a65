/*
 * The same random operations on two stores give the same answers and the same
 * log.  What differs is named by stamps, since engines number rows their own
 * way: a place is a room whose capacity is its stamp, a person a peer whose
 * `since` is.
 */
#include "scene.h"

#define PLACES 3
#define PEOPLE 20
#define EARS 6
#define TURNS 2000 /* of each seed, with 1 to 6 operations each */

struct place {
	int64_t row[2], stamp;
};

struct person {
	int64_t row[2], stamp, place;
	char id[8];
};

struct world {
	struct scene *scenes[2];
	struct place places[PLACES];
	struct person people[PEOPLE];
	struct ear ears[EARS][2];
	int open[EARS];
	uint64_t seed;
	int64_t stamps;
	int accepted, refused, heard, looked;
};

/* One operation on one of the stores; `say` is what it found. */
struct deed {
	struct act act; /* first */
	int which;
	struct place place;
	struct person person, other;
	enum store_state state;
	int64_t number, stamp;
	char text[16];
	char say[512];
	struct place *new_place;
	struct person *new_person;
};

/* splitmix64 */
static uint64_t
next_random(struct world *world)
{
	uint64_t z = world->seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int
below(struct world *world, int bound)
{
	return (int)(next_random(world) % (uint64_t)bound);
}

/* ---- deeds ---------------------------------------------------------- */

/* The room of a stamp, or LB_ENDED when it has vanished. */
static enum lb_err
get_place(struct deed *deed, struct store_tx *tx, const struct place *place,
    struct store_room *room)
{
	enum lb_err err = store_room_get(tx, place->row[deed->which], room);

	if (err == LB_NOT_FOUND ||
	    (err == LB_OK && room->capacity != place->stamp))
		return LB_ENDED;
	return err;
}

/* The peer of a stamp, or LB_NOT_A_MEMBER when it is gone; when it is
 * forgotten after that is the engine's business. */
static enum lb_err
get_person(struct deed *deed, struct store_tx *tx, const struct person *person,
    struct store_peer *peer)
{
	enum lb_err err = store_peer_get(tx, person->row[deed->which], peer);

	if (err == LB_NOT_FOUND ||
	    (err == LB_OK &&
		(peer->since != person->stamp || peer->state == STORE_GONE)))
		return LB_NOT_A_MEMBER;
	return err;
}

static enum lb_err
add_message(struct deed *deed, struct store_tx *tx, int64_t room,
    int64_t sender, int64_t recipient, struct slice type, int64_t *seq)
{
	struct message m = { .room = room,
		.sender = sender,
		.recipient = recipient,
		.at = tx->now.wall,
		.type = type };
	enum lb_err err;

	m.body = slice_of(deed->text);
	err = store_message_add(tx, &m);
	*seq = m.seq;
	snprintf(deed->say, sizeof(deed->say), "seq=%lld", (long long)m.seq);
	return err;
}

static enum lb_err
open_place(struct deed *deed, struct store_tx *tx)
{
	struct store_room room = { .namespace = SLICE("rooms") };
	enum lb_err err;

	room.name = slice_of(deed->text);
	err = store_room_find(tx, room.namespace, room.name, &room);
	if (err != LB_NOT_FOUND)
		return err == LB_OK ? LB_ROOM_FULL : err;
	room.capacity = deed->stamp;
	err = store_room_put(tx, &room);
	deed->place.row[deed->which] = room.row;
	return err;
}

static enum lb_err
change_place(struct deed *deed, struct store_tx *tx)
{
	struct store_room room;
	enum lb_err err = get_place(deed, tx, &deed->place, &room);

	if (err != LB_OK)
		return err;
	snprintf(deed->say, sizeof(deed->say), "%.*s locked=%d floor=%lld",
	    (int)room.name.n, room.name.p, room.locked, (long long)room.floor);
	room.locked = (int)(deed->number & 1);
	if (deed->number % 64 == 0)
		room.ended_at = tx->now.wall;
	return store_room_put(tx, &room);
}

static enum lb_err
enter(struct deed *deed, struct store_tx *tx)
{
	struct store_peer peer = { .state = deed->state };
	struct store_room room;
	enum lb_err err = get_place(deed, tx, &deed->place, &room);
	int64_t seq;

	if (err != LB_OK)
		return err;
	err = store_peer_by_id(tx, room.row, slice_of(deed->text), &peer);
	if (err != LB_NOT_FOUND)
		return err == LB_OK ? LB_PEER_TAKEN : err;
	peer.room = room.row;
	snprintf(peer.id, sizeof(peer.id), "%s", deed->text);
	peer.since = deed->stamp;
	peer.changed_at = tx->now.wall;
	peer.has_token = deed->state != STORE_EXPECTED;
	peer.token = scene_token(deed->person.id);
	err = store_peer_put(tx, &peer);
	deed->person.row[deed->which] = peer.row;
	if (err != LB_OK || deed->state == STORE_EXPECTED)
		return err;
	err = add_message(deed, tx, room.row, peer.row, 0, SLICE("joined"),
	    &seq);
	peer.joined = seq;
	return err == LB_OK ? store_peer_put(tx, &peer) : err;
}

static enum lb_err
change_state(struct deed *deed, struct store_tx *tx)
{
	struct store_peer peer;
	enum lb_err err = get_person(deed, tx, &deed->person, &peer);
	int64_t seq;

	if (err != LB_OK)
		return err;
	snprintf(deed->say, sizeof(deed->say), "%s %d %lld", peer.id,
	    (int)peer.state, (long long)peer.joined);
	/* Nobody who was there is a stranger again. */
	peer.state = deed->state == STORE_EXPECTED ? STORE_LAPSED : deed->state;
	peer.changed_at = tx->now.wall;
	if (peer.state != STORE_PRESENT) {
		err = store_lease_end(tx, peer.row, INT64_MAX);
		err = err == LB_NOT_FOUND ? LB_OK : err;
	} else {
		err = add_message(deed, tx, peer.room, peer.row, 0,
		    SLICE("joined"), &seq);
		peer.joined = seq;
	}
	return err == LB_OK ? store_peer_put(tx, &peer) : err;
}

static enum lb_err
say_to_all(struct deed *deed, struct store_tx *tx)
{
	struct store_peer peer;
	enum lb_err err = get_person(deed, tx, &deed->person, &peer);
	int64_t seq;

	if (err != LB_OK)
		return err;
	if (peer.state == STORE_EXPECTED)
		return LB_LOCKED;
	return add_message(deed, tx, peer.room, peer.row, 0, SLICE("chat"),
	    &seq);
}

static enum lb_err
say_to_one(struct deed *deed, struct store_tx *tx)
{
	struct store_peer from, to;
	struct store_mailbox mailbox;
	enum lb_err err = get_person(deed, tx, &deed->person, &from);
	int64_t seq;

	if (err == LB_OK)
		err = get_person(deed, tx, &deed->other, &to);
	if (err != LB_OK)
		return err;
	if (from.state == STORE_EXPECTED || from.room != to.room ||
	    from.row == to.row)
		return LB_LOCKED;
	err = store_mailbox(tx, to.row, to.cursor, &mailbox);
	if (err != LB_OK)
		return err;
	if (mailbox.count >= 5)
		return LB_MAILBOX_FULL;
	err = add_message(deed, tx, from.room, from.row, to.row, SLICE("mail"),
	    &seq);
	snprintf(deed->say, sizeof(deed->say), "seq=%lld mail=%lld bytes=%lld",
	    (long long)seq, (long long)mailbox.count, (long long)mailbox.bytes);
	return err;
}

static enum lb_err
acknowledge(struct deed *deed, struct store_tx *tx)
{
	struct store_peer peer;
	enum lb_err err = get_person(deed, tx, &deed->person, &peer);

	if (err != LB_OK)
		return err;
	snprintf(deed->say, sizeof(deed->say), "n=%lld cursor=%lld %.16s",
	    (long long)peer.n, (long long)peer.cursor,
	    (const char *)peer.n_digest);
	peer.n++;
	memset(peer.n_digest, 'a' + (int)(peer.n % 26), sizeof(peer.n_digest));
	peer.n_seq = deed->number;
	if (peer.cursor < deed->number)
		peer.cursor = deed->number;
	return store_peer_posted(tx, &peer);
}

static enum lb_err
trim(struct deed *deed, struct store_tx *tx)
{
	struct store_room room;
	enum lb_err err = get_place(deed, tx, &deed->place, &room);

	if (err != LB_OK)
		return err;
	return store_trim(tx, room.row, 5 + deed->number % 30,
	    50 + deed->number % 400);
}

static enum lb_err
count_heads(struct deed *deed, struct store_tx *tx)
{
	struct store_room room;
	struct store_census census;
	struct store_peer owner = { .id = "" };
	enum lb_err err = get_place(deed, tx, &deed->place, &room);

	if (err == LB_OK)
		err = store_census(tx, room.row, &census);
	if (err == LB_OK && census.owner != 0)
		err = store_peer_get(tx, census.owner, &owner);
	if (err != LB_OK)
		return err;
	snprintf(deed->say, sizeof(deed->say), "present=%lld expected=%lld %s",
	    (long long)census.present, (long long)census.expected, owner.id);
	return LB_OK;
}

static enum lb_err
break_down(struct deed *deed, struct store_tx *tx)
{
	(void)tx;
	return deed->number & 1 ? LB_IO : LB_DISK_FULL;
}

static enum lb_err
end_lease(struct deed *deed, struct store_tx *tx)
{
	struct store_peer peer;
	enum lb_err err = get_person(deed, tx, &deed->person, &peer);

	if (err != LB_OK)
		return err;
	return store_lease_end(tx, peer.row, tx->now.mono);
}

static enum lb_err
put_lease(struct deed *deed, struct store_tx *tx)
{
	struct store_lease lease = { tx->now.mono + deed->number, 35000, 0, 1,
		0 };
	struct store_peer peer;
	enum lb_err err = get_person(deed, tx, &deed->person, &peer);

	if (err != LB_OK)
		return err;
	if (peer.state != STORE_PRESENT)
		return LB_LOCKED;
	return store_lease_put(tx, peer.row, &lease);
}

/* How often each is drawn.  Leases are volatile, so what a batch that failed
 * has done to them may differ: those that touch them are not drawn beside
 * break_down(). */
static const struct {
	enum lb_err (*run)(struct deed *, struct store_tx *);
	int weight;
} deeds[] = {
	{ open_place, 3 },
	{ change_place, 2 },
	{ enter, 12 },
	{ change_state, 8 },
	{ say_to_all, 20 },
	{ say_to_one, 20 },
	{ acknowledge, 12 },
	{ trim, 3 },
	{ count_heads, 5 },
	{ break_down, 1 },
	{ end_lease, 4 },
	{ put_lease, 10 },
};

/* ---- a turn --------------------------------------------------------- */

static enum lb_err
run_deed(struct act *act, struct store_tx *tx)
{
	struct deed *deed = (struct deed *)act;

	deed->say[0] = '\0';
	return deeds[deed->act.b].run(deed, tx);
}

static int
draw_kind(struct world *world)
{
	int total = 0, kind, left;

	for (kind = 0; kind < (int)COUNT(deeds); kind++)
		total += deeds[kind].weight;
	left = below(world, total);
	for (kind = 0; left >= deeds[kind].weight; kind++)
		left -= deeds[kind].weight;
	return kind;
}

/* Draws the same deed for both stores. */
static void
draw(struct world *world, struct deed pair[2])
{
	static const enum store_state states[] = { STORE_EXPECTED,
		STORE_KNOCKING, STORE_PRESENT, STORE_PRESENT, STORE_PRESENT,
		STORE_LAPSED, STORE_REMOVED, STORE_GONE };
	struct deed deed = { .which = 0 };
	int kind = draw_kind(world), place = below(world, PLACES), i;

	deed.act.what = run_deed;
	deed.act.b = kind;
	deed.place = world->places[place];
	deed.person = world->people[below(world, PEOPLE)];
	deed.other = world->people[below(world, PEOPLE)];
	deed.state = states[below(world,
	    deeds[kind].run == enter ? 5 : (int)COUNT(states))];
	deed.number = below(world, 20000);
	deed.stamp = ++world->stamps;
	snprintf(deed.text, sizeof(deed.text), "%lld", (long long)deed.stamp);
	if (deeds[kind].run == open_place) {
		deed.new_place = &world->places[place];
		snprintf(deed.text, sizeof(deed.text), "room%d", place);
	} else if (deeds[kind].run == enter) {
		/* Each handle has its own place and id, and so finds its
		 * own holder there. */
		i = below(world, PEOPLE);
		deed.new_person = &world->people[i];
		deed.place = world->places[i % PLACES];
		snprintf(deed.person.id, sizeof(deed.person.id), "%lld",
		    (long long)deed.stamp);
		snprintf(deed.text, sizeof(deed.text), "peer%d", i / PLACES);
	}
	pair[0] = pair[1] = deed;
	pair[1].which = 1;
}

static void
settle(struct world *world, struct deed pair[2])
{
	int i;

	assert_int_equal(pair[0].act.done, 1);
	assert_int_equal(pair[1].act.done, 1);
	assert_int_equal(pair[0].act.err, pair[1].act.err);
	assert_string_equal(pair[0].say, pair[1].say);
	if (pair[0].act.err != LB_OK) {
		world->refused++;
		return;
	}
	world->accepted++;
	for (i = 0; i < 2; i++) {
		if (pair[i].new_place != NULL) {
			pair[i].new_place->row[i] = pair[i].place.row[i];
			pair[i].new_place->stamp = pair[i].stamp;
		}
		if (pair[i].new_person != NULL) {
			pair[i].new_person->row[i] = pair[i].person.row[i];
			pair[i].new_person->stamp = pair[i].stamp;
		}
	}
}

static int
forbidden(struct deed *batch, int count)
{
	int i, failing = 0, leases = 0;

	for (i = 0; i < count; i++) {
		failing |= deeds[batch[2 * i].act.b].run == break_down;
		leases |= deeds[batch[2 * i].act.b].run == end_lease ||
		    deeds[batch[2 * i].act.b].run == change_state ||
		    deeds[batch[2 * i].act.b].run == put_lease;
	}
	return failing && leases;
}

static void
play_turn(struct world *world)
{
	static struct deed batch[12];
	int count = 0, wanted = 1 + below(world, 6), i;

	while (count < wanted) {
		draw(world, &batch[2 * count]);
		if (forbidden(batch, count + 1))
			break;
		count++;
	}
	for (i = 0; i < 2 * count; i++)
		scene_add(world->scenes[i % 2], &batch[i].act);
	for (i = 0; i < 2; i++) {
		world->scenes[i]->now.mono += 50;
		world->scenes[i]->now.wall += 50;
		scene_turn(world->scenes[i]);
	}
	for (i = 0; i < count; i++)
		settle(world, &batch[2 * i]);
}

/* ---- looking -------------------------------------------------------- */

static void
compare_bufs(struct buf bufs[2])
{
	int i;

	for (i = 0; i < 2; i++)
		buf_char(&bufs[i], '\0');
	assert_string_equal(bufs[0].p, bufs[1].p);
	for (i = 0; i < 2; i++)
		buf_reset(&bufs[i]);
}

static void
note_peer(void *arg, const struct store_peer *peer)
{
	buf_printf(arg, "%s joined=%lld state=%d n=%lld\n", peer->id,
	    (long long)peer->joined, (int)peer->state, (long long)peer->n);
}

static int
note_message(void *arg, const struct message *m)
{
	buf_printf(arg, "%lld %.*s>%.*s %.*s %.*s %lld\n", (long long)m->seq,
	    (int)m->from.n, m->from.p, (int)m->to.n,
	    m->to.p != NULL ? m->to.p : "", (int)m->type.n, m->type.p,
	    (int)m->body.n, m->body.p, (long long)m->at);
	return 0;
}

/* 1 when the handle leads to somebody who is not gone. */
static int
get_handle(struct world *world, int which, const struct person *person,
    struct store_peer *peer)
{
	struct act act = { .what = act_peer_get, .a = person->row[which] };

	if (act.a == 0 || scene_do(world->scenes[which], &act) != LB_OK)
		return 0;
	*peer = act.peer;
	return peer->since == person->stamp && peer->state != STORE_GONE;
}

static void
compare_rooms(struct world *world)
{
	const struct slice types[] = { SLICE("chat") };
	const struct person *person = &world->people[below(world, PEOPLE)];
	struct store_peer peer;
	struct buf bufs[2];
	int i;

	for (i = 0; i < 2; i++) {
		buf_init(&bufs[i], 1 << 20);
		if (!get_handle(world, i, person, &peer))
			continue;
		peer.first = INT64_MAX;
		assert_int_equal(store_peers(world->scenes[i]->store, peer.room,
				     note_peer, &bufs[i]),
		    LB_OK);
		assert_int_equal(store_history(world->scenes[i]->store, &peer,
				     types, 1, note_message, &bufs[i]),
		    LB_OK);
		world->looked += bufs[i].n > 0;
	}
	compare_bufs(bufs);
}

/* Renews one lease; then the same people are overdue.  (Of leases that
 * end at once the order is left open.) */
static void
compare_leases(struct world *world)
{
	int64_t peers[PEOPLE], mono = world->scenes[0]->now.mono;
	struct store_lease lease = { mono + below(world, 20000), 35000, 0, 2,
		0 };
	const struct person *renewed = &world->people[below(world, PEOPLE)];
	struct store_peer peer;
	char overdue[2][PEOPLE] = { "", "" };
	size_t count, k;
	int i, p;

	for (i = 0; i < 2; i++) {
		if (get_handle(world, i, renewed, &peer) &&
		    peer.state == STORE_PRESENT)
			store_renew(world->scenes[i]->store, peer.row, &lease);
		scene_turn(world->scenes[i]);
		assert_int_equal(store_overdue(world->scenes[i]->store, mono,
				     peers, PEOPLE, &count),
		    LB_OK);
		for (k = 0; k < count; k++)
			for (p = 0; p < PEOPLE; p++)
				if (get_handle(world, i, &world->people[p],
					&peer) &&
				    peer.row == peers[k])
					overdue[i][p] = 1;
		world->looked += count > 0;
	}
	assert_memory_equal(overdue[0], overdue[1], PEOPLE);
}

/* ---- ears ----------------------------------------------------------- */

static void
close_ear(struct world *world, int e)
{
	struct buf bufs[2];
	int i;

	if (!world->open[e])
		return;
	world->open[e] = 0;
	world->heard += world->ears[e][0].count;
	for (i = 0; i < 2; i++) {
		bufs[i] = world->ears[e][i].heard;
		buf_init(&world->ears[e][i].heard, 1 << 20);
		ear_close(&world->ears[e][i]);
	}
	compare_bufs(bufs);
}

static void
open_ear(struct world *world, int e)
{
	const struct person *person = &world->people[below(world, PEOPLE)];
	int64_t after = below(world, 2) ? 0 : below(world, 5000);
	int i, most = below(world, 4) ? 0 : 1 + below(world, 5);
	struct store_peer peer;

	for (i = 0; i < 2; i++) {
		if (!get_handle(world, i, person, &peer)) {
			assert_int_equal(i, 0);
			return;
		}
		ear_init(&world->ears[e][i], world->scenes[i], peer.room,
		    peer.row, after);
		world->ears[e][i].most = most;
		assert_int_equal(store_follow(world->scenes[i]->store,
				     &world->ears[e][i].sub),
		    LB_OK);
		world->open[e] = 1;
	}
}

/* Everybody stops listening, much is deleted, handles to it stay. */
static void
expire(struct world *world)
{
	int64_t wall = world->scenes[0]->now.wall;
	struct store_expiry expiry = { wall - below(world, 20000),
		wall - below(world, 8000), wall - below(world, 8000), 100000,
		wall };
	int e, i, again;

	for (e = 0; e < EARS; e++)
		close_ear(world, e);
	for (i = 0; i < 2; i++)
		for (again = 0; again < 3; again++)
			assert_int_equal(store_expire(world->scenes[i]->store,
					     &expiry),
			    LB_OK);
}

static void
look_around(struct world *world)
{
	int e = below(world, EARS);

	switch (below(world, 6)) {
	case 0:
		close_ear(world, e);
		open_ear(world, e);
		break;
	case 1:
		compare_rooms(world);
		break;
	case 2:
		compare_leases(world);
		break;
	case 3:
		if (below(world, 8) == 0)
			expire(world);
		break;
	default:
		break;
	}
}

static void
play(uint64_t seed, int (*other)(void **))
{
	struct world *world = calloc(1, sizeof(*world));
	void *state;
	int i;

	assert_non_null(world);
	world->seed = seed;
	for (i = 0; i < 2; i++) {
		(i == 0 ? scene_memory : other)(NULL);
		assert_int_equal(scene_setup(&state), 0);
		world->scenes[i] = state;
	}
	for (i = 0; i < TURNS; i++) {
		play_turn(world);
		look_around(world);
	}
	for (i = 0; i < EARS; i++)
		close_ear(world, i);
	print_message(
	    "seed %llx: %d accepted, %d refused, %d heard, %d looks\n",
	    (unsigned long long)seed, world->accepted, world->refused,
	    world->heard, world->looked);
	/* Had everything been refused, it would have shown nothing. */
	assert_true(world->accepted > TURNS);
	assert_true(world->refused > TURNS / 4);
	assert_true(world->heard > TURNS / 4);
	assert_true(world->looked > TURNS / 4);
	for (i = 0; i < 2; i++) {
		state = world->scenes[i];
		assert_int_equal(scene_teardown(&state), 0);
	}
	free(world);
}

static void
both_engines_agree(void **state)
{
	(void)state;
	play(1, scene_sqlite);
	play(20261, scene_sqlite);
	play(0xfeedbeef, scene_sqlite);
	play(424242, scene_sqlite);
	play(20261, scene_rollback);
	play(0xdecade, scene_rollback);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_engines_agree),
	};

	return cmocka_run_group_tests_name("memory and sqlite", tests, NULL,
	    NULL);
}

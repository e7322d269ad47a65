/*
 * scene: see scene.h.
 */
#define _XOPEN_SOURCE 700

#include <ftw.h>
#include <sqlite3.h>
#include <unistd.h>

#include "scene.h"

static int on_sqlite;
static enum store_journal journal;

int
scene_memory(void **state)
{
	(void)state;
	on_sqlite = 0;
	return 0;
}

int
scene_sqlite(void **state)
{
	(void)state;
	on_sqlite = 1;
	journal = STORE_AUTO;
	return 0;
}

int
scene_rollback(void **state)
{
	(void)state;
	on_sqlite = 1;
	journal = STORE_ROLLBACK;
	return 0;
}

/* In memory where there is such a place: these folders are many, and what a
 * disk does to them is played (faulty.h). */
void
scene_folder(char path[64])
{
	snprintf(path, 64, "%s/letterbox-unit-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(path));
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
scene_remove(const char *path)
{
	assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void
scene_path(char path[128], const char *folder, const char *name)
{
	snprintf(path, 128, "%s/%s", folder, name);
}

void
scene_sql(const char *folder, const char *sql)
{
	char path[128];
	sqlite3 *db;

	scene_path(path, folder, "letterbox.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void
scene_open(struct scene *scene, int64_t db_max)
{
	struct store_options options = {
		.folder = scene->folder,
		.db_max = db_max,
		.patience = 1000,
		.journal = journal,
	};
	struct buf words;

	buf_init(&words, 4096);
	if (store_sqlite_open(&scene->store, &options, &words) != LB_OK)
		fail_msg("%.*s", (int)words.n, words.p);
	assert_buf(&words, "");
}

void
scene_close(struct scene *scene)
{
	store_close(scene->store);
	scene->store = NULL;
}

int
scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (scene == NULL)
		return -1;
	scene->now = (struct clock){ 1000000, 1700000000000 };
	*state = scene;
	if (!on_sqlite)
		return store_memory_open(&scene->store) == LB_OK ? 0 : -1;
	scene_folder(scene->folder);
	scene_open(scene, 0);
	return 0;
}

int
scene_teardown(void **state)
{
	struct scene *scene = *state;

	store_close(scene->store);
	if (scene->folder[0] != '\0')
		scene_remove(scene->folder);
	free(scene);
	return 0;
}

/* ---- acts ----------------------------------------------------------- */

/* Texts of rows end with the operation: copied, those of `a` and `b`. */
static void
keep_texts(struct act *act, struct slice *a, struct slice *b)
{
	struct slice *slices[2] = { a, b };
	int i;

	for (i = 0; i < 2; i++) {
		if (slices[i]->p == NULL)
			continue;
		assert_true(slices[i]->n <= sizeof(act->texts[i]));
		memcpy(act->texts[i], slices[i]->p, slices[i]->n);
		slices[i]->p = act->texts[i];
	}
}

static enum lb_err
found_room(struct act *act, enum lb_err err)
{
	if (err == LB_OK)
		keep_texts(act, &act->room.namespace, &act->room.name);
	return err;
}

static enum lb_err
found_peer(struct act *act, enum lb_err err)
{
	if (err == LB_OK)
		keep_texts(act, &act->peer.name, &act->peer.info);
	return err;
}

enum lb_err
act_room_find(struct act *act, struct store_tx *tx)
{
	return found_room(act,
	    store_room_find(tx, act->room.namespace, act->room.name,
		&act->room));
}

enum lb_err
act_room_get(struct act *act, struct store_tx *tx)
{
	return found_room(act, store_room_get(tx, act->a, &act->room));
}

enum lb_err
act_room_put(struct act *act, struct store_tx *tx)
{
	return store_room_put(tx, &act->room);
}

enum lb_err
act_peer_by_token(struct act *act, struct store_tx *tx)
{
	return found_peer(act,
	    store_peer_by_token(tx, &act->token, &act->room, &act->peer));
}

enum lb_err
act_peer_by_id(struct act *act, struct store_tx *tx)
{
	return found_peer(act,
	    store_peer_by_id(tx, act->a, act->id, &act->peer));
}

enum lb_err
act_peer_get(struct act *act, struct store_tx *tx)
{
	return found_peer(act, store_peer_get(tx, act->a, &act->peer));
}

enum lb_err
act_peer_put(struct act *act, struct store_tx *tx)
{
	return store_peer_put(tx, &act->peer);
}

enum lb_err
act_peer_posted(struct act *act, struct store_tx *tx)
{
	return store_peer_posted(tx, &act->peer);
}

enum lb_err
act_census(struct act *act, struct store_tx *tx)
{
	return store_census(tx, act->a, &act->census);
}

enum lb_err
act_mailbox(struct act *act, struct store_tx *tx)
{
	return store_mailbox(tx, act->a, act->b, &act->mailbox);
}

enum lb_err
act_message(struct act *act, struct store_tx *tx)
{
	return store_message_add(tx, &act->message);
}

enum lb_err
act_trim(struct act *act, struct store_tx *tx)
{
	return store_trim(tx, act->a, act->b, act->c);
}

enum lb_err
act_lease_get(struct act *act, struct store_tx *tx)
{
	return store_lease_get(tx, act->a, &act->lease);
}

enum lb_err
act_lease_put(struct act *act, struct store_tx *tx)
{
	return store_lease_put(tx, act->a, &act->lease);
}

enum lb_err
act_lease_end(struct act *act, struct store_tx *tx)
{
	return store_lease_end(tx, act->a, act->b);
}

enum lb_err
act_fail(struct act *act, struct store_tx *tx)
{
	(void)tx;
	return (enum lb_err)act->a;
}

static enum lb_err
run_act(struct store_op *op, struct store_tx *tx)
{
	struct act *act = (struct act *)op;

	act->ran++;
	return act->what(act, tx);
}

static void
finish_act(struct store_op *op, enum lb_err err)
{
	struct act *act = (struct act *)op;

	act->done++;
	act->err = err;
}

/* ---- turns ---------------------------------------------------------- */

void
scene_add(struct scene *scene, struct act *act)
{
	act->op = (struct store_op){ .run = run_act, .done = finish_act };
	act->ran = act->done = 0;
	store_append(scene->store, &act->op);
}

int64_t
scene_turn(struct scene *scene)
{
	return store_turn(scene->store, &scene->now);
}

enum lb_err
scene_do(struct scene *scene, struct act *act)
{
	int64_t wait;
	int turns;

	scene_add(scene, act);
	for (turns = 0; turns < 10000; turns++) {
		wait = scene_turn(scene);
		if (act->done)
			return act->err;
		assert_true(wait >= 0);
		scene->now.mono += wait;
		scene->now.wall += wait;
	}
	fail_msg("never done");
	return LB_IO;
}

int64_t
scene_room(struct scene *scene, const char *name)
{
	struct act act = { .what = act_room_put };

	act.room.namespace = SLICE("rooms");
	act.room.name = slice_of(name);
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.room.row > 0);
	return act.room.row;
}

struct token_digest
scene_token(const char *id)
{
	struct token_digest token;

	token_sha256(&token, slice_of(id));
	return token;
}

int64_t
scene_peer(struct scene *scene, int64_t room, const char *id,
    enum store_state state)
{
	struct act act = { .what = act_peer_put };

	act.peer.room = room;
	snprintf(act.peer.id, sizeof(act.peer.id), "%s", id);
	act.peer.state = state;
	act.peer.changed_at = scene->now.wall;
	act.peer.has_token = state != STORE_EXPECTED;
	act.peer.token = scene_token(id);
	act.peer.joined = ++scene->joined;
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.peer.row > 0);
	return act.peer.row;
}

struct store_peer
scene_get(struct scene *scene, int64_t peer)
{
	struct act act = { .what = act_peer_get, .a = peer };

	assert_int_equal(scene_do(scene, &act), LB_OK);
	act.peer.name = act.peer.info = (struct slice){ NULL, 0 };
	return act.peer;
}

void
scene_set_state(struct scene *scene, int64_t peer, enum store_state state,
    int64_t changed_at)
{
	struct act act = { .what = act_peer_put };

	act.peer = scene_get(scene, peer);
	act.peer.state = state;
	act.peer.changed_at = changed_at;
	assert_int_equal(scene_do(scene, &act), LB_OK);
}

void
scene_word(struct scene *scene, struct act *act, int64_t room, int64_t from,
    int64_t to, const char *body)
{
	*act = (struct act){ .what = act_message };
	act->message.room = room;
	act->message.sender = from;
	act->message.recipient = to;
	act->message.at = scene->now.wall;
	act->message.type = SLICE("chat");
	act->message.body = slice_of(body);
}

int64_t
scene_say(struct scene *scene, int64_t room, int64_t from, int64_t to,
    const char *body)
{
	struct act act;

	scene_word(scene, &act, room, from, to, body);
	assert_int_equal(scene_do(scene, &act), LB_OK);
	assert_true(act.message.seq > 0);
	return act.message.seq;
}

/* ---- ears ----------------------------------------------------------- */

static int
ear_message(struct store_sub *sub, const struct message *m)
{
	struct ear *ear = (struct ear *)sub;

	assert_true(m->seq > ear->last);
	assert_true(m->seq == sub->after);
	assert_true(m->room == sub->room);
	assert_true(message_is_for(m, sub->peer, sub->scope));
	ear->last = m->seq;
	ear->count++;
	buf_slice(&ear->heard, m->from);
	buf_char(&ear->heard, '>');
	buf_slice(&ear->heard, m->to.p != NULL ? m->to : SLICE("*"));
	buf_char(&ear->heard, ' ');
	buf_slice(&ear->heard, m->type);
	buf_char(&ear->heard, ' ');
	buf_slice(&ear->heard, m->body);
	buf_char(&ear->heard, '\n');
	if (ear->also != NULL)
		return ear->also(ear);
	return ear->most != 0 && ear->count >= ear->most;
}

void
ear_init(struct ear *ear, struct scene *scene, int64_t room, int64_t peer,
    int64_t after)
{
	*ear = (struct ear){ .scene = scene, .last = after };
	ear->sub.room = room;
	ear->sub.peer = peer;
	ear->sub.after = after;
	ear->sub.message = ear_message;
	buf_init(&ear->heard, 1 << 20);
}

enum lb_err
ear_open(struct ear *ear, struct scene *scene, int64_t room, int64_t peer,
    int64_t after)
{
	ear_init(ear, scene, room, peer, after);
	return store_follow(scene->store, &ear->sub);
}

void
ear_heard(struct ear *ear, const char *expected)
{
	buf_char(&ear->heard, '\0');
	assert_non_null(ear->heard.p);
	assert_string_equal(ear->heard.p, expected);
	buf_reset(&ear->heard);
}

void
ear_close(struct ear *ear)
{
	store_unfollow(ear->scene->store, &ear->sub);
	buf_reset(&ear->heard);
}

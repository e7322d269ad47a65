/*
 * store_sqlite_tail: what is new in the log, to those who follow its rooms.
 *
 * One query a turn for all rooms (the tail), and one for a room newly
 * followed (the catch-up).  A message of this process comes the same way as
 * one of another: there is one path, and so one order.
 */
#include "log.h"
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store *store)
{
	return (struct store_sqlite *)(void *)store;
}

/* The id of a peer's row, copied to `id`; empty when the row is gone. */
static struct slice
peer_id(struct store_sqlite *s, int64_t row, char id[NAME_MAX_BYTES + 1])
{
	sqlite3_stmt *q = sql_get(s, SQL_PEER_ID);
	struct slice text = { id, 0 }, found;

	sqlite3_bind_int64(q, 1, row);
	if (sql_step(q) != LB_OK)
		return text;
	found = sql_text(q, 0);
	if (found.n <= NAME_MAX_BYTES) {
		memcpy(id, found.p, found.n);
		text.n = found.n;
	}
	sqlite3_reset(q);
	return text;
}

/* The row under `q` as a message; `ids` has room for sender and recipient. */
static void
row_message(struct store_sqlite *s, sqlite3_stmt *q, struct message *m,
    char ids[2][NAME_MAX_BYTES + 1])
{
	m->seq = sqlite3_column_int64(q, 0);
	m->room = sqlite3_column_int64(q, 1);
	m->sender = sqlite3_column_int64(q, 2);
	m->recipient = sqlite3_column_int64(q, 3);
	m->at = sqlite3_column_int64(q, 4);
	m->type = sql_text(q, 5);
	m->body = sql_text(q, 6);
	m->from = peer_id(s, m->sender, ids[0]);
	m->to = (struct slice){ NULL, 0 };
	if (m->recipient != 0)
		m->to = peer_id(s, m->recipient, ids[1]);
}

static int
wants(const struct store_sub *sub, sqlite3_stmt *q)
{
	struct message m = { 0 };

	m.sender = sqlite3_column_int64(q, 2);
	m.recipient = sqlite3_column_int64(q, 3);
	if (m.sender == sub->peer) {
		m.type = sql_text(q, 5);
		m.body = sql_text(q, 6);
	}
	return message_is_for(&m, sub->peer, sub->scope);
}

static enum lb_err
add_sub(struct store_sqlite *s, struct store_sub *sub)
{
	struct room_subs *room;

	HASH_FIND(hh, s->subs, &sub->room, sizeof(sub->room), room);
	if (room == NULL) {
		room = calloc(1, sizeof(*room));
		if (room == NULL)
			return LB_NO_MEMORY;
		room->room = sub->room;
		HASH_ADD(hh, s->subs, room, sizeof(room->room), room);
		if (room->hh.tbl == NULL) {
			free(room);
			return LB_NO_MEMORY;
		}
	}
	sub->prev = NULL;
	sub->next = room->first;
	if (sub->next != NULL)
		sub->next->prev = sub;
	room->first = sub;
	sub->followed = 1;
	s->stats.subs++;
	return LB_OK;
}

void
sqlite_unfollow(struct store *store, struct store_sub *sub)
{
	struct store_sqlite *s = of(store);
	struct sub_walk *walk;
	struct room_subs *room;

	if (!sub->followed)
		return;
	for (walk = s->walks; walk != NULL; walk = walk->outer) {
		if (walk->sub == sub)
			walk->ended = 1;
		if (walk->next == sub)
			walk->next = sub->next;
	}
	sub->followed = 0;
	s->stats.subs--;
	if (sub->next != NULL)
		sub->next->prev = sub->prev;
	if (sub->prev != NULL) {
		sub->prev->next = sub->next;
		return;
	}
	HASH_FIND(hh, s->subs, &sub->room, sizeof(sub->room), room);
	if (room == NULL)
		return;
	room->first = sub->next;
	if (room->first == NULL) {
		HASH_DELETE(hh, s->subs, room);
		free(room);
	}
}

/* Hands the row under `q` to walk->sub, of which nothing may be left then;
 * `m` is made of the row when the first one needs it. */
static void
hand_to(struct store_sqlite *s, struct sub_walk *walk, sqlite3_stmt *q,
    struct message *m, char ids[2][NAME_MAX_BYTES + 1])
{
	struct store_sub *sub = walk->sub;

	sub->after = sqlite3_column_int64(q, 0);
	if (!wants(sub, q))
		return;
	if (m->seq == 0)
		row_message(s, q, m, ids);
	if (sub->message(sub, m) != 0 && !walk->ended)
		sqlite_unfollow(&s->base, sub);
}

/* The statement of the table, or, when message() follows somebody else in
 * the midst of a catch-up, one that is finalized afterwards. */
static sqlite3_stmt *
catch_up_query(struct store_sqlite *s, sqlite3_stmt **own)
{
	sqlite3_stmt *q = sql_get(s, SQL_CATCH_UP);

	*own = NULL;
	if (!sqlite3_stmt_busy(q))
		return q;
	sqlite3_prepare_v2(s->db, sqlite3_sql(q), -1, own, NULL);
	return *own;
}

static enum lb_err
catch_up(struct store_sqlite *s, struct sub_walk *walk)
{
	char ids[2][NAME_MAX_BYTES + 1];
	struct message m;
	sqlite3_stmt *own, *q = catch_up_query(s, &own);
	enum lb_err err = LB_OK;

	if (q == NULL)
		return LB_NO_MEMORY;
	sqlite3_bind_int64(q, 1, walk->sub->room);
	sqlite3_bind_int64(q, 2, walk->sub->after);
	while (!walk->ended && (err = sql_step(q)) == LB_OK) {
		m.seq = 0;
		hand_to(s, walk, q, &m, ids);
	}
	sqlite3_reset(q);
	sqlite3_finalize(own);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

enum lb_err
sqlite_follow(struct store *store, struct store_sub *sub)
{
	struct store_sqlite *s = of(store);
	struct sub_walk walk = { sub, NULL, 0, s->walks };
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	err = add_sub(s, sub);
	if (err != LB_OK)
		return err;
	s->walks = &walk;
	err = catch_up(s, &walk);
	s->walks = walk.outer;
	if (walk.ended)
		return LB_OK; /* it wanted no more */
	if (err != LB_OK)
		sqlite_unfollow(store, sub);
	else if (sub->after < s->tail)
		sub->after = s->tail;
	return schema_blame(s, err);
}

/* What is dropped beyond the room's bound may be dropped before we look: by the
 * post that went beyond it, or while this process stood still. */
static void
look_at_floor(struct store_sqlite *s, struct room_subs *room)
{
	sqlite3_stmt *q = sql_get(s, SQL_ROOM_GET);
	struct store_room row;

	if (room->looked == s->tails)
		return;
	room->looked = s->tails;
	sqlite3_bind_int64(q, 1, room->room);
	if (sql_step(q) != LB_OK)
		return;
	row_room(q, 0, &row);
	room->floor = row.floor;
	sqlite3_reset(q);
}

/* Hands the row under `q` to all who follow its room. */
static void
hand_over(struct store_sqlite *s, sqlite3_stmt *q)
{
	struct sub_walk walk = { NULL, NULL, 0, s->walks };
	int64_t row = sqlite3_column_int64(q, 1);
	char ids[2][NAME_MAX_BYTES + 1];
	struct room_subs *room;
	struct message m;

	HASH_FIND(hh, s->subs, &row, sizeof(row), room);
	if (room == NULL)
		return;
	look_at_floor(s, room);
	m.seq = 0;
	s->walks = &walk;
	walk.next = room->first;
	while ((walk.sub = walk.next) != NULL) {
		walk.next = walk.sub->next;
		walk.ended = 0;
		if (walk.sub->after < room->floor)
			walk.sub->lost = 1;
		if (walk.sub->after < sqlite3_column_int64(q, 0))
			hand_to(s, &walk, q, &m, ids);
	}
	s->walks = walk.outer;
}

void
sqlite_tail(struct store_sqlite *s)
{
	sqlite3_stmt *q = sql_get(s, SQL_TAIL);

	s->tails++;
	sqlite3_bind_int64(q, 1, s->tail);
	while (sql_step(q) == LB_OK) {
		s->tail = sqlite3_column_int64(q, 0);
		hand_over(s, q);
	}
	/* After an error the next turn goes on where this one stopped. */
}

void
sqlite_unfollow_all(struct store_sqlite *s)
{
	struct room_subs *room = s->subs, *next;

	HASH_CLEAR(hh, s->subs);
	for (; room != NULL; room = next) {
		for (struct store_sub *p = room->first; p != NULL; p = p->next)
			p->followed = 0;
		next = room->hh.next;
		free(room);
	}
	s->stats.subs = 0;
}

int
sqlite_tail_skip(struct store_sqlite *s)
{
	struct room_subs *room;

	if (s->tail != s->began)
		return 0;
	for (size_t i = 0; i < s->woken_count; i++) {
		HASH_FIND(hh, s->subs, &s->woken[i], sizeof(s->woken[i]), room);
		if (room != NULL)
			return 0;
	}
	s->tail = s->newest;
	return 1;
}

enum lb_err
sqlite_history(struct store *store, const struct store_peer *peer,
    const struct slice *types, size_t count,
    int (*each)(void *, const struct message *), void *arg)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q;
	char ids[2][NAME_MAX_BYTES + 1];
	struct buf list;
	struct message m;
	enum lb_err err;
	int full = 0;

	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, SQL_HISTORY);
	buf_init(&list, 65536);
	buf_char(&list, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(&list, ',');
		buf_json(&list, types[i]);
	}
	buf_char(&list, ']');
	if (list.failed) {
		buf_reset(&list);
		return LB_NO_MEMORY;
	}
	sqlite3_bind_int64(q, 1, peer->room);
	sqlite3_bind_int64(q, 2, peer->first);
	sqlite3_bind_int64(q, 3, peer->row);
	sql_bind_slice(q, 4, buf_as_slice(&list));
	while (!full && (err = sql_step(q)) == LB_OK) {
		row_message(s, q, &m, ids);
		full = each(arg, &m);
	}
	sqlite3_reset(q);
	sqlite3_clear_bindings(q);
	buf_reset(&list);
	return full || err == LB_NOT_FOUND ? LB_OK : err;
}

/* One row more than is wanted: the first that is not among them. */
enum lb_err
sqlite_recent(struct store *store, int64_t room, int64_t count, int64_t bytes,
    int64_t *after)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q;
	int is_first = 1;
	enum lb_err err;

	*after = 0;
	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, SQL_RECENT);
	sqlite3_bind_int64(q, 1, room);
	sqlite3_bind_int64(q, 2, count + 1);
	while ((err = sql_step(q)) == LB_OK) {
		bytes -= sqlite3_column_int64(q, 1);
		if (count-- > 0 && (bytes >= 0 || is_first)) {
			is_first = 0;
			continue;
		}
		*after = sqlite3_column_int64(q, 0);
		break;
	}
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

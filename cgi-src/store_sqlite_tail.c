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
concerns(sqlite3_stmt *q, int64_t peer)
{
	struct message m = { 0 };

	m.sender = sqlite3_column_int64(q, 2);
	m.recipient = sqlite3_column_int64(q, 3);
	return message_concerns(&m, peer);
}

static void
add_sub(struct store_sqlite *s, struct store_sub *sub)
{
	struct room_subs *room;

	HASH_FIND(hh, s->subs, &sub->room, sizeof(sub->room), room);
	if (room == NULL) {
		room = calloc(1, sizeof(*room));
		if (room == NULL)
			return; /* answered at its deadline */
		room->room = sub->room;
		HASH_ADD(hh, s->subs, room, sizeof(room->room), room);
	}
	sub->prev = NULL;
	sub->next = room->first;
	if (sub->next != NULL)
		sub->next->prev = sub;
	room->first = sub;
	sub->followed = 1;
	s->stats.subs++;
}

void
sqlite_unfollow(struct store *store, struct store_sub *sub)
{
	struct store_sqlite *s = of(store);
	struct room_subs *room;

	if (!sub->followed)
		return;
	if (s->walk == sub)
		s->walk = sub->next;
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

enum lb_err
sqlite_follow(struct store *store, struct store_sub *sub)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_CATCH_UP);
	char ids[2][NAME_MAX_BYTES + 1];
	struct message m;
	enum lb_err err;
	int full = 0;

	sub->followed = 0;
	sqlite3_bind_int64(q, 1, sub->room);
	sqlite3_bind_int64(q, 2, sub->after);
	while (!full && (err = sql_step(q)) == LB_OK) {
		int wanted = concerns(q, sub->peer);

		if (wanted) {
			row_message(s, q, &m, ids);
			full = sub->message(sub, &m);
		}
		sub->after = sqlite3_column_int64(q, 0);
	}
	sqlite3_reset(q);
	if (full)
		return LB_OK;
	if (err != LB_NOT_FOUND)
		return err;
	if (sub->after < s->tail)
		sub->after = s->tail;
	add_sub(s, sub);
	return LB_OK;
}

/* Hands the row under `q` to all who follow its room. */
static void
hand_over(struct store_sqlite *s, sqlite3_stmt *q)
{
	int64_t seq = sqlite3_column_int64(q, 0);
	int64_t row = sqlite3_column_int64(q, 1);
	char ids[2][NAME_MAX_BYTES + 1];
	struct room_subs *room;
	struct store_sub *sub;
	struct message m = { 0 };

	HASH_FIND(hh, s->subs, &row, sizeof(row), room);
	if (room == NULL)
		return;
	for (sub = room->first; sub != NULL; sub = s->walk) {
		s->walk = sub->next;
		if (sub->after >= seq)
			continue;
		sub->after = seq;
		if (!concerns(q, sub->peer))
			continue;
		if (m.seq == 0)
			row_message(s, q, &m, ids);
		if (sub->message(sub, &m))
			sqlite_unfollow(&s->base, sub);
	}
	s->walk = NULL;
}

void
sqlite_tail(struct store_sqlite *s)
{
	sqlite3_stmt *q = sql_get(s, SQL_TAIL);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, s->tail);
	while ((err = sql_step(q)) == LB_OK) {
		s->tail = sqlite3_column_int64(q, 0);
		hand_over(s, q);
	}
	/* After an error the next turn goes on where this one stopped. */
}

enum lb_err
sqlite_history(struct store *store, const struct store_peer *peer,
    const struct slice *types, size_t count,
    int (*each)(void *, const struct message *), void *arg)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q = sql_get(s, SQL_HISTORY);
	char ids[2][NAME_MAX_BYTES + 1];
	struct buf list;
	struct message m;
	enum lb_err err;
	int full = 0;

	buf_init(&list, 65536);
	buf_char(&list, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(&list, ',');
		buf_json(&list, types[i]);
	}
	buf_char(&list, ']');
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

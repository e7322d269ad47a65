/*
 * store_sqlite_rows: rooms, peers and messages as rows, for operations.
 *
 * Everything here runs inside the turn's transaction.  Texts of rows are
 * copied to the store's scratch, since a statement must be reset before the
 * next one may run it again.
 */
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store_tx *tx)
{
	return (struct store_sqlite *)(void *)tx->store;
}

void
row_peer(sqlite3_stmt *q, struct store_peer *p)
{
	struct slice id = sql_text(q, 2);

	memset(p, 0, sizeof(*p));
	p->row = sqlite3_column_int64(q, 0);
	p->room = sqlite3_column_int64(q, 1);
	if (id.n <= NAME_MAX_BYTES)
		memcpy(p->id, id.p, id.n);
	p->state = (enum store_state)sqlite3_column_int(q, 3);
	p->changed_at = sqlite3_column_int64(q, 4);
	p->has_token = sqlite3_column_type(q, 5) != SQLITE_NULL;
	sql_digest(q, 5, &p->token);
	p->may = (unsigned)sqlite3_column_int(q, 6);
	p->admitted = sqlite3_column_int(q, 7);
	p->name = sql_text(q, 8);
	p->info = sql_text(q, 9);
	p->since = sqlite3_column_int64(q, 10);
	p->first = sqlite3_column_int64(q, 11);
	p->joined = sqlite3_column_int64(q, 12);
	p->cursor = sqlite3_column_int64(q, 13);
	p->n = sqlite3_column_int64(q, 14);
	if (sqlite3_column_bytes(q, 15) == sizeof(p->n_digest))
		memcpy(p->n_digest, sqlite3_column_blob(q, 15),
		    sizeof(p->n_digest));
	p->n_seq = sqlite3_column_int64(q, 16);
	p->n_count = sqlite3_column_int64(q, 17);
	p->held_until = sqlite3_column_int64(q, 18);
}

void
row_room(sqlite3_stmt *q, int column, struct store_room *r)
{
	memset(r, 0, sizeof(*r));
	r->row = sqlite3_column_int64(q, column);
	r->namespace = sql_text(q, column + 1);
	r->name = sql_text(q, column + 2);
	r->has_secret = sqlite3_column_type(q, column + 3) != SQLITE_NULL;
	sql_digest(q, column + 3, &r->secret);
	r->locked = sqlite3_column_int(q, column + 4);
	r->capacity = sqlite3_column_int64(q, column + 5);
	r->floor = sqlite3_column_int64(q, column + 6);
	r->ended_at = sqlite3_column_int64(q, column + 7);
	r->herald = sqlite3_column_int64(q, column + 8);
	r->kept = sqlite3_column_int(q, column + 9);
}

/* Copies to the scratch, which lives until the operation ends. */
static enum lb_err
keep(struct store_sqlite *s, struct slice *text)
{
	char *to = s->scratch + s->scratch_used;

	if (text->p == NULL)
		return LB_OK;
	if (text->n > sizeof(s->scratch) - s->scratch_used)
		return LB_NO_MEMORY;
	memcpy(to, text->p, text->n);
	s->scratch_used += text->n;
	text->p = to;
	return LB_OK;
}

static enum lb_err
get_peer(struct store_sqlite *s, sqlite3_stmt *q, struct store_peer *out)
{
	enum lb_err err = sql_step(q);

	if (err != LB_OK)
		return err;
	row_peer(q, out);
	err = keep(s, &out->name);
	if (err == LB_OK)
		err = keep(s, &out->info);
	sqlite3_reset(q);
	return err;
}

static enum lb_err
get_room(struct store_sqlite *s, sqlite3_stmt *q, struct store_room *out)
{
	enum lb_err err = sql_step(q);

	if (err != LB_OK)
		return err;
	row_room(q, 0, out);
	err = keep(s, &out->namespace);
	if (err == LB_OK)
		err = keep(s, &out->name);
	sqlite3_reset(q);
	return err;
}

enum lb_err
sqlite_room_find(struct store_tx *tx, struct slice namespace, struct slice name,
    struct store_room *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_ROOM_FIND);

	sql_bind_slice(q, 1, namespace);
	sql_bind_slice(q, 2, name);
	return get_room(of(tx), q, out);
}

enum lb_err
sqlite_room_get(struct store_tx *tx, int64_t row, struct store_room *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_ROOM_GET);

	sqlite3_bind_int64(q, 1, row);
	return get_room(of(tx), q, out);
}

/* 0 is NULL there. */
static void
bind_row(sqlite3_stmt *q, int index, int64_t value)
{
	if (value != 0)
		sqlite3_bind_int64(q, index, value);
	else
		sqlite3_bind_null(q, index);
}

static enum lb_err
room_add(struct store_tx *tx, struct store_room *r)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *q = sql_get(s, SQL_ROOM_ADD);
	enum lb_err err;

	sql_bind_slice(q, 1, r->namespace);
	sql_bind_slice(q, 2, r->name);
	sql_bind_digest(q, 3, &r->secret, r->has_secret);
	sqlite3_bind_int(q, 4, r->locked);
	sqlite3_bind_int64(q, 5, r->capacity);
	sqlite3_bind_int64(q, 6, r->floor);
	sqlite3_bind_int64(q, 7, tx->now.wall);
	bind_row(q, 8, r->herald);
	err = sql_run(q);
	if (err == LB_OK)
		r->row = sqlite3_last_insert_rowid(s->db);
	return err;
}

enum lb_err
sqlite_room_put(struct store_tx *tx, struct store_room *r)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_ROOM_SET);

	of(tx)->writes++;
	if (r->row == 0)
		return room_add(tx, r);
	sqlite3_bind_int64(q, 1, r->row);
	sql_bind_digest(q, 2, &r->secret, r->has_secret);
	sqlite3_bind_int(q, 3, r->locked);
	sqlite3_bind_int64(q, 4, r->capacity);
	bind_row(q, 5, r->ended_at);
	bind_row(q, 6, r->herald);
	sqlite3_bind_int(q, 7, r->kept);
	return sql_run(q);
}

enum lb_err
sqlite_peer_by_token(struct store_tx *tx, const struct token_digest *token,
    struct store_room *room, struct store_peer *peer)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *q = sql_get(s, SQL_PEER_BY_TOKEN);
	enum lb_err err;

	sql_bind_digest(q, 1, token, 1);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	row_peer(q, peer);
	row_room(q, SQL_PEER_COLUMNS, room);
	err = keep(s, &room->namespace);
	if (err == LB_OK)
		err = keep(s, &room->name);
	if (err == LB_OK)
		err = keep(s, &peer->name);
	if (err == LB_OK)
		err = keep(s, &peer->info);
	sqlite3_reset(q);
	return err;
}

enum lb_err
sqlite_peer_by_id(struct store_tx *tx, int64_t room, struct slice id,
    struct store_peer *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_PEER_BY_ID);

	sqlite3_bind_int64(q, 1, room);
	sql_bind_slice(q, 2, id);
	return get_peer(of(tx), q, out);
}

enum lb_err
sqlite_peer_get(struct store_tx *tx, int64_t row, struct store_peer *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_PEER_GET);

	sqlite3_bind_int64(q, 1, row);
	return get_peer(of(tx), q, out);
}

enum lb_err
sqlite_peer_put(struct store_tx *tx, struct store_peer *p)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *q = sql_get(s, p->row ? SQL_PEER_SET : SQL_PEER_ADD);
	enum lb_err err;

	s->writes++;
	if (p->row != 0)
		sqlite3_bind_int64(q, 1, p->row);
	sqlite3_bind_int64(q, 2, p->room);
	sqlite3_bind_text(q, 3, p->id, -1, SQLITE_STATIC);
	sqlite3_bind_int(q, 4, (int)p->state);
	sqlite3_bind_int64(q, 5, p->changed_at);
	sql_bind_digest(q, 6, &p->token, p->has_token);
	sqlite3_bind_int(q, 7, (int)p->may);
	sqlite3_bind_int(q, 8, p->admitted);
	sql_bind_slice(q, 9, p->name);
	sql_bind_slice(q, 10, p->info);
	sqlite3_bind_int64(q, 11, p->since);
	sqlite3_bind_int64(q, 12, p->first);
	sqlite3_bind_int64(q, 13, p->joined);
	sqlite3_bind_int64(q, 14, p->cursor);
	sqlite3_bind_int64(q, 15, p->n);
	sqlite3_bind_blob(q, 16, p->n_digest, sizeof(p->n_digest),
	    SQLITE_STATIC);
	sqlite3_bind_int64(q, 17, p->n_seq);
	sqlite3_bind_int64(q, 18, p->n_count);
	sqlite3_bind_int64(q, 19, p->held_until);
	err = sql_run(q);
	if (err == LB_OK && p->row == 0)
		p->row = sqlite3_last_insert_rowid(s->db);
	return err;
}

enum lb_err
sqlite_peer_posted(struct store_tx *tx, const struct store_peer *p)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_PEER_POSTED);

	of(tx)->writes++;
	sqlite3_bind_int64(q, 1, p->row);
	sqlite3_bind_int64(q, 2, p->cursor);
	sqlite3_bind_int64(q, 3, p->n);
	sqlite3_bind_blob(q, 4, p->n_digest, sizeof(p->n_digest),
	    SQLITE_STATIC);
	sqlite3_bind_int64(q, 5, p->n_seq);
	sqlite3_bind_int64(q, 6, p->n_count);
	return sql_run(q);
}

enum lb_err
sqlite_census(struct store_tx *tx, int64_t room, struct store_census *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_CENSUS);
	enum lb_err err;

	memset(out, 0, sizeof(*out));
	sqlite3_bind_int64(q, 1, room);
	err = sql_step(q);
	if (err != LB_OK)
		return err == LB_NOT_FOUND ? LB_OK : err;
	out->present = sqlite3_column_int64(q, 0);
	out->expected = sqlite3_column_int64(q, 1);
	out->owner = sqlite3_column_int64(q, 2);
	sqlite3_reset(q);
	return LB_OK;
}

enum lb_err
sqlite_mailbox(struct store_tx *tx, int64_t peer, int64_t after,
    struct store_mailbox *out)
{
	sqlite3_stmt *q = sql_get(of(tx), SQL_MAILBOX);
	enum lb_err err;

	sqlite3_bind_int64(q, 1, peer);
	sqlite3_bind_int64(q, 2, after);
	err = sql_step(q);
	if (err != LB_OK)
		return err;
	out->count = sqlite3_column_int64(q, 0);
	out->bytes = sqlite3_column_int64(q, 1);
	sqlite3_reset(q);
	return LB_OK;
}

/* Remembers once that a room got messages, to wake other processes. */
static void
note_woken(struct store_sqlite *s, int64_t room)
{
	int64_t *bigger;

	for (size_t i = 0; i < s->woken_count && i < 8; i++)
		if (s->woken[s->woken_count - 1 - i] == room)
			return;
	if (s->woken_count == s->woken_size) {
		size_t size = s->woken_size ? 2 * s->woken_size : 64;

		/* Without memory other processes are not woken, and find the
		 * message at their slow look; our own tail must not be
		 * skipped for a list that is cut short. */
		bigger = realloc(s->woken, size * sizeof(*bigger));
		if (bigger == NULL) {
			s->began = -1;
			return;
		}
		s->woken = bigger;
		s->woken_size = size;
	}
	s->woken[s->woken_count++] = room;
}

/* The counter is read once a transaction, and written once before COMMIT. */
static enum lb_err
next_seq(struct store_sqlite *s, int64_t *seq)
{
	sqlite3_stmt *q = sql_get(s, SQL_NEWEST);
	enum lb_err err;

	if (!s->newest_set) {
		err = sql_step(q);
		if (err != LB_OK)
			return err == LB_NOT_FOUND ? LB_IO : err;
		s->newest = s->began = sqlite3_column_int64(q, 0);
		sqlite3_reset(q);
		/* Under the write lock it cannot be behind what is noted. */
		if (side_differs(s, s->newest)) {
			s->set_back = 1;
			return LB_IO;
		}
		s->newest_set = 1;
	}
	*seq = ++s->newest;
	return LB_OK;
}

enum lb_err
sqlite_message_add(struct store_tx *tx, struct message *m)
{
	struct store_sqlite *s = of(tx);
	sqlite3_stmt *q = sql_get(s, SQL_MESSAGE_ADD);
	enum lb_err err;

	if (s->full)
		return LB_DISK_FULL;
	s->writes++;
	err = next_seq(s, &m->seq);
	if (err != LB_OK)
		return err;
	sqlite3_bind_int64(q, 1, m->seq);
	sqlite3_bind_int64(q, 2, m->room);
	sqlite3_bind_int64(q, 3, m->sender);
	bind_row(q, 4, m->recipient);
	sql_bind_slice(q, 5, m->type);
	sqlite3_bind_int64(q, 6, (int64_t)m->body.n);
	sqlite3_bind_int64(q, 7, m->at);
	sql_bind_slice(q, 8, m->body);
	err = sql_run(q);
	if (err == LB_OK) {
		s->stats.messages++;
		note_woken(s, m->room);
	}
	return err;
}

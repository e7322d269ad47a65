/*
 * store_sqlite_key: keys of applications, as rows.
 */
#include <stdio.h>

#include "store_key.h"
#include "store_sqlite.h"

static struct store_sqlite *
of(struct store *store)
{
	return (struct store_sqlite *)(void *)store;
}

void
sql_copy(char *to, size_t size, sqlite3_stmt *stmt, int column)
{
	struct slice text = sql_text(stmt, column);

	snprintf(to, size, "%.*s", (int)text.n, text.p != NULL ? text.p : "");
}

static void
row_key(sqlite3_stmt *q, struct store_key *k)
{
	memset(k, 0, sizeof(*k));
	sql_copy(k->name, sizeof(k->name), q, 0);
	sql_digest(q, 1, &k->hash);
	k->strict = sqlite3_column_int(q, 2);
	sql_copy(k->hook, sizeof(k->hook), q, 3);
	k->created_at = sqlite3_column_int64(q, 4);
	k->hooked = sqlite3_column_int64(q, 5);
}

static enum lb_err
find(struct store *store, const struct token_digest *hash, struct slice name,
    struct store_key *out)
{
	struct store_sqlite *s = of(store);
	sqlite3_stmt *q;
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, hash != NULL ? SQL_KEY_BY_HASH : SQL_KEY_BY_NAME);
	if (hash != NULL)
		sql_bind_digest(q, 1, hash, 1);
	else
		sql_bind_slice(q, 1, name);
	err = sql_step(q);
	if (err != LB_OK)
		return schema_blame(s, err);
	row_key(q, out);
	sqlite3_reset(q);
	return LB_OK;
}

static enum lb_err
list(struct store *store, void (*each)(void *, const struct store_key *),
    void *arg)
{
	struct store_sqlite *s = of(store);
	struct store_key key;
	sqlite3_stmt *q;
	enum lb_err err;

	if (s->db == NULL)
		return LB_IO;
	q = sql_get(s, SQL_KEYS);
	while ((err = sql_step(q)) == LB_OK) {
		row_key(q, &key);
		each(arg, &key);
	}
	sqlite3_reset(q);
	return err == LB_NOT_FOUND ? LB_OK : err;
}

static enum lb_err
add(struct store_tx *tx, const struct store_key *k)
{
	struct store_sqlite *s = of(tx->store);
	sqlite3_stmt *q = sql_get(s, SQL_KEY_ADD);

	s->writes++;
	sql_bind_slice(q, 1, slice_of(k->name));
	sql_bind_digest(q, 2, &k->hash, 1);
	sqlite3_bind_int(q, 3, k->strict);
	sql_bind_slice(q, 4, slice_of(k->hook[0] != '\0' ? k->hook : NULL));
	sqlite3_bind_int64(q, 5, k->created_at);
	sqlite3_bind_int64(q, 6, k->hooked);
	return sql_run(q);
}

static enum lb_err
drop(struct store_tx *tx, struct slice name)
{
	struct store_sqlite *s = of(tx->store);
	sqlite3_stmt *q = sql_get(s, SQL_KEY_DROP);
	struct store_key key;
	enum lb_err err = find(tx->store, NULL, name, &key);

	if (err != LB_OK)
		return err;
	s->writes++;
	sql_bind_slice(q, 1, name);
	return sql_run(q);
}

static enum lb_err
end(struct store_tx *tx, struct slice namespace, struct slice name)
{
	struct store_sqlite *s = of(tx->store);
	sqlite3_stmt *q = sql_get(s, SQL_ROOMS_LET_GO);
	enum lb_err err;

	s->writes++;
	sql_bind_slice(q, 1, namespace);
	sql_bind_slice(q, 2, name);
	err = sql_run(q);
	if (err != LB_OK)
		return err;
	q = sql_get(s, SQL_ROOMS_END);
	sql_bind_slice(q, 1, namespace);
	sql_bind_slice(q, 2, name);
	sqlite3_bind_int64(q, 3, tx->now.wall);
	return sql_run(q);
}

const struct store_key_engine sqlite_keys = { find, list, add, drop, end };

/*
 * store_memory_sent: marks of services, in memory.
 */
#include "store_memory_tx.h"

static struct memory_rows *
rows_of(struct store_tx *tx)
{
	return &((struct memory *)tx->store)->rows;
}

static const struct memory_row *
row_of(const struct memory_rows *rows, int64_t room, struct slice mark)
{
	const struct memory_row *row = NULL;
	const struct store_sent *sent;

	while ((row = memory_next(rows, MEMORY_SENT, row)) != NULL) {
		sent = row->value;
		if (sent->room == room && slice_equal(sent->mark, mark))
			return row;
	}
	return NULL;
}

static enum lb_err
find(struct store_tx *tx, int64_t room, struct slice mark,
    struct store_sent *out)
{
	const struct memory_row *row = row_of(rows_of(tx), room, mark);

	if (row == NULL)
		return LB_NOT_FOUND;
	*out = *(const struct store_sent *)row->value;
	out->mark = slice_of(NULL);
	return LB_OK;
}

static enum lb_err
put(struct store_tx *tx, const struct store_sent *sent)
{
	struct memory_rows *rows = rows_of(tx);
	const struct memory_row *row = row_of(rows, sent->room, sent->mark);

	if (memory_get(rows, MEMORY_ROOMS, sent->room) == NULL)
		return LB_IO;
	return memory_put(rows, MEMORY_SENT,
	    row != NULL ? row->key : memory_key(rows, MEMORY_SENT), sent);
}

const struct store_sent_engine memory_sent = { find, put };

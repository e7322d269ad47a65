/*
 * store_sqlite_log_page: rows that were copied, so that the read could end.
 */
#include "store_sqlite_log.h"

void
log_page_begin(struct log_page *page)
{
	page->text.n = 0;
	page->text.failed = 0;
	page->count = 0;
}

/* Copies a column of the row that is being read. */
void
log_page_text(struct log_page *page, int place, sqlite3_stmt *q, int column)
{
	if (sqlite3_column_type(q, column) == SQLITE_NULL) {
		page->at[page->count][place] = SIZE_MAX;
		return;
	}
	page->at[page->count][place] = page->text.n;
	buf_slice(&page->text, sql_text(q, column));
	/* Even an empty text stands somewhere. */
	buf_char(&page->text, '\0');
}

int
log_page_is_full(const struct log_page *page)
{
	return page->count == STORE_LOG_PAGE ||
	    page->text.n >= STORE_LOG_BYTES || page->text.failed;
}

/* The text stays where it is from here on. */
struct slice
log_page_slice(const struct log_page *page, size_t i, int place)
{
	const size_t at = page->at[i][place];

	return at == SIZE_MAX ? slice_of(NULL) : slice_of(page->text.p + at);
}

/* A body may hold no NUL, but a damaged one does: by its length. */
struct slice
log_page_rest(const struct log_page *page, size_t i, int place)
{
	const size_t at = page->at[i][place];
	const size_t end = i + 1 < page->count ? page->at[i + 1][0] :
						 page->text.n;

	return (struct slice){ page->text.p + at, end - at - 1 };
}

/* After the last row: LB_OK, or why there are none. */
enum lb_err
log_page_end(const struct log_page *page, sqlite3_stmt *q, enum lb_err err)
{
	sqlite3_reset(q);
	if (page->text.failed)
		return LB_NO_MEMORY;
	if (err == LB_NOT_FOUND)
		err = LB_OK;
	return err == LB_OK && page->count == 0 ? LB_NOT_FOUND : err;
}

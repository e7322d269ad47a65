/*
 * cursor: reading and writing "epoch.seq".
 */
#include "cursor.h"

#include <string.h>

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

enum lb_err
cursor_parse(struct slice text, struct cursor *out)
{
	const size_t first = CURSOR_EPOCH + 1;
	int64_t seq = 0;
	size_t i;

	if (text.n <= first || text.p[CURSOR_EPOCH] != '.')
		return LB_BAD_REQUEST;
	for (i = 0; i < CURSOR_EPOCH; i++)
		if (!is_digit(text.p[i]) &&
		    !(text.p[i] >= 'a' && text.p[i] <= 'z'))
			return LB_BAD_REQUEST;
	if (text.p[first] == '0' && text.n > first + 1)
		return LB_BAD_REQUEST;
	for (i = first; i < text.n; i++) {
		int digit = text.p[i] - '0';

		if (!is_digit(text.p[i]) || seq > (INT64_MAX - digit) / 10)
			return LB_BAD_REQUEST;
		seq = seq * 10 + digit;
	}
	memcpy(out->epoch, text.p, CURSOR_EPOCH);
	out->epoch[CURSOR_EPOCH] = '\0';
	out->seq = seq;
	return LB_OK;
}

void
cursor_print(struct buf *out, const char *epoch, int64_t seq)
{
	buf_str(out, epoch);
	buf_char(out, '.');
	buf_int(out, seq);
}

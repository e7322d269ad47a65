/*
 * postoffice_rates: how often somebody may do something.
 */
#include <string.h>

#include "postoffice.h"

#define GUESS_RATE 1 /* a second; of reports and misses as well */
#define GUESS_BURST 10
#define MISS_BURST 100

/* clang-format off */
/* In which of the two tables, and the words before a key that set it apart
 * from those of another kind there. */
static const struct {
	int table;
	const char *mark;
} kinds[RATE__MAX] = {
	[RATE_POSTS] =	 { 0, "" },
	[RATE_JOINS] =	 { 1, "" },
	[RATE_GUESSES] = { 1, "guess " },
	[RATE_MISSES] =	 { 1, "miss " },
	[RATE_REPORTS] = { 1, "report " },
	[RATE_SERVES] =	 { 1, "serve " },
};
/* clang-format on */

int
postoffice_open_rates(struct postoffice *po)
{
	const struct postoffice_options *o = po->options;
	const int64_t rates[RATE__MAX][2] = {
		[RATE_POSTS] = { o->post_rate, o->post_burst },
		[RATE_JOINS] = { o->join_rate, o->join_burst },
		[RATE_GUESSES] = { GUESS_RATE, GUESS_BURST },
		[RATE_MISSES] = { GUESS_RATE, MISS_BURST },
		[RATE_REPORTS] = { GUESS_RATE, GUESS_BURST },
		[RATE_SERVES] = { o->key_rate, o->key_burst },
	};

	for (size_t i = 0; i < RATE__MAX; i++) {
		po->rates[i] = limit_new(rates[i][0], rates[i][1],
		    o->rates != NULL ? o->rates + kinds[i].table * LIMIT_SLOTS :
				       NULL);
		if (po->rates[i] == NULL)
			return 0;
	}
	return 1;
}

void
postoffice_close_rates(struct postoffice *po)
{
	for (size_t i = 0; i < RATE__MAX; i++)
		limit_free(po->rates[i]);
}

static enum lb_err
ask(struct postoffice *po, enum postoffice_rate kind, const void *name,
    size_t n, const struct clock *now, int64_t *retry_ms,
    enum lb_err (
	*limit)(struct limit *, const void *, size_t, int64_t, int64_t *))
{
	char key[64];
	const size_t start = strlen(kinds[kind].mark);
	enum lb_err err;

	memcpy(key, kinds[kind].mark, start);
	if (n > sizeof(key) - start)
		n = sizeof(key) - start;
	if (n > 0)
		memcpy(key + start, name, n);
	err = limit(po->rates[kind], key, start + n, now->mono, retry_ms);
	if (err != LB_OK)
		po->stats.refused++;
	return err;
}

enum lb_err
postoffice_take(struct postoffice *po, enum postoffice_rate kind,
    const void *name, size_t n, const struct clock *now, int64_t *retry_ms)
{
	return ask(po, kind, name, n, now, retry_ms, limit_take);
}

enum lb_err
postoffice_guess(struct postoffice *po, struct slice address,
    const struct clock *now, int64_t *retry_ms)
{
	return postoffice_take(po, RATE_GUESSES, address.p, address.n, now,
	    retry_ms);
}

enum lb_err
postoffice_try(struct postoffice *po, struct slice address,
    const struct clock *now, int64_t *retry_ms)
{
	return ask(po, RATE_MISSES, address.p, address.n, now, retry_ms,
	    limit_look);
}

void
postoffice_miss(struct postoffice *po, struct slice address,
    const struct clock *now)
{
	int64_t retry;

	(void)postoffice_take(po, RATE_MISSES, address.p, address.n, now,
	    &retry);
}

enum lb_err
postoffice_report(struct postoffice *po, const struct token_digest *token,
    const struct clock *now, int64_t *retry_ms)
{
	return postoffice_take(po, RATE_REPORTS, token->b, sizeof(token->b),
	    now, retry_ms);
}

enum lb_err
postoffice_serve(struct postoffice *po, struct slice name,
    const struct clock *now, int64_t *retry_ms)
{
	return postoffice_take(po, RATE_SERVES, name.p, name.n, now, retry_ms);
}

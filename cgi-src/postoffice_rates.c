/*
 * postoffice_rates: how often somebody may do something.
 *
 * Who has one address of IPv6 has all 2^64 of its network (RFC 7421): these
 * count as one, here and where polls are counted.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <string.h>

#include "postoffice.h"

#define GUESS_RATE 1 /* a second; of reports as well */
#define GUESS_BURST 10
#define MISS_RATE 5 /* of reports for one address as well */
#define MISS_BURST 50

/* clang-format off */
/* In which of the two tables, and the words before a key that set it apart
 * from those of another kind there. */
static const struct {
	int table;
	const char *mark;
	int of_address; /* 1: the key is one */
} kinds[RATE__MAX] = {
	[RATE_POSTS] =	 { 0, "", 0 },
	[RATE_JOINS] =	 { 1, "", 1 },
	[RATE_GUESSES] = { 1, "guess ", 1 },
	[RATE_MISSES] =	 { 1, "miss ", 1 },
	[RATE_READERS] = { 1, "reader ", 1 },
	[RATE_REPORTS] = { 1, "report ", 0 },
	[RATE_SERVES] =	 { 1, "serve ", 0 },
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
		[RATE_MISSES] = { MISS_RATE, MISS_BURST },
		[RATE_READERS] = { MISS_RATE, MISS_BURST },
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

struct slice
postoffice_network(struct slice address, char bytes[POSTOFFICE_NETWORK])
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr whole;

	if (address.n == 0 || address.n >= sizeof(text))
		return address;
	memcpy(text, address.p, address.n);
	text[address.n] = '\0';
	if (inet_pton(AF_INET6, text, &whole) != 1 ||
	    IN6_IS_ADDR_V4MAPPED(&whole))
		return address;
	memcpy(bytes, whole.s6_addr, POSTOFFICE_NETWORK);
	return (struct slice){ bytes, POSTOFFICE_NETWORK };
}

static enum lb_err
ask(struct postoffice *po, enum postoffice_rate kind, const void *name,
    size_t n, const struct clock *now, int64_t *retry_ms,
    enum lb_err (
	*limit)(struct limit *, const void *, size_t, int64_t, int64_t *))
{
	char key[64];
	const size_t start = strlen(kinds[kind].mark);
	struct slice who = { name, n };
	char network[POSTOFFICE_NETWORK];
	enum lb_err err;

	if (kinds[kind].of_address)
		who = postoffice_network(who, network);
	if (who.n > sizeof(key) - start)
		who.n = sizeof(key) - start;
	memcpy(key, kinds[kind].mark, start);
	if (who.n > 0)
		memcpy(key + start, who.p, who.n);
	err = limit(po->rates[kind], key, start + who.n, now->mono, retry_ms);
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
    struct slice address, const struct clock *now, int64_t *retry_ms)
{
	enum lb_err err = postoffice_take(po, RATE_REPORTS, token->b,
	    sizeof(token->b), now, retry_ms);

	return err != LB_OK ? err :
			      postoffice_take(po, RATE_READERS, address.p,
				  address.n, now, retry_ms);
}

enum lb_err
postoffice_serve(struct postoffice *po, struct slice name,
    const struct clock *now, int64_t *retry_ms)
{
	return postoffice_take(po, RATE_SERVES, name.p, name.n, now, retry_ms);
}

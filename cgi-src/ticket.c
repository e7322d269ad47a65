/*
 * ticket: see ticket.h.
 */
#include "ticket.h"

#include <string.h>

#include "json.h"

enum { ROOM, PEER, EXP, MAY };

/* clang-format off */
static const struct json_member table[] = {
	[ROOM] = { "room", JSON_STRING, 1 },
	[PEER] = { "peer", JSON_STRING, 0 },
	[EXP] = { "exp", JSON_NUMBER, 1 },
	[MAY] = { "may", JSON_ARRAY, 0 },
	{ NULL, JSON_ANY, 0 },
};

static const struct {
	const char *word;
	unsigned bit;
} permissions[] = {
	{ "post", TICKET_POST },
	{ "rules", TICKET_RULES },
};
/* clang-format on */

static enum lb_err
refuse(const char **why, const char *words)
{
	*why = words;
	return LB_TICKET;
}

static int
string_is(struct slice value, struct slice wanted)
{
	struct buf text;
	int same;

	buf_init(&text, TICKET_MAX);
	same = json_string(value, &text) == LB_OK &&
	    slice_equal(buf_as_slice(&text), wanted);
	buf_reset(&text);
	return same;
}

/* Splits at the dot and compares the signature in constant time. */
static int
is_signed(struct slice ticket, const struct token_digest *key,
    struct slice *payload)
{
	const char *dot = memchr(ticket.p, '.', ticket.n);
	struct token_digest ours;
	unsigned char theirs[TOKEN_DIGEST];
	struct slice sign;
	size_t n;

	if (dot == NULL)
		return 0;
	payload->p = ticket.p;
	payload->n = (size_t)(dot - ticket.p);
	sign.p = dot + 1;
	sign.n = ticket.n - payload->n - 1;
	if (token_decode(sign, theirs, sizeof(theirs), &n) != LB_OK ||
	    n != sizeof(theirs))
		return 0;
	token_hmac(&ours, (struct slice){ (const char *)key->b, TOKEN_DIGEST },
	    *payload);
	return token_equal(ours.b, theirs, sizeof(theirs));
}

static enum lb_err
read_may(struct slice list, unsigned *may, const char **why)
{
	struct slice item;
	size_t at = 0;

	*may = 0;
	while (json_next(list, &at, &item)) {
		unsigned bit = 0;

		for (size_t i = 0;
		     i < sizeof(permissions) / sizeof(permissions[0]); i++)
			if (string_is(item, slice_of(permissions[i].word)))
				bit = permissions[i].bit;
		if (bit == 0)
			return refuse(why,
			    "Its `may` holds an unknown word: "
			    "post and rules are known.");
		*may |= bit;
	}
	return LB_OK;
}

static enum lb_err
check_claims(struct slice text, struct slice room, struct slice peer,
    int64_t wall, unsigned *may, const char **why)
{
	struct slice values[4];
	struct json_fault fault;
	int64_t exp;

	if (json_check(text, JSON_DEPTH, &fault) != LB_OK ||
	    json_envelope(text, table, values, &fault) != LB_OK)
		return refuse(why,
		    "Its payload is not of the form "
		    "{room, peer?, exp, may?}.");
	if (json_int(values[EXP], 0, INT64_MAX / 1000, &exp) != LB_OK)
		return refuse(why, "Its `exp` is not a time in seconds.");
	if (exp * 1000 <= wall)
		return refuse(why,
		    "It has expired: ask the application for "
		    "a new one.");
	if (!string_is(values[ROOM], room))
		return refuse(why, "It is for another room.");
	if (values[PEER].p != NULL && !string_is(values[PEER], peer))
		return refuse(why, "It is for another peer.");
	*may = TICKET_ALL;
	if (values[MAY].p != NULL)
		return read_may(values[MAY], may, why);
	return LB_OK;
}

enum lb_err
ticket_check(struct slice ticket, const struct token_digest *key,
    struct slice room, struct slice peer, int64_t wall, unsigned *may,
    const char **why)
{
	char text[TICKET_MAX];
	struct slice payload;
	size_t n;

	if (ticket.n > TICKET_MAX || !is_signed(ticket, key, &payload))
		return refuse(why, "Its signature is not of a key known here.");
	if (token_decode(payload, text, sizeof(text), &n) != LB_OK)
		return refuse(why, "Its payload is not base64url.");
	return check_claims((struct slice){ text, n }, room, peer, wall, may,
	    why);
}

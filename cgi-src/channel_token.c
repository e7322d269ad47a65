/*
 * channel_token: see channel_token.h.
 */
#include "channel_token.h"

#include <string.h>

#include "json.h"

#define NONCE 9 /* random bytes */

enum { NAMESPACE, ROOM, PEER, EXP, X, BY, MEMBERS };

/* clang-format off */
static const struct json_member table[] = {
	[NAMESPACE] = { "ns", JSON_STRING, 1 },
	[ROOM] = { "room", JSON_STRING, 1 },
	[PEER] = { "peer", JSON_STRING, 1 },
	[EXP] = { "exp", JSON_NUMBER, 1 },
	[X] = { "x", JSON_STRING, 1 },
	[BY] = { "by", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

static void
sign(struct token_digest *out, struct slice server_key, struct slice payload)
{
	const struct slice parts[] = { SLICE("channel"), payload };

	token_hmac_parts(out, server_key, parts, 2);
}

static void
print_claims(struct buf *json, const struct channel_token *t,
    const unsigned char nonce[NONCE])
{
	buf_str(json, "{\"ns\":");
	buf_json(json, t->namespace);
	buf_str(json, ",\"room\":");
	buf_json(json, t->room);
	buf_str(json, ",\"peer\":");
	buf_json(json, t->peer);
	buf_printf(json, ",\"exp\":%lld,\"x\":\"",
	    (long long)(t->expires / 1000));
	token_encode(json, nonce, NONCE);
	buf_char(json, '"');
	if (t->by.p != NULL) {
		buf_str(json, ",\"by\":");
		buf_json(json, t->by);
	}
	buf_char(json, '}');
}

static enum lb_err
make_nonce(unsigned char nonce[NONCE], struct slice server_key,
    const struct channel_token *t)
{
	const struct slice parts[] = { SLICE("channel-nonce"), t->seed };
	struct token_digest digest;

	if (t->seed.p == NULL)
		return token_random(nonce, NONCE);
	token_hmac_parts(&digest, server_key, parts, 2);
	memcpy(nonce, digest.b, NONCE);
	return LB_OK;
}

enum lb_err
channel_token_mint(struct buf *out, struct slice server_key,
    const struct channel_token *t)
{
	unsigned char nonce[NONCE];
	struct token_digest digest;
	struct buf json;
	size_t start = out->n;
	enum lb_err err = make_nonce(nonce, server_key, t);

	if (err != LB_OK)
		return err;
	buf_init(&json, CHANNEL_TOKEN_MAX);
	print_claims(&json, t, nonce);
	token_encode(out, json.p, json.n);
	err = json.failed ? LB_NO_MEMORY : LB_OK;
	buf_reset(&json);
	if (err != LB_OK || out->failed)
		return LB_NO_MEMORY;
	sign(&digest, server_key,
	    (struct slice){ out->p + start, out->n - start });
	buf_char(out, '.');
	token_encode(out, digest.b, sizeof(digest.b));
	if (out->failed)
		return LB_NO_MEMORY;
	return out->n - start <= CHANNEL_TOKEN_MAX ? LB_OK : LB_BAD_REQUEST;
}

/* Splits at the dot and compares the signature in constant time. */
static int
is_signed(struct slice token, struct slice server_key, struct slice *payload)
{
	const char *dot = token.n > 0 ? memchr(token.p, '.', token.n) : NULL;
	unsigned char theirs[TOKEN_DIGEST];
	struct token_digest ours;
	struct slice text;
	size_t n;

	if (dot == NULL)
		return 0;
	*payload = (struct slice){ token.p, (size_t)(dot - token.p) };
	text = (struct slice){ dot + 1, token.n - payload->n - 1 };
	if (token_decode(text, theirs, sizeof(theirs), &n) != LB_OK ||
	    n != sizeof(theirs))
		return 0;
	sign(&ours, server_key, *payload);
	return token_equal(ours.b, theirs, sizeof(theirs));
}

/* Decodes a string behind what is in `text`. */
static struct slice
read_text(struct slice value, struct buf *text)
{
	size_t start = text->n;

	json_string(value, text);
	return (struct slice){ text->p + start, text->n - start };
}

static enum lb_err
read_claims(struct slice json, struct buf *text, struct channel_token *out)
{
	struct slice values[MEMBERS];
	struct json_fault fault;
	int64_t exp;

	if (json_check(json, 1, &fault) != LB_OK ||
	    json_envelope(json, table, values, &fault) != LB_OK ||
	    json_int(values[EXP], 0, INT64_MAX / 1000, &exp) != LB_OK)
		return LB_CHANNEL_TOKEN;
	out->namespace = read_text(values[NAMESPACE], text);
	out->room = read_text(values[ROOM], text);
	out->peer = read_text(values[PEER], text);
	out->by = slice_of(NULL);
	if (values[BY].p != NULL)
		out->by = read_text(values[BY], text);
	out->expires = exp * 1000;
	out->seed = slice_of(NULL);
	return text->failed ? LB_NO_MEMORY : LB_OK;
}

enum lb_err
channel_token_check(struct slice token, struct slice server_key, int64_t wall,
    struct buf *text, struct channel_token *out)
{
	struct slice payload;
	enum lb_err err;
	size_t n;
	char *json;

	if (token.n > CHANNEL_TOKEN_MAX ||
	    !is_signed(token, server_key, &payload))
		return LB_CHANNEL_TOKEN;
	/* All at once, so that it does not move under the slices: the JSON,
	 * and its strings, which are no longer than that. */
	buf_init(text, 2 * CHANNEL_TOKEN_MAX);
	json = buf_reserve(text, 2 * CHANNEL_TOKEN_MAX);
	if (json == NULL)
		return LB_NO_MEMORY;
	if (token_decode(payload, json, CHANNEL_TOKEN_MAX, &n) != LB_OK)
		return LB_CHANNEL_TOKEN;
	text->n = n;
	err = read_claims((struct slice){ json, n }, text, out);
	if (err != LB_OK)
		return err;
	return out->expires <= wall ? LB_CHANNEL_EXPIRED : LB_OK;
}

void
channel_token_digest(struct token_digest *out, struct slice server_key,
    const struct channel_token *t)
{
	const struct slice parts[] = { SLICE("channel-peer"), t->namespace,
		t->room, t->peer, t->by };

	token_hmac_parts(out, server_key, parts, 5);
}

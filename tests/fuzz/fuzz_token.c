/*
 * Fuzzes channel tokens: as they come, and with payloads that are signed
 * rightly, so that their claims are read.
 */
#include <stdlib.h>
#include <string.h>

#include "channel_token.h"

#define KEY SLICE("0123456789abcdef")

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
must(int holds)
{
	if (!holds)
		abort();
}

static enum lb_err
check(struct slice token)
{
	struct channel_token t;
	struct token_digest digest;
	struct buf text;
	enum lb_err err;

	buf_init(&text, 0);
	err = channel_token_check(token, KEY, 1000, &text, &t);
	must(err == LB_OK || err == LB_CHANNEL_TOKEN ||
	    err == LB_CHANNEL_EXPIRED);
	if (err != LB_CHANNEL_TOKEN) {
		must((t.expires > 1000) == (err == LB_OK));
		must(t.namespace.n + t.room.n + t.peer.n <= token.n);
		channel_token_digest(&digest, KEY, &t);
	}
	buf_reset(&text);
	return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice input = { (const char *)data, size };
	struct slice parts[2] = { SLICE("channel"), { NULL, 0 } };
	struct token_digest digest;
	struct buf token;

	must(check(input) == LB_CHANNEL_TOKEN);
	buf_init(&token, 4 * size + 256);
	token_encode(&token, data, size);
	parts[1] = buf_as_slice(&token);
	token_hmac_parts(&digest, KEY, parts, 2);
	buf_char(&token, '.');
	token_encode(&token, digest.b, sizeof(digest.b));
	must(!token.failed);
	check(buf_as_slice(&token));
	buf_reset(&token);
	return 0;
}

/*
 * token: nettle's digests and the kernel's random bytes.
 */
#include "token.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <sys/random.h>

/* nettle counts in uint8_t, we point with char. */
static const uint8_t *
octets(struct slice s)
{
	static const uint8_t none[1];

	return s.p == NULL ? none : (const uint8_t *)s.p;
}

enum lb_err
token_random(void *bytes, size_t n)
{
	unsigned char *p = bytes;
	ssize_t got;

	while (n > 0) {
		got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return LB_IO;
		p += got;
		n -= (size_t)got;
	}
	return LB_OK;
}

void
token_sha256(struct token_digest *out, struct slice bytes)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, bytes.n, octets(bytes));
	sha256_digest(&ctx, sizeof(out->b), out->b);
}

void
token_hmac_parts(struct token_digest *out, struct slice key,
    const struct slice *parts, size_t count)
{
	static const uint8_t end[1];
	struct hmac_sha256_ctx ctx;
	size_t i;

	hmac_sha256_set_key(&ctx, key.n, octets(key));
	for (i = 0; i < count; i++) {
		hmac_sha256_update(&ctx, parts[i].n, octets(parts[i]));
		hmac_sha256_update(&ctx, sizeof(end), end);
	}
	hmac_sha256_digest(&ctx, sizeof(out->b), out->b);
}

void
token_hmac(struct token_digest *out, struct slice key, struct slice bytes)
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key.n, octets(key));
	hmac_sha256_update(&ctx, bytes.n, octets(bytes));
	hmac_sha256_digest(&ctx, sizeof(out->b), out->b);
}

void
token_hmac_sha1(unsigned char out[20], struct slice key, struct slice bytes)
{
	struct hmac_sha1_ctx ctx;

	hmac_sha1_set_key(&ctx, key.n, octets(key));
	hmac_sha1_update(&ctx, bytes.n, octets(bytes));
	hmac_sha1_digest(&ctx, 20, out);
}

int
token_equal(const void *a, const void *b, size_t n)
{
	return memeql_sec(a, b, n);
}

void
token_encode(struct buf *out, const void *bytes, size_t n)
{
	struct base64_encode_ctx ctx;
	char *p;
	size_t wrote;

	p = buf_reserve(out,
	    BASE64_ENCODE_LENGTH(n) + BASE64_ENCODE_FINAL_LENGTH);
	if (p == NULL)
		return;
	base64url_encode_init(&ctx);
	wrote = base64_encode_update(&ctx, p, n, bytes);
	wrote += base64_encode_final(&ctx, p + wrote);
	while (wrote > 0 && p[wrote - 1] == '=')
		wrote--;
	out->n += wrote;
}

void
token_encode64(struct buf *out, const void *bytes, size_t n)
{
	char *p = buf_reserve(out, BASE64_ENCODE_RAW_LENGTH(n));

	if (p == NULL)
		return;
	base64_encode_raw(p, n, bytes);
	out->n += BASE64_ENCODE_RAW_LENGTH(n);
}

/* nettle skips white space and takes padding; we take neither. */
static int
is_base64url(struct slice text)
{
	size_t i;
	char c;

	for (i = 0; i < text.n; i++) {
		c = text.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return 0;
	}
	return 1;
}

enum lb_err
token_decode(struct slice text, void *bytes, size_t max, size_t *n)
{
	static const char padding[] = "==";
	const size_t rest = text.n % 4;
	struct base64_decode_ctx ctx;
	size_t got = 0, none = 0;

	*n = 0;
	if (text.n / 4 * 3 + (rest > 0 ? rest - 1 : 0) > max || rest == 1 ||
	    !is_base64url(text))
		return LB_BAD_REQUEST;
	base64url_decode_init(&ctx);
	/* The padding makes it look at the trailing bits. */
	if (!base64_decode_update(&ctx, &got, bytes, text.n,
		text.p == NULL ? "" : text.p) ||
	    (rest > 0 &&
		!base64_decode_update(&ctx, &none, (uint8_t *)bytes + got,
		    4 - rest, padding)) ||
	    !base64_decode_final(&ctx))
		return LB_BAD_REQUEST;
	*n = got;
	return LB_OK;
}

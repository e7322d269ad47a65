/*
 * token: random bytes, digests and their spelling.  Owns nettle.
 *
 * Everything secret is made, hashed and compared here, and nowhere else.
 */
#ifndef LETTERBOX_TOKEN_H
#define LETTERBOX_TOKEN_H

#include "buf.h"
#include "err.h"

#define TOKEN_DIGEST 32 /* bytes of SHA-256 */
#define TOKEN_TEXT 43   /* its base64url, without padding */

struct token_digest {
	unsigned char b[TOKEN_DIGEST];
};

/* Fills with random bytes of the kernel (getrandom); LB_IO when it fails. */
enum lb_err token_random(void *bytes, size_t n);
void token_sha256(struct token_digest *out, struct slice bytes);
/* HMAC-SHA256 (RFC 2104) over the parts, each followed by a NUL byte, so
 * that ("ab", "c") and ("a", "bc") differ. */
void token_hmac_parts(struct token_digest *out, struct slice key,
    const struct slice *parts, size_t count);
/* HMAC-SHA256 over the bytes as they are (tickets). */
void token_hmac(struct token_digest *out, struct slice key, struct slice bytes);
/* HMAC-SHA1 for TURN's time-limited credentials; 20 bytes. */
void token_hmac_sha1(unsigned char out[20], struct slice key,
    struct slice bytes);
/* 1 when equal, in time that does not depend on where they differ. */
int token_equal(const void *a, const void *b, size_t n);

/* Appends base64url without padding (RFC 4648 section 5). */
void token_encode(struct buf *out, const void *bytes, size_t n);
/* Appends standard base64 with padding (TURN credentials). */
void token_encode64(struct buf *out, const void *bytes, size_t n);
/* Decodes base64url without padding into at most `max` bytes; LB_BAD_REQUEST
 * for a foreign character, padding, non-zero trailing bits or too much. */
enum lb_err token_decode(struct slice text, void *bytes, size_t max, size_t *n);

#endif

/*
 * appkey: see appkey.h.
 */
#include "appkey.h"

#include <stdio.h>
#include <string.h>

int
appkey_name_valid(struct slice name)
{
	if (name.n < 1 || name.n > STORE_KEY_NAME)
		return 0;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-'))
			return 0;
	}
	return 1;
}

/* What no URL has, and what has no place in one to which a path is added. */
static const char *
fault_of(char c)
{
	unsigned char u = (unsigned char)c;

	if (u <= 0x20 || u >= 0x7f || strchr("\"<>\\^`{|}", c) != NULL)
		return "it has a character that is to be written as %XX";
	if (c == '@')
		return "it must not hold a user or a password; posts are "
		       "signed with the key";
	if (c == '?' || c == '#')
		return "it must not have a query or a fragment";
	return NULL;
}

/* What stands between the scheme and the path: HOST or [ADDRESS], :PORT. */
static const char *
authority_fault(struct slice host)
{
	const char *end = host.n > 0 && host.p[0] == '[' ?
	    memchr(host.p, ']', host.n) :
	    NULL;
	size_t n = end != NULL ? (size_t)(end - host.p) + 1 : 0;
	unsigned port = 0;

	while (end == NULL && n < host.n && host.p[n] != ':')
		n++;
	if (n == 0)
		return "it names no host";
	if (n == host.n)
		return NULL;
	for (size_t i = n + 1; i < host.n && port <= 65535; i++) {
		if (host.p[i] < '0' || host.p[i] > '9')
			return "its port is no number";
		port = 10 * port + (unsigned)(host.p[i] - '0');
	}
	return host.p[n] != ':' || port < 1 || port > 65535 ?
	    "its port is none of 1 to 65535" :
	    NULL;
}

const char *
appkey_hook_fault(struct slice url)
{
	struct slice host = { url.p, 0 };
	const char *fault;
	size_t scheme = slice_starts(url, "https://") ? 8 :
	    slice_starts(url, "http://")              ? 7 :
							0;

	if (url.n > STORE_KEY_HOOK)
		return "it has over 1024 bytes";
	if (scheme == 0)
		return "it must begin with http:// or https://";
	for (size_t i = scheme; i < url.n; i++)
		if ((fault = fault_of(url.p[i])) != NULL)
			return fault;
	host.p += scheme;
	while (scheme + host.n < url.n && host.p[host.n] != '/')
		host.n++;
	return authority_fault(host);
}

/* ---- making and dropping ---- */

enum lb_err
appkey_make(struct appkey_add *a)
{
	unsigned char random[TOKEN_DIGEST];
	struct buf text;
	enum lb_err err = token_random(random, sizeof(random));

	if (err != LB_OK)
		return err;
	buf_init(&text, 64);
	token_encode(&text, random, sizeof(random));
	if (text.failed)
		return LB_NO_MEMORY;
	memcpy(a->text, text.p, TOKEN_TEXT);
	a->text[TOKEN_TEXT] = '\0';
	token_sha256(&a->key.hash, buf_as_slice(&text));
	buf_reset(&text);
	return LB_OK;
}

enum lb_err
appkey_add_run(struct store_op *op, struct store_tx *tx)
{
	struct appkey_add *a = (struct appkey_add *)(void *)op;
	struct store_key other;
	struct store_stats stats;
	enum lb_err err = store_key_by_name(tx->store, slice_of(a->key.name),
	    &other);

	if (err != LB_NOT_FOUND)
		return err == LB_OK ? LB_KEY_TAKEN : err;
	a->key.created_at = tx->now.wall;
	store_stats(tx->store, &stats);
	a->key.hooked = stats.newest;
	return store_key_add(tx, &a->key);
}

enum lb_err
appkey_drop_run(struct store_op *op, struct store_tx *tx)
{
	struct slice name = ((struct appkey_drop *)(void *)op)->name;
	char namespace[sizeof(APPKEY_ROOMS) + STORE_KEY_NAME];
	enum lb_err err = store_key_drop(tx, name);

	if (err != LB_OK)
		return err;
	/* It was found, so it is no longer than that. */
	snprintf(namespace, sizeof(namespace), APPKEY_ROOMS "%.*s", (int)name.n,
	    name.p);
	err = store_key_end(tx, slice_of(namespace), slice_of(NULL));
	return err != LB_OK ? err :
			      store_key_end(tx, SLICE(APPKEY_HERALDS), name);
}

void
appkey_generation(const struct token_digest *hash,
    char out[APPKEY_GENERATION + 1])
{
	struct token_digest digest;
	struct buf text;

	token_hmac(&digest,
	    (struct slice){ (const char *)hash->b, TOKEN_DIGEST },
	    SLICE("generation"));
	buf_init(&text, 64);
	token_encode(&text, digest.b, APPKEY_GENERATION * 3 / 4);
	snprintf(out, APPKEY_GENERATION + 1, "%.*s", (int)text.n,
	    text.n > 0 ? text.p : "");
	buf_reset(&text);
}

static enum lb_err
ask(const struct room_guard *guard, struct store_tx *tx)
{
	const struct appkey_guard *g = (const void *)guard;
	char generation[APPKEY_GENERATION + 1];
	struct store_key key;
	enum lb_err err = store_key_by_name(tx->store, g->name, &key);

	if (err != LB_OK)
		return err == LB_NOT_FOUND ? LB_KEY : err;
	appkey_generation(&key.hash, generation);
	return slice_is(g->generation, generation) ? LB_OK : LB_KEY;
}

struct appkey_guard
appkey_guard(struct slice name, struct slice generation)
{
	return (struct appkey_guard){ { ask }, name, generation };
}

/* ---- whose request it is ---- */

static int
is_digits(struct slice text, size_t max)
{
	if (text.n < 1 || text.n > max)
		return 0;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return 0;
	return 1;
}

/* Seconds of Unix time, written in digits, perhaps with a fraction; -1 for
 * anything else. */
static int64_t
read_date(struct slice text)
{
	const char *dot = text.n > 0 ? memchr(text.p, '.', text.n) : NULL;
	int64_t value = 0;

	if (dot != NULL) {
		size_t n = (size_t)(dot - text.p);

		if (!is_digits((struct slice){ dot + 1, text.n - n - 1 }, 9))
			return -1;
		text.n = n;
	}
	if (!is_digits(text, 12))
		return -1;
	for (size_t i = 0; i < text.n; i++)
		value = value * 10 + (text.p[i] - '0');
	return value;
}

/* What is signed, of a POST. */
static void
print_signed(struct buf *out, const struct http_request *r)
{
	struct token_digest digest;

	token_sha256(&digest, r->body);
	buf_str(out, "POST\n");
	buf_slice(out, r->path);
	buf_char(out, '\n');
	buf_slice(out, r->x_date);
	buf_char(out, '\n');
	for (size_t i = 0; i < sizeof(digest.b); i++)
		buf_printf(out, "%02x", digest.b[i]);
}

static int
is_signed(const struct http_request *r, const struct store_key *key)
{
	unsigned char theirs[TOKEN_DIGEST];
	struct token_digest ours;
	struct buf text;
	int is = 0;
	size_t n;

	buf_init(&text, 4096);
	print_signed(&text, r);
	if (!text.failed &&
	    token_decode(r->x_signature, theirs, sizeof(theirs), &n) == LB_OK &&
	    n == sizeof(theirs)) {
		token_hmac(&ours,
		    (struct slice){ (const char *)key->hash.b, TOKEN_DIGEST },
		    buf_as_slice(&text));
		is = token_equal(ours.b, theirs, sizeof(theirs));
	}
	buf_reset(&text);
	return is;
}

static enum lb_err
check_signed(struct store *store, const struct http_request *r, int64_t wall,
    struct store_key *out, const char **why)
{
	int64_t off = read_date(r->x_date) - wall / 1000;
	enum lb_err err;

	if (off < -APPKEY_DATE_S || off > APPKEY_DATE_S) {
		*why = "X-Letterbox-Date is over 300 seconds from the time "
		       "here.";
		return LB_KEY;
	}
	err = store_key_by_name(store, r->x_key_name, out);
	if (err == LB_OK && is_signed(r, out))
		return LB_OK;
	*why = "X-Letterbox-Signature is not that of a key known here.";
	return err == LB_OK || err == LB_NOT_FOUND ? LB_KEY : err;
}

static struct slice
key_of(const struct http_request *r)
{
	return r->x_key.n > 0 ? r->x_key : http_token(r);
}

/* A signature has one spelling: token_decode() takes no other. */
struct slice
appkey_mark(const struct http_request *r)
{
	return key_of(r).n == 0 ? r->x_signature : slice_of(NULL);
}

enum lb_err
appkey_check(struct store *store, const struct http_request *r, int64_t wall,
    struct store_key *out, const char **why)
{
	struct slice key = key_of(r);
	struct token_digest digest;
	enum lb_err err;

	*why = NULL;
	if (key.n == 0 && r->x_signature.n > 0)
		return check_signed(store, r, wall, out, why);
	if (key.n != TOKEN_TEXT)
		return LB_KEY;
	token_sha256(&digest, key);
	err = store_key_by_hash(store, &digest, out);
	return err == LB_NOT_FOUND ? LB_KEY : err;
}

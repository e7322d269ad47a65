/*
 * outbox_post: see outbox_post.h.
 */
#include "outbox_post.h"

#include <string.h>

#define TEXT_MAX 8192

enum { TYPE, KEY, EVENT, DATE, SIGNATURE };

static const char *const paths[] = {
	"/_ah/channel/disconnected/",
	"/_ah/channel/connected/",
};

/* As forms have it (application/x-www-form-urlencoded of the URL standard). */
static void
print_form(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (c != '\0' && strchr("*-._", c) != NULL))
			buf_char(out, (char)c);
		else if (c == ' ')
			buf_char(out, '+');
		else
			buf_printf(out, "%%%02X", c);
	}
}

static void
print_url(struct buf *out, const char *hook, const char *path)
{
	size_t n = strlen(hook);

	while (n > 0 && hook[n - 1] == '/')
		n--;
	buf_add(out, hook, n);
	buf_add(out, path, strlen(path) + 1);
}

/* What stands behind scheme and host. */
static const char *
path_of(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host != NULL ? strchr(host + 3, '/') : NULL;

	return path != NULL ? path : "/";
}

static void
print_signature(struct buf *out, const struct store_key *key, const char *path,
    long long date, const struct buf *event, struct slice body)
{
	struct token_digest digest;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	token_sha256(&digest, body);
	buf_printf(&text, "POST\n%s\n%lld\n", path, date);
	buf_slice(&text, buf_as_slice(event));
	buf_char(&text, '\n');
	for (size_t i = 0; i < sizeof(digest.b); i++)
		buf_printf(&text, "%02x", digest.b[i]);
	token_hmac(&digest,
	    (struct slice){ (const char *)key->hash.b, TOKEN_DIGEST },
	    buf_as_slice(&text));
	token_encode(out, digest.b, sizeof(digest.b));
	out->failed |= text.failed;
	buf_reset(&text);
}

static void
print_headers(struct outbox_post *p, const struct store_key *key,
    const struct buf *event, long long date)
{
	struct buf *h = p->headers;

	buf_str(&h[TYPE], "Content-Type: application/x-www-form-urlencoded");
	buf_printf(&h[KEY], "X-Letterbox-Key-Name: %s", key->name);
	buf_str(&h[EVENT], "X-Letterbox-Event: ");
	buf_slice(&h[EVENT], buf_as_slice(event));
	buf_printf(&h[DATE], "X-Letterbox-Date: %lld", date);
	buf_str(&h[SIGNATURE], "X-Letterbox-Signature: ");
	print_signature(&h[SIGNATURE], key, path_of(p->url.p), date, event,
	    buf_as_slice(&p->body));
	for (size_t i = 0; i < OUTBOX_POST_HEADERS; i++)
		buf_char(&h[i], '\0');
}

enum lb_err
outbox_post_write(struct outbox_post *p, const struct store_key *key,
    const struct outbox_letter *l, int64_t wall)
{
	struct buf event;
	int failed;

	buf_init(&p->url, TEXT_MAX);
	buf_init(&p->body, TEXT_MAX);
	for (size_t i = 0; i < OUTBOX_POST_HEADERS; i++)
		buf_init(&p->headers[i], TEXT_MAX);
	buf_init(&event, TEXT_MAX);
	print_url(&p->url, key->hook, paths[l->connected != 0]);
	buf_str(&p->body, "from=");
	print_form(&p->body, outbox_client(l));
	cursor_print(&event, l->epoch, l->seq);
	failed = p->url.failed || p->body.failed || event.failed;
	if (!failed)
		print_headers(p, key, &event, (long long)(wall / 1000));
	for (size_t i = 0; i < OUTBOX_POST_HEADERS; i++)
		failed |= p->headers[i].failed;
	buf_reset(&event);
	return failed ? LB_NO_MEMORY : LB_OK;
}

void
outbox_post_reset(struct outbox_post *p)
{
	buf_reset(&p->url);
	buf_reset(&p->body);
	for (size_t i = 0; i < OUTBOX_POST_HEADERS; i++)
		buf_reset(&p->headers[i]);
}

/*
 * redact_text: addresses and secrets in running text.
 *
 * It is cut into words, of letters, digits, dots and dashes, and what stands
 * between them.  What is looked for begins with a word or between two, so each
 * word is looked at once; of two ways to read the same bytes the one that
 * hides more wins.
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <string.h>

#include "redact.h"
#include "redact_parts.h"

#define MAIL_MOST 255  /* bytes before the "@" */
#define SIGNED_LEAST 8 /* bytes of each part of a signed token */

struct scan {
	struct redact *r;
	struct slice text;
	struct buf *out;
	size_t at, from;       /* what is behind `from` is not appended yet */
	size_t tried;          /* before it no IPv6 address begins */
	size_t signs;          /* before it no signed token does */
	size_t label, plain;   /* the end of the word, of it without "-", "." */
	size_t mail, person;   /* the next "@", and who may stand before it */
	int has_colon, is_sdp; /* in SDP a name may be a word of the format */
};

static struct slice
rest_of(const struct scan *s)
{
	return (struct slice){ s->text.p + s->at, s->text.n - s->at };
}

static char
before(const struct scan *s)
{
	return s->at > 0 ? s->text.p[s->at - 1] : ' ';
}

/* Appends what stands before `at`. */
static void
flush(struct scan *s, size_t at)
{
	buf_add(s->out, s->text.p + s->from, at - s->from);
	s->from = at;
}

static void
pass(struct scan *s, size_t n)
{
	s->at += n;
	s->from = s->at;
}

static void read_text(struct redact *, struct slice, struct buf *);

/* Replaces what was found; 0: nothing was, or it may be shown. */
static int
take(struct scan *s, struct redact_found f)
{
	struct slice value;

	if (f.n == 0 || !redact_hides(s->r, f.kind))
		return 0;
	flush(s, s->at);
	if (f.is_open) {
		read_text(s->r, (struct slice){ s->text.p + s->at, f.kept },
		    s->out);
		s->from += f.kept;
	}
	flush(s, s->at + f.kept);
	value = (struct slice){ s->text.p + s->from, f.n };
	if (f.kind == REDACT_HOST)
		redact_address(s->r, value, s->out);
	else
		redact_value(s->r, f.kind, value, s->out);
	pass(s, f.kept + f.n);
	return 1;
}

/* ---- what stands anywhere ---- */

static int
is_label(char c)
{
	return redact_is_alnum(c) || c == '-' || c == '.';
}

static int
is_mail(char c)
{
	return redact_is_wordy(c) || c == '.' || c == '_' || c == '%' ||
	    c == '+' || c == '-' || c == ':';
}

/* The next "@", and where what names somebody by it begins. */
static void
look_for_person(struct scan *s)
{
	const char *sign = memchr(s->text.p + s->at, '@', s->text.n - s->at);

	s->mail = s->person = s->text.n;
	if (sign == NULL)
		return;
	s->mail = s->person = (size_t)(sign - s->text.p);
	while (s->person > s->at && s->mail - s->person < MAIL_MOST &&
	    is_mail(s->text.p[s->person - 1]))
		s->person--;
}

/* "ada@example.org", and "ada:word@example.org" of a URL, which is secret. */
static int
take_person(struct scan *s)
{
	struct redact_found f = { 0, 0, REDACT_NAME, 0 };
	const struct slice rest = rest_of(s);
	size_t n, end;

	if (s->at > s->mail)
		look_for_person(s);
	if (s->at < s->person || s->at >= s->mail)
		return 0;
	n = s->mail - s->at + 1;
	if (memchr(rest.p, ':', n) != NULL)
		f.kind = REDACT_SECRET;
	for (end = n; end < rest.n && end - n < MAIL_MOST &&
	     (redact_is_wordy(rest.p[end]) || rest.p[end] == '.' ||
		 rest.p[end] == '-' || rest.p[end] == '@');
	     end++)
		continue;
	if (end > n)
		f.n = end;
	while (f.n > 0 && rest.p[f.n - 1] == '.')
		f.n--;
	return take(s, f);
}

/* Said before; within a word of any language none begins. */
static int
take_again(struct scan *s)
{
	const struct slice rest = rest_of(s);
	const struct redact_seen *seen;
	size_t n;

	if (s->r->again == NULL ||
	    (redact_is_wordy(before(s)) && redact_is_wordy(*rest.p)) ||
	    (n = redact_again(s->r, rest, s->is_sdp, &seen)) == 0)
		return 0;
	flush(s, s->at);
	redact_pseudonym((enum redact_kind)seen->key[0], seen->number, s->out);
	pass(s, n);
	return 1;
}

static int
take_ip6(struct scan *s)
{
	unsigned char bytes[16];
	struct slice rest = rest_of(s), zone;
	struct redact_found f;
	size_t run;

	if (!s->has_colon || s->at < s->tried)
		return 0;
	f = redact_place6(rest, &run, bytes);
	/* The end of a fingerprint looks like an address. */
	if (f.n == 0)
		s->tried = s->at + run;
	if (f.n == 0 || !redact_hides(s->r, REDACT_IP6))
		return 0;
	flush(s, s->at);
	/* What stands before it may be another one. */
	if (f.kept > 0)
		read_text(s->r, (struct slice){ rest.p, f.kept }, s->out);
	zone.p = rest.p + f.kept + f.n;
	zone.n = rest.n - f.kept - f.n;
	zone.n = redact_zone(zone);
	rest = (struct slice){ rest.p + f.kept, f.n };
	if (redact_add(s->r, AF_INET6, bytes, rest, s->out))
		buf_slice(s->out, zone);
	pass(s, f.kept + f.n + zone.n);
	return 1;
}

/* ---- words ---- */

static size_t
code_span(struct slice s)
{
	size_t n = 0;

	while (n < s.n &&
	    (redact_is_alnum(s.p[n]) || s.p[n] == '-' || s.p[n] == '_'))
		n++;
	return n;
}

/* base64url of a JSON object, a dot, and more: a ticket of ours, or a token
 * of others (RFC 7519). */
static int
take_signed(struct scan *s)
{
	struct redact_found f = { 0, 0, REDACT_SECRET, 0 };
	struct slice rest = rest_of(s);
	size_t n;

	if (s->at < s->signs || !redact_hides(s->r, REDACT_SECRET) ||
	    !slice_starts(rest, "eyJ"))
		return 0;
	s->signs = s->at + code_span(rest);
	while ((n = code_span(rest)) >= SIGNED_LEAST) {
		f.n += n + 1;
		if (n + 1 >= rest.n || rest.p[n] != '.')
			break;
		rest.p += n + 1;
		rest.n -= n + 1;
	}
	/* Behind the last of at least two there was no dot. */
	f.n = f.n > 0 ? f.n - 1 : 0;
	if (memchr(s->text.p + s->at, '.', f.n) == NULL)
		f.n = 0;
	return take(s, f);
}

/* Where the word ends; behind what was replaced in it that is known. */
static void
measure(struct scan *s)
{
	if (s->at < s->label)
		return;
	for (s->label = s->at; s->label < s->text.n; s->label++)
		if (!is_label(s->text.p[s->label]))
			break;
	s->plain = s->label;
	while (s->plain > s->at && !redact_is_alnum(s->text.p[s->plain - 1]))
		s->plain--;
}

static void
read_word(struct scan *s)
{
	const struct slice rest = rest_of(s);
	struct slice plain = rest;
	size_t n;

	measure(s);
	n = s->label - s->at;
	plain.n = s->plain - s->at;
	if (take(s, redact_named(s->r, rest, n, before(s))) || take_person(s) ||
	    take_signed(s) || take_again(s) || take_ip6(s) ||
	    take(s, redact_place(plain)))
		return;
	s->at += n;
}

static void
read_text(struct redact *r, struct slice text, struct buf *out)
{
	struct scan s = { .r = r, .text = text, .out = out };

	if (text.n == 0)
		return;
	s.has_colon = memchr(text.p, ':', text.n) != NULL;
	s.is_sdp = slice_starts(text, "v=0") || slice_starts(text, "a=") ||
	    slice_starts(text, "candidate:");
	look_for_person(&s);
	while (s.at < text.n) {
		if (redact_is_alnum(text.p[s.at]))
			read_word(&s);
		else if (!take_person(&s) && !take_again(&s) &&
		    !(text.p[s.at] == ':' && !is_label(before(&s)) &&
			take_ip6(&s)))
			s.at++;
	}
	flush(&s, text.n);
}

void
redact_text(struct redact *r, struct slice text, struct buf *out)
{
	struct buf meant, shown;
	int is_hidden = 0;

	buf_init(&meant, text.n);
	buf_init(&shown, 4 * text.n + 64);
	if (redact_decode(text, &meant)) {
		read_text(r, buf_as_slice(&meant), &shown);
		is_hidden = !slice_equal(buf_as_slice(&meant),
		    buf_as_slice(&shown));
	}
	if (is_hidden)
		buf_slice(out, buf_as_slice(&shown));
	else
		read_text(r, text, out);
	buf_reset(&meant);
	buf_reset(&shown);
}

void
redact_type(struct redact *r, struct slice type, struct buf *out)
{
	size_t n = 0;

	while (n < type.n &&
	    ((type.p[n] >= 'a' && type.p[n] <= 'z') || type.p[n] == '-'))
		n++;
	if (n == type.n)
		buf_slice(out, type);
	else
		redact_text(r, type, out);
}

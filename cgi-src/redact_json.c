/*
 * redact_json: in the strings of a JSON text, and by the names of members.
 */
#include <string.h>
#include <strings.h>

#include "json.h"
#include "json_scan.h"
#include "redact.h"
#include "redact_parts.h"

#define LEVELS 24           /* each doubles what is escaped */
#define NAME_MAX_OF 64      /* bytes of the name of a member */
#define VALUE_MAX (1 << 20) /* bytes of a string, decoded or replaced */

/* Members that are called like what they hold; of secrets the end of the name
 * is enough: "accessToken", "turn_password". */
static const struct {
	struct slice name;
	enum redact_kind kind;
} members[] = {
	{ REDACT_TEXT("token"), REDACT_SECRET },
	{ REDACT_TEXT("tokens"), REDACT_SECRET },
	{ REDACT_TEXT("secret"), REDACT_SECRET },
	{ REDACT_TEXT("secrets"), REDACT_SECRET },
	{ REDACT_TEXT("password"), REDACT_SECRET },
	{ REDACT_TEXT("passwd"), REDACT_SECRET },
	{ REDACT_TEXT("passphrase"), REDACT_SECRET },
	{ REDACT_TEXT("passcode"), REDACT_SECRET },
	{ REDACT_TEXT("jwt"), REDACT_SECRET },
	{ REDACT_TEXT("sessionid"), REDACT_SECRET },
	{ REDACT_TEXT("icepwd"), REDACT_PASSWORD },
	{ REDACT_TEXT("pwd"), REDACT_PASSWORD },
	{ REDACT_TEXT("credential"), REDACT_SECRET },
	{ REDACT_TEXT("credentials"), REDACT_SECRET },
	{ REDACT_TEXT("key"), REDACT_SECRET },
	{ REDACT_TEXT("authorization"), REDACT_SECRET },
	{ REDACT_TEXT("cookie"), REDACT_SECRET },
	{ REDACT_TEXT("ticket"), REDACT_SECRET },
	{ REDACT_TEXT("username"), REDACT_SECRET },
	{ REDACT_TEXT("ufrag"), REDACT_UFRAG },
	{ REDACT_TEXT("usernamefragment"), REDACT_UFRAG },
	{ REDACT_TEXT("name"), REDACT_NAME },
	{ REDACT_TEXT("displayname"), REDACT_NAME },
	{ REDACT_TEXT("nickname"), REDACT_NAME },
	{ REDACT_TEXT("nick"), REDACT_NAME },
	{ REDACT_TEXT("firstname"), REDACT_NAME },
	{ REDACT_TEXT("lastname"), REDACT_NAME },
	{ REDACT_TEXT("fullname"), REDACT_NAME },
	{ REDACT_TEXT("surname"), REDACT_NAME },
	{ REDACT_TEXT("givenname"), REDACT_NAME },
	{ REDACT_TEXT("familyname"), REDACT_NAME },
	{ REDACT_TEXT("callername"), REDACT_NAME },
	{ REDACT_TEXT("author"), REDACT_NAME },
	{ REDACT_TEXT("email"), REDACT_NAME },
	{ REDACT_TEXT("phone"), REDACT_NAME },
	{ REDACT_TEXT("phonenumber"), REDACT_NAME },
	{ REDACT_TEXT("user"), REDACT_NAME },
	{ REDACT_TEXT("room"), REDACT_ROOM },
	{ REDACT_TEXT("roomname"), REDACT_ROOM },
	{ REDACT_TEXT("roomid"), REDACT_ROOM },
};

/* Behind the string that opens at `at`. */
static size_t
skip(struct slice json, size_t at)
{
	const unsigned char *start = (const unsigned char *)json.p;
	const unsigned char *end = start + json.n, *p = start + at + 1;

	for (; (p = json_skip_plain(p, end)) < end; p++) {
		if (*p == '"')
			return (size_t)(p + 1 - start);
		if (*p == '\\' && ++p == end)
			break;
	}
	return json.n;
}

/* What a member of that name holds; REDACT__MAX: nothing of ours. */
static enum redact_kind
kind_of(struct slice name)
{
	char plain[NAME_MAX_OF] = "";
	size_t n = 0;

	/* "display_name" is "displayName". */
	for (size_t i = name.n > sizeof(plain) ? name.n - sizeof(plain) : 0;
	     i < name.n; i++)
		if (name.p[i] != '_' && name.p[i] != '-')
			plain[n++] = name.p[i];
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct slice end = members[i].name;
		const int is_secret = members[i].kind == REDACT_SECRET ||
		    members[i].kind == REDACT_PASSWORD;

		if (n >= end.n && (n == end.n || is_secret) &&
		    (plain[n - 1] | 32) == end.p[end.n - 1] &&
		    strncasecmp(plain + n - end.n, end.p, end.n) == 0)
			return members[i].kind;
	}
	return REDACT__MAX;
}

/* 1 when the string that ends at `at` is the name of a member. */
static int
is_name(struct slice json, size_t at)
{
	while (at < json.n && strchr(" \t\r\n", json.p[at]) != NULL)
		at++;
	return at < json.n && json.p[at] == ':';
}

/* What is being read: a text, and where it stands. */
struct reading {
	struct redact *r;
	struct buf text, shown;
	enum redact_kind kind; /* of the value that comes next, if hidden */
	enum redact_kind all;  /* of all in the list or object that is open */
	unsigned open;         /* lists and objects since that one began */
	int is_type;           /* the member says what its object is */
	unsigned level;        /* JSON in a string of JSON in a string ... */
};

static void read_json(struct redact *, struct slice, unsigned, struct buf *);

/* JSON in a string, or base64 of text; 0: nothing of the kind. */
static int
add_inner(struct reading *d, struct buf *out)
{
	const struct slice text = buf_as_slice(&d->text);
	struct json_fault fault;
	struct buf meant, shown;
	int is_base64 = 0;

	if (text.n < 2 || d->level == LEVELS)
		return 0;
	if (strchr("{[\"", *text.p) != NULL && *text.p != '\0' &&
	    json_check(text, JSON_DEPTH, &fault) == LB_OK) {
		read_json(d->r, text, d->level + 1, out);
		return 1;
	}
	buf_init(&meant, text.n);
	buf_init(&shown, VALUE_MAX);
	if (redact_decode64(text, &meant)) {
		redact_text(d->r, buf_as_slice(&meant), &shown);
		is_base64 = !slice_equal(buf_as_slice(&meant),
		    buf_as_slice(&shown));
	}
	if (is_base64)
		redact_value(d->r, REDACT_SECRET, text, out);
	buf_reset(&meant);
	buf_reset(&shown);
	return is_base64;
}

static void
add_value(struct reading *d, struct slice value, struct buf *out)
{
	if (d->kind == REDACT_NAME)
		redact_person(d->r, value, out);
	else
		redact_value(d->r, d->kind, value, out);
}

/* One string, as the value of a member of the kind, or of none. */
static void
add_string(struct reading *d, struct slice string, struct buf *out)
{
	d->text.n = d->shown.n = 0;
	d->text.failed = d->shown.failed = 0;
	if (json_string(string, &d->text) != LB_OK) {
		buf_str(out, "\"\"");
		return;
	}
	if (d->kind != REDACT__MAX && d->text.n > 0)
		add_value(d, buf_as_slice(&d->text), &d->shown);
	else if (d->is_type)
		redact_type(d->r, buf_as_slice(&d->text), &d->shown);
	else if (!add_inner(d, &d->shown))
		redact_text(d->r, buf_as_slice(&d->text), &d->shown);
	if (!d->shown.failed &&
	    slice_equal(buf_as_slice(&d->text), buf_as_slice(&d->shown)))
		buf_slice(out, string);
	else
		buf_json(out, buf_as_slice(&d->shown));
}

/* A number may be a PIN, of a phone, of a room: its bytes. */
static size_t
number_at(const struct reading *d, struct slice json, size_t at)
{
	size_t n = at;

	if (d->kind == REDACT__MAX)
		return 0;
	while (n < json.n &&
	    (redact_is_alnum(json.p[n]) || json.p[n] == '+' ||
		json.p[n] == '-' || json.p[n] == '.'))
		n++;
	return redact_is_digit(json.p[at]) || json.p[at] == '-' ? n - at : 0;
}

static void
add_number(struct reading *d, struct slice number, struct buf *out)
{
	buf_char(out, '"');
	redact_value(d->r, d->kind, number, out);
	buf_char(out, '"');
}

/* A byte between strings, and what it means for what follows. */
static void
pass(struct reading *d, char c)
{
	if (c == '[' || c == '{') {
		if (d->open > 0)
			d->open++;
		else if (d->kind != REDACT__MAX) {
			d->all = d->kind;
			d->open = 1;
		}
	} else if ((c == ']' || c == '}') && d->open > 0) {
		d->open--;
	}
	if (strchr(" \t\r\n:", c) == NULL || c == '\0')
		d->kind = d->open > 0 ? d->all : REDACT__MAX;
}

/* A string; if it is a name then that of a member.  Where it ends. */
static size_t
take_string(struct reading *d, struct slice json, size_t at, struct buf *out)
{
	const size_t end = skip(json, at);
	const struct slice string = { json.p + at, end - at };
	const int is_member = is_name(json, end);

	if (is_member)
		d->kind = REDACT__MAX;
	add_string(d, string, out);
	d->kind = d->open > 0 ? d->all : REDACT__MAX;
	d->is_type = is_member && slice_is(buf_as_slice(&d->text), "type");
	if (is_member && !d->text.failed) {
		enum redact_kind kind = kind_of(buf_as_slice(&d->text));

		/* What may be shown is read like any other value. */
		if (kind != REDACT__MAX && redact_hides(d->r, kind))
			d->kind = kind;
	}
	return end;
}

static void
read_json(struct redact *r, struct slice json, unsigned level, struct buf *out)
{
	struct reading d = { .r = r,
		.kind = REDACT__MAX,
		.all = REDACT__MAX,
		.level = level };
	size_t at = 0, from = 0, n;

	buf_init(&d.text, VALUE_MAX);
	buf_init(&d.shown, VALUE_MAX);
	while (at < json.n) {
		n = json.p[at] == '"' ? 0 : number_at(&d, json, at);
		if (json.p[at] != '"' && n == 0) {
			pass(&d, json.p[at++]);
			continue;
		}
		buf_add(out, json.p + from, at - from);
		if (n > 0) {
			add_number(&d, (struct slice){ json.p + at, n }, out);
			at += n;
		} else {
			at = take_string(&d, json, at, out);
		}
		from = at;
	}
	if (json.n > from)
		buf_add(out, json.p + from, json.n - from);
	buf_reset(&d.text);
	buf_reset(&d.shown);
}

void
redact_json(struct redact *r, struct slice json, struct buf *out)
{
	if (r->what == 0)
		buf_slice(out, json);
	else
		read_json(r, json, 0, out);
}

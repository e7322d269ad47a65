/*
 * json: walkers over what the scanner let through.
 *
 * They decide nothing about the grammar, and never read beyond the slice,
 * checked or not.  json-c decodes what has a backslash.
 */
#include "json.h"
#include "json_scan.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define NAME_RAW_MAX (6 * 64) /* a name of 64 characters, all escaped */

static const unsigned char *
start_of(struct slice text)
{
	return (const unsigned char *)(text.n == 0 ? "" : text.p);
}

static struct slice
slice_between(const unsigned char *from, const unsigned char *to)
{
	struct slice s = { (const char *)from, (size_t)(to - from) };

	return s;
}

/* Behind the string whose opening quote is at `p`. */
static const unsigned char *
skip_string(const unsigned char *p, const unsigned char *end)
{
	for (p++; (p = json_skip_plain(p, end)) < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && ++p == end)
			break;
	}
	return end;
}

/* Behind the array or object that opens at `p`; the depth it has in `*max`. */
static const unsigned char *
skip_brackets(const unsigned char *p, const unsigned char *end, unsigned *max)
{
	unsigned depth = 0;

	*max = 0;
	while (p < end) {
		switch (*p) {
		case '"':
			p = skip_string(p, end);
			continue;
		case '[':
		case '{':
			if (++depth > *max)
				*max = depth;
			break;
		case ']':
		case '}':
			if (--depth == 0)
				return p + 1;
			break;
		}
		p++;
	}
	return end;
}

static const unsigned char *
skip_value(const unsigned char *p, const unsigned char *end)
{
	unsigned depth;

	if (p < end && *p == '"')
		return skip_string(p, end);
	if (p < end && (*p == '[' || *p == '{'))
		return skip_brackets(p, end, &depth);
	while (p < end && *p != ',' && *p != ']' && *p != '}' && *p > ' ')
		p++;
	return p;
}

static enum lb_err
fail(struct json_fault *fault, size_t at, struct slice member, const char *why)
{
	if (fault != NULL) {
		fault->at = at;
		fault->why = why;
		fault->member = member;
	}
	return LB_BAD_REQUEST;
}

enum lb_err
json_check(struct slice text, unsigned depth, struct json_fault *fault)
{
	const char *why;
	size_t at;

	if (json_scan(text, depth, &at, &why) == LB_OK)
		return LB_OK;
	fail(fault, at, slice_of(NULL), why);
	return LB_BAD_JSON;
}

enum json_kind
json_kind(struct slice value)
{
	const unsigned char *end = start_of(value) + value.n;
	const unsigned char *p = json_skip_space(start_of(value), end);

	switch (p < end ? *p : 'n') {
	case 'n':
		return JSON_NULL;
	case 't':
	case 'f':
		return JSON_BOOL;
	case '"':
		return JSON_STRING;
	case '[':
		return JSON_ARRAY;
	case '{':
		return JSON_OBJECT;
	default:
		return JSON_NUMBER;
	}
}

/* The row of `table` called `name` (without its quotes); -1 for none. */
static int
find_member(const struct json_member *table, struct slice name)
{
	int i;

	for (i = 0; table[i].name != NULL; i++)
		if (name.n > 0 && *name.p == *table[i].name &&
		    slice_is(name, table[i].name))
			return i;
	return -1;
}

/* The same for a name spelled with escapes; `name` as it is written.
 * LB_NO_MEMORY when it could not be decoded. */
static enum lb_err
find_escaped(const struct json_member *table, struct slice name, int *found)
{
	const struct slice quoted = { name.p - 1, name.n + 2 };
	struct buf decoded;
	enum lb_err err;

	*found = -1;
	if (name.n > NAME_RAW_MAX)
		return LB_OK;
	buf_init(&decoded, NAME_RAW_MAX);
	if ((err = json_string(quoted, &decoded)) == LB_OK)
		*found = find_member(table, buf_as_slice(&decoded));
	buf_reset(&decoded);
	return err;
}

static const char *
kind_wanted(enum json_kind kind)
{
	static const char *const words[] = {
		[JSON_NULL] = "must be null",
		[JSON_BOOL] = "must be true or false",
		[JSON_NUMBER] = "must be a number",
		[JSON_STRING] = "must be a string",
		[JSON_ARRAY] = "must be an array",
		[JSON_OBJECT] = "must be an object",
		[JSON_ANY] = "may be anything",
	};

	return words[kind];
}

/* Puts one member in its place; LB_NOT_FOUND when it has none. */
static enum lb_err
take_member(struct slice text, const struct json_member *table,
    struct slice *values, struct slice name, struct slice value,
    struct json_fault *fault)
{
	const size_t at = (size_t)(name.p - text.p);
	enum lb_err err = LB_OK;
	int i;

	if (memchr(name.p, '\\', name.n) == NULL)
		i = find_member(table, name);
	else
		err = find_escaped(table, name, &i);
	if (err != LB_OK)
		return err;
	if (i < 0)
		return LB_NOT_FOUND;
	if (values[i].p != NULL)
		return fail(fault, at, name, "is there twice");
	if (table[i].kind != JSON_ANY && table[i].kind != json_kind(value))
		return fail(fault, at, name, kind_wanted(table[i].kind));
	values[i] = value;
	return LB_OK;
}

static enum lb_err
read_object(struct slice text, const struct json_member *table,
    struct slice *values, struct json_fault *fault, int all_known)
{
	const unsigned char *end = start_of(text) + text.n;
	const unsigned char *p = json_skip_space(start_of(text), end), *from;
	struct slice name;
	enum lb_err err;
	int i;

	for (i = 0; table[i].name != NULL; i++)
		values[i] = slice_of(NULL);
	if (p == end || *p != '{')
		return fail(fault, 0, slice_of(NULL), "must be an object");
	while ((p = json_skip_space(p + 1, end)) < end && *p == '"') {
		from = p;
		p = skip_string(from, end);
		if (p - from < 2)
			break;
		name = slice_between(from + 1, p - 1);
		p = json_skip_space(p, end);
		from = json_skip_space(p < end ? p + 1 : p, end);
		p = skip_value(from, end);
		err = take_member(text, table, values, name,
		    slice_between(from, p), fault);
		if (err == LB_NOT_FOUND && all_known)
			return fail(fault, (size_t)(name.p - text.p), name,
			    "is not known here");
		if (err != LB_OK && err != LB_NOT_FOUND)
			return err;
		if ((p = json_skip_space(p, end)) >= end || *p != ',')
			break;
	}
	for (i = 0; table[i].name != NULL; i++)
		if (table[i].required && values[i].p == NULL)
			return fail(fault, 0, slice_of(table[i].name),
			    "is missing");
	return LB_OK;
}

enum lb_err
json_envelope(struct slice text, const struct json_member *table,
    struct slice *values, struct json_fault *fault)
{
	return read_object(text, table, values, fault, 1);
}

enum lb_err
json_pick(struct slice text, const struct json_member *table,
    struct slice *values, struct json_fault *fault)
{
	return read_object(text, table, values, fault, 0);
}

int
json_next(struct slice array, size_t *at, struct slice *item)
{
	const unsigned char *start = start_of(array), *end = start + array.n;
	const unsigned char *p = json_skip_space(start + *at, end), *from;

	/* Before each item stands the bracket or a comma. */
	if (p == end || (*p != ',' && *p != '['))
		return 0;
	from = json_skip_space(p + 1, end);
	p = skip_value(from, end);
	if (p == from)
		return 0;
	*item = slice_between(from, p);
	*at = (size_t)(p - start);
	return 1;
}

int
json_pair(struct slice object, size_t *at, struct slice *name,
    struct slice *value)
{
	const unsigned char *start = start_of(object), *end = start + object.n;
	const unsigned char *p = json_skip_space(start + *at, end), *from;

	/* Before each member stands the brace or a comma. */
	if (p == end || (*p != ',' && *p != '{'))
		return 0;
	from = json_skip_space(p + 1, end);
	if (from == end || *from != '"')
		return 0;
	p = skip_string(from, end);
	*name = slice_between(from, p);
	p = json_skip_space(p, end);
	from = json_skip_space(p < end ? p + 1 : p, end);
	p = skip_value(from, end);
	*value = slice_between(from, p);
	*at = (size_t)(p - start);
	return p > from;
}

struct slice
json_get(struct slice object, const char *member)
{
	const size_t n = strlen(member);
	struct slice name, value;
	size_t at = 0;

	while (json_pair(object, &at, &name, &value))
		if (name.n == n + 2 && memcmp(name.p + 1, member, n) == 0)
			return value;
	return slice_of(NULL);
}

unsigned
json_depth(struct slice value)
{
	const unsigned char *end = start_of(value) + value.n;
	const unsigned char *p = json_skip_space(start_of(value), end);
	unsigned depth = 0;

	if (p < end && (*p == '[' || *p == '{'))
		skip_brackets(p, end, &depth);
	return depth;
}

/* json-c's answer for a string with escapes. */
static enum lb_err
decode(struct slice value, struct buf *out)
{
	struct json_tokener *tok;
	struct json_object *object;
	enum lb_err err = LB_OK;

	if (value.n > INT32_MAX)
		return LB_BAD_REQUEST;
	if ((tok = json_tokener_new_ex(1)) == NULL)
		return LB_NO_MEMORY;
	object = json_tokener_parse_ex(tok, value.p, (int)value.n);
	if (object == NULL || !json_object_is_type(object, json_type_string))
		err = json_tokener_get_error(tok) == json_tokener_success ?
		    LB_BAD_REQUEST :
		    LB_NO_MEMORY;
	else
		buf_add(out, json_object_get_string(object),
		    (size_t)json_object_get_string_len(object));
	json_object_put(object);
	json_tokener_free(tok);
	return err;
}

enum lb_err
json_string(struct slice value, struct buf *out)
{
	struct slice inside;
	enum lb_err err;

	if (value.n < 2 || value.p[0] != '"')
		return LB_BAD_REQUEST;
	inside.p = value.p + 1;
	inside.n = value.n - 2;
	if (memchr(inside.p, '\\', inside.n) == NULL)
		buf_slice(out, inside);
	else if ((err = decode(value, out)) != LB_OK)
		return err;
	return out->failed ? LB_NO_MEMORY : LB_OK;
}

enum lb_err
json_int(struct slice value, int64_t min, int64_t max, int64_t *out)
{
	char digits[32], *end;
	long long number;

	if (value.n == 0 || value.n >= sizeof(digits) ||
	    json_kind(value) != JSON_NUMBER)
		return LB_BAD_REQUEST;
	memcpy(digits, value.p, value.n);
	digits[value.n] = '\0';
	errno = 0;
	number = strtoll(digits, &end, 10);
	if (errno != 0 || *end != '\0' || end == digits || number < min ||
	    number > max)
		return LB_BAD_REQUEST;
	*out = number;
	return LB_OK;
}

int
json_true(struct slice value)
{
	return slice_is(value, "true");
}

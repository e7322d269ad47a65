/*
 * Fuzzes the JSON scanner and the walkers that trust it. Besides crashes it
 * looks for a walker that leaves the text, for a document that changes its
 * nature when white space is put around it, and for one that json-c would not
 * read, which it would have to when its strings are decoded.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "json.h"

static const struct json_member table[] = {
	{ "n", JSON_NUMBER, 1 },
	{ "messages", JSON_ARRAY, 0 },
	{ "body", JSON_ANY, 0 },
	{ "type", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};

static void
must(int holds)
{
	if (!holds)
		abort();
}

static int
within(struct slice part, struct slice whole)
{
	return part.p == NULL ||
	    (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void
walk(struct slice text)
{
	struct slice values[4], item;
	struct json_fault fault;
	struct buf out;
	int64_t number;
	size_t at = 0, i;

	memset(values, 0, sizeof(values));
	if (json_envelope(text, table, values, &fault) != LB_OK) {
		/* A missing member is named by the table, not by the text. */
		must(fault.why != NULL &&
		    (within(fault.member, text) ||
			slice_equal(fault.member, slice_of("n"))));
		return;
	}
	for (i = 0; i < 4; i++)
		must(within(values[i], text));
	(void)json_int(values[0], 1, INT64_MAX, &number);
	if (values[1].p != NULL)
		while (json_next(values[1], &at, &item))
			must(within(item, values[1]));
	if (values[3].p != NULL) {
		buf_init(&out, 1 << 16);
		if (json_string(values[3], &out) == LB_OK)
			must(out.n <= values[3].n);
		buf_reset(&out);
	}
}

/* json-c takes more than we do, so it takes whatever we took. */
static void
ask_json_c(struct slice text)
{
	struct json_tokener *tok = json_tokener_new_ex(JSON_DEPTH + 1);
	struct json_object *object;

	if (tok == NULL)
		return;
	object = json_tokener_parse_ex(tok, text.p, (int)text.n);
	must(json_tokener_get_error(tok) == json_tokener_success);
	json_object_put(object);
	json_tokener_free(tok);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 2);
	struct slice bare = { text + 1, size }, spaced = { text, size + 2 };
	struct json_fault fault;
	enum lb_err err;

	if (text == NULL)
		return 0;
	text[0] = ' ';
	if (size > 0)
		memcpy(text + 1, data, size);
	text[size + 1] = '\n';
	err = json_check(bare, JSON_DEPTH, &fault);
	must(err == LB_OK || err == LB_BAD_JSON);
	if (err == LB_BAD_JSON)
		must(fault.at <= size && fault.why != NULL);
	must(json_check(spaced, JSON_DEPTH, NULL) == err);
	if (err == LB_OK) {
		must(json_depth(bare) <= JSON_DEPTH);
		walk(bare);
		ask_json_c(spaced); /* white space ends a number for it */
	}
	free(text);
	return 0;
}

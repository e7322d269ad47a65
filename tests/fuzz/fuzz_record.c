/*
 * Fuzzes what a FastCGI client sends, as records: their headers, the pairs in
 * them, and the answer to FCGI_GET_VALUES, which must be whole records.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "transport_fcgi_record.h"

static void
must(int holds)
{
	if (!holds)
		abort();
}

/* Every pair lies within, and reading them comes to an end. */
static void
check_pairs(struct slice content)
{
	struct slice rest = content, name, value, before;
	int got;

	for (;;) {
		before = rest;
		got = record_pair(&rest, &name, &value);
		if (got <= 0)
			break;
		must(rest.n < before.n && rest.p > before.p);
		must(name.p >= before.p && name.p + name.n == value.p);
		must(value.p + value.n == rest.p);
		must(rest.p + rest.n == content.p + content.n);
	}
	must(got == (rest.n == 0 ? 0 : -1));
	must(rest.n == before.n && rest.p == before.p);
}

static void
check_values(struct slice content)
{
	struct record r;
	struct buf out;

	buf_init(&out, 1024);
	record_values(&out, content, 8000);
	must(!out.failed && out.n % 8 == 0 && out.n >= FCGI_HEADER_LEN);
	must(record_read(&r, (const unsigned char *)out.p));
	must(r.type == FCGI_GET_VALUES_RESULT && r.id == 0);
	must((size_t)FCGI_HEADER_LEN + r.length + r.padding == out.n);
	check_pairs((struct slice){ out.p + FCGI_HEADER_LEN, r.length });
	buf_reset(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r;
	struct slice content;
	char *copy; /* of its own size, so that one byte too much is seen */

	while (size >= FCGI_HEADER_LEN && record_read(&r, data)) {
		data += FCGI_HEADER_LEN;
		size -= FCGI_HEADER_LEN;
		content.n = r.length < size ? r.length : size;
		if ((copy = malloc(content.n > 0 ? content.n : 1)) == NULL)
			return 0;
		memcpy(copy, data, content.n);
		content.p = copy;
		check_pairs(content);
		check_values(content);
		free(copy);
		data += content.n;
		size -= content.n;
	}
	return 0;
}

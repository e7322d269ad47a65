/*
 * dialect_embedded: see dialect_embedded.h.
 */
#include "dialect_embedded.h"

#include "exchange.h"

void
dialect_embedded(struct exchange *ex, const char *type, struct slice text,
    const char *tag)
{
	const struct reply same = { 304, NULL, { NULL, 0 } };
	const struct reply reply = { 200, type, text };

	ex->cache = "no-cache";
	buf_printf(&ex->head, "ETag: \"%s\"\r\n", tag);
	if (http_matches(ex->request->if_none_match, tag))
		exchange_reply(ex, &same);
	else
		exchange_reply(ex, &reply);
}

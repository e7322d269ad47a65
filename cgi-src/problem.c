/*
 * problem: see problem.h.
 */
#include "problem.h"

void
problem_begin(struct buf *out, const struct err_words *words,
    struct slice detail)
{
	buf_printf(out, "{\"type\":\"/problems/%s\",\"title\":", words->code);
	buf_json(out, slice_of(words->title));
	buf_printf(out,
	    ",\"status\":%d,\"code\":\"%s\",\"detail\":", words->status,
	    words->code);
	buf_json(out, detail);
	buf_str(out, ",\"retryable\":");
	buf_str(out, words->retryable ? "true" : "false");
}

/*
 * courier_none: see courier.h and courier_ask.h.  For programs without libcurl.
 */
#include "courier_ask.h"

#include <stddef.h>

int
courier_is_there(void)
{
	return 0;
}

enum lb_err
courier_open(struct courier **out, struct loop *loop)
{
	(void)loop;
	*out = NULL;
	return LB_NOT_FOUND;
}

void
courier_close(struct courier *c)
{
	(void)c;
}

enum lb_err
courier_send(struct courier *c, struct courier_post *post)
{
	(void)c;
	(void)post;
	return LB_NOT_FOUND;
}

enum lb_err
courier_ask_open(struct courier_asker **out, const volatile sig_atomic_t *ended)
{
	(void)ended;
	*out = NULL;
	return LB_NOT_FOUND;
}

void
courier_ask_close(struct courier_asker *a)
{
	(void)a;
}

enum lb_err
courier_ask(struct courier_asker *a, const struct courier_question *q,
    struct buf *reply, struct courier_result *result)
{
	(void)a;
	(void)q;
	(void)reply;
	(void)result;
	return LB_NOT_FOUND;
}

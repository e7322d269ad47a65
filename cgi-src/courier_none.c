/*
 * courier_none: see courier.h.  For programs without libcurl.
 */
#include "courier.h"

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

/*
 * dialect_doctor: see dialect_doctor.h.
 */
#include "dialect_doctor.h"

#include "embed.h"
#include "exchange.h"

void
dialect_doctor_page(struct exchange *ex)
{
	const struct reply reply = { 200, "text/html; charset=utf-8",
		{ lb_doctor_html, lb_doctor_html_len } };

	buf_str(&ex->head, "Content-Security-Policy: ");
	buf_str(&ex->head, lb_doctor_html_policy);
	buf_str(&ex->head,
	    "; frame-ancestors 'none'\r\nX-Robots-Tag: noindex\r\n");
	exchange_reply(ex, &reply);
}

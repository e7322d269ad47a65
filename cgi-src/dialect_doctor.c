/*
 * dialect_doctor: see dialect_doctor.h.
 */
#include "dialect_doctor.h"

#include "dialect_embedded.h"
#include "embed.h"
#include "exchange.h"

void
dialect_doctor_page(struct exchange *ex)
{
	buf_str(&ex->head, "Content-Security-Policy: ");
	buf_str(&ex->head, lb_doctor_html_policy);
	buf_str(&ex->head,
	    "; frame-ancestors 'none'\r\nX-Robots-Tag: noindex\r\n");
	dialect_embedded(ex, "text/html; charset=utf-8",
	    (struct slice){ lb_doctor_html, lb_doctor_html_len },
	    lb_doctor_html_tag);
}

/*
 * dialect_sorry: what a program that could not start answers: to every
 * request, why, and what to do about it.  Whoever uploaded it sees the web
 * server's error log last, and a browser first: a browser's navigation gets a
 * page, everybody else a problem document.
 */
#ifndef LETTERBOX_DIALECT_SORRY_H
#define LETTERBOX_DIALECT_SORRY_H

#include "buf.h"
#include "dialect.h"
#include "err.h"

/* Its mount. */
struct sorry {
	enum lb_err why;
	struct slice words; /* sentences with the cure; may be empty */
};

extern const struct dialect dialect_sorry;

#endif

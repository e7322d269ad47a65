/*
 * hook: tells applications who comes and goes, by posts to the hooks of their
 * keys, in a process of its own.
 *
 * It follows the log's rooms of comings and goings (the heralds of keys) as
 * any reader does, takes what is new into the outbox, and posts from there:
 * what a post is about is in the database until the application has taken it.
 * It keeps nobody's lease and serves nobody.
 */
#ifndef LETTERBOX_HOOK_H
#define LETTERBOX_HOOK_H

#include "conf.h"

/*
 * Works until SIGTERM or SIGINT, or until `leash` (-1: none) is at its end;
 * then posts under way have a second to end.  Whoever calls holds the lock of
 * hook_lock.h.  LB_OK; else what is wrong in `words`: LB_NOT_FOUND without a
 * courier, LB_NEWER_SCHEMA when a newer program has changed the database,
 * LB_IO when another database has taken its place, and errors of opening it.
 */
enum lb_err hook_run(const struct conf *, int leash, struct buf *words);

#endif

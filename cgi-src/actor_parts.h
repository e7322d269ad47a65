/*
 * actor_parts: what an actor asks the server, and what is in the answer.
 */
#ifndef LETTERBOX_ACTOR_PARTS_H
#define LETTERBOX_ACTOR_PARTS_H

#include "actor.h"

#define ACTOR_ID_MAX 4096

/* Asks about "/rooms/ROOM/what" until there is an answer that counts: a post
 * of `body`, or (absent) a GET with `query`. */
enum lb_err actor_request(struct actor *, struct actor_stage *,
    const char *what, struct slice query, struct slice body);
/* The last reply as a JSON object; absent when it is none. */
struct slice actor_reply(const struct actor_stage *);
/* The member of an object that is a string, decoded; else empty. */
void actor_string(struct slice object, const char *member, struct buf *out);

#endif

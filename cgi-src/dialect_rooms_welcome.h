/*
 * dialect_rooms_welcome: the reply to a join.
 */
#ifndef LETTERBOX_DIALECT_ROOMS_WELCOME_H
#define LETTERBOX_DIALECT_ROOMS_WELCOME_H

#include "dialect_rooms_parts.h"

#define ROOMS_ID_SIZE 12 /* characters of an id of our making */

/* A join, from its request to its reply. */
struct rooms_join_work {
	struct rooms_work work;
	struct room_join op;
	struct waiter waiter; /* gathers the mail of the reply */
	struct slice key;
	struct slice ticket;
	struct slice history[ROOMS_HISTORY_TYPES];
	size_t history_count;
	struct cursor after;
	char id[ROOMS_ID_SIZE];
	char token[TOKEN_TEXT];
};

/* done() of a join: tells who is there, and the mail that waited. */
void rooms_welcome(struct store_op *, enum lb_err);

#endif

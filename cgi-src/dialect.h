/*
 * dialect: what a protocol spoken over rooms is: a translator from requests
 * to operations of the post office, and from its answers to replies.
 */
#ifndef LETTERBOX_DIALECT_H
#define LETTERBOX_DIALECT_H

struct exchange;

struct dialect {
	const char *name;
	/* A whole request, in HANDLING.  Must end in exchange_reply(),
	 * exchange_commit(), exchange_park() or exchange_stream(). */
	void (*handle)(void *mount, struct exchange *);
	/* The exchange ends, replied or hung up, with no operation pending:
	 * take its waiter away and free its work. */
	void (*finish)(void *mount, struct exchange *);
};

#endif

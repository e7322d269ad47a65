/*
 * dialect_channel_dev: GET /_ah/channel/dev, the wire of the development
 * server.
 *
 *   ?command=connect|poll|disconnect&channel=TOKEN[&client=ID]
 *
 * For clients that ship the script of that server and poll each half second: a
 * poll is held a moment, and answered with one message, or with nothing.
 */
#include <string.h>

#include "dialect_channel_parts.h"

#define HOLD_MS 5000
#define TEXT "text/plain; charset=utf-8"

/* Its script names no cursor and no opening. */
static const struct channel_ask comes = { .opens = 1 };
static const struct channel_ask polls = { .wait = HOLD_MS };
static const struct reply empty = { 200, TEXT, { "", 0 } };

static void
connected(struct channel_entry *e)
{
	const struct reply one = { 200, TEXT, SLICE("1") };

	exchange_reply(e->ex, &one);
}

static void
do_connect(struct rooms_mount *m, struct exchange *ex,
    struct channel_pass *pass)
{
	channel_enter(m, ex, pass, &comes, connected);
}

static void
do_poll(struct rooms_mount *m, struct exchange *ex, struct channel_pass *pass)
{
	channel_poll(m, ex, pass, &polls, CHANNEL_DEV);
}

static void
do_disconnect(struct rooms_mount *m, struct exchange *ex,
    struct channel_pass *pass)
{
	channel_leave(m, ex, pass, &polls.after, &empty);
}

static const struct {
	const char *name;
	void (*run)(struct rooms_mount *, struct exchange *,
	    struct channel_pass *);
} commands[] = {
	{ "connect", do_connect },
	{ "poll", do_poll },
	{ "disconnect", do_disconnect },
};

static void
refuse(struct exchange *ex, enum lb_err err, const char *member,
    const char *why)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.member = slice_of(member);
	fault.why = why;
	rooms_refuse(ex, err, &fault);
}

static void
run(struct rooms_mount *m, struct exchange *ex, struct slice command,
    struct slice token)
{
	struct channel_pass pass;
	enum lb_err err;
	size_t i = 0;

	while (i < sizeof(commands) / sizeof(commands[0]) &&
	    !slice_is(command, commands[i].name))
		i++;
	if (i == sizeof(commands) / sizeof(commands[0])) {
		refuse(ex, LB_BAD_REQUEST, "command",
		    "It is connect, poll or disconnect.");
		return;
	}
	err = channel_pass(m, token, &pass);
	if (err != LB_OK)
		channel_refuse(ex, err, 0);
	else
		commands[i].run(m, ex, &pass);
}

void
channel_dev(struct rooms_mount *m, struct exchange *ex)
{
	struct slice query = ex->request->query;
	struct buf command, token;
	enum lb_err err;

	buf_init(&command, 64);
	buf_init(&token, 2 * CHANNEL_TOKEN_MAX);
	err = http_query(query, "command", &command);
	if (err == LB_OK)
		err = http_query(query, "channel", &token);
	if (err == LB_OK)
		run(m, ex, buf_as_slice(&command), buf_as_slice(&token));
	else if (err == LB_NO_MEMORY)
		rooms_refuse(ex, err, NULL);
	else
		refuse(ex, LB_BAD_REQUEST,
		    command.n == 0 ? "command" : "channel",
		    "It is missing, or not as it was given out.");
	buf_reset(&command);
	buf_reset(&token);
}

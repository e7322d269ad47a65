/*
 * dialect_channel_enter: who shows a channel token, and how it comes in.
 *
 * The token alone decides whether somebody is refused; who comes in is asked
 * for the key as well, which may have been removed, and its rooms with it.
 * Where the database is another one than when the token was given out, its room
 * and its seat are made again.
 */
#include <stdlib.h>
#include <string.h>

#include "dialect_channel_parts.h"

/* clang-format off */
/* The words of the original, which wrote them so. */
static const struct {
	enum lb_err err;
	const char *phrase;
} phrases[] = {
	{ LB_CHANNEL_TOKEN, "Invalid+token." },
	{ LB_CHANNEL_EXPIRED, "Token+timed+out." },
};
/* clang-format on */

void
channel_refuse(struct exchange *ex, enum lb_err err, int64_t retry_ms)
{
	struct rooms_fault fault = ROOMS_NO_FAULT;

	fault.retry_ms = retry_ms;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].err != err)
			continue;
		ex->phrase = phrases[i].phrase;
		buf_printf(&ex->head, "X-Letterbox-Error: %s\r\n",
		    phrases[i].phrase);
	}
	rooms_refuse(ex, err, &fault);
}

enum lb_err
channel_pass(struct rooms_mount *m, struct slice token,
    struct channel_pass *pass)
{
	enum lb_err err;

	memset(pass, 0, sizeof(*pass));
	err = channel_token_check(token, m->server_key, m->now->wall,
	    &pass->text, &pass->token);
	if (err == LB_OK && channel_codec(m, pass->token.namespace) == NULL)
		err = LB_CHANNEL_TOKEN;
	if (err == LB_OK)
		channel_token_digest(&pass->digest, m->server_key,
		    &pass->token);
	else
		channel_pass_free(pass);
	return err;
}

void
channel_pass_free(struct channel_pass *pass)
{
	buf_reset(&pass->text);
}

static void
free_entry(struct channel_entry *e)
{
	channel_pass_free(&e->pass);
	free(e);
}

static void
joined(struct store_op *op, enum lb_err err)
{
	struct channel_entry *e = (struct channel_entry *)(void *)((char *)op -
	    offsetof(struct channel_entry, join));

	if (exchange_committed(e->ex)) {
		e->ask.opening = e->join.opening;
		if (err == LB_OK)
			e->entered(e);
		else
			channel_refuse(e->ex, err, 0);
	}
	free_entry(e);
}

static void
join(struct channel_entry *e)
{
	struct rooms_mount *m = e->mount;
	struct room_join *j = &e->join;
	int64_t retry = 0;
	enum lb_err err;

	j->op.done = joined;
	j->namespace = e->announce.namespace;
	j->name = e->announce.name;
	j->id = e->announce.id;
	j->token = e->pass.digest;
	j->opens = e->ask.opens;
	j->opening = e->ask.opening;
	if (postoffice_knows(m->po, &e->ask.after))
		j->cursor = e->ask.after.seq;
	err = postoffice_join(m->po, j, rooms_address(m, e->ex->request),
	    m->now, &retry);
	if (err == LB_OK) {
		exchange_commit(e->ex);
		return;
	}
	channel_refuse(e->ex, err, retry);
	free_entry(e);
}

static void
announced(struct store_op *op, enum lb_err err)
{
	struct channel_entry *e = (struct channel_entry *)(void *)op;

	if (!exchange_committed(e->ex)) {
		free_entry(e);
	} else if (err == LB_OK) {
		join(e);
	} else {
		/* Its key is not there any more. */
		channel_refuse(e->ex, err == LB_KEY ? LB_CHANNEL_TOKEN : err,
		    0);
		free_entry(e);
	}
}

void
channel_enter(struct rooms_mount *m, struct exchange *ex,
    struct channel_pass *pass, const struct channel_ask *ask,
    void (*entered)(struct channel_entry *))
{
	const size_t prefix = sizeof(CHANNEL_PREFIX) - 1;
	struct channel_entry *e = calloc(1, sizeof(*e));
	struct slice namespace = pass->token.namespace;

	if (e == NULL) {
		channel_pass_free(pass);
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
		return;
	}
	e->mount = m;
	e->ex = ex;
	e->pass = *pass;
	e->ask = *ask;
	e->entered = entered;
	e->announce.op.done = announced;
	e->announce.namespace = namespace;
	e->announce.name = pass->token.room;
	e->announce.id = pass->token.peer;
	e->announce.token = pass->digest;
	e->announce.held_until = pass->token.expires;
	if (slice_starts(namespace, CHANNEL_PREFIX)) {
		e->announce.herald_namespace = CHANNEL_HERALDS;
		e->announce.herald_name = (struct slice){ namespace.p + prefix,
			namespace.n - prefix };
		e->guard = appkey_guard(e->announce.herald_name,
		    pass->token.by);
		e->announce.guard = &e->guard.base;
	}
	postoffice_announce(m->po, &e->announce);
	exchange_commit(ex);
}

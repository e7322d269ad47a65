/*
 * dialect_rooms_join: POST /rooms/{room}/peers.
 *
 * The token is HMAC(server key; room, id, key), and the id, when none is
 * wished, HMAC(server key; room, key): so the same key always means the same
 * peer with the same token, and a join can be repeated after a lost reply
 * although the server keeps neither key nor token.
 */
#include <stdlib.h>
#include <string.h>

#include "dialect_rooms_welcome.h"
#include "ticket.h"

#define INFO_MAX 1024
#define NAME_CHARACTERS 64
#define SECRET_MAX 256

enum {
	KEY,
	TOKEN,
	PEER,
	NAME,
	INFO,
	SECRET,
	TICKET,
	HISTORY,
	MESSAGES,
	LEASE,
	AFTER,
	MEMBERS
};

/* clang-format off */
static const struct json_member table[] = {
	[KEY] = { "key", JSON_STRING, 0 },
	[TOKEN] = { "token", JSON_STRING, 0 },
	[PEER] = { "peer", JSON_STRING, 0 },
	[NAME] = { "name", JSON_STRING, 0 },
	[INFO] = { "info", JSON_ANY, 0 },
	[SECRET] = { "secret", JSON_STRING, 0 },
	[TICKET] = { "ticket", JSON_STRING, 0 },
	[HISTORY] = { "history", JSON_ARRAY, 0 },
	[MESSAGES] = { "messages", JSON_ARRAY, 0 },
	[LEASE] = { "lease", JSON_NUMBER, 0 },
	[AFTER] = { "after", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

static void
finish(struct rooms_work *work)
{
	struct rooms_join_work *j;

	j = (struct rooms_join_work *)(void *)work;

	if (j->waiter.hall != NULL)
		postoffice_forget(work->mount->po, &j->waiter);
	rooms_work_free(work);
}

/* ---- the request ---- */

static int
bad(struct rooms_join_work *j, const char *member, const char *why)
{
	rooms_bad(&j->work, member, why);
	return 0;
}

static int
read_history(struct rooms_join_work *j, struct slice list)
{
	struct slice item;
	size_t at = 0;

	if (list.p == NULL)
		return 1;
	while (json_next(list, &at, &item)) {
		struct slice *type = &j->history[j->history_count];

		if (j->history_count == ROOMS_HISTORY_TYPES ||
		    json_kind(item) != JSON_STRING)
			return bad(j, "history",
			    "It is a list of up to 16 "
			    "types.");
		*type = rooms_text(&j->work, item);
		if (!name_text(*type, 1, NAME_MAX_BYTES))
			return bad(j, "history",
			    "A type has 1 to 64 "
			    "characters.");
		j->history_count++;
	}
	return 1;
}

/* What it says of itself, and how long a lease it wants. */
static int
read_card(struct rooms_join_work *j, const struct slice *v)
{
	const struct postoffice_options *o = postoffice_options(
	    j->work.mount->po);
	struct slice secret = rooms_text(&j->work, v[SECRET]);
	int64_t lease = 0;

	if (v[NAME].p != NULL &&
	    !name_text(rooms_text(&j->work, v[NAME]), 1, NAME_CHARACTERS))
		return bad(j, "name",
		    "A name has 1 to 64 characters, and no "
		    "control characters.");
	if (v[INFO].n > INFO_MAX ||
	    (v[INFO].p != NULL && json_depth(v[INFO]) > JSON_DEPTH))
		return bad(j, "info",
		    "It has at most 1,024 bytes and is at "
		    "most 32 deep.");
	if (secret.p != NULL && (secret.n == 0 || secret.n > SECRET_MAX))
		return bad(j, "secret", "A secret has 1 to 256 bytes.");
	if (v[LEASE].p != NULL &&
	    json_int(v[LEASE], 1, o->lease_max / 1000, &lease) != LB_OK)
		return bad(j, "lease",
		    "It is a number of seconds, at most "
		    "lease_max of the configuration.");
	j->op.peer_name = v[NAME];
	j->op.peer_info = v[INFO];
	j->op.lease = lease * 1000 > o->bounds.lease ? lease * 1000 :
						       o->bounds.lease;
	if (secret.p != NULL) {
		j->op.has_secret = 1;
		token_sha256(&j->op.secret, secret);
	}
	return 1;
}

/* Makes id and token of the key. */
static int
make_token(struct rooms_join_work *j, struct slice peer)
{
	const struct rooms_mount *m = j->work.mount;
	struct slice parts[4] = { SLICE("peer"), j->op.name, j->key,
		{ NULL, 0 } };
	struct token_digest digest;
	struct buf text;

	buf_init(&text, 64);
	if (peer.p == NULL) {
		token_hmac_parts(&digest, m->server_key, parts, 3);
		token_encode(&text, digest.b, ROOMS_ID_SIZE * 6 / 8);
		if (text.n == ROOMS_ID_SIZE)
			memcpy(j->id, text.p, ROOMS_ID_SIZE);
		peer = (struct slice){ j->id, text.n };
		text.n = 0;
	}
	j->op.id = peer;
	parts[0] = SLICE("token");
	parts[2] = peer;
	parts[3] = j->key;
	token_hmac_parts(&digest, m->server_key, parts, 4);
	token_encode(&text, digest.b, TOKEN_DIGEST);
	if (text.failed || peer.n == 0) {
		buf_reset(&text);
		rooms_refuse(j->work.ex, LB_NO_MEMORY, NULL);
		return 0;
	}
	memcpy(j->token, text.p, TOKEN_TEXT);
	token_sha256(&j->op.token, buf_as_slice(&text));
	buf_reset(&text);
	return 1;
}

static int
check_ticket(struct rooms_join_work *j)
{
	const struct rooms_mount *m = j->work.mount;
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err = LB_TICKET;

	j->op.may = TICKET_ALL;
	if (j->ticket.p == NULL && !m->require_ticket)
		return 1;
	if (j->ticket.p == NULL)
		fault.why = "This server wants a ticket.";
	else if (!m->has_ticket_key)
		fault.why = "No ticket_key_file is configured here.";
	else
		err = ticket_check(j->ticket, &m->ticket_key, j->op.name,
		    j->op.id, m->now->wall, &j->op.may, &fault.why);
	if (err == LB_OK)
		return 1;
	rooms_refuse(j->work.ex, err, &fault);
	return 0;
}

/* By key: a newcomer, or a repeat. */
static int
read_newcomer(struct rooms_join_work *j, const struct slice *v)
{
	struct slice peer = rooms_text(&j->work, v[PEER]);

	if (!name_key(j->key))
		return bad(j, "key",
		    "A key is 16 to 32 random bytes as "
		    "base64url, 22 to 43 characters.");
	if (peer.p != NULL && !name_valid(peer))
		return bad(j, "peer", "A peer's id has " NAME_RULE ".");
	if (v[AFTER].p != NULL)
		return bad(j, "after",
		    "It goes with a token, not with a "
		    "key.");
	return make_token(j, peer) && check_ticket(j);
}

/* By token: the same peer again. */
static int
read_returning(struct rooms_join_work *j, const struct slice *v)
{
	static const int newcomers[] = { PEER, NAME, INFO, SECRET, TICKET,
		HISTORY, MESSAGES };
	struct slice text = http_token(j->work.ex->request);

	for (size_t i = 0; i < sizeof(newcomers) / sizeof(newcomers[0]); i++)
		if (v[newcomers[i]].p != NULL)
			return bad(j, table[newcomers[i]].name,
			    "It goes "
			    "with a key: with a token the peer is as it "
			    "was.");
	if (!rooms_token(&j->work, v[TOKEN], &j->op.token)) {
		rooms_refuse(j->work.ex, LB_NOT_A_MEMBER, NULL);
		return 0;
	}
	if (text.p == NULL)
		text = rooms_text(&j->work, v[TOKEN]);
	memcpy(j->token, text.p, TOKEN_TEXT);
	return rooms_cursor(&j->work, rooms_text(&j->work, v[AFTER]),
	    &j->after);
}

static int
read_join(struct rooms_join_work *j)
{
	struct slice v[MEMBERS];

	if (!rooms_envelope(&j->work, table, v, 0))
		return 0;
	if (v[KEY].p != NULL && v[TOKEN].p != NULL)
		return bad(j, "token",
		    "Join with a key or with a token, not "
		    "with both.");
	if (v[KEY].p == NULL && v[TOKEN].p == NULL &&
	    http_token(j->work.ex->request).p == NULL)
		return bad(j, "key", "It is missing.");
	j->key = rooms_text(&j->work, v[KEY]);
	j->ticket = rooms_text(&j->work, v[TICKET]);
	if (!read_card(j, v) || !read_history(j, v[HISTORY]))
		return 0;
	if (v[MESSAGES].p != NULL && v[KEY].p != NULL &&
	    !rooms_letter(&j->work, v[MESSAGES], &j->op.letter))
		return 0;
	return j->key.p != NULL ? read_newcomer(j, v) : read_returning(j, v);
}

void
rooms_join(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct rooms_join_work *j = rooms_work(m, ex, sizeof(*j), finish);
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err;

	if (j == NULL)
		return;
	j->op.op.done = rooms_welcome;
	j->op.namespace = ROOM_NAMESPACE;
	j->op.name = match->room;
	if (!read_join(j))
		return;
	if (postoffice_knows(m->po, &j->after))
		j->op.cursor = j->after.seq;
	err = postoffice_join(m->po, &j->op, rooms_address(m, ex->request),
	    m->now, &fault.retry_ms);
	if (err != LB_OK)
		rooms_refuse(ex, err, &fault);
	else
		exchange_commit(ex);
}

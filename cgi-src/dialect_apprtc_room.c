/*
 * dialect_apprtc_room: names and seats.
 *
 * A browser asks twice for reasons of its own: a reload, a page fetched before
 * anybody looks at it, a connection that broke.  So a seat begins with a short
 * lease, and a cookie tells which seat of the room this browser was given
 * last: if its channel was never opened, the new one takes its place.  The
 * cookie cannot tell a reload from a second window, so a seat that is in use
 * stays, unless the page said that it goes (GOES_COOKIE, set by
 * public_html/js/apprtc/params.js).
 */
#include <string.h>

#include "dialect_apprtc_parts.h"
#include "ticket.h"

#define SEAT_COOKIE "apprtc-seat" /* =ROOM/USER */
#define GOES_COOKIE "apprtc-goes" /* likewise */

static int
is_plain(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '-';
}

enum lb_err
apprtc_room(struct buf *out, struct slice raw)
{
	size_t start = out->n;

	for (size_t i = 0; i < raw.n; i++) {
		unsigned char c = (unsigned char)raw.p[i];

		if ((c & 0xc0) == 0x80) /* one for each character of UTF-8 */
			continue;
		if (out->n - start == NAME_MAX_BYTES)
			return LB_BAD_NAME;
		buf_char(out, is_plain(c) ? (char)c : '-');
	}
	if (out->failed)
		return LB_NO_MEMORY;
	return out->n > start ? LB_OK : LB_BAD_NAME;
}

enum lb_err
apprtc_user(char user[APPRTC_USER + 1])
{
	uint64_t number;
	enum lb_err err = token_random(&number, sizeof(number));

	for (int i = 0; i < APPRTC_USER; i++) {
		user[i] = (char)('0' + number % 10);
		number /= 10;
	}
	user[APPRTC_USER] = '\0';
	return err;
}

static int
is_user(struct slice user)
{
	for (size_t i = 0; i < user.n; i++)
		if (user.p[i] < '0' || user.p[i] > '9')
			return 0;
	return user.n == APPRTC_USER;
}

static void
point(struct channel_token *t, struct rooms_mount *m,
    const struct apprtc_seat *seat)
{
	memset(t, 0, sizeof(*t));
	t->namespace = m->apprtc;
	t->room = seat->room;
	t->peer = slice_of(seat->peer);
}

enum lb_err
apprtc_seat(struct apprtc_seat *seat, struct rooms_mount *m, struct slice room,
    struct slice user)
{
	const struct slice parts[] = { SLICE("apprtc"), m->apprtc, room, user };
	struct channel_token t;
	struct token_digest digest;
	struct buf text;

	memset(seat, 0, sizeof(*seat));
	if (!is_user(user))
		return LB_NOT_A_MEMBER;
	seat->room = room;
	memcpy(seat->user, user.p, APPRTC_USER);
	token_hmac_parts(&digest, m->server_key, parts, 4);
	buf_init(&text, 64);
	buf_char(&text, '~');
	token_encode(&text, digest.b, (APPRTC_PEER - 1) * 6 / 8);
	if (!text.failed && text.n == APPRTC_PEER)
		memcpy(seat->peer, text.p, text.n);
	buf_reset(&text);
	point(&t, m, seat);
	channel_token_digest(&seat->token, m->server_key, &t);
	return seat->peer[0] != '\0' ? LB_OK : LB_NO_MEMORY;
}

struct standing {
	struct rooms_mount *mount;
	const struct apprtc_seat *seat;
	enum lb_err err;
};

static void
judge(void *arg, const struct store_room *room, const struct store_peer *peer,
    const struct store_lease *lease)
{
	struct standing *s = arg;
	const struct postoffice_options *o = postoffice_options(s->mount->po);

	(void)lease;
	s->err = room_standing(room, peer, s->mount->apprtc, s->seat->room,
	    o->bounds.reserve, s->mount->now->wall);
	if (s->err == LB_NOT_FOUND) /* it may come back */
		s->err = LB_OK;
}

enum lb_err
apprtc_standing(struct rooms_mount *m, const struct apprtc_seat *seat)
{
	struct standing s = { m, seat, LB_OK };
	enum lb_err err = store_peer(postoffice_store(m->po), &seat->token,
	    judge, &s);

	return err != LB_OK ? err : s.err;
}

enum lb_err
apprtc_token(struct buf *out, struct rooms_mount *m,
    const struct apprtc_seat *seat, int64_t minutes)
{
	struct channel_token t;

	point(&t, m, seat);
	t.expires = m->now->wall / 1000 * 1000 + minutes * 60000 + 1000;
	return channel_token_mint(out, m->server_key, &t);
}

int
apprtc_has_token(struct rooms_mount *m, const struct http_request *r,
    const struct apprtc_seat *seat)
{
	struct slice text = http_token(r);
	struct channel_token t;
	struct buf decoded;
	int has;

	memset(&decoded, 0, sizeof(decoded));
	has = text.p != NULL &&
	    channel_token_check(text, m->server_key, m->now->wall, &decoded,
		&t) == LB_OK &&
	    slice_equal(t.namespace, m->apprtc) &&
	    slice_equal(t.room, seat->room) && slice_is(t.peer, seat->peer);
	buf_reset(&decoded);
	return has;
}

void
apprtc_joined(struct rooms_mount *m, const struct apprtc_join *j)
{
	if (j->op.gone != 0)
		postoffice_revoke(m->po, j->op.gone);
}

enum lb_err
apprtc_join(struct rooms_mount *m, struct exchange *ex, struct apprtc_join *j,
    int64_t *retry_ms)
{
	struct room_join *op = &j->op;
	struct apprtc_seat before;
	enum lb_err err;

	if (m->require_ticket)
		return LB_TICKET;
	op->namespace = m->apprtc;
	op->name = j->seat.room;
	op->id = slice_of(j->seat.peer);
	op->token = j->seat.token;
	op->may = TICKET_POST;
	if (!j->again)
		op->lease = APPRTC_FIRST_LEASE;
	op->capacity = j->alone ? 1 : APPRTC_SEATS;
	if (!j->again &&
	    apprtc_seat(&before, m, j->seat.room, j->before) == LB_OK) {
		op->has_leaver = 1;
		op->if_unheard = !j->goes;
		op->leaver = before.token;
	}
	err = postoffice_join(m->po, op, rooms_address(m, ex->request), m->now,
	    retry_ms);
	if (err == LB_OK)
		exchange_commit(ex);
	return err;
}

/* The user of this room that a cookie names, or absent. */
static struct slice
seat_of(const struct http_request *r, const char *cookie, struct slice room)
{
	struct slice value = apprtc_cookie(r, cookie);

	if (value.n <= room.n || value.p[room.n] != '/' ||
	    memcmp(value.p, room.p, room.n) != 0)
		return slice_of(NULL);
	return (struct slice){ value.p + room.n + 1, value.n - room.n - 1 };
}

void
apprtc_before(struct apprtc_join *j, const struct http_request *r)
{
	j->before = seat_of(r, GOES_COOKIE, j->seat.room);
	j->goes = j->before.p != NULL;
	if (!j->goes)
		j->before = seat_of(r, SEAT_COOKIE, j->seat.room);
}

void
apprtc_set_cookie(struct exchange *ex, const struct apprtc_seat *seat)
{
	buf_str(&ex->head, "Set-Cookie: " SEAT_COOKIE "=");
	buf_slice(&ex->head, seat->room);
	buf_printf(&ex->head,
	    "/%s; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax%s\r\n",
	    seat->user, apprtc_is_secure(ex->request) ? "; Secure" : "");
}

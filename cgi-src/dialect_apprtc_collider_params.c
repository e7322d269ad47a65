/*
 * dialect_apprtc_collider_params: what pages are told, GET /params; and POST
 * /v1alpha/iceconfig.
 *
 * AppRTC's clients ask for ICE servers before they join, with the address that
 * their page was given.  A key in it, which holds for an hour, shows that there
 * was a page; who comes without one is told of STUN alone, since TURN is not
 * for everybody.
 */
#include <stdlib.h>
#include <string.h>

#include "dialect_apprtc_collider.h"

#define KEY_MS 3600000
#define KEY_MAX 64 /* bytes */
#define CONFIG_MAX 65536
#define LINK_MAX 8192

/* ---- the key: SECONDS "." base64url(HMAC-SHA256) ---- */

static void
print_key(struct buf *out, struct rooms_mount *m, int64_t seconds)
{
	struct token_digest digest;
	struct buf number;
	struct slice parts[2] = { SLICE("apprtc-ice"), { NULL, 0 } };

	buf_init(&number, 32);
	buf_int(&number, seconds);
	parts[1] = buf_as_slice(&number);
	token_hmac_parts(&digest, m->server_key, parts, 2);
	buf_slice(out, parts[1]);
	buf_char(out, '.');
	token_encode(out, digest.b, sizeof(digest.b));
	out->failed |= number.failed;
	buf_reset(&number);
}

static int
is_key(struct slice key, struct rooms_mount *m)
{
	const char *dot = memchr(key.p, '.', key.n);
	struct slice seconds = { key.p, 0 };
	struct buf own;
	int64_t end;
	int is;

	if (dot == NULL)
		return 0;
	seconds.n = (size_t)(dot - key.p);
	if (json_int(seconds, 0, INT64_MAX / 1000, &end) != LB_OK ||
	    end * 1000 <= m->now->wall)
		return 0;
	buf_init(&own, KEY_MAX + 32);
	print_key(&own, m, end);
	is = !own.failed && own.n == key.n && token_equal(own.p, key.p, key.n);
	buf_reset(&own);
	return is;
}

/* ---- addresses ---- */

/* ,"name":"http[s]://host/mount/..." with `scheme` in place of "http" */
static void
add_address(struct buf *out, const char *name, const char *scheme,
    const struct http_request *r, struct slice end)
{
	struct buf base, url;

	buf_init(&base, LINK_MAX);
	buf_init(&url, LINK_MAX + end.n);
	apprtc_base(&base, r);
	buf_str(&url, scheme);
	if (!base.failed)
		buf_add(&url, base.p + 4, base.n - 4);
	buf_slice(&url, end);
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, buf_as_slice(&url));
	out->failed |= base.failed | url.failed;
	buf_reset(&base);
	buf_reset(&url);
}

static void
add_ice_address(struct buf *out, struct rooms_mount *m,
    const struct http_request *r)
{
	struct buf end;

	buf_init(&end, 256);
	buf_str(&end, "v1alpha/iceconfig?key=");
	print_key(&end, m, (m->now->wall + KEY_MS) / 1000);
	out->failed |= end.failed;
	add_address(out, "ice_server_url", "http", r, buf_as_slice(&end));
	buf_reset(&end);
}

static enum lb_err
add_collider(struct buf *out, struct rooms_mount *m,
    const struct http_request *r, const struct collider_seat *seat)
{
	struct buf end;
	enum lb_err err = LB_OK;

	buf_init(&end, CHANNEL_TOKEN_MAX + 16);
	buf_str(&end, "ws");
	if (seat != NULL) {
		/* No server ever sees a fragment; websocket.js does. */
		buf_char(&end, '#');
		err = apprtc_token(&end, m, seat->seat, COLLIDER_MINUTES);
	}
	out->failed |= end.failed;
	add_address(out, "wss_url", "ws", r, buf_as_slice(&end));
	add_address(out, "wss_post_url", "http", r, SLICE("ws"));
	buf_reset(&end);
	return err;
}

/* ---- parameters ---- */

/* Whoever is in a room knows its servers by that; others ask for them. */
static void
add_config(struct buf *out, struct rooms_mount *m, const struct http_request *r,
    const struct collider_seat *seat)
{
	struct buf json, text;
	struct slice transports;

	buf_init(&json, CONFIG_MAX);
	buf_init(&text, r->query.n + 64);
	if (buf_reserve(&text, text.max) == NULL)
		out->failed = 1;
	transports = apprtc_argument(r, "it", 16, &text);
	buf_str(&json, "{\"iceServers\":");
	if (seat != NULL)
		ice_print(&json, &m->ice, seat->seat->peer, m->now->wall);
	else
		buf_str(&json, "[]");
	if (transports.n > 0) {
		buf_str(&json, ",\"iceTransports\":");
		buf_json(&json, transports);
	}
	buf_char(&json, '}');
	buf_str(out, ",\"pc_config\":");
	buf_json(out, buf_as_slice(&json));
	transports = apprtc_argument(r, "tt", 16, &text);
	buf_str(out, ",\"ice_server_transports\":");
	buf_json(out, transports);
	out->failed |= json.failed;
	buf_reset(&json);
	buf_reset(&text);
}

static void
add_room(struct buf *out, const struct http_request *r, struct slice room)
{
	struct buf link;

	buf_init(&link, LINK_MAX + 4 * r->query.n);
	buf_str(&link, "r/");
	buf_slice(&link, room);
	apprtc_arguments(&link, r);
	/* They begin with an ampersand each. */
	if (!link.failed && link.n > room.n + 2)
		link.p[room.n + 2] = '?';
	out->failed |= link.failed;
	add_address(out, "room_link", "http", r, buf_as_slice(&link));
	buf_str(out, ",\"room_id\":");
	buf_json(out, room);
	buf_reset(&link);
}

enum lb_err
collider_print(struct buf *out, struct rooms_mount *m,
    const struct http_request *r, struct slice room,
    const struct collider_seat *seat)
{
	enum lb_err err;

	buf_str(out,
	    "{\"error_messages\":[],\"warning_messages\":[],"
	    "\"is_loopback\":\"false\",\"include_loopback_js\":\"\","
	    "\"bypass_join_confirmation\":\"false\","
	    "\"version_info\":\"null\",\"offer_options\":\"{}\"");
	buf_printf(out, ",\"caller\":\"%s\"",
	    slice_equal(m->apprtc, ROOM_NAMESPACE) ? "second" : "first");
	add_config(out, m, r, seat);
	apprtc_wishes(out, r);
	add_ice_address(out, m, r);
	err = add_collider(out, m, r, seat);
	if (room.p != NULL)
		add_room(out, r, room);
	if (seat != NULL) {
		buf_str(out, ",\"client_id\":\"");
		collider_print_client(out, m, seat->seat);
		buf_printf(out, "\",\"is_initiator\":\"%s\",\"messages\":[",
		    seat->initiator ? "true" : "false");
		buf_slice(out, seat->messages);
		buf_char(out, ']');
	}
	buf_char(out, '}');
	return err == LB_OK && out->failed ? LB_NO_MEMORY : err;
}

/* ---- endpoints ---- */

static void
answer_params(struct rooms_mount *m, struct exchange *ex, struct slice room)
{
	struct buf json;
	enum lb_err err;

	buf_init(&json, 2 * CONFIG_MAX);
	err = collider_print(&json, m, ex->request, room, NULL);
	if (err == LB_OK) {
		apprtc_reply(ex, 200, &json, room.p != NULL);
		return;
	}
	buf_reset(&json);
	rooms_refuse(ex, err, NULL);
}

void
collider_params(struct rooms_mount *m, struct exchange *ex)
{
	answer_params(m, ex, slice_of(NULL));
}

void
collider_room(struct rooms_mount *m, struct exchange *ex)
{
	struct buf text;
	struct slice room = { NULL, 0 }, more = room;
	enum lb_err err = LB_NO_MEMORY;

	buf_init(&text, ex->request->path.n + NAME_MAX_BYTES + 64);
	if (buf_reserve(&text, text.max) != NULL)
		err = collider_place(ex->request, &text, &room, &more);
	if (err == LB_OK && more.p != NULL)
		err = LB_NOT_FOUND;
	if (err == LB_OK)
		answer_params(m, ex, room);
	else
		rooms_refuse(ex, err, NULL);
	buf_reset(&text);
}

void
collider_ice(struct rooms_mount *m, struct exchange *ex)
{
	const struct http_request *r = ex->request;
	struct ice_options ice = m->ice;
	struct buf json, text;

	buf_init(&text, r->query.n + 64);
	if (buf_reserve(&text, text.max) == NULL ||
	    !is_key(apprtc_argument(r, "key", KEY_MAX, &text), m))
		ice.turn_count = 0;
	buf_init(&json, CONFIG_MAX);
	buf_str(&json, "{\"iceServers\":");
	ice_print(&json, &ice, "apprtc", m->now->wall);
	buf_char(&json, '}');
	rooms_answer(ex, 200, &json);
	buf_reset(&text);
}

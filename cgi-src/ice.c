/*
 * ice: see ice.h.
 */
#include "ice.h"

#include "token.h"

static void
print_urls(struct buf *out, const char *const *uris, size_t count)
{
	buf_str(out, "{\"urls\":[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_char(out, ',');
		buf_json(out, slice_of(uris[i]));
	}
	buf_char(out, ']');
}

static void
print_credential(struct buf *out, const struct ice_options *o, const char *peer,
    int64_t wall)
{
	unsigned char mac[20];
	struct buf name, text;

	buf_init(&name, 256);
	buf_init(&text, 64);
	buf_int(&name, wall / 1000 + o->turn_ttl);
	buf_char(&name, ':');
	buf_str(&name, peer);
	token_hmac_sha1(mac, o->turn_secret, buf_as_slice(&name));
	token_encode64(&text, mac, sizeof(mac));
	buf_str(out, ",\"username\":");
	buf_json(out, buf_as_slice(&name));
	buf_str(out, ",\"credential\":");
	buf_json(out, buf_as_slice(&text));
	buf_reset(&name);
	buf_reset(&text);
}

void
ice_print_each(struct buf *out, const struct ice_options *o, const char *peer,
    int64_t wall)
{
	int has_turn = o->turn_count > 0 && o->turn_secret.p != NULL;
	size_t count = o->stun_count + (has_turn ? o->turn_count : 0);

	buf_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		int is_turn = i >= o->stun_count;

		buf_str(out, i > 0 ? ",{\"urls\":" : "{\"urls\":");
		buf_json(out,
		    slice_of(
			is_turn ? o->turn[i - o->stun_count] : o->stun[i]));
		if (is_turn)
			print_credential(out, o, peer, wall);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

void
ice_print(struct buf *out, const struct ice_options *o, const char *peer,
    int64_t wall)
{
	int has_turn = o->turn_count > 0 && o->turn_secret.p != NULL;

	buf_char(out, '[');
	if (o->stun_count > 0) {
		print_urls(out, o->stun, o->stun_count);
		buf_char(out, '}');
	}
	if (o->stun_count > 0 && has_turn)
		buf_char(out, ',');
	if (has_turn) {
		print_urls(out, o->turn, o->turn_count);
		print_credential(out, o, peer, wall);
		buf_char(out, '}');
	}
	buf_char(out, ']');
}

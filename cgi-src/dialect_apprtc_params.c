/*
 * dialect_apprtc_params: what a room's page is told.
 *
 * The arguments of the address are AppRTC's own; most go to the page as they
 * are, and the page makes of them what it likes.
 */
#include <string.h>
#include <strings.h>

#include "dialect_apprtc_parts.h"

#define ARGUMENT_MAX 512 /* bytes of one that is told */
#define CONSTRAINTS_MAX 8192

/* The arguments that pass, with the names they get and their defaults. */
static const struct {
	const char *name, *argument, *standard;
} passed[] = {
	{ "stereo", "stereo", "false" },
	{ "opusfec", "opusfec", "true" },
	{ "opusmaxpbr", "opusmaxpbr", "" },
	{ "arbr", "arbr", "" },
	{ "asbr", "asbr", "" },
	{ "vrbr", "vrbr", "" },
	{ "vsbr", "vsbr", "" },
	{ "vsibr", "vsibr", "" },
	{ "audio_send_codec", "asc", "" },
	{ "audio_receive_codec", "arc", "opus/48000" },
	{ "video_send_codec", "vsc", "" },
	{ "video_receive_codec", "vrc", "" },
};

struct reading {
	const struct http_request *r;
	struct buf text; /* of the arguments; does not move */
};

static struct slice
argument(struct reading *in, const char *name)
{
	return apprtc_argument(in->r, name, ARGUMENT_MAX, &in->text);
}

static int
is_word(struct slice s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

/* ---- constraints ---- */

/* The next of a list that commas part; 0 at its end. */
static int
next_item(struct slice *rest, struct slice *item)
{
	const char *comma;

	if (rest->n == 0)
		return 0;
	comma = memchr(rest->p, ',', rest->n);
	item->p = rest->p;
	item->n = comma != NULL ? (size_t)(comma - rest->p) : rest->n;
	rest->p += item->n + (comma != NULL);
	rest->n -= item->n + (comma != NULL);
	return 1;
}

/* "[mandatory:|optional:]name=value"; those that begin with "goog" are
 * optional unless they say otherwise.  0: it is none. */
static int
read_constraint(struct slice item, int *is_optional, struct slice *name,
    struct slice *value)
{
	static const char optional[] = "optional:", mandatory[] = "mandatory:";
	size_t skip = 0;
	const char *equal;

	*is_optional = slice_starts(item, "goog");
	if (slice_starts(item, optional)) {
		*is_optional = 1;
		skip = sizeof(optional) - 1;
	} else if (slice_starts(item, mandatory)) {
		*is_optional = 0;
		skip = sizeof(mandatory) - 1;
	}
	item.p += skip;
	item.n -= skip;
	equal = memchr(item.p, '=', item.n);
	if (equal == NULL)
		return 0;
	*name = (struct slice){ item.p, (size_t)(equal - item.p) };
	*value = (struct slice){ equal + 1, item.n - name->n - 1 };
	return memchr(value->p, '=', value->n) == NULL;
}

static void
print_constraints(struct buf *out, struct slice list, int optional)
{
	struct slice item, name, value;
	int is_optional, first = 1;

	while (next_item(&list, &item)) {
		if (!read_constraint(item, &is_optional, &name, &value) ||
		    is_optional != optional)
			continue;
		buf_str(out, first ? "" : ",");
		buf_str(out, optional ? "{" : "");
		buf_json(out, name);
		buf_char(out, ':');
		buf_json(out, value);
		buf_str(out, optional ? "}" : "");
		first = 0;
	}
}

static void
print_track(struct buf *out, struct slice list)
{
	if (list.n == 0 || is_word(list, "true")) {
		buf_str(out, "true");
	} else if (is_word(list, "false")) {
		buf_str(out, "false");
	} else {
		buf_str(out, "{\"mandatory\":{");
		print_constraints(out, list, 0);
		buf_str(out, "},\"optional\":[");
		print_constraints(out, list, 1);
		buf_str(out, "]}");
	}
}

static void
print_media(struct buf *out, struct reading *in)
{
	struct slice video = argument(in, "video");

	if (is_word(argument(in, "hd"), "true"))
		video = SLICE("mandatory:minWidth=1280,"
			      "mandatory:minHeight=720");
	buf_str(out, "{\"audio\":");
	print_track(out, argument(in, "audio"));
	buf_str(out, ",\"video\":");
	print_track(out, video);
	buf_char(out, '}');
}

static void
print_switch(struct buf *out, struct slice value, const char *name)
{
	if (!is_word(value, "true") && !is_word(value, "false"))
		return;
	buf_str(out, out->p[out->n - 1] == '[' ? "{\"" : ",{\"");
	buf_str(out, name);
	buf_str(out, is_word(value, "true") ? "\":true}" : "\":false}");
}

static void
print_pc_constraints(struct buf *out, struct reading *in, int is_loopback)
{
	buf_str(out, "{\"optional\":[");
	if (out->failed)
		return;
	print_switch(out, is_loopback ? SLICE("false") : argument(in, "dtls"),
	    "DtlsSrtpKeyAgreement");
	print_switch(out, argument(in, "dscp"), "googDscp");
	print_switch(out, argument(in, "ipv6"), "googIPv6");
	buf_str(out, "]}");
}

/* ---- all of it ---- */

static void
print_pc_config(struct buf *out, struct reading *in, struct rooms_mount *m,
    const struct apprtc_seat *seat)
{
	struct slice transports = argument(in, "it");

	buf_str(out, "{\"iceServers\":");
	ice_print_each(out, &m->ice, seat->peer, m->now->wall);
	if (transports.n > 0) {
		buf_str(out, ",\"iceTransports\":");
		buf_json(out, transports);
	}
	buf_char(out, '}');
}

/* ,"name":"..." with JSON inside the string; empties `json`. */
static void
add_inside(struct buf *out, const char *name, struct buf *json)
{
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, buf_as_slice(json));
	if (json->failed)
		out->failed = 1;
	json->n = 0;
}

/* What both of AppRTC's eras are told in the same way. */
static void
add_wishes(struct buf *out, struct reading *in, int is_loopback)
{
	struct buf json;

	buf_init(&json, CONSTRAINTS_MAX);
	print_pc_constraints(&json, in, is_loopback);
	add_inside(out, "pc_constraints", &json);
	print_media(&json, in);
	add_inside(out, "media_constraints", &json);
	buf_reset(&json);
}

static void
add_inner(struct buf *out, struct reading *in, struct rooms_mount *m,
    const struct apprtc_params *p)
{
	struct buf json;

	buf_init(&json, CONSTRAINTS_MAX + 65536);
	print_pc_config(&json, in, m, p->seat);
	add_inside(out, "pc_config", &json);
	buf_str(&json, "{\"mandatory\":{},\"optional\":[]}");
	add_inside(out, "offer_constraints", &json);
	buf_reset(&json);
	add_wishes(out, in, p->is_loopback);
}

static void
add_room_link(struct buf *out, const struct reading *in,
    const struct apprtc_seat *seat)
{
	struct buf link;

	buf_init(&link, 8192 + 4 * in->r->query.n);
	apprtc_base(&link, in->r);
	buf_str(&link, "?r=");
	buf_slice(&link, seat->room);
	apprtc_arguments(&link, in->r);
	if (link.failed)
		out->failed = 1;
	buf_str(out, ",\"room_link\":");
	buf_json(out, buf_as_slice(&link));
	buf_reset(&link);
}

static void
add_passed(struct buf *out, struct reading *in)
{
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
		struct slice value = argument(in, passed[i].argument);

		buf_printf(out, ",\"%s\":", passed[i].name);
		buf_json(out,
		    value.n > 0 ? value : slice_of(passed[i].standard));
	}
}

/* Each argument is read once or twice, and none is longer decoded. */
static int
begin(struct reading *in, const struct http_request *r)
{
	in->r = r;
	buf_init(&in->text, 32 * (ARGUMENT_MAX + r->query.n) + 64);
	return buf_reserve(&in->text, in->text.max) != NULL;
}

void
apprtc_wishes(struct buf *out, const struct http_request *r)
{
	struct reading in;

	if (begin(&in, r))
		add_wishes(out, &in, 0);
	else
		out->failed = 1;
	buf_reset(&in.text);
}

enum lb_err
apprtc_params(struct buf *out, struct rooms_mount *m,
    const struct http_request *r, const struct apprtc_params *p)
{
	struct reading in;
	enum lb_err err = LB_NO_MEMORY;

	if (begin(&in, r)) {
		buf_str(out, "{\"error_messages\":[],\"token\":\"");
		err = apprtc_token(out, m, p->seat, p->minutes);
		buf_str(out, "\",\"me\":");
		buf_json(out, slice_of(p->seat->user));
		buf_str(out, ",\"room_key\":");
		buf_json(out, p->seat->room);
		add_room_link(out, &in, p->seat);
		buf_printf(out, ",\"initiator\":%d", p->initiator);
		add_inner(out, &in, m, p);
		buf_str(out, ",\"turn_url\":\"\"");
		add_passed(out, &in);
		buf_char(out, '}');
	}
	buf_reset(&in.text);
	return err == LB_OK && out->failed ? LB_NO_MEMORY : err;
}

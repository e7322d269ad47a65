/*
 * sdp_use: what m-lines and candidates are good for, as browsers take them.
 */
#ifndef LETTERBOX_SDP_USE_H
#define LETTERBOX_SDP_USE_H

#include "sdp.h"

#define SDP_CODECS 256 /* of an m-line that are looked at */

/* What a candidate leads by, in the order of the alphabet. */
enum sdp_way {
	SDP_HOST,
	SDP_MDNS, /* a host whose address hides behind a name */
	SDP_ODD,  /* it cannot be read */
	SDP_OTHER,
	SDP_PRFLX,
	SDP_RELAY,
	SDP_SRFLX,
	SDP__WAYS
};

/* Of a candidate line, with or without "a=". */
enum sdp_way sdp_way(struct slice candidate);
/* "host", "mdns", "not to be read", ... */
const char *sdp_way_words(enum sdp_way);

/* 1 when the line is refused: port 0, and not one that lives in the port of
 * another line of its bundle (RFC 9143, section 7.3). */
int sdp_is_refused(const struct sdp *, const struct sdp_media *);
/* 1 when it is of RTP, and has codecs. */
int sdp_has_codecs(const struct sdp_media *);
/* A codec: "opus", "48000", "2"; each may be empty. */
struct sdp_codec_parts {
	struct slice name, rate, channels;
};
/* Steps through the codecs of a line, in the order of preference, without
 * those that repair or protect others.  `*formats` begins with m->formats.  0
 * at the end. */
int sdp_next_codec(const struct sdp_media *m, struct slice *formats,
    struct sdp_codec_parts *out);

#endif

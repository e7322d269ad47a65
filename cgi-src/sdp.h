/*
 * sdp: a session description, read as far as it can be.
 *
 * It is looked at in slices and never copied, and nothing of it is refused:
 * what comes from a log may be cut short, edited or none at all, and then the
 * interesting thing is what is wrong with it.
 */
#ifndef LETTERBOX_SDP_H
#define LETTERBOX_SDP_H

#include "buf.h"

#define SDP_MEDIA 64 /* sections that are told apart; the rest are counted */

/* A line, RFC 8866 section 5. */
struct sdp_line {
	struct slice whole; /* without its end */
	char kind;          /* 'a' of "a=mid:0"; 0: the line is none */
	struct slice value; /* "mid:0" */
	struct slice name;  /* "mid": of attributes alone, section 5.13 */
	struct slice word;  /* "0"; absent when there is no colon */
};

/* What begins with an m-line, RFC 8866 section 5.14. */
struct sdp_media {
	struct slice kind;    /* "audio" */
	struct slice port;    /* "9", "0": rejected */
	struct slice proto;   /* "UDP/TLS/RTP/SAVPF" */
	struct slice formats; /* "111 63" */
	struct slice lines;   /* its section, m-line included */
};

struct sdp {
	struct slice session; /* what stands before the first m-line */
	struct sdp_media media[SDP_MEDIA];
	size_t count; /* in `media` */
	size_t more;  /* beyond */
};

/* A candidate, RFC 8839 section 5.1. */
struct sdp_candidate {
	struct slice foundation, component, transport, priority, address, port,
	    type;
	struct slice raddr, rport, tcptype; /* absent where not given */
	struct slice rest; /* what follows that is none of these */
};

/* Cuts it into sections.  Linear. */
void sdp_parse(struct slice text, struct sdp *out);

/* Steps through the lines of a section, which end with CR LF, LF or CR; `*at`
 * starts at 0.  Empty ones are passed over.  0 at the end. */
int sdp_next(struct slice lines, size_t *at, struct sdp_line *line);

/* The word of the first attribute of that name; absent when there is none,
 * empty when it has none. */
struct slice sdp_find(struct slice lines, const char *name);
/* How many attributes of that name there are. */
size_t sdp_count(struct slice lines, const char *name);

/* "sendrecv", "sendonly", "recvonly" or "inactive" (RFC 8866 section 6.7): of
 * the section, else of the session, else the default. */
struct slice sdp_direction(const struct sdp *, const struct sdp_media *);
/* An attribute of the section, or of the session for all of them. */
struct slice sdp_inherit(const struct sdp *, const struct sdp_media *,
    const char *name);
/* 1 when its port is 0 and it is not merely bundled (RFC 9143 section 6). */
int sdp_is_rejected(const struct sdp_media *);
/* "opus/48000/2" of a format (RFC 8866 section 6.6); absent when it says
 * nothing about it. */
struct slice sdp_codec(const struct sdp_media *, struct slice format);
/* The parameters of a format (section 6.15), likewise. */
struct slice sdp_parameters(const struct sdp_media *, struct slice format);

/* Reads "candidate:..." with or without "a=" before it; 0 when that is not
 * what it is. */
int sdp_read_candidate(struct slice text, struct sdp_candidate *out);

/* Cuts the first word off `*rest`; absent when there is none. */
struct slice sdp_word(struct slice *rest);

#endif

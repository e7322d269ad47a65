/*
 * dialect_apprtc_codec: AppRTC's messages and those of the log.
 *
 *   {"type":"offer"|"answer","sdp":S}        description, the object as it is
 *   {"type":"candidate","label":L,"id":I,    candidate {"candidate":C,
 *    "candidate":C}                            "sdpMid":I,"sdpMLineIndex":L}
 *   {"type":"bye"}                           none: its sender leaves
 *   any other JSON                           apprtc, as it is
 *
 * The other way round likewise; "left" and "bye" are heard as {"type":"bye"},
 * and members of the native API's own are taken away.  What has no words in
 * AppRTC (joined, chat, the end of candidates) is not heard.
 */
#ifndef LETTERBOX_DIALECT_APPRTC_CODEC_H
#define LETTERBOX_DIALECT_APPRTC_CODEC_H

#include "err.h"
#include "message.h"

#define APPRTC_DEPTH 32 /* of a message's JSON */

enum apprtc_act { APPRTC_SAY, APPRTC_LEAVE };

struct apprtc_text {
	enum apprtc_act act; /* LEAVE: it says bye, and the rest is absent */
	struct slice type;   /* of the log, static */
	struct slice body;   /* JSON: `json` itself, or in `text` */
	struct slice mirror; /* an offer as the answer to itself, in `text`;
			      * else absent */
	struct buf text;     /* to be reset in any case */
};

/* What a client posts.  LB_OK, LB_BAD_JSON, LB_NO_MEMORY. */
enum lb_err apprtc_read(struct slice json, struct apprtc_text *out);
/* What a client hears: appends its JSON, or nothing when it is not for it. */
void apprtc_write(struct buf *out, const struct message *);

#endif

/*
 * ice: the ICE servers that clients are told of (RTCIceServer of WebRTC).
 *
 * TURN credentials are limited in time: the user name is the second of Unix
 * time at which they expire, a colon and the peer; the credential is
 * base64(HMAC-SHA1(shared secret, user name)), as coturn's use-auth-secret
 * checks it (draft-uberti-behave-turn-rest).
 */
#ifndef LETTERBOX_ICE_H
#define LETTERBOX_ICE_H

#include "buf.h"

struct ice_options {
	const char *const *stun; /* `stun_count` URIs */
	size_t stun_count;
	const char *const *turn; /* `turn_count` URIs */
	size_t turn_count;
	struct slice turn_secret; /* absent: TURN is not told */
	int64_t turn_ttl;         /* seconds a credential holds */
};

/* Appends a JSON array of RTCIceServer.  `wall` in ms. */
void ice_print(struct buf *out, const struct ice_options *, const char *peer,
    int64_t wall);

/* The same with one server for each URI, and `urls` a string, which is what
 * pages of before 2015 read. */
void ice_print_each(struct buf *out, const struct ice_options *,
    const char *peer, int64_t wall);

#endif

/*
 * name: what rooms, peers and types of messages may be called.
 */
#ifndef LETTERBOX_NAME_H
#define LETTERBOX_NAME_H

#include "buf.h"

#define NAME_MAX_BYTES 64
#define NAME_RULE "1 to 64 characters of A-Z a-z 0-9 - . _ ~"

/* 1 for a room's or peer's name: 1..64 bytes of the unreserved characters of
 * RFC 3986 section 2.3, and not "." or "..", which paths cannot carry. */
int name_valid(struct slice name);
/* 1 for UTF-8 (already checked) of `min`..`max` characters (code points)
 * without control characters (U+0000..1F, U+007F..9F). */
int name_text(struct slice utf8, size_t min, size_t max);
/* 1 for a type that a client may post: name_text 1..64, and none of the
 * server's own: "joined", "left", "room-...". */
int name_type(struct slice type);
/* 1 for a key: base64url of 16..32 bytes, 22..43 characters. */
int name_key(struct slice key);

#endif

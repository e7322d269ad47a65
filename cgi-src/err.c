/*
 * err: the table.  Written once, read by the replies, the log and the manual.
 */
#include "err.h"

/* clang-format off */
static const struct err_words table[LB__MAX] = {
	[LB_OK] = { "ok", 200, 0, "Done", "Nothing is wrong." },

	[LB_BAD_REQUEST] = { "bad-request", 400, 0,
	    "The request is not of the form asked for",
	    "Correct the member or parameter named, then send it again." },
	[LB_BAD_JSON] = { "bad-json", 400, 0,
	    "The body is not JSON",
	    "Send strict JSON (RFC 8259) in UTF-8; `at` is the offset of the "
	    "first byte that is wrong." },
	[LB_BAD_NAME] = { "bad-name", 400, 0,
	    "A room or peer cannot be called that",
	    "Use 1 to 64 characters of A-Z a-z 0-9 - . _ ~ for rooms and "
	    "peers." },
	[LB_NOT_FOUND] = { "not-found", 404, 0,
	    "Nothing is at this path",
	    "Compare the path with /openapi.json; the mount stands before "
	    "it." },
	[LB_METHOD] = { "method-not-allowed", 405, 0,
	    "This path has no such method",
	    "Use one of the methods in the Allow header." },
	[LB_TOO_LARGE] = { "too-large", 413, 0,
	    "The request is too large",
	    "Split it, or send less; `limit` is the most that is taken." },
	[LB_HEADERS_TOO_LARGE] = { "headers-too-large", 431, 0,
	    "The headers are too large",
	    "Send fewer or shorter headers; cookies are not needed here." },
	[LB_MEDIA_TYPE] = { "media-type", 415, 0,
	    "The body is of a type not taken here",
	    "Set Content-Type to application/json." },
	[LB_TIMEOUT] = { "timeout", 408, 1,
	    "The request did not arrive in time",
	    "Send it again, whole." },

	[LB_NOT_A_MEMBER] = { "not-a-member", 401, 0,
	    "No peer of this room has this token",
	    "Join the room again with your key." },
	[LB_SECRET] = { "secret", 403, 0,
	    "The room has another secret",
	    "Open the room with the whole link, the part after # too." },
	[LB_LOCKED] = { "locked", 403, 0,
	    "The room is locked",
	    "Its owner was told that you knocked; join again when "
	    "admitted." },
	[LB_TICKET] = { "ticket", 403, 0,
	    "The ticket is missing, out of date or not for this",
	    "Get a new ticket from the application, then join with it." },
	[LB_REMOVED] = { "removed", 403, 0,
	    "The owner removed this peer from the room",
	    "Ask the owner, or wait ten minutes." },
	[LB_NOT_OWNER] = { "not-owner", 403, 0,
	    "Only the room's owner may do this",
	    "Ask the peer that `owner` names." },
	[LB_ENDED] = { "ended", 403, 0,
	    "The room has ended",
	    "Join again with a key to open a new room of this name." },
	[LB_ORIGIN] = { "origin", 403, 0,
	    "Pages of this origin may not use this server",
	    "Add the origin to allowed_origins in the configuration." },
	[LB_ADMIN] = { "admin", 403, 0,
	    "This needs the admin key",
	    "Send the content of admin.key as Authorization: Bearer." },
	[LB_DOCTOR] = { "doctor", 403, 0,
	    "This needs the doctor's code",
	    "Write the code from the file doctor.code of your data folder." },

	[LB_PEER_TAKEN] = { "peer-taken", 409, 0,
	    "Another peer has this id",
	    "Join with another id, or without one; if it was yours, resume "
	    "with its token or key." },
	[LB_ROOM_FULL] = { "room-full", 409, 0,
	    "The room is full",
	    "Join when somebody has left, or have the owner raise the "
	    "capacity." },
	[LB_N_OLD] = { "n-old", 409, 0,
	    "A later post of yours was accepted already",
	    "Go on with the n in `expected`." },
	[LB_N_GAP] = { "n-gap", 409, 0,
	    "A post before this one is missing",
	    "Send the post numbered `expected` first." },
	[LB_N_REUSED] = { "n-reused", 409, 0,
	    "This n was used for another post",
	    "Number this post with the n in `expected`." },
	[LB_SUPERSEDED] = { "superseded", 409, 0,
	    "A newer poll of the same peer took over",
	    "Stop this one: the newer gets the messages." },
	[LB_TOO_FAST] = { "too-fast", 429, 1,
	    "Too many requests in too short a time",
	    "Wait as long as Retry-After says, then send it again." },
	[LB_MAILBOX_FULL] = { "mailbox-full", 507, 1,
	    "The mailbox of a recipient is full",
	    "Wait until that peer has polled, then send it again." },

	[LB_BUSY] = { "busy", 503, 1,
	    "The server is busy",
	    "Wait as long as Retry-After says, then send it again." },
	[LB_READ_ONLY] = { "read-only", 503, 1,
	    "The data cannot be written",
	    "Try later; the operator must make the data folder writable." },
	[LB_NO_MEMORY] = { "no-memory", 503, 1,
	    "The server is short of memory",
	    "Wait as long as Retry-After says, then send it again." },
	[LB_SHUTTING_DOWN] = { "shutting-down", 503, 1,
	    "The server is stopping",
	    "Send it again: another process takes over." },
	[LB_DISK_FULL] = { "disk-full", 507, 1,
	    "The disk, or the space given to the data, is full",
	    "Try later; the operator must make room or raise db_max." },
	[LB_IO] = { "io", 500, 1,
	    "Reading or writing failed",
	    "Try later; the operator finds the reason in the log." },

	[LB_NEWER_SCHEMA] = { "newer-schema", 503, 1,
	    "The database is of a newer letterbox",
	    "Run the newer program, or restore an older backup." },
	[LB_NOT_OURS] = { "not-ours", 500, 0,
	    "The file is no database of letterbox",
	    "Point data_dir at an empty folder, or at the right one." },
	[LB_EXPOSED] = { "exposed", 500, 0,
	    "Others on this machine can read the data",
	    "chmod 700 the data folder, and 600 what is in it." },
	[LB_CONF] = { "conf", 500, 0,
	    "The configuration is wrong",
	    "Correct the line named; `letterbox -t` checks it." },
};
/* clang-format on */

const struct err_words *
err_words(enum lb_err err)
{
	if ((unsigned)err >= LB__MAX)
		err = LB_IO;
	return &table[err];
}

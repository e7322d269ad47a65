/*
 * room: see room.h.  The operations stand in room_join.c, room_post.c,
 * room_leave.c, room_rules.c, room_announce.c, room_send.c and room_relay.c;
 * what they share in room_parts.c.
 */
#include "room.h"

int
room_is_kept(const struct store_peer *peer, int64_t reserve, int64_t wall)
{
	return peer->changed_at + reserve > wall || peer->held_until > wall;
}

int64_t
room_opening(const struct store_lease *lease, int64_t opening, int64_t wall)
{
	return opening > lease->opening && opening <= wall ? opening :
							     lease->opening;
}

enum lb_err
room_standing(const struct store_room *room, const struct store_peer *peer,
    struct slice namespace, struct slice name, int64_t reserve, int64_t wall)
{
	enum lb_err standing;

	if (!slice_equal(room->namespace, namespace) ||
	    !slice_equal(room->name, name))
		return LB_NOT_A_MEMBER;
	if (peer->state == STORE_PRESENT)
		standing = LB_OK;
	else if (peer->state == STORE_LAPSED &&
	    room_is_kept(peer, reserve, wall))
		standing = LB_NOT_FOUND;
	else
		return LB_NOT_A_MEMBER; /* also when the room has ended */
	return room->ended_at != 0 ? LB_ENDED : standing;
}

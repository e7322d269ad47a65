/*
 * cli_rooms: see cli_rooms.h.
 */
#include "cli_rooms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_out.h"
#include "cli_reader.h"
#include "plain.h"
#include "store.h"

#define OUT_MAX (16 << 20)

struct list {
	struct store_log *log;
	struct buf out;
	int json, names;
	int status;
	enum lb_err err;
};

/* Text at the right of so many columns. */
static void
add_right(struct buf *out, struct buf *text, size_t columns)
{
	for (size_t n = text->n; n < columns; n++)
		buf_char(out, ' ');
	buf_slice(out, buf_as_slice(text));
	text->n = 0;
}

/* ---- rooms ---- */

static void
print_room(struct buf *out, const struct store_log_room *room,
    const struct store_log_size *size)
{
	struct buf cell;

	buf_init(&cell, 256);
	buf_printf(out, "%5lld  %8lld  ", (long long)room->present,
	    (long long)size->messages);
	cli_out_bytes(&cell, size->bytes);
	add_right(out, &cell, 6);
	buf_str(out, "  ");
	cli_out_time(&cell, size->first_at);
	plain_column(out, buf_as_slice(&cell), 19);
	cell.n = 0;
	buf_str(out, "  ");
	cli_out_time(&cell, size->last_at);
	plain_column(out, buf_as_slice(&cell), 19);
	buf_str(out, "  ");
	cli_reader_print(out, room);
	if (room->kept)
		buf_str(out, "  kept");
	if (room->ended_at != 0)
		buf_printf(out, "  ended (#%lld)", (long long)room->row);
	buf_char(out, '\n');
	buf_reset(&cell);
}

static void
add_member(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, ",\"%s\":", name);
	buf_int(out, value);
}

static void
add_time(struct buf *out, const char *name, int64_t at)
{
	if (at != 0)
		add_member(out, name, at);
	else
		buf_printf(out, ",\"%s\":null", name);
}

static void
print_room_json(struct buf *out, const struct store_log_room *room,
    const struct store_log_size *size)
{
	buf_printf(out, "{\"row\":%lld,\"namespace\":", (long long)room->row);
	buf_json(out, room->namespace);
	buf_str(out, ",\"name\":");
	buf_json(out, room->name);
	add_member(out, "peers", room->present);
	add_member(out, "messages", size->messages);
	add_member(out, "bytes", size->bytes);
	add_time(out, "first_at", size->first_at);
	add_time(out, "last_at", size->last_at);
	add_member(out, "created_at", room->created_at);
	add_time(out, "ended_at", room->ended_at);
	buf_printf(out, ",\"kept\":%s}\n", room->kept ? "true" : "false");
}

/* What a shell may complete to: its own characters mean nothing there. */
static void
print_name(struct buf *out, const struct store_log_room *room)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t i;

	for (i = 0; i < room->name.n; i++)
		if (room->name.p[i] == '\0' ||
		    strchr(safe, room->name.p[i]) == NULL)
			return;
	if (slice_is(room->namespace, "rooms") && room->name.n > 0)
		buf_slice(out, room->name);
	else
		return;
	buf_char(out, '\n');
}

static int
add_room(void *arg, const struct store_log_room *room)
{
	struct list *list = arg;
	struct store_log_size size;

	if (list->names) {
		print_name(&list->out, room);
	} else {
		list->err = store_log_size(list->log, room->row, &size);
		if (list->err != LB_OK)
			return 1;
		if (list->json)
			print_room_json(&list->out, room, &size);
		else
			print_room(&list->out, room, &size);
	}
	/* Counting takes time in a large room: what is known is shown. */
	list->status = cli_out_write(&list->out);
	return list->status >= 0;
}

int
cli_rooms(const struct verb_call *call)
{
	struct list list = { .status = -1 };
	enum lb_err err = LB_OK;
	int64_t after = 0;
	int status = cli_reader_open(call, &list.log);

	if (status >= 0)
		return status;
	buf_init(&list.out, OUT_MAX);
	list.json = verb_value(call, "json") != NULL;
	list.names = verb_value(call, "names") != NULL;
	if (!list.json && !list.names)
		buf_printf(&list.out, "%5s  %8s  %6s  %-19s  %-19s  ROOM\n",
		    "PEERS", "MESSAGES", "BYTES", "FIRST", "LAST");
	while (err == LB_OK && list.err == LB_OK && list.status < 0)
		err = store_log_rooms(list.log, &after, add_room, &list);
	if (err == LB_OK || err == LB_NOT_FOUND)
		err = list.err;
	status = list.status;
	if (err != LB_OK)
		status = cli_reader_fail(list.log, err);
	else if (status < 0)
		status = cli_out_write(&list.out);
	store_log_close(list.log);
	buf_reset(&list.out);
	return status < 0 ? EXIT_DONE : status;
}

/* ---- peers ---- */

static const char *const states[] = {
	[STORE_EXPECTED] = "expected",
	[STORE_KNOCKING] = "knocking",
	[STORE_PRESENT] = "present",
	[STORE_LAPSED] = "lapsed",
	[STORE_REMOVED] = "removed",
	[STORE_GONE] = "gone",
};

static const char *
state_of(const struct store_log_peer *peer)
{
	return peer->state >= 0 &&
		(size_t)peer->state < sizeof(states) / sizeof(states[0]) ?
	    states[peer->state] :
	    "?";
}

static void
print_peer(struct buf *out, const struct store_log_peer *peer)
{
	struct buf cell;

	buf_init(&cell, 256);
	buf_printf(out, "%-8s  ", state_of(peer));
	cli_out_time(&cell, peer->changed_at);
	plain_column(out, buf_as_slice(&cell), 19);
	buf_printf(out, "  %7lld  ", (long long)peer->waiting);
	plain_add(out, peer->id);
	if (peer->name.p != NULL) {
		buf_str(out, "  ");
		plain_add(out, peer->name);
	}
	buf_char(out, '\n');
	buf_reset(&cell);
}

static void
print_peer_json(struct buf *out, const struct store_log_peer *peer)
{
	buf_str(out, "{\"peer\":");
	buf_json(out, peer->id);
	buf_printf(out, ",\"state\":\"%s\"", state_of(peer));
	add_time(out, "since", peer->since);
	add_time(out, "changed_at", peer->changed_at);
	add_member(out, "waiting", peer->waiting);
	if (peer->name.p != NULL) {
		buf_str(out, ",\"name\":");
		buf_slice(out, peer->name);
	}
	buf_str(out, "}\n");
}

static int
add_peer(void *arg, const struct store_log_peer *peer)
{
	struct list *list = arg;

	if (list->json)
		print_peer_json(&list->out, peer);
	else
		print_peer(&list->out, peer);
	return 0;
}

static int
print_peers(struct list *list, int64_t room)
{
	enum lb_err err = LB_OK;
	int64_t after = 0;
	int status = -1;

	if (!list->json)
		buf_printf(&list->out, "%-8s  %-19s  %7s  PEER\n", "STATE",
		    "SINCE", "WAITING");
	while (err == LB_OK && status < 0) {
		err = store_log_peers(list->log, room, &after, add_peer, list);
		if (err == LB_OK || err == LB_NOT_FOUND)
			status = cli_out_write(&list->out);
	}
	if (err != LB_OK && err != LB_NOT_FOUND)
		status = cli_reader_fail(list->log, err);
	return status < 0 ? EXIT_DONE : status;
}

int
cli_peers(const struct verb_call *call)
{
	struct list list = { .status = -1 };
	struct cli_room room;
	int status = cli_reader_open(call, &list.log);

	if (status >= 0)
		return status;
	buf_init(&list.out, OUT_MAX);
	list.json = verb_value(call, "json") != NULL;
	status = cli_reader_room(list.log, call->arg[0], &room);
	if (status < 0)
		status = print_peers(&list, room.row);
	cli_reader_forget(&room);
	store_log_close(list.log);
	buf_reset(&list.out);
	return status;
}

/*
 * conf: the configuration.  One table of keys (conf_table.c), from which come
 * the parser, `letterbox -t`, the annotated example and letterbox.conf(5).
 *
 * A file is `key = value` lines; '#' at the beginning of a line or after white
 * space begins a comment.  Numbers are plain and in the key's unit, lists are
 * parted by commas or white space.  Relative paths are relative to the folder
 * of the file.
 */
#ifndef LETTERBOX_CONF_H
#define LETTERBOX_CONF_H

#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "err.h"

enum conf_durability { CONF_POWER, CONF_PROCESS };

enum conf_namespace { CONF_APPRTC, CONF_ROOMS };

struct store_options;

struct conf_list {
	char **item; /* `count` strings; NULL for none */
	size_t count;
};

/* Members are named as the keys; the table has their units and ranges. */
struct conf {
	char *file;     /* it was read from, as it was named; NULL: none */
	char *data_dir; /* absolute */
	int durability; /* enum conf_durability */
	int journal;    /* enum store_journal */
	int64_t db_max; /* bytes; 0: no bound */

	int64_t hold; /* seconds, as all up to stranger_ttl */
	int64_t lease;
	int64_t lease_max;
	int64_t reserve;
	int64_t away;
	int64_t ttl;

	int64_t peers_max;
	int64_t room_messages;
	int64_t room_bytes;
	int64_t mailbox_messages;
	int64_t mailbox_bytes;
	int64_t stranger_ids;
	int64_t stranger_messages;
	int64_t stranger_bytes;
	int64_t stranger_ttl; /* seconds */

	int64_t body_max;
	int64_t message_max;
	int64_t messages_max;

	int64_t post_rate;
	int64_t post_burst;
	int64_t join_rate;
	int64_t join_burst;
	int64_t key_rate;
	int64_t key_burst;
	int64_t polls_per_address;
	int front; /* enum front */
	int64_t seats;
	int64_t seats_threads;
	int64_t seats_processes;
	int64_t spare_processes;
	int64_t short_poll_rate;
	int64_t pause; /* milliseconds */

	struct conf_list allowed_origins;
	struct conf_list trusted_proxy;
	int require_ticket;
	char *ticket_key_file; /* absolute, or NULL */

	struct conf_list ice;
	struct conf_list turn;
	char *turn_secret_file; /* absolute, or NULL */
	int64_t turn_ttl;       /* seconds */

	int dialect_apprtc;   /* odd: on */
	int apprtc_namespace; /* enum conf_namespace */

	int hook; /* odd: on */
	int metrics_open;
	int log; /* enum log_level */
};

/* Every key's default; data_dir has none and is NULL, see conf_settle(). */
void conf_init(struct conf *);
/* Frees what conf_load allocated; the conf is as after conf_init. */
void conf_reset(struct conf *);

/*
 * Reads `path` into a conf that conf_init has filled; NULL: no file, which
 * leaves the defaults.  A data_dir that the file does not give is taken from
 * the environment's LETTERBOX_DATA (relative to the working directory).
 *
 * LB_CONF, with a line for each fault in `words` ("FILE:LINE: KEY: what is
 * wrong and what is allowed"), when the file cannot be read, a line is none of
 * ours, a key is unknown or doubled, a value is of the wrong type or out of
 * range, or keys contradict each other.  LB_NO_MEMORY.
 */
enum lb_err conf_load(struct conf *, const char *path, struct buf *words);

/*
 * Where the file is when no -c says so: the environment's LETTERBOX_CONF,
 * else letterbox.conf beside the program (`argv0` where /proc is not there).
 * LB_OK with the path in `path` of `size` bytes; LB_NOT_FOUND when there is
 * none; LB_CONF when the path is too long.
 */
enum lb_err conf_find(char *path, size_t size, const char *argv0);

/*
 * Gives a conf that names no data_dir the folder .letterbox in the home of the
 * account that runs the program, as /etc/passwd has it; `home` instead where
 * it is not NULL.  Nothing is made yet.  LB_CONF, with the cure in `words` and
 * no path, when that folder could not be made or a web server may serve it:
 * when the home lies in `root`, the document root (NULL: not known), or in a
 * folder that is called like one.  LB_NO_MEMORY.
 */
enum lb_err conf_settle(struct conf *, const char *home, const char *root,
    struct buf *words);
/* Appends `words` as strangers may see them: with ~ for the home of the
 * account, wherever it stands. */
void conf_veil(struct buf *out, struct slice words);

/* How its database is opened (store.h); `patience` in ms.  The folder is the
 * conf's. */
struct store_options conf_store(const struct conf *, int64_t patience);

/* The annotated example, httpd-conf/letterbox.conf. */
void conf_print_example(FILE *);
/* The list of keys of letterbox.conf(5), in mdoc(7). */
void conf_print_manual(FILE *);

#endif

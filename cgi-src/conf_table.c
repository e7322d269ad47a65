/*
 * conf_table: every key, with what people are told about it.
 *
 * The help is plain sentences: no backslash, and no line of it may begin with
 * a full stop or an apostrophe, since it goes into the manual as it is.
 */
#define _POSIX_C_SOURCE 200809L

#include "conf_table.h"

#include <arpa/inet.h>
#include <string.h>

#include "front.h"
#include "log.h"
#include "store_disk.h"

static int
is_origin(const char *item)
{
	const char *host = strstr(item, "://");

	if (strcmp(item, "*") == 0)
		return 1;
	return (strncmp(item, "http://", 7) == 0 ||
		   strncmp(item, "https://", 8) == 0) &&
	    host[3] != '\0' && strchr(host + 3, '/') == NULL;
}

static int
is_address(const char *item)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, item, address) == 1 ||
	    inet_pton(AF_INET6, item, address) == 1;
}

static int
is_stun(const char *item)
{
	return strncmp(item, "stun:", 5) == 0 ||
	    strncmp(item, "stuns:", 6) == 0;
}

static int
is_turn(const char *item)
{
	return strncmp(item, "turn:", 5) == 0 ||
	    strncmp(item, "turns:", 6) == 0;
}

static const char *const durabilities[] = {
	[CONF_POWER] = "power",
	[CONF_PROCESS] = "process",
	NULL,
};
static const char *const journals[] = {
	[STORE_AUTO] = "auto",
	[STORE_WAL] = "wal",
	[STORE_ROLLBACK] = "rollback",
	NULL,
};
static const char *const levels[] = {
	[LOG_ERROR] = "error",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
	NULL,
};
static const char *const answers[] = { "no", "yes", NULL };
static const char *const switches[] = { "off", "on", "no", "yes", NULL };
static const char *const namespaces[] = {
	[CONF_APPRTC] = "apprtc",
	[CONF_ROOMS] = "rooms",
	NULL,
};

#define SECTION(words)                                \
	{                                             \
		.type = CONF_SECTION, .help = (words) \
	}
#define INT(key, in, from, to, value, words)                        \
	{                                                           \
		.name = #key, .type = CONF_INT,                     \
		.offset = offsetof(struct conf, key), .unit = (in), \
		.min = (from), .max = (to), .standard = (value),    \
		.help = (words)                                     \
	}
#define WORD_AS(as, key, list, value, words)                             \
	{                                                                \
		.name = (as), .type = CONF_WORD,                         \
		.offset = offsetof(struct conf, key), .choices = (list), \
		.standard = (value), .help = (words)                     \
	}
#define WORD(key, list, value, words) WORD_AS(#key, key, list, value, words)
#define PATH(key, like, words)                                           \
	{                                                                \
		.name = #key, .type = CONF_PATH,                         \
		.offset = offsetof(struct conf, key), .example = (like), \
		.help = (words)                                          \
	}
#define LIST(key, check, what, like, words)                            \
	{                                                              \
		.name = #key, .type = CONF_LIST,                       \
		.offset = offsetof(struct conf, key), .fits = (check), \
		.allowed = (what), .example = (like), .help = (words)  \
	}

#define DAY (24 * 3600)
#define MIB (INT64_C(1) << 20)

/* clang-format off */
const struct conf_key conf_table[] = {
SECTION("Data"),
PATH(data_dir, "/var/lib/letterbox",
    "The folder of the database, the keys and the sockets between processes. "
    "It is made with mode 0700 when it is not there. It must be readable by "
    "nobody else and lie outside of every folder that a web server serves; "
    "the program refuses to start where others can read it. Where it "
    "is given neither here nor as LETTERBOX_DATA in the environment, it is "
    ".letterbox in the home of the account that runs the program, unless a "
    "web server may serve that."),
WORD(durability, durabilities, CONF_POWER,
    "What a post that was answered 201 survives. With power it is on the "
    "disk, and a loss of power loses nothing. With process it survives the "
    "end of the program, but a loss of power may take the last seconds; it "
    "is meant for slow disks. Posts are committed in groups, so that power "
    "costs about a sixth of the throughput of posts."),
WORD(journal, journals, STORE_AUTO,
    "How the database is kept whole. A write-ahead log (wal) is quick, and "
    "wants memory that processes share, so a disk of this machine. A rollback "
    "journal works on network file systems as well; posts take several times "
    "as long there, and a poll waits for whoever writes. With auto the disk "
    "decides: rollback on NFS, SMB, FUSE and the like, and where no memory "
    "can be shared. A database that has the other kind is converted at the "
    "start, when no other process has it open. NFS is untested. On a network "
    "file system all processes must be of one machine."),
INT(db_max, "bytes", 0, MIB * MIB, 1024 * MIB,
    "How large the database may become. At this size posts are answered 507 "
    "disk-full while polls go on, and old messages make room as they expire. "
    "0 sets no bound."),

SECTION("Time"),
INT(hold, "seconds", 1, 300, 25,
    "How long a poll that has nothing to say is held. It must be shorter "
    "than the time-outs of everything between the browser and the program: "
    "40 seconds for mod_fcgid, 60 for nginx and for Apache's proxy."),
INT(lease, "seconds", 2, 600, 35,
    "How long a peer counts as present after its last poll. A peer "
    "that vanished has left for the others when it ends. It must be longer "
    "than hold, by about ten seconds for the next poll to come in."),
INT(lease_max, "seconds", 2, DAY, 600,
    "The longest lease that a peer may ask for when it joins, as peers do "
    "that hear of each other over a data channel. It is not below lease."),
INT(reserve, "seconds", 0, 7 * DAY, 600,
    "How long the id of a peer whose lease ended is kept for it. A peer that "
    "comes back in this time is the same peer and gets the mail it missed."),
INT(away, "seconds", 1, 60, 3,
    "What is left of the lease of a peer whose page said that it is being "
    "closed. A reload comes back within it, and nobody notices."),
INT(ttl, "seconds", 1, 365 * DAY, 3600,
    "How long messages are kept. A reader that comes later is told that "
    "there is a gap."),

SECTION("Bounds of a room"),
INT(peers_max, "peers", 1, 256, 8,
    "How many peers a room may have. Its owner may set less."),
INT(room_messages, "messages", 1, 1000000, 4096,
    "How many messages a room keeps. Beyond it the oldest go, and a reader "
    "that had not seen them is told that there is a gap."),
INT(room_bytes, "bytes", 1024, 1024 * MIB, 16 * MIB,
    "How many bytes of messages a room keeps, likewise."),
INT(mailbox_messages, "messages", 1, 1000000, 256,
    "How many messages may wait for one peer alone. Beyond it whoever posts "
    "to that peer is answered 507 mailbox-full."),
INT(mailbox_bytes, "bytes", 1024, 1024 * MIB, 1 * MIB,
    "How many bytes of messages may wait for one peer alone, likewise."),
INT(stranger_ids, "ids", 0, 1000, 32,
    "For how many ids that nobody ever had a room keeps mail. Such mail is "
    "given to the first peer that joins with the id."),
INT(stranger_messages, "messages", 0, 100000, 64,
    "How many messages are kept for each of them, and for each client of a "
    "channel that has no token yet."),
INT(stranger_bytes, "bytes", 0, 64 * MIB, 262144,
    "How many bytes of messages are kept for each of them, likewise."),
INT(stranger_ttl, "seconds", 1, DAY, 600,
    "How long mail is kept for an id that nobody ever had, likewise."),

SECTION("Bounds of a request"),
INT(body_max, "bytes", 1024, 1 * MIB, 98304,
    "The largest body of a request; above it the answer is 413. mod_fcgid "
    "refuses above 131072 by itself."),
INT(message_max, "bytes", 256, 1 * MIB, 65536,
    "The largest body of one message, as JSON text. It is not above "
    "body_max."),
INT(messages_max, "messages", 1, 32, 32,
    "How many messages one post may carry."),

SECTION("Rates"),
INT(post_rate, "posts a second", 1, 1000000, 50,
    "How many posts a peer may make in the long run; above it the answer is "
    "429 with Retry-After."),
INT(post_burst, "posts", 1, 1000000, 200,
    "How many posts a peer may make at once before post_rate holds."),
INT(join_rate, "joins a second", 1, 1000000, 10,
    "How many joins one address may make in the long run. Many people may "
    "share an address; of IPv6 a network of 64 bits counts as one."),
INT(join_burst, "joins", 1, 1000000, 64,
    "How many joins one address may make at once before join_rate holds."),
INT(key_rate, "requests a second", 1, 1000000, 1000,
    "How many requests an application may make with its key (`letterbox key') "
    "in the long run."),
INT(key_burst, "requests", 1, 1000000, 2000,
    "How many requests an application may make at once before key_rate holds."),
INT(polls_per_address, "polls", 1, 65536, 64,
    "How many polls of one address (of IPv6: of one network of 64 bits) a "
    "process holds at the same time. One more is answered at once, with a "
    "pause before the next."),

SECTION("Seats"),
WORD(front, front_words, FRONT_AUTO,
    "What a poll that is held costs the web server. With event, two "
    "descriptors: lighttpd and nginx by FastCGI. With thread, one of its "
    "workers: Apache's mod_proxy_fcgi. With pool, one process of this program "
    "out of a bounded number: mod_fcgid. With cgi, one process. With auto it "
    "is found out; a server that is not known, or that hides its name, counts "
    "as thread."),
INT(seats, "polls", 0, 65536, 10000,
    "How many polls are held at the same time, by all processes together, "
    "where front is event. Each costs one descriptor, and the web server "
    "two. When no seat is free a poll is answered at once, with a pause "
    "before the next. With 0 every poll is answered at once."),
INT(seats_threads, "polls", 0, 65536, 64,
    "The same where front is thread. Stay well below the number of the web "
    "server's workers, since one that holds a poll serves nothing else."),
INT(seats_processes, "polls", 0, 65536, 8,
    "The same where front is pool or cgi, together. Hosts that many people "
    "share often allow each of them 20 requests at a time."),
INT(spare_processes, "processes", 0, 65536, 5,
    "Where front is pool: how many processes are left idle. A poll is held "
    "only while there are as many, because a request that finds none waits "
    "for a second."),
INT(short_poll_rate, "polls a second", 1, 100000, 128,
    "How often all clients together should ask while there are no seats for "
    "them. The pause between two polls of a client follows from it: with 128, "
    "two clients that have no seat wait 50 milliseconds, and two hundred wait "
    "1.5 seconds."),
INT(pause, "milliseconds", 1, 60000, 1500,
    "The longest pause that a client is asked for before its next poll when "
    "there was no seat for the last. Messages arrive late by half of it on "
    "average."),

SECTION("Access"),
LIST(allowed_origins, is_origin, "* and http://HOST or https://HOST, with "
    ":PORT where it is another than usual and nothing behind it",
    "https://pages.example.org",
    "The origins, besides the server's own, whose pages may use the API. "
    "Requests from pages of any other are answered 403 origin. With * all "
    "pages may."),
LIST(trusted_proxy, is_address, "IPv4 and IPv6 addresses", "127.0.0.1, ::1",
    "The addresses of proxies before the web server. Of a request from one "
    "of them the last address in X-Forwarded-For is the one that is "
    "counted; from everybody else the header is ignored."),
WORD(require_ticket, answers, 0,
    "Whether a join needs a ticket signed by your application. With yes, "
    "ticket_key_file must be given."),
PATH(ticket_key_file, "ticket.key",
    "The file of the key that tickets are signed with, 16 bytes at least. "
    "White space at its end does not count. Nobody else may read it."),

SECTION("ICE servers"),
LIST(ice, is_stun, "stun: and stuns: URIs", "stun:stun.example.org:3478",
    "STUN servers that peers are told of. Peers on one network need none."),
LIST(turn, is_turn, "turn: and turns: URIs",
    "turn:turn.example.org:3478, turns:turn.example.org:5349",
    "TURN servers that peers are told of, with credentials that expire. With "
    "any, turn_secret_file must be given."),
PATH(turn_secret_file, "turn.secret",
    "The file of the secret shared with the TURN servers (coturn calls it "
    "static-auth-secret). White space at its end does not count. Nobody else "
    "may read it."),
INT(turn_ttl, "seconds", 60, 7 * DAY, DAY,
    "How long the credentials for TURN are valid."),

SECTION("Dialects"),
WORD_AS("dialect.apprtc", dialect_apprtc, switches, 0,
    "Whether AppRTC is spoken: its paths, / among them, are then its own, and "
    "no longer that of the start page. Mount the program at the root of a host "
    "or port for it. Whoever knows a room's name may enter that room."),
WORD_AS("apprtc.namespace", apprtc_namespace, namespaces, CONF_APPRTC,
    "Which rooms AppRTC enters: with apprtc rooms of its own, with rooms those "
    "of the API and of the call page, where both then meet."),

SECTION("Operation"),
WORD(hook, switches, 1,
    "Whether a FastCGI server starts a hook beside it while a key of an "
    "application has one (`letterbox key add NAME --hook URL'), and again when "
    "it ended. Say off where the account may have few processes, or none that "
    "reach the network; then nobody is told unless somebody else starts "
    "`letterbox hook'."),
WORD(metrics_open, answers, 0,
    "Whether /metrics is answered to everybody, and not only to who sends "
    "the admin key. Say yes where the web server keeps strangers from it."),
WORD(log, levels, LOG_INFO,
    "What is logged to standard error: error, what the operator must know; "
    "info, also starts, stops and requests that the server failed; debug, "
    "also requests that were refused. Never bodies, tokens or addresses."),
};
/* clang-format on */

const size_t conf_table_count = sizeof(conf_table) / sizeof(conf_table[0]);

static void *
member(struct conf *c, const struct conf_key *key)
{
	return (char *)c + key->offset;
}

int64_t *
conf_number(struct conf *c, const struct conf_key *key)
{
	return member(c, key);
}

int *
conf_word(struct conf *c, const struct conf_key *key)
{
	return member(c, key);
}

char **
conf_path(struct conf *c, const struct conf_key *key)
{
	return member(c, key);
}

struct conf_list *
conf_items(struct conf *c, const struct conf_key *key)
{
	return member(c, key);
}

/*
 * verb_table: every verb, its arguments, its options, and what people read
 * about them.
 */
#include <stddef.h>

#include "cli_check.h"
#include "cli_diff.h"
#include "cli_doctor.h"
#include "cli_explain.h"
#include "cli_export.h"
#include "cli_format.h"
#include "cli_help.h"
#include "cli_hook.h"
#include "cli_keep.h"
#include "cli_key.h"
#include "cli_log.h"
#include "cli_recover.h"
#include "cli_replay.h"
#include "cli_rooms.h"
#include "cli_show.h"
#include "verb.h"

/* clang-format off */
#define OPTION_CONF \
	{ "conf", 'c', "FILE", "Read this configuration" }
#define OPTION_DATABASE \
	{ "database", 'd', "FILE", "Read this database, or the one in this " \
	    "folder" }
#define OPTION_ADDRESSES \
	{ "show-addresses", 0, NULL, "Show addresses as they are" }
#define OPTION_JSON(words) \
	{ "json", 0, NULL, words }
#define OPTIONS(...) \
	(const struct verb_option[]){ __VA_ARGS__, { NULL, 0, NULL, NULL } }
#define EXAMPLES(...) \
	(const struct verb_example[]){ __VA_ARGS__, { NULL, NULL } }

const struct verb verb_table[] = {
	{ .name = "", .arguments = "",
	    .title = "serve, as a web server starts it",
	    .options = OPTIONS(
		OPTION_CONF,
		{ "test", 't', NULL, "Check the configuration and stop" },
		{ "no-hook", 0, NULL, "Start no hook, whatever it says" },
		{ "example", 0, NULL, "Print an annotated configuration" },
		{ "version", 0, NULL, "Print the versions" }),
	    .examples = EXAMPLES(
		{ "-t", "check the configuration and stop" },
		{ "-c FILE -t", "check that one" },
		{ "--example", "print an annotated configuration" },
		{ "--version", "print the versions" }) },
	{ .name = "doctor", .arguments = "",
	    .title = "look at everything that Letterbox depends on",
	    .words = "Ask as the account that the program runs as. What a "
		"browser alone can measure is on the page that the program "
		"serves as /doctor.",
	    .failed = "something is bad",
	    .options = OPTIONS(
		OPTION_CONF,
		OPTION_JSON("One JSON document, DoctorReport of "
		    "/openapi.json")),
	    .examples = EXAMPLES(
		{ "doctor", "in words, each bad thing with its cure" },
		{ "doctor --json", "for programs" },
		{ "doctor -c FILE", "as if FILE were the configuration" }),
	    .run = cli_doctor },
	{ .name = "key", .arguments = "",
	    .title = "the keys of applications that use the Channel service",
	    .words = "Ask as the account that the program runs as. It may "
		"run meanwhile.",
	    .examples = EXAMPLES(
		{ "key add shop", "make a key, and show it this once" },
		{ "key add shop --hook https://shop.example/app",
		    "tell this address who comes and goes" },
		{ "key list", "names, when made, and their options" },
		{ "key remove shop", "it is refused, its channels end" }) },
	{ .name = "key", .action = "add", .arguments = "NAME",
	    .title = "Make a key and print it, this once",
	    .options = OPTIONS(
		OPTION_CONF,
		{ "hook", 0, "URL", "Post there who comes and goes, below /_ah/channel/" },
		{ "strict", 0, NULL, "Drop mail for clients that are away" }),
	    .run = cli_key_add },
	{ .name = "key", .action = "list", .arguments = "",
	    .title = "Their names, when they were made, and their options",
	    .options = OPTIONS(OPTION_CONF, OPTION_JSON("One JSON array")),
	    .run = cli_key_list },
	{ .name = "key", .action = "remove", .arguments = "NAME",
	    .title = "From the next request on it is refused, and its channels end",
	    .options = OPTIONS(OPTION_CONF),
	    .run = cli_key_remove },
	{ .name = "hook", .arguments = "",
	    .title = "post to applications who comes and goes",
	    .words = "Works until it is ended, for all keys that have a hook. "
		"Servers start one by themselves, unless the configuration "
		"says hook = off. One works on a data folder at a time, and "
		"others wait for its end.",
	    .options = OPTIONS(
		OPTION_CONF,
		{ "held", 0, NULL, "As a server starts it: descriptor 3 has "
		    "the lock, and the end of standard input is its own" }),
	    .examples = EXAMPLES(
		{ "hook", "until SIGTERM or Ctrl-C" }),
	    .run = cli_hook },
	{ .name = "rooms", .arguments = "",
	    .title = "the rooms there are, and what they hold",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		OPTION_JSON("One JSON object a line"),
		{ "names", 0, NULL, "Names alone, for shells" }),
	    .examples = EXAMPLES(
		{ "rooms", "with peers, messages, bytes and times" },
		{ "rooms -d copy.db", "those of a copy" }),
	    .run = cli_rooms },
	{ .name = "peers", .arguments = "ROOM",
	    .title = "who was in a room, and for whom mail waits there",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		OPTION_JSON("One JSON object a line")),
	    .examples = EXAMPLES({ "peers blue", "all of that room" }),
	    .run = cli_peers },
	{ .name = "log", .arguments = "ROOM",
	    .title = "what was said in a room, as it happened",
	    .words = "A room is NAME, NAMESPACE/NAME or #ROW. Addresses and user "
		"names of ICE are replaced by pseudonyms, the same by the "
		"same. Ask while the server runs: it is not disturbed.",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		{ "follow", 'f', NULL, "Go on with what comes" },
		{ "since", 's', "WHEN", "From there on: 10m, 19:02, "
		    "2026-11-20T19:02, or a seq" },
		{ "type", 't', "TYPE", "Only these, as in candidate,left" },
		OPTION_JSON("One JSON object a line"),
		OPTION_ADDRESSES),
	    .examples = EXAMPLES(
		{ "log blue", "who said what to whom, and when" },
		{ "log blue -f", "and go on with what comes" },
		{ "log blue -s 10m", "of the last ten minutes" },
		{ "log blue -t description", "offers and answers alone" }),
	    .run = cli_log },
	{ .name = "explain", .arguments = "ROOM|FILE",
	    .title = "why a call failed, or was slow, in words",
	    .words = "Each finding has its evidence, the seqs of messages, and "
		"a cure; the likely cause is first. FILE is an exported room "
		"or a report, - standard input.",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		OPTION_JSON("One JSON object")),
	    .examples = EXAMPLES(
		{ "explain blue", "of that room" },
		{ "explain call.jsonl", "of a room that was exported" },
		{ "log blue -t error", "what the pages themselves have said" }),
	    .run = cli_explain },
	{ .name = "diff", .arguments = "ROOM|FILE ROOM|FILE",
	    .title = "where two calls part",
	    .words = "They are compared by what happens in them: who came, who "
		"offered what to whom, what was answered, and which kinds of "
		"candidates there were. Ids, seqs and the random words of a "
		"connection do not count, and times only where one is much "
		"slower. FILE is an exported room or a report, - standard "
		"input.",
	    .failed = "they part, or one cannot be read",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		OPTION_JSON("One JSON object")),
	    .examples = EXAMPLES(
		{ "diff good.jsonl bad.jsonl", "a call that went well, and one "
		    "that did not" },
		{ "diff good.jsonl blue", "an exported one, and a room" }),
	    .run = cli_diff },
	{ .name = "show", .arguments = "ROOM SEQ",
	    .title = "one message, laid out",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		OPTION_JSON("One JSON object"),
		OPTION_ADDRESSES,
		{ "whole", 0, NULL, "Hide nothing, passwords of ICE "
		    "included" }),
	    .examples = EXAMPLES(
		{ "show blue 17", "its SDP or candidate, read" }),
	    .run = cli_show },
	{ .name = "export", .arguments = "ROOM",
	    .title = "a room as a file, for replay.html and for import",
	    .words = "One JSON object a line, schema/export.json. Addresses, "
		"names, tokens and passwords are replaced by pseudonyms, the "
		"same by the same; what people wrote to each other only where "
		"it says one of them again. Only jsonl, which it is unless "
		"--format says otherwise, can be imported and replayed; har "
		"has what was posted, rtcstats "
		"descriptions and candidates for importers of its dumps, the "
		"others are the pictures of diagram. All but jsonl are made "
		"of an exported FILE too.",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		{ "format", 'f', "FORMAT", "As jsonl, har, rtcstats, mermaid, "
		    "plantuml or text" },
		{ "whole", 0, NULL, "Replace nothing" }),
	    .examples = EXAMPLES(
		{ "export blue > blue.jsonl", "what may be shown to others" },
		{ "export blue --whole > blue.jsonl", "all of it" },
		{ "export blue -f har > blue.har", "for what reads these" }),
	    .run = cli_export },
	{ .name = "report", .arguments = "ROOM",
	    .title = "a room as a page: one file that opens anywhere",
	    .words = "The page of replay.html with the export of the room in "
		"it. It needs no server and no network, and says what went "
		"wrong, and what it was made with. What is replaced in an "
		"export is replaced in it.",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		{ "whole", 0, NULL, "Replace nothing" }),
	    .examples = EXAMPLES(
		{ "report blue > blue.html", "to be sent to somebody" }),
	    .run = cli_report },
	{ .name = "import", .arguments = "FILE FOLDER",
	    .title = "an exported room into a database of its own",
	    .words = "The folder is made, and is for looking at: the other "
		"verbs read it with -d. Seqs stay as they are, so no server "
		"may work there; rooms of one server may share a folder. The "
		"whole file is imported or nothing of it. FILE may be a "
		"report, or \"-\".",
	    .failed = "the file is not right, which is told with its line",
	    .examples = EXAMPLES(
		{ "import blue.jsonl blue", "then: log ROOM -d blue" }),
	    .run = cli_import },
	{ .name = "diagram", .arguments = "ROOM|FILE",
	    .title = "a room as a picture: who said what to whom",
	    .words = "A sequence diagram for Mermaid or PlantUML, or lanes of "
		"text. FILE is an exported room or a report, - standard "
		"input. Each message is a line of it; replay.html has all the rest.",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		{ "format", 'f', "FORMAT", "As mermaid (unless it is given), "
		    "plantuml or text" },
		{ "whole", 0, NULL, "Replace nothing" }),
	    .examples = EXAMPLES(
		{ "diagram blue", "for a page that shows Mermaid" },
		{ "diagram call.jsonl -f text", "for a mail" }),
	    .run = cli_diagram },
	{ .name = "replay", .arguments = "ROOM|FILE",
	    .title = "let a recording happen again, in a room of a server",
	    .words = "FILE is an exported room or a report, - standard input. Each "
		"peer "
		"of it comes, posts and leaves as it did, by the API of rooms "
		"at --to. With --as it is one peer alone, against whoever is "
		"in the room: what it says is addressed to them, and waits "
		"for what they say. Fingerprints and candidates are those of "
		"browsers that are gone: a negotiation happens again, a "
		"connection does not. Whoever vanished does so again: the "
		"server ends the lease. The same --seed is the same chaos. "
		"Ctrl-C leaves the room.",
	    .failed = "the server refused something, or it was ended",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		{ "to", 0, "URL", "Where the API is, as "
		    "http://127.0.0.1:8080/api" },
		{ "room", 'r', "NAME", "The room that it happens in" },
		{ "secret-file", 0, "FILE", "The secret of that room is in "
		    "there; - is standard input" },
		{ "speed", 's', "TIMES", "So many times as fast, or max" },
		{ "as", 0, "PEER", "Only the part of this one" },
		{ "from", 0, "SEQ", "From this message on" },
		{ "only", 0, "TYPE", "Only these, as in candidate,bye" },
		{ "drop", 0, "SHARE", "Lose this share of messages, 0 to 1" },
		{ "double", 0, "SHARE", "Post this share of them twice" },
		{ "delay", 0, "MS", "Post each up to so much later, by the clock of then" },
		{ "reorder", 0, "PLACES", "Let each fall back up to so far" },
		{ "seed", 0, "NUMBER", "Of the chaos; 1 unless it is given" },
		OPTION_JSON("One JSON object a line")),
	    .examples = EXAMPLES(
		{ "replay call.jsonl --to http://127.0.0.1:8080/api -r again",
		    "all of it" },
		{ "replay call.jsonl --to URL -r again --as Bob",
		    "in place of Bob, against a browser" },
		{ "replay call.jsonl --to URL -r again -s max --drop 0.1",
		    "at once, and a tenth is lost" }),
	    .run = cli_replay },
	{ .name = "stats", .arguments = "",
	    .title = "how much there is of everything",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE, OPTION_JSON("One JSON object")),
	    .examples = EXAMPLES(
		{ "stats", "rooms, peers, messages by type, bytes, times" }),
	    .run = cli_stats },
	{ .name = "keep", .arguments = "ROOM",
	    .title = "let the messages of a room stay until further notice",
	    .words = "Ask as the account that the program runs as.",
	    .options = OPTIONS(
		OPTION_CONF,
		{ "not", 0, NULL, "Let them expire again" }),
	    .examples = EXAMPLES(
		{ "keep blue", "to be looked at tomorrow" },
		{ "keep blue --not", "no longer" }),
	    .run = cli_keep },
	{ .name = "expire", .arguments = "",
	    .title = "remove now what is older than the configuration allows",
	    .words = "Servers do this by themselves, a little at a time. Ask "
		"as the account that the program runs as.",
	    .options = OPTIONS(OPTION_CONF, OPTION_JSON("One JSON object")),
	    .examples = EXAMPLES({ "expire", "and say what went" }),
	    .run = cli_expire },
	{ .name = "check", .arguments = "",
	    .title = "look whether the database is whole",
	    .words = "Nothing is changed. It reads the pages of the file in "
		"one go; until that is done a write-ahead log cannot be folded "
		"back.",
	    .failed = "something is wrong, or it could not be read",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		{ "quick", 0, NULL, "Leave out what takes long" },
		OPTION_JSON("One JSON object")),
	    .examples = EXAMPLES(
		{ "check", "pages, references, order, senders, bodies" },
		{ "check -d copy.db", "those of a copy" }),
	    .run = cli_check },
	{ .name = "recover", .arguments = "FOLDER",
	    .title = "save what can be read of a damaged database",
	    .words = "End the server first. The folder is made, and gets a "
		"database of all rooms, peers, messages and keys that can be "
		"read, with their numbers and the epoch; the damaged one is "
		"copied, and stays as it is. What was saved and what is lost "
		"is told. Leases, what hooks have not told yet and "
		"server.key are not carried over: copy that file, if it is "
		"whole.",
	    .failed = "something is lost, or nothing could be saved and "
		"there is no such folder",
	    .options = OPTIONS(
		OPTION_CONF, OPTION_DATABASE,
		OPTION_JSON("One JSON object")),
	    .examples = EXAMPLES(
		{ "recover saved", "then: check -d saved" },
		{ "recover saved -d copy.db", "of a copy" }),
	    .run = cli_recover },
	{ .name = "completion", .arguments = "SHELL",
	    .title = "print what bash, zsh or fish complete commands by",
	    .words = "make install puts it where the shells look.",
	    .examples = EXAMPLES(
		{ "completion bash", "for this shell: eval \"$(...)\"" }),
	    .run = cli_completion },
	{ .name = "help", .arguments = "[VERB]",
	    .title = "print how it is used",
	    .examples = EXAMPLES({ "help key", "all about one verb" }),
	    .run = cli_help },
	{ .name = NULL },
};
/* clang-format on */

/*
 * scene: a store on a stage: opened empty, with a clock that only moves when
 * told, operations in one line each, and ears that write down what they hear.
 *
 * Everything here asserts that it worked, unless it returns an error.
 */
#ifndef LETTERBOX_TESTS_SCENE_H
#define LETTERBOX_TESTS_SCENE_H

#include "store.h"
#include "unit.h"

struct scene {
	struct store *store;
	struct clock now;
	char folder[64]; /* of the database; "": it has none */
	int64_t joined;  /* the last one given to a peer */
};

/* Group fixtures: which engine the scenes of a group are played on. */
int scene_memory(void **state);
int scene_sqlite(void **state);
int scene_rollback(void **state); /* SQLite without a write-ahead log */
/* A group on each of them; how many tests failed. */
#define SCENE_ON_EACH(tests)                                                   \
	(cmocka_run_group_tests_name("memory", tests, scene_memory, NULL) +    \
	    cmocka_run_group_tests_name("sqlite", tests, scene_sqlite, NULL) + \
	    cmocka_run_group_tests_name("rollback", tests, scene_rollback,     \
		NULL))
/* Test fixtures: *state is a struct scene *. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* Closes the store, and opens one on SQLite in the scene's folder (`db_max`
 * as in struct store_options), as another process would. */
void scene_close(struct scene *);
void scene_open(struct scene *, int64_t db_max);
/* Runs SQL on the database of a folder with a connection of its own. */
void scene_sql(const char *folder, const char *sql);
void scene_path(char path[128], const char *folder, const char *name);
/* A new folder of mode 0700, and its end with all that is in it. */
void scene_folder(char path[64]);
void scene_remove(const char *path);

/*
 * An act is an operation that does one thing: its run(), with the fields it
 * reads and fills.  `a`, `b` and `c` are rows, seqs or bounds.
 */
struct act {
	struct store_op op;
	enum lb_err (*what)(struct act *, struct store_tx *);
	struct store_room room;
	struct store_peer peer;
	struct store_lease lease;
	struct store_census census;
	struct store_mailbox mailbox;
	struct message message;
	struct token_digest token;
	struct slice id;
	int64_t a, b, c;
	char texts[2][2048]; /* the names of what was found */
	int ran, done;       /* times */
	enum lb_err err;     /* what done() got */
};

enum lb_err act_room_find(struct act *, struct store_tx *); /* room */
enum lb_err act_room_get(struct act *, struct store_tx *);  /* a */
enum lb_err act_room_put(struct act *, struct store_tx *);
enum lb_err act_peer_by_token(struct act *, struct store_tx *);
enum lb_err act_peer_by_id(struct act *, struct store_tx *); /* a: room, id */
enum lb_err act_peer_get(struct act *, struct store_tx *);   /* a */
enum lb_err act_peer_put(struct act *, struct store_tx *);
enum lb_err act_peer_posted(struct act *, struct store_tx *);
enum lb_err act_census(struct act *, struct store_tx *);  /* a: room */
enum lb_err act_mailbox(struct act *, struct store_tx *); /* a, b: after */
enum lb_err act_message(struct act *, struct store_tx *);
enum lb_err act_trim(struct act *, struct store_tx *);      /* a, b, c */
enum lb_err act_lease_get(struct act *, struct store_tx *); /* a: peer */
enum lb_err act_lease_put(struct act *, struct store_tx *); /* a: peer */
enum lb_err act_lease_end(struct act *, struct store_tx *); /* a, b: mono */
enum lb_err act_fail(struct act *, struct store_tx *);      /* a: the error */

/* Queues an act. */
void scene_add(struct scene *, struct act *);
/* One turn; what it returns. */
int64_t scene_turn(struct scene *);
/* Queues an act, turns until it is done, moving the clock on when the store
 * wants to be called again; returns its error. */
enum lb_err scene_do(struct scene *, struct act *);

/* A new open room of the namespace "rooms"; its row. */
int64_t scene_room(struct scene *, const char *name);
/* A new peer whose token is its id's digest; its row. */
int64_t scene_peer(struct scene *, int64_t room, const char *id,
    enum store_state);
/* What the log says of a peer now; its texts are gone. */
struct store_peer scene_get(struct scene *, int64_t peer);
void scene_set_state(struct scene *, int64_t peer, enum store_state,
    int64_t changed_at);
/* Fills the act to post a message; to == 0: to everybody. */
void scene_word(struct scene *, struct act *, int64_t room, int64_t from,
    int64_t to, const char *body);
/* Posts a message of type "chat"; its seq. */
int64_t scene_say(struct scene *, int64_t room, int64_t from, int64_t to,
    const char *body);
struct token_digest scene_token(const char *id);

/* A subscriber that writes down "from>to type body\n" of each message, and
 * asserts that seq rises and is of its room and its business. */
struct ear {
	struct store_sub sub; /* first */
	struct scene *scene;
	struct buf heard;
	int count;
	int most;                  /* wants no more after these; 0: all */
	int (*also)(struct ear *); /* called for each; what to return */
	struct ear *other;         /* for `also` */
	int64_t last;              /* seq */
};

/* A fresh ear that does not yet follow. */
void ear_init(struct ear *, struct scene *, int64_t room, int64_t peer,
    int64_t after);
/* The same, following; the error of store_follow(). */
enum lb_err ear_open(struct ear *, struct scene *, int64_t room, int64_t peer,
    int64_t after);
/* What it heard so far, and forgets it. */
void ear_heard(struct ear *, const char *expected);
/* Unfollows and frees. */
void ear_close(struct ear *);
#endif

/*
 * store_key: the keys of applications, as far as they are kept: their hashes.
 */
#ifndef LETTERBOX_STORE_KEY_H
#define LETTERBOX_STORE_KEY_H

#include "store.h"

#define STORE_KEY_NAME 32   /* bytes of a name */
#define STORE_KEY_HOOK 1024 /* bytes of a hook's URL */

struct store_key {
	char name[STORE_KEY_NAME + 1];
	struct token_digest hash;      /* SHA-256 of the key */
	int strict;                    /* mail for absent clients is dropped */
	char hook[STORE_KEY_HOOK + 1]; /* URL, or "" */
	int64_t created_at;            /* ms of Unix time */
	int64_t hooked; /* seq up to which the outbox has taken */
};

/* The plug of an engine; see the functions below. */
struct store_key_engine {
	enum lb_err (*find)(struct store *, const struct token_digest *,
	    struct slice, struct store_key *);
	enum lb_err (*list)(struct store *,
	    void (*)(void *, const struct store_key *), void *);
	enum lb_err (*add)(struct store_tx *, const struct store_key *);
	enum lb_err (*drop)(struct store_tx *, struct slice name);
	enum lb_err (
	    *end)(struct store_tx *, struct slice namespace, struct slice name);
};

/* Inside and outside of an operation: LB_OK, LB_NOT_FOUND, LB_BUSY, LB_IO. */
enum lb_err store_key_by_hash(struct store *, const struct token_digest *hash,
    struct store_key *out);
enum lb_err store_key_by_name(struct store *, struct slice name,
    struct store_key *out);
/* Calls `each` for every key, in the order of their names. */
enum lb_err store_keys(struct store *,
    void (*each)(void *arg, const struct store_key *), void *arg);

/* For operations.  Neither its name nor its hash may be there. */
enum lb_err store_key_add(struct store_tx *, const struct store_key *);
/* LB_NOT_FOUND when there is none of that name. */
enum lb_err store_key_drop(struct store_tx *, struct slice name);
/* Ends the open rooms of a namespace, or (`name` not absent) only the one of
 * that name.  Nobody in them is held any longer.  LB_OK, also for none. */
enum lb_err store_key_end(struct store_tx *, struct slice namespace,
    struct slice name);

#endif

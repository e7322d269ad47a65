/*
 * conf_table: the rows, for the parser and the printers in conf*.c alone.
 */
#ifndef LETTERBOX_CONF_TABLE_H
#define LETTERBOX_CONF_TABLE_H

#include "conf.h"

enum conf_type {
	CONF_SECTION, /* no key: a heading, in `help` */
	CONF_INT,
	CONF_WORD, /* one of `choices` */
	CONF_PATH,
	CONF_LIST /* items that `fits` takes */
};

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t offset;    /* of its member in struct conf */
	const char *unit; /* of a CONF_INT */
	int64_t min;
	int64_t max;
	int64_t standard;           /* the default, an index for a CONF_WORD */
	const char *const *choices; /* ended by NULL */
	int (*fits)(const char *item);
	const char *allowed; /* what `fits` takes, for people */
	const char *example; /* for a key without a default */
	const char *help;    /* sentences */
};

extern const struct conf_key conf_table[];
extern const size_t conf_table_count;

/* The member of `c` that `key` describes. */
int64_t *conf_number(struct conf *c, const struct conf_key *key);
int *conf_word(struct conf *c, const struct conf_key *key);
char **conf_path(struct conf *c, const struct conf_key *key);
struct conf_list *conf_items(struct conf *c, const struct conf_key *key);

/* `path` as it is seen from the folder of `file`, or from the working
 * directory for NULL; the caller frees it.  NULL when memory is short. */
char *conf_absolute(const char *file, struct slice path);

#endif

/*
 * conf: reads the file, a line at a time, and says everything that is wrong
 * with it at once.
 */
#define _POSIX_C_SOURCE 200809L

#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf_table.h"
#include "json.h"
#include "log.h"
#include "store.h"

#define FILE_MAX (256 * 1024) /* bytes of a configuration file */
#define KEYS 64               /* more than the table has rows */
#define SHOWN 80              /* bytes of a wrong value that are shown */

struct load {
	struct conf *conf;
	struct buf *words;
	const char *path;
	unsigned line;     /* the one being read */
	unsigned at[KEYS]; /* the line of each key, 0: not there */
	enum lb_err err;
};

void
conf_init(struct conf *c)
{
	const struct conf_key *key;

	memset(c, 0, sizeof(*c));
	for (key = conf_table; key < conf_table + conf_table_count; key++)
		if (key->type == CONF_INT)
			*conf_number(c, key) = key->standard;
		else if (key->type == CONF_WORD)
			*conf_word(c, key) = (int)key->standard;
}

void
conf_reset(struct conf *c)
{
	const struct conf_key *key;
	struct conf_list *list;

	for (key = conf_table; key < conf_table + conf_table_count; key++)
		if (key->type == CONF_PATH)
			free(*conf_path(c, key));
		else if (key->type == CONF_LIST) {
			list = conf_items(c, key);
			while (list->count > 0)
				free(list->item[--list->count]);
			free(list->item);
		}
	free(c->file);
	conf_init(c);
}

/* Begins a line of `words`; what is wrong follows. */
static struct buf *
complain(struct load *l, unsigned line, const char *key)
{
	if (l->err == LB_OK)
		l->err = LB_CONF;
	if (l->path != NULL) {
		buf_str(l->words, l->path);
		if (line > 0)
			buf_printf(l->words, ":%u", line);
		buf_str(l->words, ": ");
	}
	if (key != NULL)
		buf_printf(l->words, "%s: ", key);
	return l->words;
}

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice
trim(struct slice s)
{
	while (s.n > 0 && is_space(*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static char *
copy(struct load *l, struct slice s)
{
	char *p = strndup(s.n == 0 ? "" : s.p, s.n);

	if (p == NULL)
		l->err = LB_NO_MEMORY;
	return p;
}

static void
set_path(struct load *l, const struct conf_key *key, struct slice value)
{
	char **place = conf_path(l->conf, key);

	if ((*place = conf_absolute(l->path, value)) == NULL)
		l->err = LB_NO_MEMORY;
}

static void
set_number(struct load *l, const struct conf_key *key, struct slice value)
{
	char shown[SHOWN];

	if (json_int(value, key->min, key->max, conf_number(l->conf, key)) ==
	    LB_OK)
		return;
	buf_printf(complain(l, l->line, key->name),
	    "\"%s\" is not a whole number from %lld to %lld (%s)\n",
	    log_safe(shown, sizeof(shown), value), (long long)key->min,
	    (long long)key->max, key->unit);
}

static void
set_word(struct load *l, const struct conf_key *key, struct slice value)
{
	char shown[SHOWN];
	int i;

	for (i = 0; key->choices[i] != NULL; i++)
		if (slice_is(value, key->choices[i])) {
			*conf_word(l->conf, key) = i;
			return;
		}
	buf_printf(complain(l, l->line, key->name), "\"%s\" is none of",
	    log_safe(shown, sizeof(shown), value));
	for (i = 0; key->choices[i] != NULL; i++)
		buf_printf(l->words, "%s %s", i == 0 ? "" : ",",
		    key->choices[i]);
	buf_char(l->words, '\n');
}

static void
add_item(struct load *l, const struct conf_key *key, struct slice value)
{
	struct conf_list *list = conf_items(l->conf, key);
	char shown[SHOWN], *item, **grown;

	if ((item = copy(l, value)) == NULL)
		return;
	if (!key->fits(item)) {
		buf_printf(complain(l, l->line, key->name),
		    "\"%s\" is not allowed, only %s\n",
		    log_safe(shown, sizeof(shown), value), key->allowed);
		free(item);
		return;
	}
	grown = realloc(list->item, (list->count + 1) * sizeof(*grown));
	if (grown == NULL) {
		l->err = LB_NO_MEMORY;
		free(item);
		return;
	}
	list->item = grown;
	list->item[list->count++] = item;
}

static void
set_list(struct load *l, const struct conf_key *key, struct slice value)
{
	struct slice item;

	while (value.n > 0) {
		for (item.p = value.p, item.n = 0; item.n < value.n; item.n++)
			if (is_space(item.p[item.n]) || item.p[item.n] == ',')
				break;
		if (item.n > 0)
			add_item(l, key, item);
		if (item.n < value.n)
			item.n++; /* the comma or space */
		value.p += item.n;
		value.n -= item.n;
	}
}

static void
set_value(struct load *l, const struct conf_key *key, struct slice value)
{
	switch (key->type) {
	case CONF_INT:
		set_number(l, key, value);
		break;
	case CONF_WORD:
		set_word(l, key, value);
		break;
	case CONF_PATH:
		set_path(l, key, value);
		break;
	case CONF_LIST:
		set_list(l, key, value);
		break;
	default:
		break;
	}
}

/* The index of a key's row in the table; -1 for none. */
static int
find_key(struct slice name)
{
	size_t i;

	for (i = 0; i < conf_table_count; i++)
		if (conf_table[i].name != NULL &&
		    slice_is(name, conf_table[i].name))
			return (int)i;
	return -1;
}

static void
read_line(struct load *l, struct slice line)
{
	struct slice name, value;
	char shown[SHOWN];
	const char *equal;
	size_t i;
	int key;

	for (i = 0; i < line.n; i++)
		if (line.p[i] == '#' && (i == 0 || is_space(line.p[i - 1])))
			line.n = i;
	line = trim(line);
	if (line.n == 0)
		return;
	if ((equal = memchr(line.p, '=', line.n)) == NULL ||
	    memchr(line.p, '\0', line.n) != NULL) {
		buf_printf(complain(l, l->line, NULL),
		    "\"%s\" is not of the form key = value\n",
		    log_safe(shown, sizeof(shown), line));
		return;
	}
	name = trim((struct slice){ line.p, (size_t)(equal - line.p) });
	value.p = equal + 1;
	value.n = (size_t)(line.p + line.n - value.p);
	value = trim(value);
	if ((key = find_key(name)) < 0)
		buf_printf(complain(l, l->line, NULL),
		    "there is no key \"%s\"; letterbox.conf(5) has a list\n",
		    log_safe(shown, sizeof(shown), name));
	else if (l->at[key] != 0)
		buf_printf(complain(l, l->line, conf_table[key].name),
		    "is in line %u already\n", l->at[key]);
	else if (value.n == 0)
		buf_str(complain(l, l->line, conf_table[key].name),
		    "has no value; put # before the line for the default\n");
	else
		set_value(l, &conf_table[key], value);
	if (key >= 0 && l->at[key] == 0)
		l->at[key] = l->line;
}

static void
read_text(struct load *l, struct slice text)
{
	const char *p = text.p, *end, *stop;

	if (text.n == 0)
		return;
	for (end = p + text.n; p < end; p = stop + 1) {
		if ((stop = memchr(p, '\n', (size_t)(end - p))) == NULL)
			stop = end;
		l->line++;
		read_line(l, (struct slice){ p, (size_t)(stop - p) });
	}
}

static void
read_file(struct load *l)
{
	struct buf text;
	FILE *f = fopen(l->path, "re");
	char chunk[4096];
	size_t n;

	if (f == NULL) {
		buf_printf(complain(l, 0, NULL), "%s\n", strerror(errno));
		return;
	}
	buf_init(&text, FILE_MAX);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, chunk, n);
	if (ferror(f))
		buf_printf(complain(l, 0, NULL), "%s\n", strerror(errno));
	else if (text.failed)
		buf_printf(complain(l, 0, NULL), "is larger than %d bytes\n",
		    FILE_MAX);
	else
		read_text(l, buf_as_slice(&text));
	fclose(f);
	buf_reset(&text);
}

/* The line where `name` was set, for faults that concern two keys. */
static unsigned
line_of(const struct load *l, const char *name)
{
	const int key = find_key(slice_of(name));

	return key < 0 ? 0 : l->at[key];
}

/* What a table of single keys cannot say. */
static void
check_together(struct load *l)
{
	const struct conf *c = l->conf;
	const struct {
		int wrong;
		const char *key, *words;
	} rules[] = {
		{ c->lease <= c->hold, "lease", "must be longer than hold" },
		{ c->lease_max < c->lease, "lease_max",
		    "must not be shorter than lease" },
		{ c->message_max > c->body_max, "message_max",
		    "must not be above body_max" },
		{ c->require_ticket && c->ticket_key_file == NULL,
		    "require_ticket", "needs ticket_key_file" },
		{ c->turn.count > 0 && c->turn_secret_file == NULL, "turn",
		    "needs turn_secret_file" },
	};
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			buf_printf(complain(l, line_of(l, rules[i].key),
				       rules[i].key),
			    "%s\n", rules[i].words);
}

enum lb_err
conf_load(struct conf *c, const char *path, struct buf *words)
{
	struct load l = { .conf = c, .words = words, .err = LB_OK };
	const char *data = getenv("LETTERBOX_DATA");

	l.path = path;
	if (path != NULL && (c->file = strdup(path)) == NULL)
		l.err = LB_NO_MEMORY;
	if (path != NULL)
		read_file(&l);
	if (c->data_dir == NULL && data != NULL && *data != '\0') {
		c->data_dir = conf_absolute(NULL, slice_of(data));
		if (c->data_dir == NULL)
			l.err = LB_NO_MEMORY;
	}
	/* What did not parse is not compared: it would be told twice. */
	if (l.err == LB_OK)
		check_together(&l);
	return l.err;
}

struct store_options
conf_store(const struct conf *c, int64_t patience)
{
	return (struct store_options){
		.folder = c->data_dir,
		.power = c->durability == CONF_POWER,
		.db_max = c->db_max,
		.patience = patience,
		.journal = (enum store_journal)c->journal,
	};
}

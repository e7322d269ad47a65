/*
 * verb: what a person may ask the program for, as data.  One table
 * (verb_table.c), from which come the parser of the command line, the help,
 * the list of commands in letterbox(8) and the completions of three shells.
 */
#ifndef LETTERBOX_VERB_H
#define LETTERBOX_VERB_H

#include <stdio.h>

/* Options of one verb, with -c and -h, or of all actions of one name. */
#define VERB_OPTIONS 16

/* Exit codes; letterbox(8) lists them. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CONF = 3,
	EXIT_ABSENT = 4 /* there is no such room or message */
};

/* A row of a table that ends with name == NULL. */
struct verb_option {
	const char *name;  /* without its dashes */
	char letter;       /* its short form, or 0 */
	const char *value; /* what it takes, as "FILE"; NULL: it is a switch */
	const char *words; /* what it does, without a full stop */
};

struct verb_example {
	const char *line;  /* without the name of the program */
	const char *words; /* what that does */
};

struct verb_call;

struct verb {
	const char *name;      /* "" is the program without a verb */
	const char *action;    /* "add" of `key add`; NULL: it has none */
	const char *arguments; /* "ROOM SEQ"; [X] may be missing */
	const char *title;     /* one line, without a full stop */
	const char *words;     /* sentences of the help and the manual */
	const char *failed;    /* what the exit code 1 says; NULL: usual */
	const struct verb_option *options;    /* or NULL */
	const struct verb_example *examples;  /* or NULL */
	int (*run)(const struct verb_call *); /* NULL: the head of actions,
					       * which has their help */
};

extern const struct verb verb_table[]; /* ends with name == NULL */

/* What was asked for. */
struct verb_call {
	const struct verb *verb;
	const char *program;             /* argv[0] of the process */
	const char *value[VERB_OPTIONS]; /* in the order of verb->options;
					  * "" of a switch, NULL: not given */
	char **arg;                      /* `args` of them */
	int args;
};

/* The first row of that name in `table`, or NULL. */
const struct verb *verb_find(const struct verb *table, const char *name);
/*
 * Reads the arguments behind the verb's name (argv[0], which getopt_long(3)
 * passes over) for the rows that begin at `verb`.  -1: go on with `call`;
 * else the exit code, and all is said: --help was asked for, or it cannot be
 * understood.  Reorders argv.
 */
int verb_parse(struct verb_call *call, const struct verb *verb,
    const char *program, int argc, char **argv);
/* What option `name` of the verb was given, "" for a switch; NULL: nothing. */
const char *verb_value(const struct verb_call *, const char *name);
/* Says on standard error what is wrong with the command line, and where help
 * is; EXIT_USAGE. */
int verb_blame(const struct verb *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- verb_help.c: for people ---- */
/* All verbs, with a line each. */
void verb_print_overview(FILE *);
/* One verb, or, from a head on, all its actions. */
void verb_print_help(FILE *, const struct verb *);
/* The list of commands of letterbox(8), in mdoc(7). */
void verb_print_manual(FILE *);

/* ---- verb_shell.c: for shells ---- */
/* Completions for "bash", "zsh" or "fish"; 0 when it knows no such shell. */
int verb_print_completion(FILE *, const char *shell);

#endif

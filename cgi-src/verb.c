/*
 * verb: from a command line to a call, by the table.
 */
#include "verb.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#define MARK 256 /* what getopt_long returns for the first long option */

static const struct verb_option option_help = { "help", 'h', NULL,
	"Print this" };

/* The options of all rows of one name, each once. */
struct menu {
	const struct verb_option *option[VERB_OPTIONS];
	const char *value[VERB_OPTIONS];
	struct option longs[VERB_OPTIONS + 1];
	char shorts[2 + 2 * VERB_OPTIONS];
	int count;
};

const struct verb *
verb_find(const struct verb *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static int
menu_find(const struct menu *menu, const char *name)
{
	for (int i = 0; i < menu->count; i++)
		if (strcmp(menu->option[i]->name, name) == 0)
			return i;
	return -1;
}

static void
menu_add(struct menu *menu, const struct verb_option *option)
{
	const int i = menu->count;
	size_t n = strlen(menu->shorts);

	if (i == VERB_OPTIONS || menu_find(menu, option->name) >= 0)
		return;
	menu->option[i] = option;
	menu->longs[i].name = option->name;
	menu->longs[i].has_arg = option->value != NULL ? required_argument :
							 no_argument;
	menu->longs[i].val = MARK + i;
	menu->count++;
	if (option->letter == 0)
		return;
	menu->shorts[n++] = option->letter;
	if (option->value != NULL)
		menu->shorts[n++] = ':';
}

/* ':' first: a missing value is told apart from an unknown option. */
static void
menu_make(struct menu *menu, const struct verb *verb)
{
	const struct verb *row = verb;

	memset(menu, 0, sizeof(*menu));
	menu->shorts[0] = ':';
	menu_add(menu, &option_help);
	for (; row->name != NULL && strcmp(row->name, verb->name) == 0; row++)
		for (const struct verb_option *o = row->options;
		     o != NULL && o->name != NULL; o++)
			menu_add(menu, o);
}

int
verb_blame(const struct verb *verb, const char *format, ...)
{
	va_list ap;

	fputs("letterbox: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "; see `letterbox help%s%s'\n",
	    *verb->name != '\0' ? " " : "", verb->name);
	return EXIT_USAGE;
}

/* -1: go on. */
static int
menu_read(struct menu *menu, const struct verb *verb, int argc, char **argv)
{
	int i, mark;

	optind = 0; /* glibc begins anew, whoever called it before */
	opterr = 0;
	while ((mark = getopt_long(argc, argv, menu->shorts, menu->longs,
		    NULL)) != -1) {
		if (mark == ':')
			return verb_blame(verb, "%s wants a value",
			    argv[optind - 1]);
		if (mark == '?' && optopt > 0 && optopt < MARK)
			return verb_blame(verb, "there is no option -%c",
			    optopt);
		if (mark == '?')
			return verb_blame(verb,
			    "there is no option %s, or it "
			    "takes no value",
			    argv[optind - 1]);
		i = mark - MARK;
		for (int k = 0; mark < MARK && k < menu->count; k++)
			if (menu->option[k]->letter == mark)
				i = k;
		menu->value[i] = optarg != NULL ? optarg : "";
	}
	return -1;
}

/* The row of the action that argv[optind] names. */
static const struct verb *
choose(const struct verb *head, const char *action)
{
	const struct verb *row = head;

	for (; row->name != NULL && strcmp(row->name, head->name) == 0; row++)
		if (row->action != NULL && strcmp(row->action, action) == 0)
			return row;
	return NULL;
}

/* Moves what was given to the places of the row's own options. */
static int
settle(struct verb_call *call, const struct menu *menu)
{
	const struct verb_option *own = call->verb->options;
	int taken, given;

	for (int i = 1; i < menu->count; i++) {
		taken = 0;
		for (int k = 0; own != NULL && own[k].name != NULL; k++) {
			if (strcmp(own[k].name, menu->option[i]->name) != 0)
				continue;
			call->value[k] = menu->value[i];
			taken = 1;
		}
		given = menu->value[i] != NULL;
		if (given && !taken)
			return verb_blame(call->verb,
			    "%s %s takes no option --%s", call->verb->name,
			    call->verb->action, menu->option[i]->name);
	}
	return -1;
}

/* "ROOM [SEQ]" wants one or two. */
static int
count_arguments(const struct verb_call *call)
{
	const struct verb *verb = call->verb;
	int least = 0, most = 0;

	for (const char *p = verb->arguments; *p != '\0'; p++) {
		if (p != verb->arguments && p[-1] != ' ')
			continue;
		most++;
		least += *p != '[';
	}
	if (call->args >= least && call->args <= most)
		return -1;
	if (most == 0)
		return verb_blame(verb, "unknown command or argument `%s'",
		    call->arg[0]);
	return verb_blame(verb, "%s%s%s wants %s", verb->name,
	    verb->action != NULL ? " " : "",
	    verb->action != NULL ? verb->action : "", verb->arguments);
}

int
verb_parse(struct verb_call *call, const struct verb *verb, const char *program,
    int argc, char **argv)
{
	struct menu menu;
	int status;

	menu_make(&menu, verb);
	memset(call, 0, sizeof(*call));
	call->verb = verb;
	call->program = program;
	status = menu_read(&menu, verb, argc, argv);
	if (status >= 0)
		return status;
	if (menu.value[0] != NULL) {
		verb_print_help(stdout, verb);
		return EXIT_DONE;
	}
	if (verb->run == NULL && *verb->name != '\0') {
		if (optind >= argc) {
			verb_print_help(stderr, verb);
			return EXIT_USAGE;
		}
		call->verb = choose(verb, argv[optind]);
		if (call->verb == NULL)
			return verb_blame(verb, "%s has no action `%s'",
			    verb->name, argv[optind]);
		optind++;
	}
	call->arg = argv + optind;
	call->args = argc - optind;
	status = settle(call, &menu);
	return status >= 0 ? status : count_arguments(call);
}

const char *
verb_value(const struct verb_call *call, const char *name)
{
	const struct verb_option *own = call->verb->options;

	for (int i = 0; own != NULL && own[i].name != NULL; i++)
		if (strcmp(own[i].name, name) == 0)
			return call->value[i];
	return NULL;
}

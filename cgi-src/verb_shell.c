/*
 * verb_shell: the table as shells read it, to complete what is typed.
 *
 * All three are thin: verbs, their actions, options, and files where an
 * option takes one.  Rooms are asked of the program itself.
 */
#include <string.h>

#include "verb.h"

/* Words go between single quotes of a shell. */
static void
print_quoted(FILE *f, const char *words)
{
	for (; *words != '\0'; words++) {
		if (*words == '\'')
			fputs("'\\''", f);
		else
			fputc(*words, f);
	}
}

static int
is_first(const struct verb *verb)
{
	return verb->action == NULL && *verb->name != '\0';
}

static void
print_verbs(FILE *f)
{
	const char *gap = "";

	for (const struct verb *v = verb_table; v->name != NULL; v++) {
		if (!is_first(v))
			continue;
		fprintf(f, "%s%s", gap, v->name);
		gap = " ";
	}
}

static const struct verb *
after(const struct verb *verb)
{
	const char *name = verb->name;

	while (verb->name != NULL && strcmp(verb->name, name) == 0)
		verb++;
	return verb;
}

/* Calls `each` for every option of the rows of one name. */
static void
walk(FILE *f, const struct verb *verb,
    void (*each)(FILE *, const struct verb *, const struct verb_option *))
{
	const struct verb *end = after(verb);

	for (const struct verb *row = verb; row < end; row++)
		for (const struct verb_option *o = row->options;
		     o != NULL && o->name != NULL; o++)
			each(f, row, o);
}

static int
takes_room(const struct verb *verb)
{
	return strncmp(verb->arguments, "ROOM", 4) == 0;
}

static int
takes_file(const struct verb_option *o)
{
	return o->value != NULL && strcmp(o->value, "FILE") == 0;
}

/* ---- bash ---- */

static void
bash_option(FILE *f, const struct verb *verb, const struct verb_option *o)
{
	(void)verb;
	fprintf(f, " --%s", o->name);
}

static void
bash_verb(FILE *f, const struct verb *verb)
{
	const struct verb *end = after(verb);

	fprintf(f, "\t%s)\twords='--help", *verb->name ? verb->name : "-*|''");
	walk(f, verb, bash_option);
	for (const struct verb *row = verb; row < end; row++)
		if (row->action != NULL)
			fprintf(f, " %s", row->action);
	fputc('\'', f);
	if (takes_room(verb))
		fputs("; rooms=1", f);
	if (strcmp(verb->name, "help") == 0) {
		fputs("; words=\"$words ", f);
		print_verbs(f);
		fputc('"', f);
	}
	fputs(" ;;\n", f);
}

/* Has a row before this one an option of that name? */
static int
is_known(const struct verb *verb, const struct verb_option *option)
{
	for (const struct verb *v = verb_table; v < verb; v++)
		for (const struct verb_option *o = v->options;
		     o != NULL && o->name != NULL; o++)
			if (strcmp(o->name, option->name) == 0)
				return 1;
	return 0;
}

/* Behind these stands a file: a pattern of the shell. */
static void
bash_files(FILE *f)
{
	const char *between = "";

	for (const struct verb *v = verb_table; v->name != NULL; v++)
		for (const struct verb_option *o = v->options;
		     o != NULL && o->name != NULL; o++) {
			if (!takes_file(o) || is_known(v, o))
				continue;
			fprintf(f, "%s--%s", between, o->name);
			if (o->letter != 0)
				fprintf(f, "|-%c", o->letter);
			between = "|";
		}
}

static void
print_bash(FILE *f)
{
	fputs("# bash completion of letterbox, by `letterbox completion "
	      "bash'\n"
	      "_letterbox()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words='' rooms=''\n"
	      "\tCOMPREPLY=()\n"
	      "\tcase ${COMP_WORDS[COMP_CWORD-1]} in\n\t",
	    f);
	bash_files(f);
	fputs(")\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "\t\treturn ;;\n"
	      "\tesac\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='",
	    f);
	print_verbs(f);
	fputs(" --help", f);
	walk(f, verb_table, bash_option);
	fputs("'\n\telse\n\tcase ${COMP_WORDS[1]} in\n", f);
	for (const struct verb *v = verb_table; v->name != NULL; v = after(v))
		bash_verb(f, v);
	fputs("\tesac\n\tfi\n"
	      "\tif [ -n \"$rooms\" ] && [[ $cur != -* ]]; then\n"
	      "\t\twords=$(letterbox rooms --names 2>/dev/null)\n"
	      "\tfi\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	      "}\ncomplete -o default -F _letterbox letterbox\n",
	    f);
}

/* ---- zsh ---- */

/* In a specification a colon parts, and a bracket ends. */
static void
zsh_words(FILE *f, const char *words)
{
	for (; *words != '\0'; words++) {
		if (strchr(":[]", *words) != NULL)
			fputc('\\', f);
		if (*words == '\'')
			fputs("'\\''", f);
		else
			fputc(*words, f);
	}
}

static void
zsh_option(FILE *f, const struct verb *verb, const struct verb_option *o)
{
	(void)verb;
	fprintf(f, " \\\n\t\t    '--%s%s[", o->name, o->value ? "=" : "");
	zsh_words(f, o->words);
	fputc(']', f);
	if (o->value != NULL)
		fprintf(f, ":%s:%s", o->value, takes_file(o) ? "_files" : " ");
	fputc('\'', f);
}

static void
zsh_verb(FILE *f, const struct verb *verb)
{
	const struct verb *end = after(verb);

	if (*verb->name == '\0')
		return;
	fprintf(f, "\t%s)\n\t\t_arguments '--help[Print help]'", verb->name);
	walk(f, verb, zsh_option);
	if (takes_room(verb))
		fputs(" \\\n\t\t    '1:room:_letterbox_rooms'", f);
	if (verb->run == NULL) {
		fputs(" \\\n\t\t    '1:action:(", f);
		for (const struct verb *row = verb + 1; row < end; row++)
			fprintf(f, "%s%s", row > verb + 1 ? " " : "",
			    row->action);
		fputs(")'", f);
	}
	if (strcmp(verb->name, "help") == 0) {
		fputs(" \\\n\t\t    '1:verb:(", f);
		print_verbs(f);
		fputs(")'", f);
	}
	fputs(" ;;\n", f);
}

static void
print_zsh(FILE *f)
{
	fputs("#compdef letterbox\n"
	      "# zsh completion of letterbox, by `letterbox completion zsh'\n"
	      "_letterbox_rooms()\n{\n"
	      "\tlocal -a rooms\n"
	      "\trooms=(${(f)\"$(letterbox rooms --names 2>/dev/null)\"})\n"
	      "\tcompadd -a rooms\n}\n\n"
	      "_letterbox()\n{\n"
	      "\tlocal -a verbs\n\tverbs=(\n",
	    f);
	for (const struct verb *v = verb_table; v->name != NULL; v++) {
		if (!is_first(v))
			continue;
		fprintf(f, "\t    '%s:", v->name);
		zsh_words(f, v->title);
		fputs("'\n", f);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )); then\n"
	      "\t\t_describe verb verbs\n\t\treturn\n\tfi\n"
	      "\tlocal verb=$words[2]\n"
	      "\tshift words\n\t(( CURRENT-- ))\n"
	      "\tcase $verb in\n",
	    f);
	for (const struct verb *v = verb_table; v->name != NULL; v = after(v))
		zsh_verb(f, v);
	fputs("\tesac\n}\n\n_letterbox \"$@\"\n", f);
}

/* ---- fish ---- */

static void
fish_option(FILE *f, const struct verb *verb, const struct verb_option *o)
{
	fprintf(f, "complete -c letterbox -n '%s%s' -l %s",
	    *verb->name ? "__fish_seen_subcommand_from " :
			  "__fish_use_subcommand",
	    verb->name, o->name);
	if (o->letter != 0)
		fprintf(f, " -s %c", o->letter);
	if (o->value != NULL)
		fputs(takes_file(o) ? " -r -F" : " -x", f);
	fputs(" -d '", f);
	print_quoted(f, o->words);
	fputs("'\n", f);
}

static void
fish_verb(FILE *f, const struct verb *verb)
{
	const struct verb *end = after(verb);

	if (is_first(verb)) {
		fprintf(f,
		    "complete -c letterbox -n __fish_use_subcommand "
		    "-a %s -d '",
		    verb->name);
		print_quoted(f, verb->title);
		fputs("'\n", f);
	}
	for (const struct verb *row = verb; row < end; row++)
		if (row->action != NULL)
			fprintf(f,
			    "complete -c letterbox -n '"
			    "__fish_seen_subcommand_from %s' -a %s\n",
			    row->name, row->action);
	walk(f, verb, fish_option);
	if (takes_room(verb))
		fprintf(f,
		    "complete -c letterbox -n '__fish_seen_subcommand_from "
		    "%s' -a '(letterbox rooms --names 2>/dev/null)'\n",
		    verb->name);
}

static void
print_fish(FILE *f)
{
	fputs("# fish completion of letterbox, by `letterbox completion "
	      "fish'\n"
	      "complete -c letterbox -f\n"
	      "complete -c letterbox -s h -l help -d 'Print help'\n",
	    f);
	for (const struct verb *v = verb_table; v->name != NULL; v = after(v))
		fish_verb(f, v);
}

int
verb_print_completion(FILE *f, const char *shell)
{
	static const struct {
		const char *shell;
		void (*print)(FILE *);
	} shells[] = {
		{ "bash", print_bash },
		{ "zsh", print_zsh },
		{ "fish", print_fish },
	};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].shell, shell) != 0)
			continue;
		shells[i].print(f);
		return 1;
	}
	return 0;
}

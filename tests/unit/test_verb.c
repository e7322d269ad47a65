/*
 * verb: what is typed becomes a call or words that say what is wrong, and
 * what people and shells read is what the table says.
 *
 * With the argument "write" it renews the list of verbs in the manual; run
 * from the top of the tree.
 */
#define _POSIX_C_SOURCE 200809L

#include "unit.h"

#include <ctype.h>
#include <unistd.h>

#include "mute.h"
#include "verb.h"

#define MANUAL "cgi-src/man/letterbox.8"
#define BEGIN ".\\\" begin verbs"
#define END ".\\\" end verbs"

static int
run_nothing(const struct verb_call *call)
{
	(void)call;
	return 0;
}

/* clang-format off */
static const struct verb_option look[] = {
	{ "conf", 'c', "FILE", "Read this" },
	{ "json", 0, NULL, "For programs" },
	{ NULL, 0, NULL, NULL },
}, make[] = {
	{ "hook", 0, "URL", "Tell it" },
	{ "conf", 'c', "FILE", "Read this" },
	{ NULL, 0, NULL, NULL },
};

static const struct verb verbs[] = {
	{ .name = "look", .arguments = "ROOM [SEQ]", .title = "look",
	    .options = look, .run = run_nothing },
	{ .name = "key", .arguments = "", .title = "keys" },
	{ .name = "key", .action = "add", .arguments = "NAME", .title = "a",
	    .options = make, .run = run_nothing },
	{ .name = "key", .action = "list", .arguments = "", .title = "l",
	    .options = look, .run = run_nothing },
	{ .name = NULL },
};
/* clang-format on */

/* Parses words that stand apart by spaces. */
static int
parse(struct verb_call *call, const char *line)
{
	static char text[256];
	static char *argv[16];
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *p = strtok(text, " "); p != NULL; p = strtok(NULL, " "))
		argv[argc++] = p;
	argv[argc] = NULL;
	return verb_parse(call, verb_find(verbs, argv[0]), "letterbox", argc,
	    argv);
}

static void
options_stand_anywhere(void **state)
{
	struct verb_call call;

	(void)state;
	assert_int_equal(parse(&call, "look blue -c a.conf 7 --json"), -1);
	assert_ptr_equal(call.verb, &verbs[0]);
	assert_int_equal(call.args, 2);
	assert_string_equal(call.arg[0], "blue");
	assert_string_equal(call.arg[1], "7");
	assert_string_equal(verb_value(&call, "conf"), "a.conf");
	assert_string_equal(verb_value(&call, "json"), "");
	assert_int_equal(parse(&call, "look --conf=b -- --json"), -1);
	assert_string_equal(verb_value(&call, "conf"), "b");
	assert_string_equal(call.arg[0], "--json");
	assert_null(verb_value(&call, "json"));
	assert_null(verb_value(&call, "nix"));
}

static void
an_action_has_its_own_options(void **state)
{
	struct verb_call call;

	(void)state;
	assert_int_equal(parse(&call, "key -c x add --hook u shop"), -1);
	assert_ptr_equal(call.verb, &verbs[2]);
	assert_int_equal(call.args, 1);
	assert_string_equal(verb_value(&call, "conf"), "x");
	assert_string_equal(verb_value(&call, "hook"), "u");
	assert_int_equal(parse(&call, "key list --json"), -1);
	assert_ptr_equal(call.verb, &verbs[3]);
	assert_string_equal(verb_value(&call, "json"), "");
	assert_null(verb_value(&call, "conf"));
}

static void
what_cannot_be_understood_is_an_error_of_usage(void **state)
{
	static const char *const lines[] = { "look", "look a b c", "look a --n",
		"look a -x", "look a --conf", "look a -c", "look a --json=1",
		"key", "key nix", "key add", "key add a b", "key add a --json",
		"key list a", "key list --hook u" };
	struct verb_call call;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		const int saved = mute();
		const int status = parse(&call, lines[i]);

		unmute(saved);
		assert_row(status == EXIT_USAGE, lines[i]);
	}
}

/* ---- the table that is in force ---- */

static void
the_table_can_be_used(void **state)
{
	const struct verb *verb, *other;
	int count;

	(void)state;
	for (verb = verb_table; verb->name != NULL; verb++) {
		assert_row(verb->arguments != NULL, verb->name);
		assert_row(verb->title != NULL, verb->name);
		count = 0;
		for (const struct verb_option *o = verb->options;
		     o != NULL && o->name != NULL; o++, count++) {
			assert_row(o->words != NULL, o->name);
			assert_row(isupper((unsigned char)*o->words), o->name);
			assert_row(o->words[strlen(o->words) - 1] != '.',
			    o->name);
			assert_row(o->letter != 'h', o->name);
		}
		assert_row(count < VERB_OPTIONS, verb->name);
		/* Rows of one name stand together, its head first. */
		other = verb_find(verb_table, verb->name);
		assert_row(other == verb || verb->action != NULL, verb->name);
		assert_row(other == verb ||
			strcmp(verb[-1].name, verb->name) == 0,
		    verb->name);
		assert_row(other == verb || other->run == NULL, verb->name);
	}
}

static char *
print(void (*write)(FILE *))
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	write(f);
	fclose(f);
	return text;
}

static void
write_bash(FILE *f)
{
	assert_int_equal(verb_print_completion(f, "bash"), 1);
}

static void
write_zsh(FILE *f)
{
	assert_int_equal(verb_print_completion(f, "zsh"), 1);
}

static void
write_fish(FILE *f)
{
	assert_int_equal(verb_print_completion(f, "fish"), 1);
}

static void
assert_told(const char *text, const char *word)
{
	const size_t n = strlen(word);
	const char *p = text;

	while ((p = strstr(p, word)) != NULL) {
		if (!isalnum((unsigned char)p[n]) && p > text &&
		    !isalnum((unsigned char)p[-1]))
			return;
		p++;
	}
	fail_msg("not told: %s", word);
}

static void
every_shell_knows_every_verb_and_option(void **state)
{
	void (*const shells[])(FILE *) = { write_bash, write_zsh, write_fish };

	(void)state;
	for (size_t i = 0; i < COUNT(shells); i++) {
		char *text = print(shells[i]);

		for (const struct verb *v = verb_table + 1; v->name != NULL;
		     v++) {
			assert_told(text, v->name);
			if (v->action != NULL)
				assert_told(text, v->action);
			for (const struct verb_option *o = v->options;
			     o != NULL && o->name != NULL; o++)
				assert_told(text, o->name);
		}
		free(text);
	}
	assert_int_equal(verb_print_completion(stdout, "csh"), 0);
}

static void
help_tells_every_option(void **state)
{
	(void)state;
	for (const struct verb *v = verb_table + 1; v->name != NULL; v++) {
		char *text;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		verb_print_help(f, verb_find(verb_table, v->name));
		fclose(f);
		for (const struct verb_option *o = v->options;
		     o != NULL && o->name != NULL; o++)
			assert_told(text, o->name);
		for (char *line = strtok(text, "\n"); line != NULL;
		     line = strtok(NULL, "\n"))
			assert_row(strlen(line) <= 78 ||
				strchr(line + 40, ' ') == NULL,
			    line);
		free(text);
	}
}

/* ---- the manual ---- */

static char *
read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	fclose(f);
	return text;
}

static void
the_manual_says_what_the_table_says(void **state)
{
	char *list, *manual, *begin, *end;

	(void)state;
	list = print(verb_print_manual);
	manual = read_file(MANUAL);
	begin = strchr(strstr(manual, BEGIN), '\n') + 1;
	end = strstr(begin, END);
	assert_non_null(end);
	*end = '\0';
	assert_string_equal(begin, list);
	free(list);
	free(manual);
}

static int
write_files(void)
{
	char *manual = read_file(MANUAL);
	char *begin = strchr(strstr(manual, BEGIN), '\n') + 1;
	char *end = strstr(begin, END);
	FILE *f = fopen(MANUAL, "w");

	assert_non_null(f);
	fwrite(manual, 1, (size_t)(begin - manual), f);
	verb_print_manual(f);
	fputs(end, f);
	fclose(f);
	free(manual);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(an_action_has_its_own_options),
		cmocka_unit_test(
		    what_cannot_be_understood_is_an_error_of_usage),
		cmocka_unit_test(the_table_can_be_used),
		cmocka_unit_test(every_shell_knows_every_verb_and_option),
		cmocka_unit_test(help_tells_every_option),
		cmocka_unit_test(the_manual_says_what_the_table_says),
	};

	if (argc > 1 && strcmp(argv[1], "write") == 0)
		return write_files();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

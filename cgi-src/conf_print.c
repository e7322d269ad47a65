/*
 * conf_print: the table for people: the annotated example and the manual.
 */
#include <string.h>

#include "conf_table.h"

#define WIDTH 76

/* Prints `words` in lines of at most WIDTH bytes that begin with `prefix`;
 * with `sentences` each of them begins a line, as mdoc wants it. */
static void
print_filled(FILE *f, const char *prefix, const char *words, int sentences)
{
	size_t at = 0, n;

	for (; *words != '\0'; words += n) {
		words += strspn(words, " ");
		n = strcspn(words, " ");
		if (at > 0 &&
		    (at + 1 + n > WIDTH || (sentences && words[-2] == '.'))) {
			fputc('\n', f);
			at = 0;
		}
		if (at == 0)
			at = (size_t)fprintf(f, "%s", prefix);
		else
			at += (size_t)fprintf(f, " ");
		at += (size_t)fprintf(f, "%.*s", (int)n, words);
	}
	fputc('\n', f);
}

/* What the key may be, one sentence. */
static void
print_range(FILE *f, const char *prefix, const struct conf_key *key)
{
	const char *const *choice;

	fputs(prefix, f);
	switch (key->type) {
	case CONF_INT:
		fprintf(f, "Unit: %s; %lld to %lld.\n", key->unit,
		    (long long)key->min, (long long)key->max);
		break;
	case CONF_WORD:
		fputs("One of", f);
		for (choice = key->choices; *choice != NULL; choice++)
			fprintf(f, "%s %s", choice == key->choices ? "" : ",",
			    *choice);
		fputs(".\n", f);
		break;
	case CONF_LIST:
		fputs("A list.\n", f);
		break;
	default:
		fputs("A path.\n", f);
		break;
	}
}

static void
print_value(FILE *f, const struct conf_key *key)
{
	if (key->type == CONF_INT)
		fprintf(f, "%lld", (long long)key->standard);
	else if (key->type == CONF_WORD)
		fputs(key->choices[key->standard], f);
	else
		fputs(key->example, f);
}

static int
has_default(const struct conf_key *key)
{
	return key->type == CONF_INT || key->type == CONF_WORD;
}

void
conf_print_example(FILE *f)
{
	const struct conf_key *key;
	int required;

	print_filled(f, "# ",
	    "Configuration of letterbox. Every key is here, with its default. "
	    "A line that begins with #key is out of force: take the # away and "
	    "change the value. None must be given. See "
	    "letterbox.conf(5); \"letterbox -t\" checks this file.",
	    0);
	for (key = conf_table; key < conf_table + conf_table_count; key++) {
		if (key->type == CONF_SECTION) {
			fprintf(f, "\n# --- %s ", key->help);
			for (size_t n = strlen(key->help) + 7; n < WIDTH; n++)
				fputc('-', f);
			fputc('\n', f);
			continue;
		}
		required = strcmp(key->name, "data_dir") == 0;
		fputc('\n', f);
		print_filled(f, "# ", key->help, 0);
		print_range(f, "# ", key);
		if (!required && !has_default(key))
			fputs("# Default: none.\n", f);
		fprintf(f, "%s%s = ", required ? "" : "#", key->name);
		print_value(f, key);
		fputc('\n', f);
	}
}

void
conf_print_manual(FILE *f)
{
	const struct conf_key *key;

	for (key = conf_table; key < conf_table + conf_table_count; key++) {
		if (key->type == CONF_SECTION) {
			fprintf(f, "%s.Ss %s\n.Bl -tag -width Ds\n",
			    key == conf_table ? "" : ".El\n", key->help);
			continue;
		}
		fprintf(f, ".It Ic %s\n", key->name);
		print_filled(f, "", key->help, 1);
		print_range(f, "", key);
		if (!has_default(key)) {
			fputs("There is no default.\n", f);
			continue;
		}
		fputs("The default is\n.Cm ", f);
		print_value(f, key);
		fputs(" .\n", f);
	}
	fputs(".El\n", f);
}

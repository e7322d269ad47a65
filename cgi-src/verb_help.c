/*
 * verb_help: the table in words: help for a terminal, and a manual's list.
 */
#include <ctype.h>
#include <string.h>

#include "verb.h"

#define WIDTH 78
#define COLUMN 30 /* where the second column of a list begins */

static const char opening[] =
    "letterbox: WebRTC signaling behind a web server, by FastCGI or CGI\n"
    "\n"
    "A web server starts this program; lighttpd for example with\n"
    "  fastcgi.server = (\"/api\" => ((\"socket\" => \"/run/letterbox.sock\",\n"
    "    \"bin-path\" => \"/usr/local/bin/letterbox\", \"max-procs\" => 1,\n"
    "    \"check-local\" => \"disable\")))\n"
    "\n";

static const char closing[] =
    "\n"
    "The configuration is FILE, or $LETTERBOX_CONF, or letterbox.conf beside\n"
    "the program.  letterbox(8) and letterbox.conf(5) tell the rest.\n";

/* Words in lines from column `indent` on; the first goes on at `at`. */
static void
print_filled(FILE *f, const char *words, size_t indent, size_t at)
{
	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (at > indent && at + 1 + n > WIDTH) {
			fprintf(f, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', f);
			at++;
		}
		fwrite(words, 1, n, f);
		at += n;
		words += n + strspn(words + n, " ");
	}
	fputc('\n', f);
}

static void
print_pair(FILE *f, const char *left, const char *right)
{
	const size_t n = strlen(left);

	fprintf(f, "  %s", left);
	if (n + 4 > COLUMN)
		fprintf(f, "\n%*s", COLUMN, "");
	else
		fprintf(f, "%*s", (int)(COLUMN - n - 2), "");
	print_filled(f, right, COLUMN, COLUMN);
}

static const char *
gap(const char *word)
{
	return word != NULL && *word != '\0' ? " " : "";
}

static const char *
or_nothing(const char *word)
{
	return word != NULL ? word : "";
}

/* "key add NAME" */
static void
write_usage(char *out, size_t size, const struct verb *verb)
{
	snprintf(out, size, "letterbox%s%s%s%s%s%s", gap(verb->name),
	    verb->name, gap(verb->action), or_nothing(verb->action),
	    gap(verb->arguments), verb->arguments);
}

static void
print_options(FILE *f, const struct verb_option *o)
{
	char left[64];

	for (; o != NULL && o->name != NULL; o++) {
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s",
		    o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		    o->letter ? ", " : "  ", o->name, gap(o->value),
		    or_nothing(o->value));
		print_pair(f, left, o->words);
	}
}

static void
print_examples(FILE *f, const struct verb_example *e)
{
	char left[128];

	for (; e != NULL && e->line != NULL; e++) {
		snprintf(left, sizeof(left), "letterbox %s", e->line);
		print_pair(f, left, e->words);
	}
}

static int
is_same(const struct verb *a, const struct verb *b)
{
	return b->name != NULL && strcmp(a->name, b->name) == 0;
}

void
verb_print_help(FILE *f, const struct verb *verb)
{
	char usage[128];
	const struct verb *row;

	if (*verb->name == '\0') {
		verb_print_overview(f);
		return;
	}
	fprintf(f, "letterbox %s: %s\n\n", verb->name, verb->title);
	if (verb->examples != NULL) {
		print_examples(f, verb->examples);
		fputc('\n', f);
	}
	for (row = verb; is_same(verb, row); row++) {
		if (row->run == NULL)
			continue;
		write_usage(usage, sizeof(usage), row);
		fprintf(f, "%s%s\n", usage,
		    row->options != NULL ? " [OPTION]..." : "");
		if (row->action != NULL)
			print_filled(f, row->title, 0, 0);
		print_options(f, row->options);
		fputc('\n', f);
	}
	if (verb->words != NULL)
		print_filled(f, verb->words, 0, 0);
	if (verb->failed != NULL) {
		char words[160];

		snprintf(words, sizeof(words), "It exits with 1 when %s.",
		    verb->failed);
		print_filled(f, words, 0, 0);
	}
}

void
verb_print_overview(FILE *f)
{
	char usage[128];
	const struct verb *verb;

	fputs(opening, f);
	print_examples(f, verb_table->examples);
	fputc('\n', f);
	for (verb = verb_table + 1; verb->name != NULL; verb++) {
		if (verb->action != NULL)
			continue;
		write_usage(usage, sizeof(usage), verb);
		print_pair(f, usage, verb->title);
	}
	fputs(closing, f);
}

/* ---- mdoc(7) ---- */

/* A line of a manual must not begin with a request, nor an argument be one. */
static void
print_roff(FILE *f, const char *words)
{
	if (*words == '.' || *words == '\'')
		fputs("\\&", f);
	for (; *words != '\0'; words++) {
		if (*words == '\\')
			fputs("\\e", f);
		else if (*words == '-')
			fputs("\\-", f);
		else
			fputc(*words, f);
	}
}

/* Sentences on lines of their own, as manuals want them. */
static void
print_sentences(FILE *f, const char *words)
{
	while (*words != '\0') {
		const char *end = strstr(words, ". ");
		char line[512];
		size_t n = end == NULL ? strlen(words) :
					 (size_t)(end - words) + 1;

		snprintf(line, sizeof(line), "%.*s", (int)n, words);
		print_roff(f, line);
		fputc('\n', f);
		words += n;
		words += strspn(words, " ");
	}
}

static void
print_manual_usage(FILE *f, const struct verb *verb)
{
	fprintf(f, ".It Cm %s%s%s", verb->name, gap(verb->action),
	    or_nothing(verb->action));
	for (const char *p = verb->arguments; *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (*p == '[')
			fprintf(f, " Op Ar %.*s", (int)(n - 2), p + 1);
		else
			fprintf(f, " Ar %.*s", (int)n, p);
		p += n + strspn(p + n, " ");
	}
	fputc('\n', f);
}

static void
print_manual_options(FILE *f, const struct verb_option *o)
{
	if (o == NULL)
		return;
	fputs(".Bl -tag -width Ds\n", f);
	for (; o->name != NULL; o++) {
		fputs(".It ", f);
		if (o->letter != 0)
			fprintf(f, "Fl %c%s%s , ", o->letter,
			    o->value != NULL ? " Ar " : "",
			    or_nothing(o->value));
		fprintf(f, "Fl \\-%s%s%s\n", o->name,
		    o->value != NULL ? " Ar " : "", or_nothing(o->value));
		print_roff(f, o->words);
		fputs(".\n", f);
	}
	fputs(".El\n", f);
}

void
verb_print_manual(FILE *f)
{
	const struct verb *verb;

	fputs(".Bl -tag -width Ds\n", f);
	for (verb = verb_table + 1; verb->name != NULL; verb++) {
		if (verb->run == NULL)
			continue;
		print_manual_usage(f, verb);
		fputc(toupper((unsigned char)*verb->title), f);
		print_roff(f, verb->title + 1);
		fputs(".\n", f);
		if (verb->words != NULL)
			print_sentences(f, verb->words);
		if (verb->failed != NULL)
			fprintf(f, "It exits with 1 when %s.\n", verb->failed);
		print_manual_options(f, verb->options);
	}
	fputs(".El\n", f);
}

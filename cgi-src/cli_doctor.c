/*
 * cli_doctor: see cli_doctor.h.
 *
 * What was found goes to standard output, everything else to standard error.
 * It works with a wrong configuration and with a folder that is broken, not
 * there or of somebody else: that is what it is for.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_out.h"
#include "clock.h"
#include "doctor.h"
#include "self.h"

#define WIDTH 78
#define INDENT 11
#define PATIENCE_MS 30000
#define REPORT_MAX 262144

/* ---- for people ---- */

struct page {
	int coloured;
	const struct doctor_family *family; /* whose title was printed last */
};

/* clang-format off */
static const struct {
	const char *word, *colour;
} marks[DOCTOR__MAX] = {
	[DOCTOR_OK] = { "ok", "\033[32m" },
	[DOCTOR_NOTE] = { "note", "\033[36m" },
	[DOCTOR_WARNING] = { "warning", "\033[33m" },
	[DOCTOR_BAD] = { "BAD", "\033[1;31m" },
};
/* clang-format on */

/* Goes on in column `at`; lines that follow begin in column INDENT. */
static size_t
print_filled(struct slice text, size_t at)
{
	while (text.n > 0) {
		const char *space = memchr(text.p, ' ', text.n);
		size_t n = space == NULL ? text.n : (size_t)(space - text.p);

		if (at > INDENT && at + 1 + n > WIDTH) {
			printf("\n%*s", INDENT, "");
			at = INDENT;
		} else if (at > INDENT) {
			putchar(' ');
			at++;
		}
		printf("%.*s", (int)n, text.p);
		at += n;
		text.p += n;
		text.n -= n;
		if (text.n > 0) {
			text.p++;
			text.n--;
		}
	}
	return at;
}

static void
print_one(void *arg, const struct doctor_family *family,
    const struct doctor_check *check, enum doctor_outcome outcome,
    struct slice words, struct slice cure)
{
	struct page *page = arg;
	size_t at;

	if (page->family != family)
		printf("\n%s\n", family->title);
	page->family = family;
	printf("  %s%-8s%s ", page->coloured ? marks[outcome].colour : "",
	    marks[outcome].word, page->coloured ? "\033[0m" : "");
	at = print_filled(slice_of(check->title), INDENT);
	putchar(':');
	print_filled(words, at + 1);
	putchar('\n');
	/* On one line however long: it may hold a command. */
	if (cure.n > 0)
		printf("%*s%s: %.*s\n", INDENT, "",
		    outcome == DOCTOR_NOTE ? "Advice" : "Cure", (int)cure.n,
		    cure.p);
}

static void
print_words(struct doctor *d)
{
	struct page page = { .coloured = cli_out_coloured() };

	if (isatty(STDERR_FILENO))
		fputs("Looking; a large database takes up to half a "
		      "minute.\n",
		    stderr);
	printf("Letterbox %s with SQLite %s\n", LB_VERSION,
	    store_sqlite_version());
	doctor_run(d, print_one, &page);
	printf("\nBad: %d. Warnings: %d. Notes: %d. Well: %d.\n",
	    d->count[DOCTOR_BAD], d->count[DOCTOR_WARNING],
	    d->count[DOCTOR_NOTE], d->count[DOCTOR_OK]);
}

/* ---- for programs ---- */

static void
print_json(struct doctor *d)
{
	struct buf out;

	buf_init(&out, REPORT_MAX);
	doctor_print(d, &out);
	buf_char(&out, '\n');
	fwrite(out.p, 1, out.n, stdout);
	buf_reset(&out);
}

/* ---- the patient ---- */

/* Reads what can be read of the configuration; its faults go to `words`. */
static void
load(struct conf *conf, const char *path, const char *program,
    struct buf *words)
{
	char found[4096];

	conf_init(conf);
	if (path == NULL && conf_find(found, sizeof(found), program) == LB_OK)
		path = found;
	conf_load(conf, path, words);
	if (conf->data_dir == NULL)
		conf_settle(conf, NULL, getenv("DOCUMENT_ROOT"), words);
	buf_char(words, '\0');
}

static int
examine(const char *conf_file, const char *program, int as_json)
{
	char path[4096];
	struct conf conf;
	struct buf faults;
	struct clock now;
	struct doctor d;

	buf_init(&faults, 65536);
	load(&conf, conf_file, program, &faults);
	clock_now(&now);
	memset(&d, 0, sizeof(d));
	d.conf = &conf;
	d.conf_file = conf.file;
	d.faults = faults.p == NULL ? "" : faults.p;
	d.program = self_path(path, sizeof(path));
	d.now = now.wall;
	d.patience = PATIENCE_MS;
	if (as_json)
		print_json(&d);
	else
		print_words(&d);
	buf_reset(&faults);
	conf_reset(&conf);
	return d.worst == DOCTOR_BAD ? EXIT_FAILED : EXIT_DONE;
}

int
cli_doctor(const struct verb_call *call)
{
	return examine(verb_value(call, "conf"), call->program,
	    verb_value(call, "json") != NULL);
}

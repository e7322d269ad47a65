/*
 * doctor: the families in their order, and their findings as words and JSON.
 */
#define _POSIX_C_SOURCE 200809L

#include "doctor.h"

#include <assert.h>
#include <string.h>

#include "doctor_parts.h"

#define SENTENCE 4096 /* bytes of one with its values */

/* clang-format off */
const struct doctor_family doctor_families[] = {
	{ "program", "The program", doctor_program, 0 },
	{ "data", "The data folder", doctor_data, 0 },
	{ "database", "The database", doctor_database, 0 },
	{ "hooks", "Posts to applications", doctor_hook, 0 },
	{ "machine", "The machine", doctor_machine, 0 },
	{ "server", "The web server", doctor_server, 1 },
};
/* clang-format on */

const size_t doctor_family_count = sizeof(doctor_families) /
    sizeof(doctor_families[0]);

static const char *const outcomes[DOCTOR__MAX] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_NOTE] = "note",
	[DOCTOR_WARNING] = "warning",
	[DOCTOR_BAD] = "bad",
};

const char *
doctor_word(enum doctor_outcome outcome)
{
	return outcomes[outcome];
}

/* The sentence with its values in place of {0}, {1} ... */
static void
fill(struct buf *out, const struct doctor *d, const char *sentence)
{
	for (; *sentence != '\0'; sentence++) {
		unsigned at = (unsigned)(unsigned char)sentence[0] == '{' ?
		    (unsigned)(unsigned char)sentence[1] - '0' :
		    DOCTOR_VALUES;

		if (at < DOCTOR_VALUES && sentence[2] == '}') {
			buf_str(out, d->value[at]);
			sentence += 2;
		} else {
			buf_char(out, *sentence);
		}
	}
}

static void
run(struct doctor *d, const struct doctor_family *family,
    const struct doctor_check *check, doctor_told *told, void *arg)
{
	const struct doctor_finding *found;
	struct buf sentence, cure;
	unsigned which;

	memset(d->value, 0, sizeof(d->value));
	which = check->look(d);
	assert(which < check->count);
	found = &check->findings[which];
	buf_init(&sentence, SENTENCE);
	buf_init(&cure, SENTENCE);
	fill(&sentence, d, found->words);
	if (found->cure != NULL)
		fill(&cure, d, found->cure);
	d->count[found->outcome]++;
	if (found->outcome > d->worst)
		d->worst = found->outcome;
	told(arg, family, check, found->outcome, buf_as_slice(&sentence),
	    buf_as_slice(&cure));
	buf_reset(&sentence);
	buf_reset(&cure);
}

void
doctor_run(struct doctor *d, doctor_told *told, void *arg)
{
	const struct doctor_family *family = doctor_families;
	const struct doctor_check *check;

	d->looked = 0;
	d->worst = DOCTOR_OK;
	memset(d->count, 0, sizeof(d->count));
	for (size_t i = 0; i < doctor_family_count; i++, family++) {
		if (family->asks_request && d->request == NULL)
			continue;
		for (check = family->checks; check->name != NULL; check++)
			run(d, family, check, told, arg);
	}
}

/* ---- as JSON ---- */

static void
print_one(void *arg, const struct doctor_family *family,
    const struct doctor_check *check, enum doctor_outcome outcome,
    struct slice sentence, struct slice cure)
{
	struct buf *out = arg;

	if (out->n > 0)
		buf_char(out, ',');
	buf_printf(out,
	    "{\"check\":\"%s\",\"family\":\"%s\",\"outcome\":"
	    "\"%s\",\"title\":",
	    check->name, family->name, doctor_word(outcome));
	buf_json(out, slice_of(check->title));
	buf_str(out, ",\"words\":");
	buf_json(out, sentence);
	if (cure.n > 0) {
		buf_str(out, ",\"cure\":");
		buf_json(out, cure);
	}
	buf_char(out, '}');
}

void
doctor_print(struct doctor *d, struct buf *out)
{
	struct buf checks;

	buf_init(&checks, out->max);
	doctor_run(d, print_one, &checks);
	buf_printf(out,
	    "{\"letterbox\":\"%s\",\"sqlite\":\"%s\",\"at\":%lld,"
	    "\"outcome\":\"%s\",\"checks\":[",
	    LB_VERSION, store_sqlite_version(), (long long)d->now,
	    doctor_word(d->worst));
	buf_slice(out, buf_as_slice(&checks));
	buf_str(out, "]}");
	if (checks.failed)
		out->failed = 1;
	buf_reset(&checks);
}

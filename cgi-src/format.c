/*
 * format: see format.h.
 */
#include "format.h"

#include <string.h>

#include "gist.h"
#include "recording.h"

#define BODY_MAX (64 << 20)
#define GIST_MAX (1 << 20)

static void
end_nothing(struct format_work *w)
{
	(void)w;
}

/* clang-format off */
const struct format format_table[] = {
	{ "mermaid", 1, format_mermaid_begin, format_mermaid_add, end_nothing,
	    "A picture has each message in a line: no bodies, and no times." },
	{ "plantuml", 1, format_plantuml_begin, format_plantuml_add,
	    format_plantuml_end,
	    "A picture has each message in a line: no bodies, and no times." },
	{ "text", 1, format_text_begin, format_text_add, end_nothing,
	    "A picture has each message in a line: no bodies, and of peers no "
	    "more than fit." },
	{ "har", 0, format_har_begin, format_har_add, format_har_end,
	    "A HAR has what was posted, not who has fetched it when; what the "
	    "server said by itself (room-...) is left out." },
	{ "rtcstats", 0, format_rtcstats_begin, format_rtcstats_add,
	    end_nothing,
	    "An rtcstats dump has descriptions and candidates, as both sides "
	    "must have applied them; all connections of two peers are one, "
	    "and there are no statistics." },
	{ NULL, 0, NULL, NULL, NULL, NULL },
};
/* clang-format on */

const struct format *
format_find(const char *name)
{
	const struct format *f;

	for (f = format_table; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* A name that is told at the end may be said before. */
static void
learn(struct format_work *w)
{
	for (size_t i = 0; w->redact->what != 0 && i < w->tape->count; i++) {
		w->text.n = 0;
		redact_json(w->redact, w->tape->messages[i].body, &w->text);
	}
}

static void
add_peer(struct format_work *w, struct slice id)
{
	w->text.n = 0;
	redact_text(w->redact, id, &w->text);
	lexicon_add(&w->peers, buf_as_slice(&w->text));
}

void
format_begin(struct format_work *w, const struct format *f)
{
	buf_init(&w->text, BODY_MAX);
	buf_init(&w->gist, GIST_MAX);
	lexicon_init(&w->peers);
	lexicon_init(&w->pairs);
	learn(w);
	for (size_t i = 0; i < w->tape->count; i++) {
		add_peer(w, w->tape->messages[i].from);
		add_peer(w, w->tape->messages[i].to);
	}
	w->entries = 0;
	w->at = 0;
	f->begin(w);
}

void
format_add(struct format_work *w, const struct format *f,
    const struct message *m)
{
	const struct message hidden = recording_hide(w->redact, m, &w->text);
	struct redact all;

	w->gist.n = 0;
	redact_init(&all, 0);
	gist_print(&w->gist, &all, hidden.type, hidden.body);
	redact_reset(&all);
	f->add(w, &hidden);
}

void
format_end(struct format_work *w, const struct format *f)
{
	f->end(w);
	buf_reset(&w->text);
	buf_reset(&w->gist);
	lexicon_reset(&w->peers);
	lexicon_reset(&w->pairs);
}

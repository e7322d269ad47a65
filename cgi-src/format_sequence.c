/*
 * format_sequence: sequence diagrams of Mermaid and PlantUML.
 *
 * Peers are p1, p2, ...; what people wrote stands in labels alone.  There all
 * but letters, digits and a few harmless signs are written by their numbers,
 * since either language takes signs for commands.
 */
#include <string.h>

#include "format.h"
#include "plain.h"

/* Harmless alone; two of them in a row may be markup. */
#define HARMLESS " .,()+-/_"

static int
is_plain(unsigned char c, unsigned char before)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c >= 0x80)
		return 1;
	return c != '\0' && c != before && before != '\n' &&
	    strchr(HARMLESS, c) != NULL;
}

/* A character by its number, in base 10 or 16. */
static void
add_label(struct buf *out, struct slice text, const char *open, int base)
{
	unsigned char before = '\n';
	struct buf shown;

	buf_init(&shown, 1 << 20);
	plain_add(&shown, text);
	for (size_t i = 0; i < shown.n; i++) {
		const unsigned char c = (unsigned char)shown.p[i];

		if (is_plain(c, before))
			buf_char(out, (char)c);
		else if (base == 16)
			buf_printf(out, "%s%04X>", open, c);
		else
			buf_printf(out, "%s%d;", open, c);
		before = c;
	}
	buf_reset(&shown);
}

static void
add_mermaid(struct buf *out, struct slice text)
{
	add_label(out, text, "#", 10);
}

static void
add_plantuml(struct buf *out, struct slice text)
{
	add_label(out, text, "<U+", 16);
}

typedef void add_text(struct buf *, struct slice);

/* "12 offer: audio sendrecv opus". */
static void
add_words(struct format_work *w, const struct message *m, add_text *add)
{
	buf_int(w->out, m->seq);
	buf_char(w->out, ' ');
	add(w->out, m->type);
	if (w->gist.n > 0)
		buf_char(w->out, ' ');
	add(w->out, buf_as_slice(&w->gist));
	buf_char(w->out, '\n');
}

static int
is_note(const struct message *m)
{
	return slice_is(m->type, "joined") || slice_is(m->type, "left") ||
	    slice_starts(m->type, "room-");
}

static void
add_arrow(struct format_work *w, const struct message *m, const char *arrow)
{
	const int to = lexicon_find(&w->peers, m->to);

	buf_printf(w->out, "p%d%s", lexicon_find(&w->peers, m->from), arrow);
	if (to != 0)
		buf_printf(w->out, "p%d", to);
	else
		buf_str(w->out, "everybody");
}

/* Whether somebody spoke to everybody. */
static int
is_public(const struct format_work *w)
{
	for (size_t i = 0; i < w->tape->count; i++)
		if (w->tape->messages[i].to.p == NULL &&
		    !is_note(&w->tape->messages[i]))
			return 1;
	return 0;
}

/* ---- Mermaid ---- */

void
format_mermaid_begin(struct format_work *w)
{
	buf_str(w->out, "sequenceDiagram\n");
	for (int i = 1; i <= w->peers.count; i++) {
		buf_printf(w->out, "participant p%d as ", i);
		add_mermaid(w->out, lexicon_text(&w->peers, i));
		buf_char(w->out, '\n');
	}
	if (is_public(w))
		buf_str(w->out, "participant everybody\n");
}

void
format_mermaid_add(struct format_work *w, const struct message *m)
{
	if (is_note(m)) {
		buf_printf(w->out,
		    "Note over p%d: ", lexicon_find(&w->peers, m->from));
	} else {
		add_arrow(w, m, "->>");
		buf_str(w->out, ": ");
	}
	add_words(w, m, add_mermaid);
}

/* ---- PlantUML ---- */

void
format_plantuml_begin(struct format_work *w)
{
	buf_str(w->out, "@startuml\n");
	for (int i = 1; i <= w->peers.count; i++) {
		buf_str(w->out, "participant \"");
		add_plantuml(w->out, lexicon_text(&w->peers, i));
		buf_printf(w->out, "\" as p%d\n", i);
	}
	if (is_public(w))
		buf_str(w->out, "participant everybody\n");
}

void
format_plantuml_add(struct format_work *w, const struct message *m)
{
	if (is_note(m)) {
		buf_printf(w->out,
		    "note over p%d : ", lexicon_find(&w->peers, m->from));
	} else {
		add_arrow(w, m, " -> ");
		buf_str(w->out, " : ");
	}
	add_words(w, m, add_plantuml);
}

void
format_plantuml_end(struct format_work *w)
{
	buf_str(w->out, "@enduml\n");
}

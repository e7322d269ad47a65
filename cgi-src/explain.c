/*
 * explain: see explain.h.
 */
#include "explain.h"

#include <stdlib.h>

#include "embed.h"
#include "explain_parts.h"
#include "json.h"

#define WORDS_MAX (1 << 20)

enum lb_err
explain_open(struct explain **out)
{
	struct explain *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return LB_NO_MEMORY;
	lexicon_init(&e->lexicon);
	story_init(&e->story, &e->lexicon);
	buf_init(&e->words, WORDS_MAX);
	e->rules = json_get((struct slice){ lb_explain_json,
				lb_explain_json_len },
	    "rules");
	*out = e;
	return LB_OK;
}

static void
close_link(struct explain_link *link)
{
	for (size_t i = 0; i < link->count; i++)
		explain_brief_reset(&link->said[i].brief);
	free(link->said);
	free(link->tallies);
	free(link->early.at);
	free(link->odd.at);
	free(link->past.at);
	free(link->ends.at);
}

void
explain_close(struct explain *e)
{
	size_t i;

	if (e == NULL)
		return;
	for (i = 0; i < e->link_count; i++)
		close_link(&e->links[i]);
	for (i = 0; i < e->hit_count; i++)
		free(e->hits[i].seqs);
	free(e->links);
	free(e->people);
	free(e->left.at);
	free(e->alone.at);
	free(e->told);
	free(e->jumps);
	free(e->hits);
	free(e->findings);
	buf_reset(&e->words);
	story_reset(&e->story);
	lexicon_reset(&e->lexicon);
	free(e);
}

enum lb_err
explain_end(struct explain *e, size_t *count)
{
	enum lb_err err;

	*count = 0;
	explain_sort(e);
	explain_told_rules(e);
	explain_nobody_at_all(e);
	for (size_t i = 0; i < e->link_count; i++) {
		explain_order_rules(e, &e->links[i]);
		explain_absence_rules(e, &e->links[i]);
		explain_content_rules(e, &e->links[i]);
		explain_ways_rules(e, &e->links[i]);
	}
	e->failed |= e->story.failed | e->lexicon.failed;
	err = explain_word(e);
	if (err == LB_OK)
		*count = e->finding_count;
	return err;
}

void
explain_finding(const struct explain *e, size_t i, struct explain_finding *out)
{
	*out = e->findings[i];
}

/* ---- as JSON ---- */

static void
add_member(struct buf *out, const char *name, struct slice text)
{
	buf_printf(out, ",\"%s\":", name);
	buf_json(out, text);
}

static void
print_finding(const struct explain_finding *f, struct buf *out)
{
	int peers = 0;
	size_t i;

	buf_str(out, "{\"rule\":");
	buf_json(out, f->rule);
	add_member(out, "severity", f->severity);
	add_member(out, "title", f->title);
	add_member(out, "words", f->words);
	add_member(out, "cure", f->cure);
	add_member(out, "source", f->source);
	buf_str(out, ",\"peers\":[");
	for (i = 0; i < 2; i++) {
		if (f->peer[i].p == NULL)
			continue;
		if (peers++ > 0)
			buf_char(out, ',');
		buf_json(out, f->peer[i]);
	}
	buf_str(out, "],\"seqs\":[");
	for (i = 0; i < f->seqs; i++) {
		if (i > 0)
			buf_char(out, ',');
		buf_int(out, f->seq[i]);
	}
	buf_str(out, "]}");
}

void
explain_print(const struct explain *e, struct slice namespace,
    struct slice room, struct buf *out)
{
	buf_str(out, "{\"explain\":1,\"namespace\":");
	buf_json(out, namespace);
	add_member(out, "room", room);
	buf_str(out, ",\"messages\":");
	buf_int(out, e->messages);
	buf_str(out, ",\"pairs\":");
	buf_int(out, (int64_t)e->link_count);
	buf_str(out, ",\"findings\":[");
	for (size_t i = 0; i < e->finding_count; i++) {
		if (i > 0)
			buf_char(out, ',');
		print_finding(&e->findings[i], out);
	}
	buf_str(out, "]}\n");
}

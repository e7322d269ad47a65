/*
 * lexicon: words as small numbers, so that what is kept of a log is small and
 * quickly compared.
 */
#ifndef LETTERBOX_LEXICON_H
#define LETTERBOX_LEXICON_H

#include "buf.h"

struct lexicon_word;
struct lexicon_place {
	struct lexicon_word *word;
};
struct lexicon {
	struct lexicon_word *words; /* by text */
	struct lexicon_place *list; /* by number */
	int count;
	size_t room;
	int failed; /* no memory: some words have become 0 */
};

void lexicon_init(struct lexicon *);
/* Frees; it is empty and usable again. */
void lexicon_reset(struct lexicon *);
/* The number of a word, from 1 on and without gaps; 0 for the empty word, and
 * when memory is short. */
int lexicon_add(struct lexicon *, struct slice text);
/* The same of a word that is there already, else 0. */
int lexicon_find(const struct lexicon *, struct slice text);
/* Valid until the reset; "" for 0. */
struct slice lexicon_text(const struct lexicon *, int word);

#endif

/*
 * lexicon: see lexicon.h.
 */
#include "lexicon.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(word) ((word)->number = 0)
#include <uthash.h>

#include "list.h"

struct lexicon_word {
	UT_hash_handle hh;
	int number; /* 0: it could not be added */
	size_t n;
	char text[];
};

void
lexicon_init(struct lexicon *l)
{
	memset(l, 0, sizeof(*l));
}

void
lexicon_reset(struct lexicon *l)
{
	HASH_CLEAR(hh, l->words);
	for (int i = 0; i < l->count; i++)
		free(l->list[i].word);
	free(l->list);
	lexicon_init(l);
}

static struct lexicon_word *
find(const struct lexicon *l, struct slice text)
{
	struct lexicon_word *word;

	HASH_FIND(hh, l->words, text.p, text.n, word);
	return word;
}

int
lexicon_find(const struct lexicon *l, struct slice text)
{
	struct lexicon_word *word = text.n > 0 ? find(l, text) : NULL;

	return word != NULL ? word->number : 0;
}

int
lexicon_add(struct lexicon *l, struct slice text)
{
	struct lexicon_word *word;
	struct lexicon_place *list;

	if (text.n == 0)
		return 0;
	if ((word = find(l, text)) != NULL)
		return word->number;
	list = list_grow(l->list, &l->room, (size_t)l->count, sizeof(*list));
	if (list != NULL)
		l->list = list;
	if (list == NULL || (word = malloc(sizeof(*word) + text.n)) == NULL) {
		l->failed = 1;
		return 0;
	}
	memcpy(word->text, text.p, text.n);
	word->n = text.n;
	word->number = l->count + 1;
	HASH_ADD_KEYPTR(hh, l->words, word->text, word->n, word);
	if (word->number == 0) {
		free(word);
		l->failed = 1;
		return 0;
	}
	l->list[l->count++].word = word;
	return word->number;
}

struct slice
lexicon_text(const struct lexicon *l, int word)
{
	if (word <= 0 || word > l->count)
		return slice_of("");
	return (struct slice){ l->list[word - 1].word->text,
		l->list[word - 1].word->n };
}

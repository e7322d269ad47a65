/*
 * story_parts: shared by the files of story, and by nobody else.
 */
#ifndef LETTERBOX_STORY_PARTS_H
#define LETTERBOX_STORY_PARTS_H

#include "story.h"

/* Each changes the pair; `mine` is the side of the sender. */
enum story_remark story_pair_describe(struct story *, struct story_pair *,
    int mine, const struct message *);
enum story_remark story_pair_candidate(struct story *, struct story_pair *,
    int mine, const struct message *);
enum story_remark story_pair_bye(struct story *, struct story_pair *, int mine,
    const struct message *);
/* Hung up, or gone. */
void story_pair_close(struct story_pair *);

/* The string of a member in story->text; absent when it is none.  Valid until
 * the next one. */
struct slice story_text(struct story *, struct slice body, const char *member);

#endif

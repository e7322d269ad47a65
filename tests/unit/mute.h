/*
 * mute: stderr is for the failures of tests, not for those that are wanted.
 */
#ifndef LETTERBOX_TESTS_MUTE_H
#define LETTERBOX_TESTS_MUTE_H

/* Silences stderr; what it returns is for unmute(). */
int mute(void);
void unmute(int saved);

#endif

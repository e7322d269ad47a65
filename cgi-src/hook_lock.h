/*
 * hook_lock: of the hooks on one data folder one works.
 */
#ifndef LETTERBOX_HOOK_LOCK_H
#define LETTERBOX_HOOK_LOCK_H

/* The descriptor that holds the lock, hook.lock of the data folder; -1 with
 * errno set, EWOULDBLOCK when another one holds it and `wait` is 0.  Whoever
 * inherits the descriptor holds it as well. */
int hook_lock(const char *data_dir, int wait);
/* 1 when somebody holds it.  Leaves nothing behind. */
int hook_lock_is_held(const char *data_dir);

#endif

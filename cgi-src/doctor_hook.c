/*
 * doctor_hook: whether those who want to be told are told.
 */
#define _POSIX_C_SOURCE 200809L

#include "doctor_parts.h"
#include "hook_lock.h"

enum { NOBODY, POSTED, SILENT };

static const struct doctor_finding posting[] = {
	[NOBODY] = { DOCTOR_OK, "No key of an application has a hook.", NULL },
	[POSTED] = { DOCTOR_OK,
	    "A hook works. Keys that have one: {0}; posts that wait: {1}.",
	    NULL },
	[SILENT] = { DOCTOR_WARNING,
	    "No hook works. Keys that have one: {0}; posts that wait: {1}.",
	    "A FastCGI server with network starts one by itself, unless "
	    "letterbox.conf says hook = off; else run letterbox hook, or let "
	    "the applications ask by POST /channel/presence." },
};

static unsigned
look_posting(struct doctor *d)
{
	const struct store_look *look = doctor_look(d);

	doctor_set(d, 0, "%lld", (long long)look->hooks);
	doctor_set(d, 1, "%lld", (long long)look->outbox);
	if (look->hooks == 0 || d->conf->data_dir == NULL)
		return NOBODY;
	return hook_lock_is_held(d->conf->data_dir) ? POSTED : SILENT;
}

const struct doctor_check doctor_hook[] = {
	DOCTOR_CHECK("hook", "Who comes and goes", posting, look_posting),
	DOCTOR_END,
};

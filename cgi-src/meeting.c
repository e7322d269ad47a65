/*
 * meeting: see meeting.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "meeting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"
#include "run_folder.h"

static void
go_elsewhere(struct meeting *m, const char *data_dir)
{
	enum lb_err err = run_folder_elsewhere(m->path, sizeof(m->path),
	    data_dir);

	m->elsewhere = 1;
	if (err != LB_OK)
		m->path[0] = '\0';
	log_event(LOG_DEBUG, "meeting", "why=%s", err_words(err)->code);
}

void
meeting_find(struct meeting *m, struct store *store, const char *data_dir)
{
	const struct store_disk *disk = store_journal(store);

	m->elsewhere = 0;
	if (strcmp(disk->file_system, "local") != 0) {
		go_elsewhere(m, data_dir);
		return;
	}
	snprintf(m->path, sizeof(m->path), "%s/run", data_dir);
	if (mkdir(m->path, 0700) != 0 && errno != EEXIST)
		go_elsewhere(m, data_dir);
}

enum lb_err
meeting_open(struct meeting *m, const char *data_dir, struct wake **wake,
    struct loop *loop, wake_heard *heard, void *arg)
{
	enum lb_err err = LB_NOT_FOUND;

	if (m->path[0] != '\0')
		err = wake_open(wake, loop, m->path, heard, arg);
	if (err == LB_OK)
		return LB_OK;
	go_elsewhere(m, data_dir);
	if (m->path[0] != '\0')
		err = wake_open(wake, loop, m->path, heard, arg);
	return err;
}

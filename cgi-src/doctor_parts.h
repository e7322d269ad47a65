/*
 * doctor_parts: what the families of checks share.
 */
#ifndef LETTERBOX_DOCTOR_PARTS_H
#define LETTERBOX_DOCTOR_PARTS_H

#include <sys/stat.h>

#include "doctor.h"

extern const struct doctor_check doctor_program[], doctor_data[],
    doctor_database[], doctor_hook[], doctor_machine[], doctor_server[];

#define DOCTOR_CHECK(name, title, findings, look)                  \
	{                                                          \
		name, title, findings,                             \
		    sizeof(findings) / sizeof((findings)[0]), look \
	}
#define DOCTOR_END                        \
	{                                 \
		NULL, NULL, NULL, 0, NULL \
	}

/* Sets a value of the finding. */
void doctor_set(struct doctor *, unsigned at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The name of an account, or its number. */
void doctor_set_account(struct doctor *, unsigned at, uid_t uid);
/* Bytes, as people read them: "12 MiB". */
void doctor_set_bytes(struct doctor *, unsigned at, int64_t bytes);
/* Milliseconds likewise: "25 s". */
void doctor_set_time(struct doctor *, unsigned at, int64_t ms);

/* 1 and its status when the data folder is a folder. */
int doctor_has_folder(const struct doctor *, struct stat *st);
/* The database, looked at once. */
const struct store_look *doctor_look(struct doctor *);
/* 1 when `path` is `folder` or below it; both absolute. */
int doctor_is_below(const char *path, const char *folder);
/* `path` without links where it exists, else as far as it does. */
void doctor_real(const char *path, char *out, size_t size);
/* The folder of `path`; "." for none. */
void doctor_folder_of(const char *path, char *out, size_t size);

#endif

/*
 * doctor_machine: the clock, and what a process and the data may have.
 */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "doctor_parts.h"

#define SKEW_MS (60 * INT64_C(1000))
#define LONG_AGO INT64_C(1735689600000) /* 2025: before this program */
#define MIB (INT64_C(1) << 20)
#define SPACE_BAD (16 * MIB)
#define SPACE_SCARCE (256 * MIB)
#define FILES_SCARCE 100 /* inodes */
#define SPARE 64         /* descriptors besides the polls' */

/* ---- the clock ---- */

enum { PLAUSIBLE, BEHIND_ITSELF, LOST };

static const struct doctor_finding clock_findings[] = {
	[PLAUSIBLE] = { DOCTOR_OK,
	    "It is plausible: no message is of the future.", NULL },
	[BEHIND_ITSELF] = { DOCTOR_WARNING,
	    "It is behind the newest message by {0}: it was set back, or was "
	    "ahead.",
	    "Have the machine set its clock by the network (NTP); messages "
	    "are kept longer until it is right." },
	[LOST] = { DOCTOR_BAD,
	    "It says a time before this program was written.",
	    "Have the machine set its clock by the network (NTP)." },
};

static unsigned
look_clock(struct doctor *d)
{
	int64_t ahead = doctor_look(d)->newest_at - d->now;

	if (d->now < LONG_AGO)
		return LOST;
	doctor_set_time(d, 0, ahead);
	return ahead > SKEW_MS ? BEHIND_ITSELF : PLAUSIBLE;
}

/* ---- descriptors ---- */

enum { PLENTY, FEWER_POLLS, TOO_FEW, OF_THE_SHELL };

static const struct doctor_finding descriptors[] = {
	[PLENTY] = { DOCTOR_OK,
	    "A process may have {0} open files, enough for its open polls.",
	    NULL },
	[FEWER_POLLS] = { DOCTOR_NOTE,
	    "A process may have {0} open files: enough for {1} open polls, "
	    "not for the {2} that are configured. Above that polls are "
	    "answered at once.",
	    "Raise the limit (LimitNOFILE of systemd, server.max-fds of "
	    "lighttpd), or set seats in letterbox.conf to {1}." },
	[TOO_FEW] = { DOCTOR_BAD, "A process may have only {0} open files.",
	    "Raise the limit to 1024 or more; on a shared host ask its "
	    "support." },
	[OF_THE_SHELL] = { DOCTOR_OK,
	    "A process of this shell may have {0} open files; that of the web "
	    "server is told on the doctor's page.",
	    NULL },
};

static unsigned
look_descriptors(struct doctor *d)
{
	struct rlimit limit;
	int64_t most, seats = 1;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return PLENTY;
	most = limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
	doctor_set(d, 0, "%lld", (long long)most);
	if (most < SPARE)
		return TOO_FEW;
	if (d->request == NULL)
		return OF_THE_SHELL;
	if (d->seats != NULL && !front_is_single(d->seats->front))
		seats = d->seats->seats;
	doctor_set(d, 1, "%lld", (long long)(most - SPARE));
	doctor_set(d, 2, "%lld", (long long)seats);
	return most - SPARE >= seats ? PLENTY : FEWER_POLLS;
}

/* ---- space ---- */

enum { ROOMY, SCARCE, FULL, NO_FILES, SPACE_UNSEEN };

static const struct doctor_finding space[] = {
	[ROOMY] = { DOCTOR_OK, "Of the disk that the data lie on {0} are free.",
	    NULL },
	[SCARCE] = { DOCTOR_WARNING,
	    "Of the disk that the data lie on only {0} are free; the database "
	    "may grow to {1}.",
	    "Make room, or set db_max in letterbox.conf below that." },
	[FULL] = { DOCTOR_BAD,
	    "The disk that the data lie on is full ({0} are free): posts are "
	    "refused.",
	    "Delete what is not needed, or ask the host for more space." },
	[NO_FILES] = { DOCTOR_BAD,
	    "The disk that the data lie on can hold hardly any more files "
	    "({0}).",
	    "Delete files that are not needed; small ones count as much as "
	    "large ones." },
	[SPACE_UNSEEN] = { DOCTOR_NOTE,
	    "The space on the disk that the data lie on cannot be told.",
	    NULL },
};

static unsigned
look_space(struct doctor *d)
{
	char parent[PATH_MAX];
	struct statvfs fs;
	const char *data = d->conf->data_dir;
	int64_t bytes;

	if (data == NULL)
		return SPACE_UNSEEN;
	if (statvfs(data, &fs) != 0) {
		doctor_folder_of(data, parent, sizeof(parent));
		if (statvfs(parent, &fs) != 0)
			return SPACE_UNSEEN;
	}
	bytes = (int64_t)(fs.f_bavail * fs.f_frsize);
	doctor_set_bytes(d, 0, bytes);
	if (d->conf->db_max > 0)
		doctor_set_bytes(d, 1, d->conf->db_max);
	else
		doctor_set(d, 1, "any size");
	if (bytes < SPACE_BAD)
		return FULL;
	/* Some file systems make them as needed and say 0. */
	if (fs.f_files > 0 && fs.f_favail < FILES_SCARCE) {
		doctor_set(d, 0, "%lld", (long long)fs.f_favail);
		return NO_FILES;
	}
	return bytes < SPACE_SCARCE ? SCARCE : ROOMY;
}

const struct doctor_check doctor_machine[] = {
	DOCTOR_CHECK("clock", "Its clock", clock_findings, look_clock),
	DOCTOR_CHECK("descriptors", "Open files", descriptors,
	    look_descriptors),
	DOCTOR_CHECK("disk-space", "Space on its disk", space, look_space),
	DOCTOR_END,
};

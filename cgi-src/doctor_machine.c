/*
 * doctor_machine: the clock, and what a process may have.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/resource.h>

#include "doctor_parts.h"

#define SKEW_MS (60 * INT64_C(1000))
#define LONG_AGO INT64_C(1735689600000) /* 2025: before this program */
#define SPARE 64                        /* descriptors besides the polls' */

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

const struct doctor_check doctor_machine[] = {
	DOCTOR_CHECK("clock", "Its clock", clock_findings, look_clock),
	DOCTOR_CHECK("descriptors", "Open files", descriptors,
	    look_descriptors),
	DOCTOR_END,
};

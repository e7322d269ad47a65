/*
 * doctor_program: the program's own file, and what it was told.
 */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <unistd.h>

#include "doctor_parts.h"

#define WRITABLE 022 /* by the group or by others */
#define RUNNABLE 0100

/* ---- who runs it ---- */

enum { OWN, SYSTEM, AS_ROOT, ASKED_BY_ROOT, SHARED, NOBODY_KNOWS };

static const struct doctor_finding account[] = {
	[OWN] = { DOCTOR_OK,
	    "It runs as {0}, the account that owns it, as suEXEC and mod_fcgid "
	    "have it.",
	    NULL },
	[SYSTEM] = { DOCTOR_OK,
	    "It runs as {0}, who cannot change it: it belongs to root.", NULL },
	[AS_ROOT] = { DOCTOR_WARNING,
	    "It runs as root, which it does not need.",
	    "Have the web server start it as an account of its own." },
	[ASKED_BY_ROOT] = { DOCTOR_NOTE,
	    "You ask as root, who may do what the program may not.",
	    "Ask again as the account that the program runs as: su -s /bin/sh "
	    "ACCOUNT -c 'letterbox doctor'." },
	[SHARED] = { DOCTOR_WARNING,
	    "It runs as {0} but belongs to {1}; on a shared host the programs "
	    "of everybody may run as {0}, and then they can read the data.",
	    "Ask the host for suEXEC, or for mod_fcgid with an account of your "
	    "own; on a machine of your own: chown root {2}." },
	[NOBODY_KNOWS] = { DOCTOR_NOTE,
	    "It runs as {0}; where its own file lies cannot be told.", NULL },
};

static unsigned
look_account(struct doctor *d)
{
	struct stat st;
	uid_t self = geteuid();

	doctor_set_account(d, 0, self);
	if (self == 0)
		return d->request == NULL ? ASKED_BY_ROOT : AS_ROOT;
	if (d->program == NULL || stat(d->program, &st) != 0)
		return NOBODY_KNOWS;
	doctor_set_account(d, 1, st.st_uid);
	doctor_set(d, 2, "%s", d->program);
	if (st.st_uid == self)
		return OWN;
	return st.st_uid == 0 ? SYSTEM : SHARED;
}

/* ---- who may change it ---- */

enum { CLOSED, NOT_RUNNABLE, OPEN, UNSEEN };

static const struct doctor_finding mode[] = {
	[CLOSED] = { DOCTOR_OK,
	    "Its file may be run, and only its owner may change it (mode {0}).",
	    NULL },
	[NOT_RUNNABLE] = { DOCTOR_BAD, "Its file may not be run (mode {0}).",
	    "Set its permissions to 755: chmod 755 {1}, or tick \"execute\" in "
	    "your file manager." },
	[OPEN] = { DOCTOR_BAD,
	    "Others than its owner may change its file (mode {0}); web servers "
	    "with suEXEC refuse to run it.",
	    "Set its permissions to 755: chmod 755 {1}." },
	[UNSEEN] = { DOCTOR_NOTE, "The permissions of its file cannot be read.",
	    NULL },
};

static unsigned
look_mode(struct doctor *d)
{
	struct stat st;

	if (d->program == NULL || stat(d->program, &st) != 0)
		return UNSEEN;
	doctor_set(d, 0, "%04o", (unsigned)(st.st_mode & 07777));
	doctor_set(d, 1, "%s", d->program);
	if ((st.st_mode & WRITABLE) != 0)
		return OPEN;
	return (st.st_mode & RUNNABLE) != 0 ? CLOSED : NOT_RUNNABLE;
}

enum { FOLDER_CLOSED, FOLDER_OPEN, FOLDER_FOREIGN, FOLDER_UNSEEN };

static const struct doctor_finding folder[] = {
	[FOLDER_CLOSED] = { DOCTOR_OK,
	    "Only its owner may change the folder it lies in (mode {0}).",
	    NULL },
	[FOLDER_OPEN] = { DOCTOR_WARNING,
	    "Others than its owner may change the folder it lies in (mode "
	    "{0}); web servers with suEXEC refuse to run it there.",
	    "Set the permissions of the folder to 755: chmod 755 {1}." },
	[FOLDER_FOREIGN] = { DOCTOR_NOTE,
	    "The folder it lies in belongs to {2}, its file to {3}; web servers "
	    "with suEXEC refuse that.",
	    "Give both to one account: chown {3} {1}." },
	[FOLDER_UNSEEN] = { DOCTOR_NOTE,
	    "The permissions of the folder it lies in cannot be read.", NULL },
};

static unsigned
look_folder(struct doctor *d)
{
	struct stat st, file;
	char path[4096];

	if (d->program == NULL || stat(d->program, &file) != 0)
		return FOLDER_UNSEEN;
	doctor_folder_of(d->program, path, sizeof(path));
	if (stat(path, &st) != 0)
		return FOLDER_UNSEEN;
	doctor_set(d, 0, "%04o", (unsigned)(st.st_mode & 07777));
	doctor_set(d, 1, "%s", path);
	if ((st.st_mode & WRITABLE) != 0)
		return FOLDER_OPEN;
	doctor_set_account(d, 2, st.st_uid);
	doctor_set_account(d, 3, file.st_uid);
	return st.st_uid == file.st_uid || st.st_uid == 0 ? FOLDER_CLOSED :
							    FOLDER_FOREIGN;
}

/* ---- what it was told ---- */

enum { IN_FORCE, DEFAULTS, FAULTY, CHANGEABLE };

static const struct doctor_finding configuration[] = {
	[IN_FORCE] = { DOCTOR_OK, "{0} is in force and has no fault.", NULL },
	[DEFAULTS] = { DOCTOR_OK,
	    "There is no letterbox.conf beside the program: every key has its "
	    "default.",
	    NULL },
	[FAULTY] = { DOCTOR_BAD, "It has a fault: {1}.",
	    "Correct that line; letterbox -t lists everything that is wrong." },
	[CHANGEABLE] = { DOCTOR_WARNING,
	    "{0} is in force, and others than its owner may change it (mode "
	    "{1}).",
	    "Set its permissions to 644: chmod 644 {0}." },
};

static unsigned
look_configuration(struct doctor *d)
{
	struct stat st;
	size_t n = strcspn(d->faults, "\n");

	doctor_set(d, 0, "%s",
	    d->conf_file == NULL ? "letterbox.conf" : d->conf_file);
	while (n > 0 && (d->faults[n - 1] == '.' || d->faults[n - 1] == ' '))
		n--;
	if (n > 0) {
		doctor_set(d, 1, "%.*s", (int)n, d->faults);
		return FAULTY;
	}
	if (d->conf_file == NULL)
		return DEFAULTS;
	if (stat(d->conf_file, &st) == 0 && (st.st_mode & WRITABLE) != 0) {
		doctor_set(d, 1, "%04o", (unsigned)(st.st_mode & 07777));
		return CHANGEABLE;
	}
	return IN_FORCE;
}

const struct doctor_check doctor_program[] = {
	DOCTOR_CHECK("account", "The account it runs as", account,
	    look_account),
	DOCTOR_CHECK("program-mode", "Permissions of its file", mode,
	    look_mode),
	DOCTOR_CHECK("program-folder", "Permissions of its folder", folder,
	    look_folder),
	DOCTOR_CHECK("configuration", "The configuration", configuration,
	    look_configuration),
	DOCTOR_END,
};

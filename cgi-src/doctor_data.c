/*
 * doctor_data: the folder that holds the database and the keys.
 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor_parts.h"

#define OTHERS 077

static const char *
data(const struct doctor *d)
{
	return d->conf->data_dir;
}

/* ---- is it there ---- */

enum { THERE, NOT_YET, CANNOT_BE, NO_FOLDER, CLOSED_TO_US, NOWHERE };

static const struct doctor_finding presence[] = {
	[THERE] = { DOCTOR_OK, "It is {0}.", NULL },
	[NOT_YET] = { DOCTOR_NOTE,
	    "{0} is not there yet; the first request makes it.", NULL },
	[CANNOT_BE] = { DOCTOR_BAD,
	    "{0} is not there, and {1} may not make it in {2}.",
	    "Make it yourself (mkdir -m 700 {0}; chown {1} {0}), or name "
	    "another folder as data_dir." },
	[NO_FOLDER] = { DOCTOR_BAD, "{0} is no folder.",
	    "Move that file away, or name another folder as data_dir in "
	    "letterbox.conf." },
	[CLOSED_TO_US] = { DOCTOR_BAD, "{0} cannot be looked at by {1} ({2}).",
	    "Ask as the account that the program runs as, or open the folders "
	    "above it to that account." },
	[NOWHERE] = { DOCTOR_BAD, "It is not known where it is to be.",
	    "Set data_dir in letterbox.conf to a folder outside of what the "
	    "web server shows." },
};

static unsigned
look_presence(struct doctor *d)
{
	char parent[PATH_MAX];
	struct stat st;

	if (data(d) == NULL)
		return NOWHERE;
	doctor_set(d, 0, "%s", data(d));
	doctor_set_account(d, 1, geteuid());
	if (stat(data(d), &st) == 0)
		return S_ISDIR(st.st_mode) ? THERE : NO_FOLDER;
	if (errno != ENOENT) {
		doctor_set(d, 2, "%s", strerror(errno));
		return CLOSED_TO_US;
	}
	doctor_folder_of(data(d), parent, sizeof(parent));
	doctor_set(d, 2, "%s", parent);
	return faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) == 0 ?
	    NOT_YET :
	    CANNOT_BE;
}

/* ---- whose it is ---- */

enum { OURS, OF_OTHER, SEEN_BY_ROOT, OWNER_UNSEEN };

static const struct doctor_finding owner[] = {
	[OURS] = { DOCTOR_OK, "It belongs to {0}, who runs the program.",
	    NULL },
	[OF_OTHER] = { DOCTOR_BAD,
	    "It belongs to {0}, but the program runs as {1} and will not use "
	    "it.",
	    "Give it to that account: chown -R {1} {2}; or name another folder "
	    "as data_dir." },
	[SEEN_BY_ROOT] = { DOCTOR_NOTE,
	    "It belongs to {0}: that must be the account that the program runs "
	    "as.",
	    "Ask again as that account: su -s /bin/sh {0} -c 'letterbox "
	    "doctor'." },
	[OWNER_UNSEEN] = { DOCTOR_NOTE, "There is nothing to look at yet.",
	    NULL },
};

static unsigned
look_owner(struct doctor *d)
{
	struct stat st;

	if (!doctor_has_folder(d, &st))
		return OWNER_UNSEEN;
	doctor_set_account(d, 0, st.st_uid);
	doctor_set_account(d, 1, geteuid());
	doctor_set(d, 2, "%s", data(d));
	if (st.st_uid == geteuid())
		return OURS;
	return geteuid() == 0 && d->request == NULL ? SEEN_BY_ROOT : OF_OTHER;
}

/* ---- who can read it ---- */

enum { SHUT, AJAR, MODE_UNSEEN };

static const struct doctor_finding mode[] = {
	[SHUT] = { DOCTOR_OK, "It is closed to everybody else (mode {0}).",
	    NULL },
	[AJAR] = { DOCTOR_BAD,
	    "Others on this machine may enter it (mode {0}); the program "
	    "refuses to start.",
	    "Set its permissions to 700: chmod 700 {1}." },
	[MODE_UNSEEN] = { DOCTOR_NOTE, "There is nothing to look at yet.",
	    NULL },
};

static unsigned
look_mode(struct doctor *d)
{
	struct stat st;

	if (!doctor_has_folder(d, &st))
		return MODE_UNSEEN;
	doctor_set(d, 0, "%04o", (unsigned)(st.st_mode & 07777));
	doctor_set(d, 1, "%s", data(d));
	return (st.st_mode & OTHERS) == 0 ? SHUT : AJAR;
}

enum { ALL_SHUT, ONE_AJAR, ONE_FOREIGN, NOT_LISTED };

static const struct doctor_finding files[] = {
	[ALL_SHUT] = { DOCTOR_OK,
	    "What is in it ({0}) is closed to everybody else.", NULL },
	[ONE_AJAR] = { DOCTOR_BAD,
	    "{0} in it may be read by others (mode {1}).",
	    "Set its permissions to 600: chmod 600 {2}/{0}." },
	[ONE_FOREIGN] = { DOCTOR_BAD,
	    "{0} in it belongs to {1}, and the folder to {3}.",
	    "Give it to the same account: chown {3} {2}/{0}." },
	[NOT_LISTED] = { DOCTOR_NOTE, "There is nothing to look at yet.",
	    NULL },
};

static unsigned
look_one(struct doctor *d, DIR *dir, const struct dirent *entry,
    const struct stat *folder)
{
	struct stat st;

	if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return ALL_SHUT;
	doctor_set(d, 0, "%s", entry->d_name);
	doctor_set(d, 2, "%s", data(d));
	if (st.st_uid != folder->st_uid) {
		doctor_set_account(d, 1, st.st_uid);
		doctor_set_account(d, 3, folder->st_uid);
		return ONE_FOREIGN;
	}
	doctor_set(d, 1, "%04o", (unsigned)(st.st_mode & 07777));
	return !S_ISLNK(st.st_mode) && (st.st_mode & OTHERS) != 0 ? ONE_AJAR :
								    ALL_SHUT;
}

static unsigned
look_files(struct doctor *d)
{
	const struct dirent *entry;
	unsigned found = ALL_SHUT;
	struct stat folder;
	int count = 0;
	DIR *dir;

	if (!doctor_has_folder(d, &folder) || (dir = opendir(data(d))) == NULL)
		return NOT_LISTED;
	while (found == ALL_SHUT && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		count++;
		found = look_one(d, dir, entry, &folder);
	}
	closedir(dir);
	if (found == ALL_SHUT)
		doctor_set(d, 0, "%d %s", count,
		    count == 1 ? "entry" : "entries");
	return found;
}

/* ---- can it be had by URL ---- */

enum { OUTSIDE, INSIDE, LOOKS_SHOWN, LOOKS_HIDDEN, PLACE_UNKNOWN };

static const struct doctor_finding place[] = {
	[OUTSIDE] = { DOCTOR_OK,
	    "It lies outside of {0}, the folder that the web server shows.",
	    NULL },
	[INSIDE] = { DOCTOR_BAD,
	    "It lies inside of {0}, the folder that the web server shows: "
	    "visitors may be able to download the database.",
	    "Set data_dir in letterbox.conf to a folder beside {0}, not in it, "
	    "and move what is in {1} there." },
	[LOOKS_SHOWN] = { DOCTOR_WARNING,
	    "Its path has a folder called {0} in it, which web servers like to "
	    "show to everybody.",
	    "Open the doctor's page in a browser, which tries it; or set "
	    "data_dir in letterbox.conf to a folder outside of {0}." },
	[LOOKS_HIDDEN] = { DOCTOR_OK,
	    "Nothing in its path looks like a folder that web servers show.",
	    NULL },
	[PLACE_UNKNOWN] = { DOCTOR_NOTE, "It is not known where it is to be.",
	    NULL },
};

static const char *const shown[] = { "public_html", "www", "htdocs", "httpdocs",
	"html", NULL };

/* 1 when `path` has a folder of that name. */
static int
has_part(const char *path, const char *name)
{
	size_t n = strlen(name);

	for (; (path = strstr(path, name)) != NULL; path += n)
		if (path[-1] == '/' && (path[n] == '/' || path[n] == '\0'))
			return 1;
	return 0;
}

static unsigned
look_place(struct doctor *d)
{
	char path[PATH_MAX], root[PATH_MAX];

	if (data(d) == NULL)
		return PLACE_UNKNOWN;
	doctor_real(data(d), path, sizeof(path));
	if (d->root != NULL) {
		doctor_real(d->root, root, sizeof(root));
		doctor_set(d, 0, "%s", root);
		doctor_set(d, 1, "%s", path);
		return doctor_is_below(path, root) ? INSIDE : OUTSIDE;
	}
	for (size_t i = 0; shown[i] != NULL; i++)
		if (*path == '/' && has_part(path, shown[i])) {
			doctor_set(d, 0, "%s", shown[i]);
			return LOOKS_SHOWN;
		}
	return LOOKS_HIDDEN;
}

/* ---- can it be written, and for how long ---- */

enum { WRITABLE, READ_ONLY_DISK, NOT_WRITABLE, WRITING_UNSEEN };

static const struct doctor_finding writing[] = {
	[WRITABLE] = { DOCTOR_OK, "{0} may write in it.", NULL },
	[READ_ONLY_DISK] = { DOCTOR_BAD,
	    "It lies on a disk that is mounted read-only.",
	    "Name a folder on another disk as data_dir, or ask whoever runs "
	    "the machine." },
	[NOT_WRITABLE] = { DOCTOR_BAD, "{0} may not write in it.",
	    "Make it writable to its owner: chmod 700 {1}." },
	[WRITING_UNSEEN] = { DOCTOR_NOTE, "There is nothing to look at yet.",
	    NULL },
};

static unsigned
look_writing(struct doctor *d)
{
	struct statvfs fs;
	struct stat st;

	if (!doctor_has_folder(d, &st))
		return WRITING_UNSEEN;
	doctor_set_account(d, 0, geteuid());
	doctor_set(d, 1, "%s", data(d));
	if (statvfs(data(d), &fs) == 0 && (fs.f_flag & ST_RDONLY) != 0)
		return READ_ONLY_DISK;
	return faccessat(AT_FDCWD, data(d), W_OK | X_OK, AT_EACCESS) == 0 ?
	    WRITABLE :
	    NOT_WRITABLE;
}

/* ---- keys that lie elsewhere ---- */

enum { NO_KEYS, KEYS_SHUT, KEY_MISSING, KEY_AJAR, KEY_SHOWN };

static const struct doctor_finding keys[] = {
	[NO_KEYS] = { DOCTOR_OK, "All keys are in it.", NULL },
	[KEYS_SHUT] = { DOCTOR_OK,
	    "The key files that letterbox.conf names are closed to everybody "
	    "else.",
	    NULL },
	[KEY_MISSING] = { DOCTOR_BAD,
	    "The key file {0} cannot be read ({1}); the program does not start "
	    "without it.",
	    "Put the file there, or take its line out of letterbox.conf." },
	[KEY_AJAR] = { DOCTOR_BAD,
	    "The key file {0} may be read by others (mode {1}).",
	    "Set its permissions to 600: chmod 600 {0}." },
	[KEY_SHOWN] = { DOCTOR_BAD,
	    "The key file {0} lies inside of {1}, the folder that the web "
	    "server shows.",
	    "Move it out of that folder, and name its new place in "
	    "letterbox.conf; make another key if visitors could have it." },
};

static unsigned
look_key(struct doctor *d, const char *file)
{
	char path[PATH_MAX], root[PATH_MAX];
	struct stat st;

	doctor_set(d, 0, "%s", file);
	if (faccessat(AT_FDCWD, file, R_OK, AT_EACCESS) != 0 ||
	    stat(file, &st) != 0) {
		doctor_set(d, 1, "%s", strerror(errno));
		return KEY_MISSING;
	}
	doctor_set(d, 1, "%04o", (unsigned)(st.st_mode & 07777));
	if ((st.st_mode & OTHERS) != 0)
		return KEY_AJAR;
	if (d->root == NULL)
		return KEYS_SHUT;
	doctor_real(file, path, sizeof(path));
	doctor_real(d->root, root, sizeof(root));
	doctor_set(d, 1, "%s", root);
	return doctor_is_below(path, root) ? KEY_SHOWN : KEYS_SHUT;
}

static unsigned
look_keys(struct doctor *d)
{
	const char *const named[] = { d->conf->ticket_key_file,
		d->conf->turn_secret_file };
	unsigned found = NO_KEYS;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (named[i] != NULL && found <= KEYS_SHUT)
			found = look_key(d, named[i]);
	return found;
}

const struct doctor_check doctor_data[] = {
	DOCTOR_CHECK("data-folder", "Where it is", presence, look_presence),
	DOCTOR_CHECK("data-owner", "Whose it is", owner, look_owner),
	DOCTOR_CHECK("data-mode", "Its permissions", mode, look_mode),
	DOCTOR_CHECK("data-files", "Permissions of what is in it", files,
	    look_files),
	DOCTOR_CHECK("data-place", "Whether visitors can reach it", place,
	    look_place),
	DOCTOR_CHECK("data-writable", "Whether it can be written", writing,
	    look_writing),
	DOCTOR_CHECK("key-files", "Keys that lie elsewhere", keys, look_keys),
	DOCTOR_END,
};

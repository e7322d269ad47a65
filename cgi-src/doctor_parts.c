/*
 * doctor_parts: values of the sentences, and paths.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include "doctor_parts.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"

#define KIB 1024

/* Names of files are whatever somebody called them: what is not plain ASCII
 * is spelled as \xHH, so that it harms no terminal and no JSON. */
static void
copy_plain(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text != '\0' && n + 5 <= size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c < 0x7f) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
}

void
doctor_set(struct doctor *d, unsigned at, const char *format, ...)
{
	char text[PATH_MAX];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	copy_plain(d->value[at], DOCTOR_VALUE, text);
}

void
doctor_set_account(struct doctor *d, unsigned at, uid_t uid)
{
	struct account account;

	account_find(&account, uid);
	doctor_set(d, at, "%s", account.name);
}

void
doctor_set_bytes(struct doctor *d, unsigned at, int64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB" };
	size_t unit = 0;

	while (
	    bytes >= 10L * KIB && unit + 1 < sizeof(units) / sizeof(*units)) {
		bytes /= KIB;
		unit++;
	}
	doctor_set(d, at, "%lld %s", (long long)bytes, units[unit]);
}

void
doctor_set_time(struct doctor *d, unsigned at, int64_t ms)
{
	if (ms < 10000 && ms % 1000 != 0)
		doctor_set(d, at, "%lld ms", (long long)ms);
	else if (ms < 180 * 1000L)
		doctor_set(d, at, "%lld s", (long long)ms / 1000);
	else if (ms < 180 * 60000L)
		doctor_set(d, at, "%lld minutes", (long long)ms / 60000);
	else if (ms < 72 * 3600000L)
		doctor_set(d, at, "%lld hours", (long long)ms / 3600000);
	else
		doctor_set(d, at, "%lld days", (long long)ms / 86400000);
}

int
doctor_has_folder(const struct doctor *d, struct stat *st)
{
	return d->conf->data_dir != NULL && stat(d->conf->data_dir, st) == 0 &&
	    S_ISDIR(st->st_mode);
}

const struct store_look *
doctor_look(struct doctor *d)
{
	if (d->looked)
		return &d->look;
	d->looked = 1;
	memset(&d->look, 0, sizeof(d->look));
	d->look.err = LB_NOT_FOUND;
	if (d->conf->data_dir != NULL)
		store_sqlite_look(d->conf->data_dir, d->patience, &d->look);
	return &d->look;
}

int
doctor_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	while (n > 1 && folder[n - 1] == '/')
		n--;
	return n > 0 && strncmp(path, folder, n) == 0 &&
	    (n == 1 || path[n] == '/' || path[n] == '\0');
}

void
doctor_folder_of(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		snprintf(out, size, ".");
	else if (slash == path)
		snprintf(out, size, "/");
	else
		snprintf(out, size, "%.*s", (int)(slash - path), path);
}

void
doctor_real(const char *path, char *out, size_t size)
{
	char *real = realpath(path, NULL);
	char folder[PATH_MAX], parent[PATH_MAX];

	if (real != NULL) {
		snprintf(out, size, "%s", real);
		free(real);
		return;
	}
	doctor_folder_of(path, folder, sizeof(folder));
	if (strchr(path, '/') == NULL || strcmp(folder, path) == 0) {
		snprintf(out, size, "%s", path);
		return;
	}
	doctor_real(folder, parent, sizeof(parent));
	if (snprintf(out, size, "%s%s", strcmp(parent, "/") == 0 ? "" : parent,
		strrchr(path, '/')) >= (int)size)
		out[0] = '\0';
}

/*
 * account: see account.h.
 */
#define _DEFAULT_SOURCE /* fgetpwent */

#include "account.h"

#include <pwd.h>
#include <stdio.h>

int
account_find(struct account *a, uid_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *row = NULL;

	snprintf(a->name, sizeof(a->name), "number %lu", (unsigned long)uid);
	a->home[0] = '\0';
	if (file == NULL)
		return 0;
	while ((row = fgetpwent(file)) != NULL)
		if (row->pw_uid == uid)
			break;
	if (row != NULL) {
		snprintf(a->name, sizeof(a->name), "%s", row->pw_name);
		snprintf(a->home, sizeof(a->home), "%s", row->pw_dir);
	}
	fclose(file);
	return row != NULL;
}

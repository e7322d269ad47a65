/*
 * conf_home: where the data live when nobody has said so.
 *
 * Who uploads a program to a shared host configures nothing, so the folder is
 * made in the account's home: the one place there that is the account's own
 * and that no web server serves.  When it is not that, the answer is what to
 * do, never a database that could be downloaded.
 */
#define _XOPEN_SOURCE 700 /* realpath */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "conf.h"

#define FOLDER "/.letterbox"

/* What web servers' document roots are called. */
static const char *const served[] = { "public_html", "www", "htdocs",
	"httpdocs" };

static int
is_ours(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid();
}

/* HOME may be that of who started the web server, so it counts only where
 * nothing else is known and the folder is ours. */
static void
find_account(struct account *a)
{
	const char *home = getenv("HOME");

	if (!account_find(a, geteuid()) && home != NULL && is_ours(home))
		snprintf(a->home, sizeof(a->home), "%s", home);
}

static int
is_within(const char *path, const char *root)
{
	size_t n = strlen(root);

	while (n > 0 && root[n - 1] == '/')
		n--;
	return strncmp(path, root, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* 1 when a folder on the way is called what document roots are. */
static int
sounds_served(const char *path)
{
	size_t i, n;

	while (*path != '\0') {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		for (i = 0; i < sizeof(served) / sizeof(served[0]); i++)
			if (n == strlen(served[i]) &&
			    strncmp(path, served[i], n) == 0)
				return 1;
		path += n;
	}
	return 0;
}

/* Why `home` cannot hold the folder, or NULL. */
static const char *
objection(const char *home, const char *root)
{
	char real_root[PATH_MAX], folder[PATH_MAX + sizeof(FOLDER)];

	if (*home == '\0' || !is_within(home, "/"))
		return "is not known";
	if (root != NULL && realpath(root, real_root) != NULL &&
	    is_within(home, real_root))
		return "lies in what the web server serves";
	if (sounds_served(home))
		return "lies in a folder that web servers usually serve";
	snprintf(folder, sizeof(folder), "%s" FOLDER, home);
	if (access(folder, F_OK) != 0 &&
	    faccessat(AT_FDCWD, home, W_OK | X_OK, AT_EACCESS) != 0)
		return "is not there, or this account may not write to it";
	return NULL;
}

enum lb_err
conf_settle(struct conf *c, const char *home, const char *root,
    struct buf *words)
{
	struct account account;
	char real_home[PATH_MAX];
	const char *why;
	struct buf path;

	find_account(&account);
	if (realpath(home != NULL ? home : account.home, real_home) == NULL)
		real_home[0] = '\0';
	why = objection(real_home, root);
	if (why != NULL) {
		buf_printf(words,
		    "There is no place for the database: the home folder of "
		    "the account %s, which runs this program, %s. Make a "
		    "folder outside of what the web server serves, owned by "
		    "that account and with mode 700. Then write this line "
		    "into a file letterbox.conf beside the program: "
		    "data_dir = /PATH/OF/THAT/FOLDER",
		    account.name, why);
		return LB_CONF;
	}
	buf_init(&path, sizeof(real_home) + sizeof(FOLDER));
	buf_str(&path, strcmp(real_home, "/") == 0 ? "" : real_home);
	buf_add(&path, FOLDER, sizeof(FOLDER)); /* with its NUL */
	if (path.failed) {
		buf_reset(&path);
		return LB_NO_MEMORY;
	}
	c->data_dir = path.p;
	return LB_OK;
}

/* The longest of `homes` that `text` begins with; its length. */
static size_t
home_at(struct slice text, const char *const *homes, size_t count)
{
	size_t n, longest = 0;

	for (size_t i = 0; i < count; i++) {
		n = strlen(homes[i]);
		if (n > longest && n <= text.n &&
		    memcmp(text.p, homes[i], n) == 0)
			longest = n;
	}
	return longest;
}

void
conf_veil(struct buf *out, struct slice words)
{
	struct account account;
	char real_home[PATH_MAX];
	const char *homes[2] = { account.home, real_home };
	size_t n;

	find_account(&account);
	if (strcmp(account.home, "/") == 0)
		account.home[0] = '\0';
	if (realpath(account.home, real_home) == NULL)
		real_home[0] = '\0';
	while (words.n > 0) {
		n = home_at(words, homes, 2);
		if (n > 0)
			buf_char(out, '~');
		else
			buf_char(out, words.p[0]);
		n = n > 0 ? n : 1;
		words.p += n;
		words.n -= n;
	}
}

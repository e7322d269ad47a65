/*
 * doctor_visit: see doctor_visit.h.
 *
 * Beside the report the page gets the addresses at which a file of the data
 * folder would be found if the web server showed it: it alone can try them.
 */
#define _POSIX_C_SOURCE 200809L

#include "doctor_visit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "doctor_code.h"
#include "doctor_parts.h"
#include "self.h"

/* The loop stands still meanwhile. */
#define PATIENCE_MS 150

/* What nobody may have, in the data folder. */
static const char *const secrets[] = { "letterbox.db", "letterbox.db-wal",
	"run.db", "server.key", "admin.key" };

/* ---- addresses ---- */

struct addresses {
	struct buf *out;
	int count;
};

/* One segment or more, as they stand in an address (RFC 3986). */
static void
add_path(struct buf *out, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";

	for (; *path != '\0'; path++)
		if (strchr(plain, *path) != NULL)
			buf_char(out, *path);
		else
			buf_printf(out, "%%%02X", (unsigned char)*path);
}

/* `folder` begins with a slash and ends without, or is empty. */
static void
add_address(struct addresses *a, const char *folder, const char *name)
{
	struct buf path;

	buf_init(&path, 3 * 2 * PATH_MAX);
	add_path(&path, folder);
	buf_char(&path, '/');
	add_path(&path, name);
	buf_str(a->out, a->count++ == 0 ? "" : ",");
	buf_json(a->out, buf_as_slice(&path));
	buf_reset(&path);
}

static void
add_secrets(struct addresses *a, const char *folder)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		add_address(a, folder, secrets[i]);
}

/* Where it is for certain, when it is below the document root. */
static int
add_certain(struct addresses *a, const char *root, const char *data)
{
	char real_root[PATH_MAX], real_data[PATH_MAX];

	doctor_real(root, real_root, sizeof(real_root));
	doctor_real(data, real_data, sizeof(real_data));
	if (!doctor_is_below(real_data, real_root) ||
	    strcmp(real_root, "/") == 0)
		return 0;
	add_secrets(a, real_data + strlen(real_root));
	return 1;
}

/* Where it may be: beside the program, and at the top. */
static void
add_likely(struct addresses *a, const char *script, const char *data)
{
	const char *name = strrchr(data, '/');
	char beside[PATH_MAX], folder[2 * PATH_MAX];

	name = name == NULL ? data : name + 1;
	doctor_folder_of(script, beside, sizeof(beside));
	if (*beside != '/' || strcmp(beside, "/") == 0)
		*beside = '\0';
	snprintf(folder, sizeof(folder), "%s/%s", beside, name);
	add_secrets(a, folder);
	if (*beside != '\0') {
		snprintf(folder, sizeof(folder), "/%s", name);
		add_secrets(a, folder);
	}
	add_address(a, beside, "letterbox.conf");
}

static void
print_addresses(struct buf *out, const struct doctor *d, const char *script)
{
	struct addresses a = { out, 0 };

	buf_str(out, ",\"addresses\":[");
	if (d->root != NULL)
		add_certain(&a, d->root, d->conf->data_dir);
	add_likely(&a, script, d->conf->data_dir);
	buf_char(out, ']');
}

/* ---- the report ---- */

static void
copy(char *out, size_t size, struct slice s)
{
	snprintf(out, size, "%.*s", (int)s.n, s.p == NULL ? "" : s.p);
}

static void
print_reply(const struct doctor_visit *v, const struct http_request *r,
    struct buf *out)
{
	char root[PATH_MAX], script[PATH_MAX], program[PATH_MAX];
	struct doctor_seats seats;
	struct doctor d = {
		.conf = v->conf,
		.conf_file = v->conf->file,
		.faults = "",
		.program = self_path(program, sizeof(program)),
		.request = r,
		.now = v->now->wall,
		.patience = PATIENCE_MS,
	};

	copy(root, sizeof(root), r->document_root);
	copy(script, sizeof(script), r->script_name);
	if (*root == '/')
		d.root = root;
	if (v->seats != NULL) {
		v->seats(v->seats_arg, &seats);
		d.seats = &seats;
	}
	buf_printf(out, "{\"now\":%lld,\"hold\":%lld,\"pass\":\"",
	    (long long)v->now->wall, (long long)v->conf->hold);
	doctor_pass_print(out, v->key, v->now->wall);
	buf_str(out, "\",\"report\":");
	doctor_print(&d, out);
	print_addresses(out, &d, script);
	buf_char(out, '}');
}

enum lb_err
doctor_admits(void *arg, struct slice code, int once)
{
	const struct doctor_visit *v = arg;
	int64_t wall = v->now->wall;

	doctor_code_keep(v->conf->data_dir, wall);
	if (!once && doctor_pass_check(code, v->key, wall) == LB_OK)
		return LB_OK;
	return doctor_code_use(v->conf->data_dir, code, wall);
}

enum lb_err
doctor_visit(void *arg, const struct http_request *r, struct slice code,
    struct buf *out)
{
	const struct doctor_visit *v = arg;
	enum lb_err err;

	if (code.p == NULL) {
		doctor_code_keep(v->conf->data_dir, v->now->wall);
		return LB_OK;
	}
	err = doctor_admits(arg, code, 0);
	if (err == LB_OK)
		print_reply(v, r, out);
	return err;
}

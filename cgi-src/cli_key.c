/*
 * cli_key: see cli_key.h.
 *
 * It opens the database as a server does, beside those that run: they look
 * each key up, so a new one counts from the next request on.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_key.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "appkey.h"
#include "cli.h"
#include "cli_store.h"
#include "courier.h"

#define REPORT_MAX (1 << 20)

/* What was asked for. */
struct wish {
	const char *hook, *name;
	int strict, json;
	struct store *store;
};

/* ---- its verbs ---- */

static int
add(struct wish *w)
{
	struct appkey_add a = { .op = { .run = appkey_add_run } };
	enum lb_err err = appkey_make(&a);

	snprintf(a.key.name, sizeof(a.key.name), "%s", w->name);
	if (w->hook != NULL)
		snprintf(a.key.hook, sizeof(a.key.hook), "%s", w->hook);
	a.key.strict = w->strict;
	if (err == LB_OK)
		err = cli_store_run(w->store, &a.op);
	if (err != LB_OK)
		return cli_store_fail(err);
	if (w->hook != NULL && !courier_is_there())
		fputs("This program makes no posts: another one, built with "
		      "libcurl, has to run `letterbox hook'.\n",
		    stderr);
	fputs("This is shown once; only its hash is kept:\n", stderr);
	puts(a.text);
	return EXIT_DONE;
}

static int
drop(struct wish *w)
{
	struct appkey_drop d = { .op = { .run = appkey_drop_run } };
	enum lb_err err;

	d.name = slice_of(w->name);
	err = cli_store_run(w->store, &d.op);
	if (err == LB_NOT_FOUND) {
		fprintf(stderr, "letterbox: there is no key of this name\n");
		return EXIT_FAILED;
	}
	return err != LB_OK ? cli_store_fail(err) : EXIT_DONE;
}

static void
print_line(void *arg, const struct store_key *key)
{
	time_t at = (time_t)(key->created_at / 1000);
	struct tm tm;
	char day[16] = "?";

	if (gmtime_r(&at, &tm) != NULL)
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	buf_printf(arg, "%-32s %s%s%s%s\n", key->name, day,
	    key->strict ? " strict" : "", key->hook[0] != '\0' ? " " : "",
	    key->hook);
}

static void
print_json(void *arg, const struct store_key *key)
{
	struct buf *out = arg;

	if (out->n > 1)
		buf_char(out, ',');
	buf_printf(out, "{\"name\":\"%s\",\"created_at\":%lld,\"strict\":%s",
	    key->name, (long long)key->created_at,
	    key->strict ? "true" : "false");
	buf_str(out, ",\"hook\":");
	if (key->hook[0] != '\0')
		buf_json(out, slice_of(key->hook));
	else
		buf_str(out, "null");
	buf_char(out, '}');
}

static int
list(struct wish *w)
{
	struct buf out;
	enum lb_err err;

	buf_init(&out, REPORT_MAX);
	if (w->json)
		buf_char(&out, '[');
	err = store_keys(w->store, w->json ? print_json : print_line, &out);
	if (w->json)
		buf_str(&out, "]\n");
	if (err == LB_OK && out.failed)
		err = LB_NO_MEMORY;
	if (err == LB_OK)
		fwrite(out.p, 1, out.n, stdout);
	buf_reset(&out);
	return err != LB_OK ? cli_store_fail(err) : EXIT_DONE;
}

/* ---- the command line ---- */

static int
blame(const char *words)
{
	fprintf(stderr, "letterbox: %s\n", words);
	return EXIT_USAGE;
}

/* -1: go on. */
static int
read_call(struct wish *w, const struct verb_call *call)
{
	const char *fault;

	memset(w, 0, sizeof(*w));
	w->name = call->args > 0 ? call->arg[0] : NULL;
	w->hook = verb_value(call, "hook");
	w->strict = verb_value(call, "strict") != NULL;
	w->json = verb_value(call, "json") != NULL;
	if (w->name != NULL && !appkey_name_valid(slice_of(w->name)))
		return blame("a name has 1 to 32 characters of a-z 0-9 -");
	if (w->hook != NULL &&
	    (fault = appkey_hook_fault(slice_of(w->hook))) != NULL)
		return verb_blame(call->verb, "the hook will not do: %s",
		    fault);
	return -1;
}

static int
serve(const struct verb_call *call, int (*act)(struct wish *))
{
	struct wish w;
	struct conf conf;
	struct buf words;
	enum lb_err err;
	int status = read_call(&w, call);

	if (status >= 0)
		return status;
	status = EXIT_CONF;
	buf_init(&words, 65536);
	err = cli_load(&conf, verb_value(call, "conf"), call->program, &words);
	if (err == LB_OK) {
		status = EXIT_FAILED;
		err = cli_store_open(&w.store, &conf, &words);
	}
	if (err == LB_OK) {
		status = act(&w);
		store_close(w.store);
	} else {
		cli_say(&words);
	}
	buf_reset(&words);
	conf_reset(&conf);
	return status;
}

int
cli_key_add(const struct verb_call *call)
{
	return serve(call, add);
}

int
cli_key_list(const struct verb_call *call)
{
	return serve(call, list);
}

int
cli_key_remove(const struct verb_call *call)
{
	return serve(call, drop);
}

/*
 * dialect_rooms_keys: POST /doctor/keys.json: the keys of applications, for
 * whoever has the doctor's code and no shell.
 *
 * A pass is enough to see their names.  What is to stay (a key added, a key
 * removed) needs a code of its own: it is good once, so whoever reads along on
 * a connection that is not encrypted cannot do it again.
 */
#include "appkey.h"
#include "dialect_rooms_parts.h"
#include "log.h"

#define REPLY_MAX 1048576

enum { CODE, ADD, REMOVE, STRICT, HOOK, MEMBERS };

/* clang-format off */
static const struct json_member table[] = {
	[CODE] = { "code", JSON_STRING, 1 },
	[ADD] = { "add", JSON_STRING, 0 },
	[REMOVE] = { "remove", JSON_STRING, 0 },
	[STRICT] = { "strict", JSON_BOOL, 0 },
	[HOOK] = { "hook", JSON_STRING, 0 },
	{ NULL, JSON_ANY, 0 },
};
/* clang-format on */

struct keys {
	struct rooms_work work;
	struct slice code, name;
	int adds, removes;
	struct appkey_add add;
	struct appkey_drop drop;
};

/* ---- the reply ---- */

static void
print_key(void *arg, const struct store_key *key)
{
	struct buf *out = arg;

	if (out->p[out->n - 1] == '}')
		buf_char(out, ',');
	buf_str(out, "{\"name\":");
	buf_json(out, slice_of(key->name));
	buf_printf(out,
	    ",\"strict\":%s,\"hook\":", key->strict ? "true" : "false");
	if (key->hook[0] != '\0')
		buf_json(out, slice_of(key->hook));
	else
		buf_str(out, "null");
	buf_printf(out, ",\"created_at\":%lld}", (long long)key->created_at);
}

static void
answer(struct keys *k)
{
	struct rooms_mount *m = k->work.mount;
	struct buf out;
	enum lb_err err;

	buf_init(&out, REPLY_MAX);
	buf_str(&out, "{\"keys\":[");
	err = out.failed ? LB_NO_MEMORY :
			   store_keys(postoffice_store(m->po), print_key, &out);
	buf_char(&out, ']');
	if (k->adds)
		buf_printf(&out, ",\"key\":\"%s\"", k->add.text);
	buf_char(&out, '}');
	if (err == LB_OK) {
		rooms_answer(k->work.ex, k->adds ? 201 : 200, &out);
		return;
	}
	buf_reset(&out);
	rooms_refuse(k->work.ex, err, NULL);
}

/* ---- what is to stay ---- */

static void
done(struct keys *k, enum lb_err err)
{
	if (!exchange_committed(k->work.ex))
		return;
	if (err != LB_OK) {
		rooms_refuse(k->work.ex, err, NULL);
		return;
	}
	log_event(LOG_INFO, "key", "action=%s", k->adds ? "add" : "remove");
	answer(k);
}

static void
added(struct store_op *op, enum lb_err err)
{
	done((struct keys *)(void *)((char *)op -
		 offsetof(struct keys, add.op)),
	    err);
}

/* One that is not there is gone, as was asked. */
static void
dropped(struct store_op *op, enum lb_err err)
{
	done((struct keys *)(void *)((char *)op -
		 offsetof(struct keys, drop.op)),
	    err == LB_NOT_FOUND ? LB_OK : err);
}

static void
change(struct keys *k)
{
	struct store *store = postoffice_store(k->work.mount->po);
	enum lb_err err = k->adds ? appkey_make(&k->add) : LB_OK;

	if (err != LB_OK) {
		rooms_refuse(k->work.ex, err, NULL);
		return;
	}
	k->add.op.run = appkey_add_run;
	k->add.op.done = added;
	k->drop.op.run = appkey_drop_run;
	k->drop.op.done = dropped;
	k->drop.name = k->name;
	store_append(store, k->adds ? &k->add.op : &k->drop.op);
	exchange_commit(k->work.ex);
}

/* ---- who asks, and what for ---- */

static int
read_keys(struct keys *k)
{
	struct slice v[MEMBERS], hook;

	if (!rooms_envelope(&k->work, table, v, 0))
		return 0;
	k->code = rooms_text(&k->work, v[CODE]);
	k->adds = v[ADD].p != NULL;
	k->removes = v[REMOVE].p != NULL;
	hook = rooms_text(&k->work, v[HOOK]);
	k->add.key.strict = v[STRICT].p != NULL && json_true(v[STRICT]);
	if (k->adds && k->removes) {
		rooms_bad(&k->work, "remove", "It is one at a time.");
		return 0;
	}
	if (!k->adds && !k->removes)
		return 1;
	k->name = rooms_text(&k->work, v[k->adds ? ADD : REMOVE]);
	if (!appkey_name_valid(k->name)) {
		rooms_bad(&k->work, k->adds ? "add" : "remove",
		    "A name has 1 to 32 characters of a-z 0-9 -.");
		return 0;
	}
	if (hook.n > 0 && appkey_hook_fault(hook) != NULL) {
		rooms_bad(&k->work, "hook",
		    "A hook is http:// or https://, a host and perhaps a "
		    "path.");
		return 0;
	}
	/* They are no longer than that: it was looked at. */
	memcpy(k->add.key.name, k->name.p, k->name.n);
	if (hook.n > 0)
		memcpy(k->add.key.hook, hook.p, hook.n);
	return 1;
}

void
rooms_keys(struct rooms_mount *m, struct exchange *ex,
    const struct route_match *match)
{
	struct keys *k = rooms_work(m, ex, sizeof(*k), rooms_work_free);
	struct rooms_fault fault = ROOMS_NO_FAULT;
	enum lb_err err;

	(void)match;
	if (k == NULL || !read_keys(k))
		return;
	err = postoffice_guess(m->po, rooms_address(m, ex->request), m->now,
	    &fault.retry_ms);
	if (err == LB_OK)
		err = m->admits == NULL ?
		    LB_DOCTOR :
		    m->admits(m->doctor_arg, k->code, k->adds || k->removes);
	if (err != LB_OK)
		rooms_refuse(ex, err, &fault);
	else if (k->adds || k->removes)
		change(k);
	else
		answer(k);
}

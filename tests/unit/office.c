/*
 * office: see office.h.
 */
#include "office.h"

#include "scene.h"
#include "ticket.h"

static const struct postoffice_options defaults = {
	.bounds = { .peers = 8,
	    .room_messages = 4096,
	    .room_bytes = 16777216,
	    .mailbox_messages = 256,
	    .mailbox_bytes = 1048576,
	    .stranger_ids = 32,
	    .stranger_messages = 64,
	    .stranger_bytes = 262144,
	    .lease = 35000,
	    .reserve = 600000 },
	.governor = { .front = FRONT_EVENT,
	    .seats = { [FRONT_EVENT] = 10000,
		[FRONT_THREAD] = 64,
		[FRONT_POOL] = 8,
		[FRONT_CGI] = 8 },
	    .most = 65536,
	    .spare = 5,
	    .rate = 128,
	    .pause = 1500,
	    .hold = 25000 },
	.lease_max = 600000,
	.away = 3000,
	.ttl = 3600000,
	.stranger_ttl = 600000,
	.post_rate = 50,
	.post_burst = 200,
	.join_rate = 10,
	.join_burst = 64,
	.key_rate = 1000,
	.key_burst = 2000,
	.polls_per_address = 64,
};

static int on_sqlite;
static enum store_journal journal;

int
office_memory(void **state)
{
	(void)state;
	on_sqlite = 0;
	return 0;
}

int
office_sqlite(void **state)
{
	(void)state;
	on_sqlite = 1;
	journal = STORE_AUTO;
	return 0;
}

int
office_rollback(void **state)
{
	(void)state;
	on_sqlite = 1;
	journal = STORE_ROLLBACK;
	return 0;
}

static void
open_store(struct office *office)
{
	struct store_options options = { .folder = office->folder,
		.patience = 1000,
		.journal = journal };
	struct buf words;

	buf_init(&words, 4096);
	if (store_sqlite_open(&office->store, &options, &words) != LB_OK)
		fail_msg("%.*s", (int)words.n, words.p);
}

int
office_setup(void **state)
{
	struct office *office = calloc(1, sizeof(*office));

	if (office == NULL)
		return -1;
	office->options = defaults;
	office->now = (struct clock){ 5000000, 1700000000000 };
	if (on_sqlite) {
		scene_folder(office->folder);
		open_store(office);
	} else if (store_memory_open(&office->store) != LB_OK) {
		return -1;
	}
	office->po = postoffice_new(office->store, &office->options, 77,
	    &office->now);
	*state = office;
	return office->po != NULL ? 0 : -1;
}

struct office *
office_beside(const struct office *first)
{
	struct office *office = calloc(1, sizeof(*office));

	assert_non_null(office);
	*office = *first;
	open_store(office);
	office->po = postoffice_new(office->store, &office->options, 88,
	    &office->now);
	assert_non_null(office->po);
	return office;
}

void
office_close(struct office *office)
{
	postoffice_free(office->po);
	store_close(office->store);
	free(office);
}

int
office_teardown(void **state)
{
	struct office *office = *state;
	char folder[64];

	memcpy(folder, office->folder, sizeof(folder));
	office_close(office);
	if (folder[0] != '\0')
		scene_remove(folder);
	return 0;
}

void
office_turn(struct office *office)
{
	postoffice_turn(office->po, &office->now);
}

void
office_pass(struct office *office, int64_t ms)
{
	int64_t step;

	for (; ms > 0; ms -= step) {
		step = ms < 100 ? ms : 100;
		office->now.mono += step;
		office->now.wall += step;
		office_turn(office);
	}
}

void
office_restart(struct office *office)
{
	postoffice_free(office->po);
	office->po = postoffice_new(office->store, &office->options, 78,
	    &office->now);
	assert_non_null(office->po);
}

/* ---- guests --------------------------------------------------------- */

static struct token_digest
digest_of(const char *a, const char *b, const char *c)
{
	struct token_digest digest;
	char text[70000];

	snprintf(text, sizeof(text), "%s/%s/%s", a, b, c);
	token_sha256(&digest, slice_of(text));
	return digest;
}

struct guest
guest_new(struct office *office, const char *room, const char *id,
    const char *key)
{
	struct guest guest = { .office = office,
		.room = room,
		.id = id,
		.may = TICKET_ALL,
		.after = -1 };

	guest.token = digest_of(room, id, key);
	strcpy(guest.epoch, store_epoch(office->store));
	return guest;
}

/* Operations note their end here. */
static int ended;
static enum lb_err end;

void
office_note(struct store_op *op, enum lb_err err)
{
	(void)op;
	ended++;
	end = err;
}

enum lb_err
office_wait(struct office *office)
{
	office_turn(office);
	assert_int_equal(ended, 1);
	ended = 0;
	return end;
}

static void
fill_item(struct room_letter *letter, const char *to, const char *body)
{
	struct token_digest digest = digest_of(to != NULL ? to : "", body, "");

	letter->count = 1;
	letter->items[0].to = slice_of(to);
	letter->items[0].type = SLICE("chat");
	letter->items[0].body = slice_of(body);
	memcpy(letter->digest, digest.b, sizeof(letter->digest));
}

static enum lb_err
run_join(struct guest *guest, struct room_join *j)
{
	struct office *office = guest->office;
	int64_t retry = 0;
	enum lb_err err;

	j->op.done = office_note;
	j->namespace = ROOM_NAMESPACE;
	j->name = slice_of(guest->room);
	j->token = guest->token;
	j->may = guest->may;
	j->lease = guest->lease;
	j->opens = guest->opens;
	j->opening = guest->opening;
	j->peer_name = slice_of(guest->name);
	if (guest->secret != NULL) {
		j->has_secret = 1;
		token_sha256(&j->secret, slice_of(guest->secret));
	}
	err = postoffice_join(office->po, j, SLICE("192.0.2.1"), &office->now,
	    &retry);
	if (err != LB_OK) {
		assert_int_equal(ended, 0);
		assert_true(retry > 0);
		return err;
	}
	err = office_wait(office);
	guest->fault = j->fault;
	if (err == LB_OK && j->verdict != LB_OK)
		return j->verdict;
	if (err == LB_OK) {
		guest->self = j->self;
		guest->row = j->self.row;
		guest->n = j->self.n;
		guest->opening = j->opening;
		if (guest->after < 0)
			guest->after = j->self.first;
	}
	return err;
}

enum lb_err
guest_join(struct guest *guest)
{
	struct room_join j = { .id = slice_of(guest->id) };

	return run_join(guest, &j);
}

enum lb_err
guest_join_with(struct guest *guest, const char *to, const char *body)
{
	struct room_join j = { .id = slice_of(guest->id) };

	fill_item(&j.letter, to, body);
	return run_join(guest, &j);
}

enum lb_err
guest_return(struct guest *guest)
{
	struct room_join j = { .cursor = guest->after };

	return run_join(guest, &j);
}

struct guest
guest_enter(struct office *office, const char *room, const char *id)
{
	struct guest guest = guest_new(office, room, id, "key");

	assert_int_equal(guest_join(&guest), LB_OK);
	return guest;
}

enum lb_err
guest_post(struct guest *guest, int64_t n, const char *to, const char *body)
{
	struct office *office = guest->office;
	struct room_post p = { .n = n };
	int64_t retry = 0;
	enum lb_err err;

	p.op.done = office_note;
	p.namespace = ROOM_NAMESPACE;
	p.name = slice_of(guest->room);
	p.token = guest->token;
	p.cursor = guest->after > 0 ? guest->after : 0;
	fill_item(&p.letter, to, body);
	err = postoffice_post(office->po, &p, &office->now, &retry);
	if (err != LB_OK) {
		assert_int_equal(ended, 0);
		assert_true(retry > 0);
		return err;
	}
	err = office_wait(office);
	guest->fault = p.fault;
	guest->seq = p.first_seq;
	return err;
}

enum lb_err
guest_say(struct guest *guest, const char *to, const char *body)
{
	enum lb_err err = guest_post(guest, guest->n + 1, to, body);

	if (err == LB_OK)
		guest->n++;
	return err;
}

enum lb_err
guest_leave(struct guest *guest)
{
	struct room_leave l = { .namespace = ROOM_NAMESPACE };

	l.op.done = office_note;
	l.name = slice_of(guest->room);
	l.token = guest->token;
	postoffice_leave(guest->office->po, &l);
	return office_wait(guest->office);
}

enum lb_err
guest_away(struct guest *guest)
{
	return postoffice_away(guest->office->po, ROOM_NAMESPACE,
	    slice_of(guest->room), &guest->token, &guest->office->now);
}

enum lb_err
guest_rule(struct guest *guest, struct room_rules r)
{
	enum lb_err err;

	r.op.done = office_note;
	r.namespace = ROOM_NAMESPACE;
	r.name = slice_of(guest->room);
	r.token = guest->token;
	postoffice_rules(guest->office->po, &r);
	err = office_wait(guest->office);
	guest->fault = r.fault;
	return err;
}

/* ---- visits --------------------------------------------------------- */

static void
print_visit(struct waiter *w, const struct message *m)
{
	buf_slice(&w->messages, m->from);
	buf_char(&w->messages, '>');
	buf_slice(&w->messages, m->to.p != NULL ? m->to : SLICE("*"));
	buf_char(&w->messages, ' ');
	buf_slice(&w->messages, m->type);
	buf_char(&w->messages, ' ');
	buf_slice(&w->messages, m->body);
	buf_char(&w->messages, '\n');
}

static void
end_visit(struct waiter *w, enum lb_err err)
{
	struct visit *visit = (struct visit *)w;

	visit->done++;
	visit->err = err;
	visit->count += w->count;
	visit->gap = w->gap;
	visit->reset = w->reset;
	visit->after = w->sub.after;
	assert_true(w->messages.n < sizeof(visit->heard));
	if (w->messages.n > 0)
		memcpy(visit->heard, w->messages.p, w->messages.n);
	visit->heard[w->messages.n] = '\0';
}

void
visit_init(struct visit *visit, struct office *office)
{
	memset(visit, 0, sizeof(*visit));
	visit->office = office;
	waiter_init(&visit->waiter, postoffice_hall(office->po));
	visit->waiter.print = print_visit;
	visit->waiter.done = end_visit;
}

enum lb_err
guest_visit(struct guest *guest, struct visit *visit, int64_t wait,
    const char *address)
{
	struct postoffice_poll q = { .namespace = ROOM_NAMESPACE,
		.wait = wait };

	q.name = slice_of(guest->room);
	q.token = guest->token;
	q.opening = guest->opening;
	q.address = slice_of(address);
	if (guest->after >= 0) {
		strcpy(q.cursor.epoch, guest->epoch);
		q.cursor.seq = guest->after;
	}
	return postoffice_poll(guest->office->po, &visit->waiter, &q,
	    &guest->office->now, &visit->parked);
}

enum lb_err
guest_poll(struct guest *guest, struct visit *visit, int64_t wait)
{
	visit_init(visit, guest->office);
	return guest_visit(guest, visit, wait, "192.0.2.1");
}

void
visit_forget(struct visit *visit)
{
	postoffice_forget(visit->office->po, &visit->waiter);
}

void
guest_hears(struct guest *guest, const char *expected)
{
	struct visit visit;

	assert_int_equal(guest_poll(guest, &visit, 0), LB_OK);
	assert_int_equal(visit.done, 1);
	assert_int_equal(visit.err, LB_OK);
	assert_string_equal(visit.heard, expected);
	guest->after = visit.after;
	visit_forget(&visit);
}

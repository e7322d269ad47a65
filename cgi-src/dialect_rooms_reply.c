/*
 * dialect_rooms_reply: answers and problem documents.
 */
#include <string.h>

#include "dialect_rooms_parts.h"
#include "log.h"
#include "problem.h"

#define MEMBER_SHOWN 64 /* bytes of the name of a wrong member */

/* clang-format off */
static const char *const methods[] = {
	[HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_POST] = "POST",
	[HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
};
/* clang-format on */

static void
print_allow(struct buf *out, unsigned allow)
{
	int first = 1;

	buf_str(out, "Allow: ");
	for (unsigned i = HTTP_GET; i < sizeof(methods) / sizeof(methods[0]);
	     i++) {
		if (!(allow & (1u << i)))
			continue;
		buf_str(out, first ? "" : ", ");
		buf_str(out, methods[i]);
		first = 0;
	}
	buf_str(out, "\r\n");
}

static void
print_number(struct buf *out, const char *name, int64_t value)
{
	buf_printf(out, ",\"%s\":%lld", name, (long long)value);
}

/* The reason as a sentence, then the cure. */
static void
print_detail(struct buf *out, const struct err_words *words,
    const struct rooms_fault *fault)
{
	if (fault->part != NULL && fault->member.p != NULL) {
		buf_str(out, "The member `");
		buf_slice(out, fault->member);
		buf_str(out, "` ");
	} else if (fault->part != NULL) {
		buf_str(out, "What is wrong there: ");
	}
	if (fault->part != NULL) {
		buf_str(out, fault->part);
		buf_str(out, ". ");
	}
	if (fault->why != NULL) {
		buf_str(out, fault->why);
		buf_char(out, ' ');
	}
	buf_str(out, words->cure);
}

static void
print_problem(struct buf *out, const struct err_words *words,
    const struct rooms_fault *fault)
{
	struct buf detail;

	buf_init(&detail, 1024);
	print_detail(&detail, words, fault);
	problem_begin(out, words, buf_as_slice(&detail));
	if (fault->member.p != NULL) {
		buf_str(out, ",\"member\":");
		buf_json(out, fault->member);
	}
	if (fault->at >= 0)
		print_number(out, "at", fault->at);
	if (fault->expected > 0)
		print_number(out, "expected", fault->expected);
	if (fault->limit > 0)
		print_number(out, "limit", fault->limit);
	if (fault->retry_ms > 0)
		print_number(out, "retry_after", fault->retry_ms);
	if (fault->exception != NULL)
		buf_printf(out, ",\"exception\":\"%s\"", fault->exception);
	buf_char(out, '}');
	buf_reset(&detail);
}

/* A member that is not known has whatever name the client gave it: shown as
 * far as whole characters of UTF-8 go. */
static struct slice
shorten(struct slice name)
{
	size_t n = MEMBER_SHOWN;

	if (name.n <= n)
		return name;
	while (n > 0 && ((unsigned char)name.p[n] & 0xc0) == 0x80)
		n--;
	return (struct slice){ name.p, n };
}

/* What is told of an error. */
static const struct err_words *
words_for(const struct exchange *ex, enum lb_err err, struct rooms_fault *fault)
{
	const struct rooms_work *work = ex->work;

	if (work != NULL && work->failed) {
		/* It seems wrong because it could not be read. */
		*fault = ROOMS_NO_FAULT;
		err = LB_NO_MEMORY;
	} else if (err == LB_NEWER_SCHEMA) {
		err = LB_SHUTTING_DOWN; /* for a newer program */
	} else if (err > LB_NEWER_SCHEMA) {
		err = LB_IO; /* what is wrong with the files is in the log */
	}
	fault->member = shorten(fault->member);
	if (err_words(err)->status == 503 && fault->retry_ms == 0)
		fault->retry_ms = 1000;
	return err_words(err);
}

void
rooms_refuse(struct exchange *ex, enum lb_err err,
    const struct rooms_fault *given)
{
	struct rooms_fault fault = given != NULL ? *given : ROOMS_NO_FAULT;
	const struct err_words *words = words_for(ex, err, &fault);
	struct reply reply = { words->status, PROBLEM_TYPE, { NULL, 0 } };
	struct buf body;

	if (fault.retry_ms > 0)
		buf_printf(&ex->head, "Retry-After: %lld\r\n",
		    (long long)(fault.retry_ms + 999) / 1000);
	if (fault.allow != 0)
		print_allow(&ex->head, fault.allow);
	if (words->status == 401)
		buf_str(&ex->head, "WWW-Authenticate: Bearer\r\n");
	if (log_wants(LOG_DEBUG) || words->status >= 500)
		log_event(words->status >= 500 ? LOG_INFO : LOG_DEBUG,
		    "refused", "why=%s status=%d", words->code, words->status);
	buf_init(&body, 8192);
	print_problem(&body, words, &fault);
	if (!body.failed) /* or the status alone */
		reply.body = buf_as_slice(&body);
	exchange_reply(ex, &reply);
	buf_reset(&body);
}

void
rooms_answer(struct exchange *ex, int status, struct buf *body)
{
	const struct reply reply = { status, "application/json",
		buf_as_slice(body) };

	if (body->failed)
		rooms_refuse(ex, LB_NO_MEMORY, NULL);
	else
		exchange_reply(ex, &reply);
	buf_reset(body);
}

void
rooms_print_pace(struct buf *out, const struct governor_pace *pace)
{
	int wait = pace->wait / 1000;

	if (wait == 0 && pace->wait > 0)
		wait = 1;
	buf_printf(out, "{\"wait\":%d,\"pause\":%d}", wait, (int)pace->pause);
}

void
rooms_print_poll(struct buf *out, const struct governor_pace *pace)
{
	buf_str(out, "\"poll\":");
	rooms_print_pace(out, pace);
}

void
rooms_print_posts(struct buf *out, struct rooms_mount *m,
    const struct http_request *r)
{
	struct buf path;

	buf_init(&path, 4096);
	if (front_posts(postoffice_front(m->po), r->script_name,
		r->script_filename, &path)) {
		buf_str(out, ",\"posts\":");
		buf_json(out, buf_as_slice(&path));
	}
	buf_reset(&path);
}

void
rooms_print_losses(struct buf *out, const struct waiter *w)
{
	if (w->gap)
		buf_str(out, ",\"gap\":true");
	if (w->reset)
		buf_str(out, ",\"reset\":true");
}

/* ---- who is there ---- */

static void
print_peer(struct buf *out, const struct store_peer *p)
{
	buf_str(out, "{\"peer\":");
	buf_json(out, slice_of(p->id));
	if (p->name.p != NULL) {
		buf_str(out, ",\"name\":");
		buf_slice(out, p->name);
	}
	if (p->info.p != NULL) {
		buf_str(out, ",\"info\":");
		buf_slice(out, p->info);
	}
	buf_str(out, ",\"since\":");
	buf_int(out, p->since);
	buf_char(out, '}');
}

struct people {
	struct buf *out;
	int64_t except;
	int seen, listed;
	char owner[NAME_MAX_BYTES + 1];
};

/* In the order of their joining, so that the owner comes first. */
static void
list(void *arg, const struct store_peer *p)
{
	struct people *people = arg;

	if (people->seen++ == 0)
		memcpy(people->owner, p->id, sizeof(people->owner));
	if (p->row == people->except)
		return;
	if (people->listed++ > 0)
		buf_char(people->out, ',');
	print_peer(people->out, p);
}

enum lb_err
rooms_print_people(struct buf *out, struct rooms_mount *m, int64_t room,
    int64_t except)
{
	struct people people = { .out = out, .except = except };
	enum lb_err err;

	buf_str(out, "\"peers\":[");
	err = store_peers(postoffice_store(m->po), room, list, &people);
	buf_str(out, "],\"owner\":");
	if (people.seen > 0)
		buf_json(out, slice_of(people.owner));
	else
		buf_str(out, "null");
	return err;
}

/* ---- messages ---- */

void
rooms_print_message(struct waiter *w, const struct message *m)
{
	if (w->messages.n > 0)
		buf_char(&w->messages, ',');
	message_print(&w->messages, m);
}

void
rooms_print_messages(struct buf *out, struct rooms_mount *m,
    const struct waiter *w)
{
	buf_str(out, ",\"messages\":[");
	buf_slice(out, buf_as_slice(&w->messages));
	buf_str(out, "],\"cursor\":\"");
	cursor_print(out, store_epoch(postoffice_store(m->po)), w->sub.after);
	buf_char(out, '"');
}

/*
 * doctor_server: what stands between a browser and the program, as far as one
 * request shows it.
 *
 * The page sends headers with known values (doctor.h) along with its
 * question; here is told which of them came through whole.
 */
#define _POSIX_C_SOURCE 200809L

#include <limits.h>
#include <string.h>

#include "doctor_parts.h"

/* ---- which one it is ---- */

enum { NAMED, NAMED_UNKNOWN, NAMELESS };

static const struct doctor_finding software[] = {
	[NAMED] = { DOCTOR_OK, "It is {0}, and has the program as {1}.", NULL },
	[NAMED_UNKNOWN] = { DOCTOR_OK, "It is {0}.", NULL },
	[NAMELESS] = { DOCTOR_NOTE,
	    "It does not say what it is; it has the program as {1}.", NULL },
};

static const char *const modes[FRONT__MAX] = {
	[FRONT_EVENT] = "a FastCGI program with many requests at once",
	[FRONT_THREAD] = "a FastCGI program behind a proxy, a worker a request",
	[FRONT_POOL] = "one FastCGI process a request, from a pool (mod_fcgid)",
	[FRONT_CGI] = "a CGI program, started for each request",
};

static unsigned
look_software(struct doctor *d)
{
	struct slice name = d->request->server_software;
	const char *as = d->seats == NULL ? NULL : modes[d->seats->front];

	doctor_set(d, 0, "%.*s", (int)name.n, name.p == NULL ? "" : name.p);
	doctor_set(d, 1, "%s", as == NULL ? "a program" : as);
	if (name.n == 0)
		return NAMELESS;
	return as != NULL ? NAMED : NAMED_UNKNOWN;
}

/* ---- the address ---- */

enum { BEHIND_ITS_NAME, BY_QUERY };

static const struct doctor_finding address[] = {
	[BEHIND_ITS_NAME] = { DOCTOR_OK,
	    "What stands behind the program's name in an address arrives.",
	    NULL },
	[BY_QUERY] = { DOCTOR_NOTE,
	    "This page was asked for by ?path=, as pages do where nothing may "
	    "stand behind the program's name. It works as well.",
	    NULL },
};

static unsigned
look_address(struct doctor *d)
{
	struct buf text;
	unsigned found;

	buf_init(&text, 256);
	found = http_query(d->request->query, "path", &text) == LB_OK ?
	    BY_QUERY :
	    BEHIND_ITS_NAME;
	buf_reset(&text);
	return found;
}

/* ---- headers ---- */

enum { CAME, MISSING };

static int
is_whole(struct slice value, const char *expected)
{
	return slice_is(value, expected);
}

static const struct doctor_finding token_header[] = {
	[CAME] = { DOCTOR_OK, "X-Letterbox-Token arrives.", NULL },
	[MISSING] = { DOCTOR_BAD,
	    "X-Letterbox-Token does not arrive: the pages cannot tell who they "
	    "are.",
	    "Have whoever runs the web server or the proxy before it let "
	    "X-Letterbox-Token pass." },
};

static unsigned
look_token_header(struct doctor *d)
{
	return is_whole(d->request->x_token, DOCTOR_MARK) ? CAME : MISSING;
}

static const struct doctor_finding authorization[] = {
	[CAME] = { DOCTOR_OK, "Authorization arrives.", NULL },
	[MISSING] = { DOCTOR_NOTE,
	    "Authorization does not arrive, as is usual for CGI programs. The "
	    "pages do not need it; programs of your own may.",
	    "Send X-Letterbox-Token instead, or write \"CGIPassAuth On\" into "
	    ".htaccess (Apache)." },
};

static unsigned
look_authorization(struct doctor *d)
{
	return is_whole(d->request->authorization, "Bearer " DOCTOR_MARK) ?
	    CAME :
	    MISSING;
}

static const struct doctor_finding prefer[] = {
	[CAME] = { DOCTOR_OK, "Prefer arrives.", NULL },
	[MISSING] = { DOCTOR_NOTE,
	    "Prefer does not arrive; polls of the pages ask for their hold in "
	    "the address as well.",
	    "In programs of your own write &wait=25 into the address." },
};

static unsigned
look_prefer(struct doctor *d)
{
	return http_prefer_wait(d->request->prefer) == 1 ? CAME : MISSING;
}

static const struct doctor_finding last_event[] = {
	[CAME] = { DOCTOR_OK, "Last-Event-ID arrives.", NULL },
	[MISSING] = { DOCTOR_NOTE,
	    "Last-Event-ID does not arrive; the pages give their place in the "
	    "address.",
	    "In programs of your own write &after=CURSOR into the address." },
};

static unsigned
look_last_event(struct doctor *d)
{
	return is_whole(d->request->last_event_id, DOCTOR_MARK) ? CAME :
								  MISSING;
}

static const struct doctor_finding origin[] = {
	[CAME] = { DOCTOR_OK, "Origin arrives.", NULL },
	[MISSING] = { DOCTOR_NOTE,
	    "Origin does not arrive: pages of other sites cannot be told from "
	    "your own. Nothing is open to them without a token.",
	    "Have whoever runs the web server or the proxy before it let "
	    "Origin pass." },
};

static unsigned
look_origin(struct doctor *d)
{
	return d->request->origin.n > 0 ? CAME : MISSING;
}

/* ---- open polls ---- */

enum { SEATS_FREE, SEATS_POOL, SEATS_TAKEN, NO_SEATS, SEATS_UNKNOWN };

static const struct doctor_finding budget[] = {
	[SEATS_FREE] = { DOCTOR_OK,
	    "There may be {0} open polls at a time; {1} are open. Above that "
	    "polls are answered at once, and come again after a pause.",
	    NULL },
	[SEATS_POOL] = { DOCTOR_OK,
	    "There may be {0} open polls at a time, while {4} processes of the "
	    "pool are idle besides; {1} are open. Above that polls are answered "
	    "at once, and come again after a pause.",
	    NULL },
	[SEATS_TAKEN] = { DOCTOR_NOTE,
	    "All {0} open polls that there may be are open: further ones are "
	    "answered at once, and come again after {2}. Peers that do so now: "
	    "{4}.",
	    "That is as it should be on a small host; where there is room, "
	    "raise {3} in letterbox.conf." },
	[NO_SEATS] = { DOCTOR_WARNING,
	    "No poll may stay open: messages come late by up to {2}.",
	    "Raise {3} in letterbox.conf." },
	[SEATS_UNKNOWN] = { DOCTOR_NOTE,
	    "How many polls are open cannot be told.", NULL },
};

static const char *const keys[FRONT__MAX] = {
	[FRONT_AUTO] = "seats",
	[FRONT_EVENT] = "seats",
	[FRONT_THREAD] = "seats_threads",
	[FRONT_POOL] = "seats_processes",
	[FRONT_CGI] = "seats_processes",
};

static unsigned
look_budget(struct doctor *d)
{
	const struct doctor_seats *s = d->seats;

	if (s == NULL)
		return SEATS_UNKNOWN;
	doctor_set(d, 0, "%lld", (long long)s->seats);
	doctor_set(d, 1, "%lld", (long long)s->taken);
	doctor_set_time(d, 2, s->pause > 0 ? s->pause : d->conf->pause);
	doctor_set(d, 3, "%s", keys[s->front]);
	doctor_set(d, 4, "%lld",
	    (long long)(s->taken < s->seats ? d->conf->spare_processes :
					      s->waiting));
	if (s->seats == 0)
		return NO_SEATS;
	if (s->taken >= s->seats)
		return SEATS_TAKEN;
	return s->front == FRONT_POOL ? SEATS_POOL : SEATS_FREE;
}

/* ---- how long they may be ---- */

enum { HOLD_FITS, HOLD_LEARNED, HOLD_TOO_LONG };

static const struct doctor_finding hold[] = {
	[HOLD_FITS] = { DOCTOR_OK,
	    "A poll is held for {0}, which all web servers that we know "
	    "bear.",
	    NULL },
	[HOLD_LEARNED] = { DOCTOR_NOTE,
	    "A poll could be held for {0}, but something on the way cut "
	    "them: now it is {1}, and more is tried again after a day.",
	    "Nothing is lost by it. For fewer polls raise the time-outs of the "
	    "web server and of the proxy before it above {0}." },
	[HOLD_TOO_LONG] = { DOCTOR_WARNING,
	    "A poll is held for {0}, longer than {2} is sure to bear ({1}).",
	    "Set hold in letterbox.conf to 25." },
};

static unsigned
look_hold(struct doctor *d)
{
	const struct doctor_seats *s = d->seats;
	int is_pool = s != NULL && s->front == FRONT_POOL;
	int64_t most = is_pool ? 35 : 55;

	doctor_set_time(d, 0, d->conf->hold * 1000);
	if (d->conf->hold > most) {
		doctor_set(d, 1, "%d s", is_pool ? 40 : 60);
		doctor_set(d, 2, "%s", is_pool ? "mod_fcgid" : "a web server");
		return HOLD_TOO_LONG;
	}
	if (s != NULL && s->learned > 0 && s->learned < d->conf->hold * 1000) {
		doctor_set_time(d, 1, s->learned);
		return HOLD_LEARNED;
	}
	return HOLD_FITS;
}

const struct doctor_check doctor_server[] = {
	DOCTOR_CHECK("web-server", "Which one it is", software, look_software),
	DOCTOR_CHECK("address", "Addresses below the program's", address,
	    look_address),
	DOCTOR_CHECK("token-header", "Header X-Letterbox-Token", token_header,
	    look_token_header),
	DOCTOR_CHECK("authorization", "Header Authorization", authorization,
	    look_authorization),
	DOCTOR_CHECK("prefer", "Header Prefer", prefer, look_prefer),
	DOCTOR_CHECK("last-event-id", "Header Last-Event-ID", last_event,
	    look_last_event),
	DOCTOR_CHECK("origin", "Header Origin", origin, look_origin),
	DOCTOR_CHECK("polls", "Open polls", budget, look_budget),
	DOCTOR_CHECK("hold", "How long polls are held", hold, look_hold),
	DOCTOR_END,
};

/*
 * cli_since: see cli_since.h.
 */
#define _DEFAULT_SOURCE /* timegm */

#include "cli_since.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONGEST 400000000 /* of any unit: more than ten years of seconds */

static const struct {
	const char *name;
	int64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60000 },
	{ "h", 3600000 },
	{ "d", 86400000 },
};

/* Digits alone are a seq, with a unit a while. */
static int
read_number(const char *text, int64_t now, struct cli_since *out)
{
	char *end;
	long long number;

	if (!isdigit((unsigned char)*text) || strlen(text) > 18)
		return 0;
	number = strtoll(text, &end, 10);
	if (*end == '\0') {
		out->seq = number > 0 ? number : 1;
		return 1;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) != 0 || number > LONGEST)
			continue;
		out->at = now - number * units[i].ms;
		return 1;
	}
	return 0;
}

/* "19:02" or "19:02:11", up to `*end`. */
static int
read_clock(const char *text, struct tm *tm, const char **end)
{
	int n = 0, m = 0;

	tm->tm_sec = 0;
	if (sscanf(text, "%2d:%2d%n", &tm->tm_hour, &tm->tm_min, &n) != 2 ||
	    n == 0)
		return 0;
	if (sscanf(text + n, ":%2d%n", &tm->tm_sec, &m) == 1)
		n += m;
	*end = text + n;
	return tm->tm_hour >= 0 && tm->tm_hour < 24 && tm->tm_min >= 0 &&
	    tm->tm_min < 60 && tm->tm_sec >= 0 && tm->tm_sec <= 60;
}

/* It was that time today, or else yesterday. */
static int
read_time_of_day(const char *text, int64_t now, struct cli_since *out)
{
	time_t today = (time_t)(now / 1000);
	const char *end;
	struct tm tm;

	if (localtime_r(&today, &tm) == NULL || !read_clock(text, &tm, &end) ||
	    *end != '\0')
		return 0;
	tm.tm_isdst = -1;
	out->at = (int64_t)mktime(&tm) * 1000;
	if (out->at > now) {
		tm.tm_mday--;
		tm.tm_isdst = -1;
		out->at = (int64_t)mktime(&tm) * 1000;
	}
	return 1;
}

static int
read_date(const char *text, struct cli_since *out)
{
	const char *end;
	struct tm tm;
	int n = 0;

	memset(&tm, 0, sizeof(tm));
	if (sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		&n) != 3 ||
	    n == 0)
		return 0;
	if (tm.tm_year < 1970 || tm.tm_mon < 1 || tm.tm_mon > 12 ||
	    tm.tm_mday < 1 || tm.tm_mday > 31)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	tm.tm_isdst = -1;
	end = text + n;
	if ((*end == 'T' || *end == ' ') && !read_clock(end + 1, &tm, &end))
		return 0;
	if (strcmp(end, "Z") == 0)
		out->at = (int64_t)timegm(&tm) * 1000;
	else if (*end == '\0')
		out->at = (int64_t)mktime(&tm) * 1000;
	else
		return 0;
	return 1;
}

int
cli_since_read(const char *text, int64_t now, struct cli_since *out)
{
	memset(out, 0, sizeof(*out));
	return read_number(text, now, out) || read_date(text, out) ||
	    read_time_of_day(text, now, out);
}

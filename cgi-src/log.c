/*
 * log: one write(2) a line, so that the lines of several processes that share
 * a log file do not mix.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE 1024 /* bytes of a line, its end included */
#define CUT "..."

static enum log_level threshold = LOG_INFO;

void
log_set_level(enum log_level level)
{
	threshold = level;
}

int
log_wants(enum log_level level)
{
	return level <= threshold;
}

/* The last net under the callers' escaping: a line stays one line. */
static void
flatten(char *line, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
}

void
log_event(enum log_level level, const char *event, const char *format, ...)
{
	char line[LINE];
	va_list ap;
	size_t n;
	int head, tail;

	if (!log_wants(level))
		return;
	head = snprintf(line, sizeof(line) / 2, "%s%s", event,
	    *format == '\0' ? "" : " ");
	n = head < 0 ? 0 : (size_t)head;
	if (n >= sizeof(line) / 2)
		n = sizeof(line) / 2 - 1;
	va_start(ap, format);
	tail = vsnprintf(line + n, sizeof(line) - n, format, ap);
	va_end(ap);
	if (tail > 0 && (size_t)tail >= sizeof(line) - n) {
		n = sizeof(line) - 1;
		memcpy(line + n - strlen(CUT), CUT, strlen(CUT));
	} else if (tail > 0)
		n += (size_t)tail;
	flatten(line, n);
	line[n++] = '\n';
	/* A log that cannot be written has nobody to be told to. */
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

static int
plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != '=' && c != '"' && c != '\\';
}

const char *
log_safe(char *out, size_t size, struct slice value)
{
	static const char hex[] = "0123456789abcdef";
	const size_t cut = strlen(CUT);
	size_t i, n = 0, fits = 0, w;
	unsigned char c;

	if (size == 0)
		return out;
	for (i = 0; i < value.n; i++) {
		c = (unsigned char)value.p[i];
		w = plain(c) ? 1 : 4;
		if (n + w >= size)
			break;
		if (w == 1)
			out[n] = (char)c;
		else {
			out[n] = '\\';
			out[n + 1] = 'x';
			out[n + 2] = hex[c >> 4];
			out[n + 3] = hex[c & 15];
		}
		n += w;
		if (n + cut < size)
			fits = n; /* may be followed by the cut */
	}
	if (i < value.n && size > cut) {
		memcpy(out + fits, CUT, cut);
		n = fits + cut;
	}
	out[n] = '\0';
	return out;
}

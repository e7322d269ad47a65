/*
 * cli_out: see cli_out.h.
 */
#define _DEFAULT_SOURCE /* localtime_r, struct winsize */

#include "cli_out.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "verb.h"

#define PROGRESS_MS 250

void
cli_out_begin(void)
{
	signal(SIGPIPE, SIG_IGN);
}

int
cli_out_write(struct buf *out)
{
	size_t n = out->n;
	int failed = out->failed;

	out->n = 0;
	out->failed = 0;
	if (failed) {
		fputs("letterbox: There is no memory.\n", stderr);
		return EXIT_FAILED;
	}
	if ((n == 0 || fwrite(out->p, 1, n, stdout) == n) &&
	    fflush(stdout) == 0)
		return -1;
	/* A socket whose reader has left something unread says the second. */
	if (errno == EPIPE || errno == ECONNRESET)
		return EXIT_DONE;
	fprintf(stderr, "letterbox: it cannot be written: %s\n",
	    strerror(errno));
	return EXIT_FAILED;
}

size_t
cli_out_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
		return 80;
	return size.ws_col;
}

int
cli_out_coloured(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || *no == '\0') && isatty(STDOUT_FILENO) &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

void
cli_out_bytes(struct buf *out, int64_t bytes)
{
	static const char units[] = "kMGT";
	double value = (double)bytes / 1024;
	size_t i = 0;

	if (bytes < 1024) {
		buf_int(out, bytes);
		return;
	}
	for (; value >= 999.95 && i + 1 < sizeof(units) - 1; i++)
		value /= 1024;
	buf_printf(out, value < 99.95 ? "%.1f%c" : "%.0f%c", value, units[i]);
}

void
cli_out_time(struct buf *out, int64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	char text[64];
	struct tm tm;

	if (ms == 0 || localtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		buf_char(out, '-');
	else
		buf_str(out, text);
}

void
cli_out_delay(struct buf *out, int64_t ms)
{
	const char *sign = ms < 0 ? "-" : "+";
	const long long t = ms < 0 ? -ms : ms;

	if (t == 0)
		buf_str(out, "+0");
	else if (t < 1000)
		buf_printf(out, "%s%lldms", sign, t);
	else if (t < 60000)
		buf_printf(out, "%s%lld.%03llds", sign, t / 1000, t % 1000);
	else if (t < 3600000)
		buf_printf(out, "%s%lldm%02llds", sign, t / 60000,
		    t / 1000 % 60);
	else if (t < 86400000)
		buf_printf(out, "%s%lldh%02lldm", sign, t / 3600000,
		    t / 60000 % 60);
	else
		buf_printf(out, "%s%lldd", sign, t / 86400000);
}

void
cli_out_progress(int64_t count, int64_t all, const char *what)
{
	static int64_t shown;
	struct clock now;

	if (!isatty(STDERR_FILENO))
		return;
	clock_now(&now);
	if (what == NULL) {
		if (shown != 0)
			fputs("\r\033[K", stderr);
		shown = 0;
		return;
	}
	if (shown != 0 && now.mono - shown < PROGRESS_MS)
		return;
	shown = now.mono;
	if (all > 0)
		fprintf(stderr, "\r\033[K%lld of %lld %s", (long long)count,
		    (long long)all, what);
	else
		fprintf(stderr, "\r\033[K%lld %s", (long long)count, what);
}

/*
 * cli_end: see cli_end.h.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli_end.h"

#include <stddef.h>

static volatile sig_atomic_t is_wished;

static void
note_signal(int number)
{
	(void)number;
	is_wished = 1;
}

volatile sig_atomic_t *
cli_end_begin(void)
{
	const struct sigaction end = { .sa_handler = note_signal };

	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	return &is_wished;
}

int
cli_end_is_wished(void)
{
	return is_wished;
}

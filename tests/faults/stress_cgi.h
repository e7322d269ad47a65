/*
 * stress_cgi: peers that are CGI programs, and the reading that all readers
 * of stress.c do.
 */
#ifndef TESTS_STRESS_CGI_H
#define TESTS_STRESS_CGI_H

#include <stdint.h>

enum { STRESS_WRITERS = 16 };

/* What one reader of a room has seen. */
struct stress_reading {
	unsigned last[STRESS_WRITERS]; /* of each writer, the newest */
	long seq;                      /* of the newest */
	unsigned count;
};

/* Takes the messages of a poll's reply; ends the program when one is missing,
 * is there twice, or stands in another order. */
void stress_read(struct stress_reading *, const char *body);

struct stress_cgi {
	const char *program, *conf;
};

/* Each is a process of its own, which exits with 0 when all was as promised:
 * one posts `quota` messages, one reads until it has `total`. */
void stress_cgi_writer(const struct stress_cgi *, const char *room,
    unsigned number, unsigned quota);
void stress_cgi_reader(const struct stress_cgi *, const char *room,
    unsigned total);

#endif

/*
 * Fuzzes the configuration. Whatever a file holds, it is taken or every fault
 * is one line without control characters; and what was taken is in range.
 */
#define _GNU_SOURCE /* memfd_create */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

static void
must(int holds)
{
	if (!holds)
		abort();
}

static void
check_words(struct slice words)
{
	size_t i;

	must(words.n > 0 && words.p[words.n - 1] == '\n');
	for (i = 0; i < words.n; i++)
		must(words.p[i] == '\n' ||
		    (words.p[i] >= 0x20 && words.p[i] < 0x7f));
}

static void
check_conf(const struct conf *c)
{
	size_t i;

	must(c->data_dir == NULL || c->data_dir[0] == '/');
	must(c->hold >= 1 && c->lease > c->hold && c->lease_max >= c->lease);
	must(c->peers_max >= 1 && c->messages_max >= 1);
	must(c->message_max <= c->body_max);
	must(c->durability == CONF_POWER || c->durability == CONF_PROCESS);
	for (i = 0; i < c->ice.count; i++)
		must(strncmp(c->ice.item[i], "stun", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	struct conf c;
	struct buf words;
	enum lb_err err;

	if (fd < 0) {
		fd = memfd_create("conf", MFD_CLOEXEC);
		must(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	must(ftruncate(fd, 0) == 0);
	must(pwrite(fd, data, size, 0) == (ssize_t)size);
	conf_init(&c);
	buf_init(&words, 1 << 20);
	err = conf_load(&c, path, &words);
	if (err == LB_OK)
		check_conf(&c);
	else
		check_words(buf_as_slice(&words));
	must(err == LB_OK || err == LB_CONF);
	must(err == LB_CONF || words.n == 0);
	buf_reset(&words);
	conf_reset(&c);
	must(c.data_dir == NULL && c.ice.item == NULL);
	return 0;
}

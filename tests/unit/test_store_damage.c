/*
 * Damaged copies of a database: opening one and working with it may fail, but
 * does not crash, and never hands over another room's message.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "scene.h"

#define FILES 2

static enum store_journal journal; /* of the copies when they are opened */

/* What a whole database consists of, as bytes. */
struct image {
	unsigned char *bytes[FILES];
	size_t n[FILES];
	int64_t rooms[2], peers[2];
};

static const char *const names[FILES] = { "letterbox.db", "letterbox.db-wal" };

static void
read_image(struct image *image, const char *folder)
{
	char path[128];
	struct stat st;
	int fd, i;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		fd = open(path, O_RDONLY);
		if (fd < 0 && i > 0) {
			image->n[i] = 0; /* it has a rollback journal */
			image->bytes[i] = calloc(1, 1);
			continue;
		}
		assert_true(fd >= 0);
		assert_int_equal(fstat(fd, &st), 0);
		image->n[i] = (size_t)st.st_size;
		image->bytes[i] = malloc(image->n[i] + 1);
		assert_non_null(image->bytes[i]);
		assert_int_equal(read(fd, image->bytes[i], image->n[i]),
		    (ssize_t)image->n[i]);
		close(fd);
	}
}

static void
write_image(const struct image *image, const char *folder)
{
	char path[128];
	int fd, i;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, image->bytes[i], image->n[i]),
		    (ssize_t)image->n[i]);
		close(fd);
	}
}

/* `in_wal`: the messages stand in the WAL, else in the database. */
static void
make_image(struct image *image, int in_wal, int (*kind)(void **))
{
	struct scene *scene;
	void *state;
	sqlite3 *db;
	char body[400];
	int i;

	kind(NULL);
	assert_int_equal(scene_setup(&state), 0);
	scene = state;
	image->rooms[0] = scene_room(scene, "r0");
	image->rooms[1] = scene_room(scene, "r1");
	for (i = 0; i < 2; i++)
		image->peers[i] = scene_peer(scene, image->rooms[i], "ann",
		    STORE_PRESENT);
	for (i = 0; i < 60; i++) {
		memset(body, 'x', sizeof(body));
		snprintf(body, sizeof(body), "\"in r%d %380d\"", i % 2, i);
		scene_say(scene, image->rooms[i % 2], image->peers[i % 2], 0,
		    body);
	}
	if (!in_wal && kind == scene_sqlite) {
		snprintf(body, sizeof(body), "%s/letterbox.db", scene->folder);
		assert_int_equal(sqlite3_open(body, &db), SQLITE_OK);
		assert_int_equal(sqlite3_wal_checkpoint_v2(db, NULL,
				     SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
		    SQLITE_OK);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
	read_image(image, scene->folder);
	assert_int_equal(scene_teardown(&state), 0);
}

static uint64_t
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* Some bytes changed, a page zeroed, or the end cut off. */
static void
damage(struct image *copy, uint64_t *seed)
{
	int file = copy->n[1] == 0 ? 0 : 1, k;
	size_t n = copy->n[file], at;

	switch (next_random(seed) % 4) {
	case 0:
		copy->n[file] = next_random(seed) % n;
		break;
	case 1:
		at = next_random(seed) % n / 4096 * 4096;
		memset(copy->bytes[file] + at, 0,
		    n - at < 4096 ? n - at : 4096);
		break;
	default:
		for (k = (int)(next_random(seed) % 30); k >= 0; k--)
			copy->bytes[file][next_random(seed) % n] =
			    (unsigned char)next_random(seed);
	}
}

/* ---- what is done with a copy --------------------------------------- */

static int intruders, noticed;

static int
check_room(struct store_sub *sub, const struct message *m)
{
	const char *other = sub->peer == 0 ? "\"in r1 " : "\"in r0 ";

	if (slice_starts(m->body, other))
		intruders++;
	return 0;
}

static int
look_at_message(void *arg, const struct message *m)
{
	*(size_t *)arg += m->body.n + m->type.n + m->from.n;
	return 0;
}

static void
look_at_peer(void *arg, const struct store_peer *peer)
{
	*(size_t *)arg += strlen(peer->id) + peer->name.n + peer->info.n;
}

static void
look_at_all(void *arg, const struct store_room *room,
    const struct store_peer *peer, const struct store_lease *lease)
{
	*(size_t *)arg += room->name.n + (lease != NULL);
	look_at_peer(arg, peer);
}

static void
use(struct scene *scene, const struct image *image)
{
	const struct slice types[] = { SLICE("chat") };
	struct store_expiry expiry = { 1, INT64_MAX, INT64_MAX, 100, 0 };
	struct token_digest token = scene_token("ann");
	struct store_peer peer = { .first = INT64_MAX };
	struct store_sub subs[2] = { { 0 }, { 0 } };
	struct act act;
	size_t sum = 0;
	int i;

	for (i = 0; i < 2; i++) {
		subs[i].room = image->rooms[i];
		subs[i].peer = i == 0 ? 0 : INT64_MAX;
		subs[i].message = check_room;
		noticed += store_follow(scene->store, &subs[i]) != LB_OK;
		store_peers(scene->store, image->rooms[i], look_at_peer, &sum);
		peer.room = image->rooms[i];
		store_history(scene->store, &peer, types, 1, look_at_message,
		    &sum);
		scene_word(scene, &act, image->rooms[i], image->peers[i], 0,
		    "null");
		noticed += scene_do(scene, &act) != LB_OK;
		act = (struct act){ .what = act_trim,
			.a = image->rooms[i],
			.b = 20,
			.c = 100000 };
		scene_do(scene, &act);
		act.what = act_census;
		scene_do(scene, &act);
	}
	store_peer(scene->store, &token, look_at_all, &sum);
	store_expire(scene->store, &expiry);
	store_refresh(scene->store, 1);
	store_ready(scene->store);
	for (i = 0; i < 2; i++)
		store_unfollow(scene->store, &subs[i]);
}

static void
use_copy(const struct image *image, struct image *copy, int *opened)
{
	struct scene scene = { .now = { 1000000, 1700000000000 } };
	struct store_options options = { .patience = 50, .journal = journal };
	int saved = dup(2), null = open("/dev/null", O_WRONLY);
	struct buf words;

	scene_folder(scene.folder);
	write_image(copy, scene.folder);
	options.folder = scene.folder;
	buf_init(&words, 4096);
	fflush(stderr);
	dup2(null, 2);
	if (store_sqlite_open(&scene.store, &options, &words) == LB_OK) {
		++*opened;
		use(&scene, image);
		store_close(scene.store);
	} else {
		noticed++;
	}
	fflush(stderr);
	dup2(saved, 2);
	close(saved);
	close(null);
	buf_reset(&words);
	scene_remove(scene.folder);
}

/* Uses so many copies, all but the first one damaged. */
static void
use_copies(int in_wal, int copies, int (*kind)(void **))
{
	struct image image, copy;
	uint64_t seed = 20261120;
	int i, k, opened = 0;

	make_image(&image, in_wal, kind);
	intruders = noticed = 0;
	for (i = 0; i < copies; i++) {
		copy = image;
		for (k = 0; k < FILES; k++) {
			copy.bytes[k] = malloc(image.n[k] + 1);
			assert_non_null(copy.bytes[k]);
			memcpy(copy.bytes[k], image.bytes[k], image.n[k]);
		}
		if (i > 0) /* the first one is whole */
			damage(&copy, &seed);
		use_copy(&image, &copy, &opened);
		for (k = 0; k < FILES; k++)
			free(copy.bytes[k]);
		assert_true(i > 0 || (opened == 1 && noticed == 0));
	}
	assert_int_equal(intruders, 0);
	for (k = 0; k < FILES; k++)
		free(image.bytes[k]);
	print_message("%d copies, %d opened, %d errors\n", copies, opened,
	    noticed);
}

static void
a_damaged_database_does_no_harm(void **state)
{
	int copies = getenv("SOAK") != NULL ? 2000 : 150;

	(void)state;
	use_copies(0, copies, scene_sqlite);
	/* It has been damaged. */
	assert_true(noticed > copies / 4);
}

static void
a_damaged_wal_does_no_harm(void **state)
{
	(void)state;
	use_copies(1, getenv("SOAK") != NULL ? 2000 : 50, scene_sqlite);
}

static void
a_damaged_database_without_a_wal_does_no_harm(void **state)
{
	int copies = getenv("SOAK") != NULL ? 2000 : 50;

	(void)state;
	journal = STORE_ROLLBACK;
	use_copies(0, copies, scene_rollback);
	assert_true(noticed > copies / 4);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_database_does_no_harm),
		cmocka_unit_test(a_damaged_wal_does_no_harm),
		cmocka_unit_test(a_damaged_database_without_a_wal_does_no_harm),
	};

	return cmocka_run_group_tests_name("damage", tests, NULL, NULL);
}

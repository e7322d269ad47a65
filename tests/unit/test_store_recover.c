/*
 * Recovering: what can be read is there as it was, what cannot is told, and
 * neither seqs without a message nor pages of anything take long or crash.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/stat.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "mute.h"
#include "recording.h"
#include "scene.h"
#include "store_recover.h"

#define NEWEST 600
#define HOLES 11 /* each of these seqs has no message */
#define PAGE 4096
#define RANGES 2000
#define FAR "1125899906842624" /* 2^50 */

#define BODY(seq) \
	"'\"' || " seq " || ' ' || printf('%0200d', " seq " * 7919) || '\"'"

struct range {
	int64_t from, to;
};

/* A database, as it is to be recovered, and what came of that. */
struct patient {
	char folder[64], path[128], saved[128];
	unsigned char *bytes;
	size_t n;
	struct range lost[RANGES]; /* seqs */
	size_t count, looks, most; /* signs of life; after so many it ends */
	struct store_recovered got;
	struct buf words;
};

static unsigned char *original;
static size_t original_n;

/* ---- a database ----------------------------------------------------- */

static unsigned char *
read_whole(const char *path, size_t *n)
{
	unsigned char *bytes;
	struct stat st;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*n = (size_t)st.st_size;
	bytes = malloc(*n);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, *n), (ssize_t)*n);
	close(fd);
	return bytes;
}

/* Rooms, peers, and a log in which some seqs have no message. */
static const char furniture[] =
    "PRAGMA journal_mode = delete;"
    "CREATE TEMP TABLE number AS WITH RECURSIVE n(v) AS "
    "(VALUES (1) UNION ALL SELECT v + 1 FROM n WHERE v < 600) SELECT v FROM n;"
    "INSERT INTO room (row, namespace, name, created_at) "
    "SELECT v, 'rooms', 'r' || v, 1 FROM number WHERE v <= 5;"
    "INSERT INTO peer (row, room, id, state, changed_at) "
    "SELECT v, 1 + v % 5, 'p' || v, 5, 1 FROM number WHERE v <= 20;"
    "INSERT INTO key (name, hash, created_at) VALUES ('k', x'00', 1);"
    "INSERT INTO message SELECT v, 1 + (1 + v % 20) % 5, 1 + v % 20, NULL, "
    "'chat', length(" BODY("v") "), 1, " BODY(
	"v") " FROM number "
	     "WHERE v % 11 > 0;"
	     "UPDATE meta SET newest = 600";

static int
set_up_group(void **state)
{
	struct scene *scene;
	char path[128];

	scene_sqlite(NULL);
	if (scene_setup(state) != 0)
		return -1;
	scene = *state;
	scene_close(scene);
	scene_sql(scene->folder, furniture);
	scene_path(path, scene->folder, "letterbox.db");
	original = read_whole(path, &original_n);
	scene_open(scene, 0);
	return scene_teardown(state);
}

static int
tear_down_group(void **state)
{
	(void)state;
	free(original);
	return 0;
}

/* A copy of its own for each test. */
static int
set_up(void **state)
{
	struct patient *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	*state = p;
	p->most = SIZE_MAX;
	p->n = original_n;
	p->bytes = malloc(original_n);
	assert_non_null(p->bytes);
	memcpy(p->bytes, original, original_n);
	scene_folder(p->folder);
	scene_path(p->path, p->folder, "letterbox.db");
	scene_path(p->saved, p->folder, "saved");
	buf_init(&p->words, 4096);
	return 0;
}

static int
tear_down(void **state)
{
	struct patient *p = *state;

	scene_remove(p->folder);
	buf_reset(&p->words);
	free(p->bytes);
	free(p);
	return 0;
}

/* ---- damage --------------------------------------------------------- */

static void
put(const struct patient *p)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p->bytes, p->n), (ssize_t)p->n);
	close(fd);
}

/* Something is done to it by SQL, and `bytes` are what it is then. */
static void
change(struct patient *p, const char *sql)
{
	put(p);
	scene_sql(p->folder, sql);
	free(p->bytes);
	p->bytes = read_whole(p->path, &p->n);
}

/* Where the page begins that has the message. */
static size_t
page_of(const struct patient *p, int seq)
{
	char mark[32];
	const size_t n = (size_t)snprintf(mark, sizeof(mark), "\"%d 0000", seq);

	for (size_t at = 0; at + n <= p->n; at++)
		if (memcmp(p->bytes + at, mark, n) == 0)
			return at / PAGE * PAGE;
	fail_msg("no message %d", seq);
	return 0;
}

/* Where the page begins that a table begins with. */
static size_t
root_of(const struct patient *p, const char *table)
{
	sqlite3_stmt *q;
	sqlite3 *db;
	size_t page;

	put(p);
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT rootpage FROM sqlite_schema "
			     "WHERE name = ?1",
			     -1, &q, NULL),
	    SQLITE_OK);
	sqlite3_bind_text(q, 1, table, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	page = (size_t)sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return (page - 1) * PAGE;
}

static void
spoil(struct patient *p, size_t page)
{
	memset(p->bytes + page, 0xff, PAGE);
}

/* ---- recovering ----------------------------------------------------- */

static void
note_lost(void *arg, enum store_recover_table what, int64_t from, int64_t to)
{
	struct patient *p = arg;

	assert_true(from <= to);
	if (what != STORE_RECOVER_MESSAGES)
		return;
	assert_true(p->count < RANGES);
	p->lost[p->count++] = (struct range){ from, to };
}

static int
note_alive(void *arg, int64_t saved)
{
	struct patient *p = arg;

	(void)saved;
	return ++p->looks > p->most;
}

static enum lb_err
recover(struct patient *p)
{
	const struct store_recover_watch watch = { note_lost, note_alive, p };
	int saved = mute();
	enum lb_err err;

	put(p);
	p->count = p->looks = 0;
	p->words.n = 0;
	err = store_recover(p->path, p->saved, &watch, &p->got, &p->words);
	unmute(saved);
	return err;
}

/* What the saved database says to a question for numbers; how many, and the
 * first `most` of them. */
static size_t
ask_all(const struct patient *p, const char *sql, int64_t *out, size_t most)
{
	char path[160];
	sqlite3 *db;
	sqlite3_stmt *q;
	size_t n;

	snprintf(path, sizeof(path), "%s/letterbox.db", p->saved);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	for (n = 0; sqlite3_step(q) == SQLITE_ROW; n++)
		if (n < most)
			out[n] = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static int
is_told(const struct patient *p, int64_t seq)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->lost[i].from <= seq && seq <= p->lost[i].to)
			return 1;
	return 0;
}

/* All that is there is as it was, and all that is not is told.  Returns how
 * many messages are there. */
static int64_t
judge(const struct patient *p)
{
	int64_t seq[NEWEST + 10];
	const size_t n = ask_all(p, "SELECT seq FROM message ORDER BY seq", seq,
	    COUNT(seq));
	int64_t untold = 0;
	size_t i;

	assert_int_equal(n, p->got.saved[STORE_RECOVER_MESSAGES]);
	assert_int_equal(
	    ask_all(p,
		"SELECT 1 FROM message WHERE body <> " BODY(
		    "seq") " OR sender <> 1 + seq % 20 OR "
			   "room <> 1 + sender % 5 OR seq % 11 = 0 OR "
			   "seq > 600",
		NULL, 0),
	    0);
	assert_int_equal(ask_all(p, "SELECT 1 FROM pragma_foreign_key_check",
			     NULL, 0),
	    0);
	for (i = 1; i < p->count; i++)
		assert_true(p->lost[i - 1].to < p->lost[i].from);
	for (i = 0; i <= n; i++) {
		int64_t from = i > 0 ? seq[i - 1] + 1 : 1;
		const int64_t to = i < n ? seq[i] - 1 : NEWEST;

		for (; from <= to; from++)
			untold += from % HOLES > 0 && !is_told(p, from);
	}
	if (untold > p->got.refused[STORE_RECOVER_MESSAGES])
		fail_msg("%d of the lost are not told", (int)untold);
	return (int64_t)n;
}

#define ALL (NEWEST - NEWEST / HOLES)

static void
what_is_whole_is_all_there(void **state)
{
	struct patient *p = *state;

	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(judge(p), ALL);
	assert_int_equal(p->count, 0);
	assert_int_equal(p->got.newest, NEWEST);
	assert_int_equal(p->got.saved[STORE_RECOVER_ROOMS], 5);
	assert_int_equal(p->got.saved[STORE_RECOVER_PEERS], 20);
	assert_int_equal(p->got.saved[STORE_RECOVER_KEYS], 1);
	assert_int_equal(p->got.epoch_is_new + p->got.header_is_new, 0);
}

static void
a_page_is_read_around(void **state)
{
	struct patient *p = *state;
	int64_t there;

	spoil(p, page_of(p, 300));
	assert_int_equal(recover(p), LB_OK);
	there = judge(p);
	assert_true(there < ALL && there > ALL - 30);
	assert_true(is_told(p, 300));
	assert_false(is_told(p, 270) || is_told(p, 330));
}

static void
pages_here_and_there_are_read_around(void **state)
{
	static const int seqs[] = { 1, 112, 130, 250, 599 };
	struct patient *p = *state;

	for (size_t i = 0; i < COUNT(seqs); i++)
		spoil(p, page_of(p, seqs[i]));
	assert_int_equal(recover(p), LB_OK);
	assert_true(judge(p) > ALL - 5 * 30);
	for (size_t i = 0; i < COUNT(seqs); i++)
		assert_true(is_told(p, seqs[i]));
	assert_false(is_told(p, 50) || is_told(p, 175) || is_told(p, 500));
}

/* For SQLite that is no error: its rows are there, in another order. */
static void
a_page_in_the_wrong_place_hides_no_other(void **state)
{
	struct patient *p = *state;
	const size_t wrong = page_of(p, 200), other = page_of(p, 450);

	memcpy(p->bytes + wrong, p->bytes + other, PAGE);
	assert_int_equal(recover(p), LB_OK);
	assert_true(judge(p) > ALL - 30);
	assert_true(is_told(p, 200));
	assert_false(is_told(p, 170) || is_told(p, 230) || is_told(p, 450));
}

/* Half a page of zeros neither: rows are missing in it. */
static void
a_page_of_which_a_part_is_zeros_hides_nothing(void **state)
{
	struct patient *p = *state;

	memset(p->bytes + page_of(p, 300) + PAGE / 2, 0, PAGE / 2);
	assert_int_equal(recover(p), LB_OK);
	assert_true(judge(p) < ALL);
	assert_true(p->count > 0);
}

/* The tail is as long as the log is said to be. */
static void
an_unreadable_tail_is_lost_to_the_newest_seq(void **state)
{
	struct patient *p = *state;
	const size_t last = page_of(p, 599), before = page_of(p, 580);

	spoil(p, last);
	spoil(p, before);
	assert_int_equal(recover(p), LB_OK);
	assert_true(judge(p) > ALL - 60);
	assert_true(is_told(p, 580) && is_told(p, 599));
	assert_int_equal(p->lost[p->count - 1].to, NEWEST);
	assert_int_equal(p->got.newest, NEWEST);
}

static void
a_file_that_was_cut_off_has_what_is_before(void **state)
{
	struct patient *p = *state;

	p->n = p->n * 2 / 3;
	assert_int_equal(recover(p), LB_OK);
	assert_true(judge(p) > 0);
	assert_true(p->count > 0);
}

static void
a_table_without_its_root_is_lost_as_a_whole(void **state)
{
	struct patient *p = *state;

	spoil(p, root_of(p, "message"));
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(judge(p), 0);
	assert_int_equal(p->lost[0].from, 1);
	assert_int_equal(p->lost[p->count - 1].to, NEWEST);
	assert_int_equal(p->got.saved[STORE_RECOVER_PEERS], 20);
}

static void
what_was_said_stays_where_rooms_and_peers_are_lost(void **state)
{
	struct patient *p = *state;

	spoil(p, root_of(p, "room"));
	spoil(p, root_of(p, "peer"));
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(judge(p), ALL);
	assert_int_equal(p->got.lost_rooms, 5);
	assert_int_equal(p->got.lost_peers, 20);
}

static void
without_an_epoch_there_is_a_new_one(void **state)
{
	struct patient *p = *state;

	spoil(p, root_of(p, "meta"));
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(judge(p), ALL);
	assert_true(p->got.epoch_is_new);
	assert_int_equal(p->got.newest, NEWEST);
}

static void
where_the_log_ended_nobody_may_know(void **state)
{
	struct patient *p = *state;
	const size_t root = root_of(p, "message");

	spoil(p, root_of(p, "meta"));
	spoil(p, root);
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(judge(p), 0);
	assert_int_equal(p->lost[0].from, 1);
	assert_int_equal(p->lost[0].to, RECORDING_SEQ_MAX);
}

static void
a_newest_seq_that_is_too_low_hides_nothing(void **state)
{
	struct patient *p = *state;

	change(p, "UPDATE meta SET newest = 10");
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(judge(p), ALL);
	assert_int_equal(p->got.newest, NEWEST);
}

static void
numbers_may_be_as_high_as_any(void **state)
{
	struct patient *p = *state;

	change(p,
	    "INSERT INTO peer (row, room, id, state, changed_at) VALUES "
	    "(9223372036854775807, 1, 'max', 5, 1), "
	    "(4611686018427387909, 1, 'half', 5, 1)");
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(p->got.saved[STORE_RECOVER_PEERS], 22);
}

/* Whatever was given, few seqs are looked at one by one. */
static void
a_log_with_wide_gaps_ends_soon(void **state)
{
	struct patient *p = *state;
	size_t page;

	change(p,
	    "INSERT INTO message SELECT " FAR " + v, 1, 20, NULL, 'chat', 4, "
	    "1, 'null' FROM (SELECT 1 AS v UNION SELECT 1000000);"
	    "UPDATE meta SET newest = " FAR " + 2000000");
	page = page_of(p, 300);
	spoil(p, page);
	assert_int_equal(recover(p), LB_OK);
	assert_true(p->looks < 1000);
	assert_true(is_told(p, 300));
	assert_false(is_told(p, 200) || is_told(p, 400));
	assert_true(p->got.saved[STORE_RECOVER_MESSAGES] > ALL - 30);
}

static void
what_is_not_sound_is_refused(void **state)
{
	struct patient *p = *state;

	change(p,
	    "UPDATE message SET body = '{', size = 1 WHERE seq = 7;"
	    "UPDATE message SET size = 1 WHERE seq = 8;"
	    "UPDATE message SET sender = 3 WHERE seq = 9");
	assert_int_equal(recover(p), LB_OK);
	assert_int_equal(p->got.refused[STORE_RECOVER_MESSAGES], 3);
	assert_int_equal(judge(p), ALL - 3);
}

static void
it_can_be_ended_and_leaves_nothing(void **state)
{
	struct patient *p = *state;

	p->most = 0;
	assert_int_equal(recover(p), LB_TIMEOUT);
	assert_int_equal(access(p->saved, F_OK), -1);
}

static void
nothing_is_made_of_noise(void **state)
{
	struct patient *p = *state;

	for (size_t i = 0; i < p->n; i++)
		p->bytes[i] = (unsigned char)(i * 2654435761u >> 13);
	assert_int_equal(recover(p), LB_NOT_OURS);
	assert_int_equal(access(p->saved, F_OK), -1);
	assert_true(p->words.n > 0);
}

/* ---- by chance ------------------------------------------------------ */

static size_t
next_random(uint64_t *seed, size_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(*seed >> 33) % below;
}

/* A page of zeros or of noise; or the end is missing. */
static void
harm(struct patient *p, uint64_t *seed)
{
	const size_t pages = p->n / PAGE;
	unsigned char *page = p->bytes + next_random(seed, pages) * PAGE;

	switch (next_random(seed, 3)) {
	case 0:
		memset(page, 0, PAGE);
		break;
	case 1:
		for (int i = 0; i < PAGE; i++)
			page[i] = (unsigned char)next_random(seed, 256);
		break;
	default:
		p->n -= next_random(seed, p->n / 8);
	}
}

static void
whatever_is_damaged_nothing_is_made_up(void **state)
{
	const int copies = getenv("SOAK") != NULL ? 2000 : 60;
	struct patient *p = *state;
	uint64_t seed = 20261120;
	int recovered = 0;

	for (int i = 0; i < copies; i++) {
		memcpy(p->bytes, original, original_n);
		p->n = original_n;
		for (size_t k = next_random(&seed, 4) + 1; k > 0; k--)
			harm(p, &seed);
		if (recover(p) == LB_OK) {
			judge(p);
			scene_remove(p->saved);
			recovered++;
		}
		assert_int_equal(access(p->saved, F_OK), -1);
	}
	print_message("%d of %d copies were recovered\n", recovered, copies);
	assert_true(recovered > copies * 3 / 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(what_is_whole_is_all_there),
		TEST(a_page_is_read_around),
		TEST(pages_here_and_there_are_read_around),
		TEST(a_page_in_the_wrong_place_hides_no_other),
		TEST(a_page_of_which_a_part_is_zeros_hides_nothing),
		TEST(an_unreadable_tail_is_lost_to_the_newest_seq),
		TEST(a_file_that_was_cut_off_has_what_is_before),
		TEST(a_table_without_its_root_is_lost_as_a_whole),
		TEST(what_was_said_stays_where_rooms_and_peers_are_lost),
		TEST(without_an_epoch_there_is_a_new_one),
		TEST(where_the_log_ended_nobody_may_know),
		TEST(a_newest_seq_that_is_too_low_hides_nothing),
		TEST(numbers_may_be_as_high_as_any),
		TEST(a_log_with_wide_gaps_ends_soon),
		TEST(what_is_not_sound_is_refused),
		TEST(it_can_be_ended_and_leaves_nothing),
		TEST(nothing_is_made_of_noise),
		TEST(whatever_is_damaged_nothing_is_made_up),
	};

	return cmocka_run_group_tests_name("recover", tests, set_up_group,
	    tear_down_group);
}

/*
 * faulty: see faulty.h.  A VFS that stands before SQLite's own, and an
 * allocator before malloc.
 */
#define _XOPEN_SOURCE 700

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "faulty.h"
#include "unit.h"

struct faulty faulty;

static sqlite3_vfs *below;
static sqlite3_mem_methods memory_below;

/* A change that was not yet synced: a write; what was cut off the end of a
 * file; the whole of one that was deleted. */
struct piece {
	enum { WRITTEN, CUT_OFF, DELETED } what;
	char path[256];
	off_t at, size_before;
	size_t n;
	unsigned char *old, *new;
	struct piece *older;
};

static struct piece *pieces; /* newest first */

struct file {
	sqlite3_file base; /* first */
	char path[256];
	sqlite3_file *below;
};

/* 1 when this call is to fail. */
static int
strike(int memory)
{
	if (faulty.memory != memory || faulty.fail_at == 0)
		return 0;
	faulty.calls++;
	if (faulty.calls == faulty.fail_at ||
	    (faulty.for_ever && faulty.calls > faulty.fail_at)) {
		faulty.failed++;
		return 1;
	}
	return 0;
}

/* ---- what is not yet synced ----------------------------------------- */

static void
free_piece(struct piece *piece)
{
	free(piece->old);
	free(piece->new);
	free(piece);
}

static void
forget_pieces(const char *path)
{
	struct piece **at = &pieces, *piece;

	while ((piece = *at) != NULL) {
		if (path != NULL && strcmp(path, piece->path) != 0) {
			at = &piece->older;
			continue;
		}
		*at = piece->older;
		free_piece(piece);
	}
}

/* n bytes at `at` are about to change in a file of so many bytes. */
static struct piece *
new_piece(int what, const char *path, sqlite3_int64 at, sqlite3_int64 n,
    sqlite3_int64 size)
{
	struct piece *piece = calloc(1, sizeof(*piece));

	assert_non_null(piece);
	piece->what = what;
	strcpy(piece->path, path);
	piece->at = (off_t)at;
	piece->n = (size_t)n;
	piece->size_before = (off_t)size;
	piece->old = calloc(1, piece->n + 1);
	piece->new = malloc(piece->n + 1);
	assert_true(piece->old != NULL && piece->new != NULL);
	piece->older = pieces;
	pieces = piece;
	return piece;
}

static void
note_write(struct file *file, const void *bytes, int n, sqlite3_int64 at)
{
	sqlite3_int64 size = 0;
	struct piece *piece;

	file->below->pMethods->xFileSize(file->below, &size);
	piece = new_piece(WRITTEN, file->path, at, n, size);
	memcpy(piece->new, bytes, piece->n);
	file->below->pMethods->xRead(file->below, piece->old, n, at);
}

static void
note_cut_off(struct file *file, sqlite3_int64 at)
{
	sqlite3_int64 size = 0;
	struct piece *piece;

	file->below->pMethods->xFileSize(file->below, &size);
	if (size <= at)
		return;
	piece = new_piece(CUT_OFF, file->path, at, size - at, size);
	file->below->pMethods->xRead(file->below, piece->old, (int)(size - at),
	    at);
}

static void
note_deleted(const char *path)
{
	int fd = open(path, O_RDONLY);
	struct piece *piece;
	off_t size;

	if (fd < 0)
		return;
	size = lseek(fd, 0, SEEK_END);
	piece = new_piece(DELETED, path, 0, size, size);
	assert_int_equal(pread(fd, piece->old, piece->n, 0), (ssize_t)piece->n);
	close(fd);
}

static void
put(const char *path, const void *bytes, size_t n, off_t at, off_t size)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return; /* it was deleted since */
	assert_int_equal(pwrite(fd, bytes, n, at), (ssize_t)n);
	if (size >= 0)
		assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void
undo(const struct piece *piece)
{
	if (piece->what == DELETED)
		close(open(piece->path, O_WRONLY | O_CREAT, 0600));
	put(piece->path, piece->old, piece->n, piece->at, piece->size_before);
}

static void
redo(const struct piece *piece, size_t n)
{
	if (piece->what == WRITTEN)
		put(piece->path, piece->new, n, piece->at, -1);
	else if (piece->what == CUT_OFF)
		(void)!truncate(piece->path, piece->at);
	else
		unlink(piece->path);
}

void
faulty_cut(uint64_t seed)
{
	struct piece *piece, *next, *oldest = NULL;

	for (piece = pieces; piece != NULL; piece = next) {
		next = piece->older;
		undo(piece);
		piece->older = oldest;
		oldest = piece;
	}
	for (piece = oldest; piece != NULL; piece = next) {
		next = piece->older;
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		if (seed >> 63)
			redo(piece, piece->n);
		else if (seed >> 62 && piece->n > 512)
			redo(piece, piece->n / 1024 * 512);
		free_piece(piece);
	}
	pieces = NULL;
}

void
faulty_reset(void)
{
	forget_pieces(NULL);
	memset(&faulty, 0, sizeof(faulty));
}

/* ---- a file --------------------------------------------------------- */

static struct file *
of(sqlite3_file *file)
{
	return (struct file *)file;
}

static int
close_file(sqlite3_file *file)
{
	return of(file)->below->pMethods->xClose(of(file)->below);
}

static int
read_file(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
	if (strike(0))
		return SQLITE_IOERR_READ;
	return of(file)->below->pMethods->xRead(of(file)->below, bytes, n, at);
}

static int
write_file(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	if (strike(0))
		return faulty.full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	if (faulty.record && of(file)->path[0] != '\0')
		note_write(of(file), bytes, n, at);
	return of(file)->below->pMethods->xWrite(of(file)->below, bytes, n, at);
}

static int
truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
	if (strike(0))
		return SQLITE_IOERR_TRUNCATE;
	if (faulty.record && of(file)->path[0] != '\0')
		note_cut_off(of(file), size);
	return of(file)->below->pMethods->xTruncate(of(file)->below, size);
}

/* The real disk need not be waited for: here power is cut in play. */
static int
sync_file(sqlite3_file *file, int flags)
{
	(void)flags;
	if (strike(0))
		return SQLITE_IOERR_FSYNC;
	forget_pieces(of(file)->path);
	return SQLITE_OK;
}

static int
size_file(sqlite3_file *file, sqlite3_int64 *size)
{
	if (strike(0))
		return SQLITE_IOERR_FSTAT;
	return of(file)->below->pMethods->xFileSize(of(file)->below, size);
}

static int
lock_file(sqlite3_file *file, int level)
{
	if (strike(0))
		return SQLITE_IOERR_LOCK;
	return of(file)->below->pMethods->xLock(of(file)->below, level);
}

static int
unlock_file(sqlite3_file *file, int level)
{
	return of(file)->below->pMethods->xUnlock(of(file)->below, level);
}

static int
reserved_file(sqlite3_file *file, int *result)
{
	return of(file)->below->pMethods->xCheckReservedLock(of(file)->below,
	    result);
}

static int
control_file(sqlite3_file *file, int op, void *arg)
{
	return of(file)->below->pMethods->xFileControl(of(file)->below, op,
	    arg);
}

static int
sector_file(sqlite3_file *file)
{
	return of(file)->below->pMethods->xSectorSize(of(file)->below);
}

static int
traits_file(sqlite3_file *file)
{
	return of(file)->below->pMethods->xDeviceCharacteristics(
	    of(file)->below);
}

static int
shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	if (strike(0))
		return SQLITE_IOERR_SHMMAP;
	return of(file)->below->pMethods->xShmMap(of(file)->below, page, size,
	    extend, out);
}

static int
shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
	return of(file)->below->pMethods->xShmLock(of(file)->below, offset, n,
	    flags);
}

static void
shm_barrier(sqlite3_file *file)
{
	of(file)->below->pMethods->xShmBarrier(of(file)->below);
}

static int
shm_unmap(sqlite3_file *file, int erase)
{
	return of(file)->below->pMethods->xShmUnmap(of(file)->below, erase);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = size_file,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = reserved_file,
	.xFileControl = control_file,
	.xSectorSize = sector_file,
	.xDeviceCharacteristics = traits_file,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

/* The same for a disk on which processes share no memory. */
static const sqlite3_io_methods apart = {
	.iVersion = 1,
	.xClose = close_file,
	.xRead = read_file,
	.xWrite = write_file,
	.xTruncate = truncate_file,
	.xSync = sync_file,
	.xFileSize = size_file,
	.xLock = lock_file,
	.xUnlock = unlock_file,
	.xCheckReservedLock = reserved_file,
	.xFileControl = control_file,
	.xSectorSize = sector_file,
	.xDeviceCharacteristics = traits_file,
};

/* ---- the VFS -------------------------------------------------------- */

static int
open_vfs(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
    int *out)
{
	struct file *file = of(base);
	int rc;

	(void)vfs;
	memset(file, 0, sizeof(*file));
	if (strike(0))
		return SQLITE_CANTOPEN;
	file->below = (sqlite3_file *)(void *)(file + 1);
	if (path != NULL)
		snprintf(file->path, sizeof(file->path), "%s", path);
	rc = below->xOpen(below, path, file->below, flags, out);
	if (file->below->pMethods != NULL)
		base->pMethods = faulty.no_sharing ? &apart : &methods;
	return rc;
}

static int
delete_vfs(sqlite3_vfs *vfs, const char *path, int sync)
{
	(void)vfs;
	if (strike(0))
		return SQLITE_IOERR_DELETE;
	/* Without a sync of the folder it may come back. */
	if (sync)
		forget_pieces(path);
	else if (faulty.record)
		note_deleted(path);
	return below->xDelete(below, path, sync);
}

static int
access_vfs(sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
	(void)vfs;
	if (strike(0))
		return SQLITE_IOERR_ACCESS;
	return below->xAccess(below, path, flags, result);
}

/* ---- memory --------------------------------------------------------- */

static void *
malloc_faulty(int n)
{
	return strike(1) ? NULL : memory_below.xMalloc(n);
}

static void *
realloc_faulty(void *p, int n)
{
	return strike(1) ? NULL : memory_below.xRealloc(p, n);
}

void
faulty_install(void)
{
	static sqlite3_vfs vfs;
	sqlite3_mem_methods memory;

	assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory_below),
	    SQLITE_OK);
	memory = memory_below;
	memory.xMalloc = malloc_faulty;
	memory.xRealloc = realloc_faulty;
	assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory),
	    SQLITE_OK);
	below = sqlite3_vfs_find(NULL);
	assert_non_null(below);
	vfs = *below;
	vfs.zName = "faulty";
	vfs.szOsFile += (int)sizeof(struct file);
	vfs.xOpen = open_vfs;
	vfs.xDelete = delete_vfs;
	vfs.xAccess = access_vfs;
	assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

/*
 * odd_disk: a file system on FUSE that can do as little as a poor network
 * mount: odd_disk SOURCE MOUNTPOINT serves the files of SOURCE, in the
 * foreground, until it is unmounted or told to end.
 *
 * Files cannot be mapped shared (direct_io), there are no sockets and no hard
 * links; locks are the kernel's own.  For tests alone.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int source; /* the folder that is served */

/* FUSE's paths begin with a slash; ours are of `source`. */
static const char *
of(const char *path)
{
	return path[1] == '\0' ? "." : path + 1;
}

static int
result(int rc)
{
	return rc == -1 ? -errno : 0;
}

static int
odd_getattr(const char *path, struct stat *st, struct fuse_file_info *info)
{
	return result(info != NULL ?
		fstat((int)info->fh, st) :
		fstatat(source, of(path), st, AT_SYMLINK_NOFOLLOW));
}

static int
odd_readdir(const char *path, void *list, fuse_fill_dir_t fill, off_t at,
    struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
	int fd = openat(source, of(path), O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	(void)at;
	(void)info;
	(void)flags;
	if (dir == NULL)
		return -errno;
	while ((entry = readdir(dir)) != NULL)
		fill(list, entry->d_name, NULL, 0, 0);
	closedir(dir);
	return 0;
}

static int
keep_open(struct fuse_file_info *info, int fd)
{
	if (fd < 0)
		return -errno;
	info->fh = (uint64_t)fd;
	info->direct_io = 1; /* no shared maps */
	return 0;
}

/* What is made belongs to who asked for it, not to us. */
static int
give(const char *path)
{
	const struct fuse_context *who = fuse_get_context();

	return fchownat(source, of(path), who->uid, who->gid,
	    AT_SYMLINK_NOFOLLOW);
}

static int
odd_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
	int fd = openat(source, of(path), info->flags | O_CREAT, mode);

	if (fd >= 0)
		give(path);
	return keep_open(info, fd);
}

static int
odd_open(const char *path, struct fuse_file_info *info)
{
	return keep_open(info, openat(source, of(path), info->flags));
}

static int
odd_release(const char *path, struct fuse_file_info *info)
{
	(void)path;
	return result(close((int)info->fh));
}

static int
odd_read(const char *path, char *bytes, size_t n, off_t at,
    struct fuse_file_info *info)
{
	ssize_t got = pread((int)info->fh, bytes, n, at);

	(void)path;
	return got < 0 ? -errno : (int)got;
}

static int
odd_write(const char *path, const char *bytes, size_t n, off_t at,
    struct fuse_file_info *info)
{
	ssize_t put = pwrite((int)info->fh, bytes, n, at);

	(void)path;
	return put < 0 ? -errno : (int)put;
}

static int
odd_fsync(const char *path, int data, struct fuse_file_info *info)
{
	(void)path;
	return result(data ? fdatasync((int)info->fh) : fsync((int)info->fh));
}

static int
odd_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
	int fd, rc;

	if (info != NULL)
		return result(ftruncate((int)info->fh, size));
	fd = openat(source, of(path), O_WRONLY);
	if (fd < 0)
		return -errno;
	rc = result(ftruncate(fd, size));
	close(fd);
	return rc;
}

static int
odd_unlink(const char *path)
{
	return result(unlinkat(source, of(path), 0));
}

static int
odd_rename(const char *from, const char *to, unsigned flags)
{
	if (flags != 0)
		return -EINVAL;
	return result(renameat(source, of(from), source, of(to)));
}

static int
odd_mkdir(const char *path, mode_t mode)
{
	int rc = result(mkdirat(source, of(path), mode));

	if (rc == 0)
		give(path);
	return rc;
}

static int
odd_rmdir(const char *path)
{
	return result(unlinkat(source, of(path), AT_REMOVEDIR));
}

static int
odd_chmod(const char *path, mode_t mode, struct fuse_file_info *info)
{
	(void)info;
	return result(fchmodat(source, of(path), mode, 0));
}

static int
odd_chown(const char *path, uid_t user, gid_t group,
    struct fuse_file_info *info)
{
	(void)info;
	return result(
	    fchownat(source, of(path), user, group, AT_SYMLINK_NOFOLLOW));
}

static int
odd_mknod(const char *path, mode_t mode, dev_t device)
{
	(void)path;
	(void)mode;
	(void)device;
	return -EPERM; /* no sockets */
}

static int
odd_link(const char *from, const char *to)
{
	(void)from;
	(void)to;
	return -EPERM;
}

static const struct fuse_operations operations = {
	.getattr = odd_getattr,
	.readdir = odd_readdir,
	.create = odd_create,
	.open = odd_open,
	.release = odd_release,
	.read = odd_read,
	.write = odd_write,
	.fsync = odd_fsync,
	.truncate = odd_truncate,
	.unlink = odd_unlink,
	.rename = odd_rename,
	.mkdir = odd_mkdir,
	.rmdir = odd_rmdir,
	.chmod = odd_chmod,
	.chown = odd_chown,
	.mknod = odd_mknod,
	.link = odd_link,
};

int
main(int argc, char **argv)
{
	/* Only root may let others in without a line in fuse.conf. */
	char ours[] = "default_permissions",
	     all[] = "default_permissions,"
		     "allow_other";
	char foreground[] = "-f", option[] = "-o";
	char *args[] = { argv[0], foreground, option,
		geteuid() == 0 ? all : ours, argv[2], NULL };

	if (argc != 3) {
		fputs("odd_disk SOURCE MOUNTPOINT\n", stderr);
		return 2;
	}
	source = open(argv[1], O_RDONLY | O_DIRECTORY);
	if (source < 0) {
		perror(argv[1]);
		return 1;
	}
	umask(0);
	return fuse_main(5, args, &operations, NULL);
}

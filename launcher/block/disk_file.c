// SPDX-License-Identifier: GPL-2.0
/*
 * What disks are on the host: files, or block devices.  Here they are opened,
 * measured and locked, and data is moved to and from them; disk.c makes disks
 * of them, overlay.c puts two together.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "disk.h"
#include "iov.h"
#include "nbd.h"

#define IN_USE		"%s: in use by another guest, or given twice (several may read: ',ro')"
#define LOCK_TRIES	300
#define LOCK_STEP_NS	10000000

/* Of what errno says. */
static bool no_file(const struct disk_file *file)
{
	const char *name = file->name, *error = strerror(errno);

	if (errno == ENOENT && strchr(name, ','))
		failure("%s: %s (after a comma: ro, snapshot, sync, format=NAME or overlay=FILE)",
			name, error);
	else if (errno == EBUSY)
		failure("%s: in use by this host or by another guest: unmount it, or swapoff",
			name);
	else if (!file->ro && (errno == EACCES || errno == EROFS || errno == EPERM))
		failure("%s: %s (add ',ro' to only read it, ',snapshot' to lose what is written)",
			name, error);
	else
		failure("%s: %s", name, error);
	return false;
}

/* Nobody else may write to a device: O_EXCL claims it, as mounting it does. */
static bool __must_check open_device(struct disk_file *file)
{
	int ro = 0;

	file->device = true;
	file->fd = open(file->name, (file->ro ? O_RDONLY : O_RDWR | O_EXCL) | O_CLOEXEC);
	if (file->fd < 0)
		return no_file(file);
	if (ioctl(file->fd, BLKGETSIZE64, &file->bytes) < 0)
		return failure("%s: cannot tell its size: %s", file->name, strerror(errno));
	if (!file->ro && !ioctl(file->fd, BLKROGET, &ro) && ro) {
		errno = EROFS;
		return no_file(file);
	}
	return true;
}

static bool __must_check open_regular(struct disk_file *file)
{
	struct stat st;

	file->fd = open(file->name, (file->ro ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return no_file(file);
	file->bytes = st.st_size;
	file->changed = st.st_mtim.tv_sec;
	file->changed_ns = st.st_mtim.tv_nsec;
	return true;
}

static bool __must_check open_any(struct disk_file *file)
{
	struct stat st;

	if (stat(file->name, &st) < 0)
		return no_file(file);
	if (S_ISBLK(st.st_mode))
		return open_device(file);
	if (S_ISREG(st.st_mode))
		return open_regular(file);
	return failure("%s: is neither a file nor a block device", file->name);
}

static bool __must_check have(struct disk_file *file)
{
	if (!open_any(file) || !disk_file_lock(file->fd, file->name, file->ro, file->device))
		return false;
	return file->bytes || failure("%s: is empty", file->name);
}

/**
 * disk_file_open - open, lock and measure what is to be a disk
 * @file: zero; filled in
 * @name: of the file or device; it is copied
 * @ro: never to be written
 *
 * Return: false if that cannot be, see failure(); nothing is open then.
 */
bool disk_file_open(struct disk_file *file, const char *name, bool ro)
{
	file->fd = -1;
	file->ro = ro;
	file->name = strdup(name);
	if (!file->name)
		return failure("%s: %s", name, strerror(errno));
	if (have(file))
		return true;
	disk_file_close(file);
	return false;
}

/**
 * disk_file_lock - two writers, or a writer and a reader, would ruin a disk
 * @fd: of the file
 * @name: of it
 * @shared: for readers
 * @patient: udev, too, locks a device for a moment after it was written
 *
 * Return: false if it is locked, or cannot be, see failure().
 */
bool disk_file_lock(int fd, const char *name, bool shared, bool patient)
{
	const struct timespec step = { 0, LOCK_STEP_NS };
	unsigned int tries;

	for (tries = 0; flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) < 0; tries++) {
		if (errno != EWOULDBLOCK)
			return failure("%s: cannot lock it: %s", name, strerror(errno));
		if (!patient || tries == LOCK_TRIES)
			return failure(IN_USE, name);
		nanosleep(&step, NULL);
	}
	return true;
}

/* A file without a name; -1 if it cannot be there. */
static int nameless(const char *dir)
{
	char name[256];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if (snprintf(name, sizeof(name), "%s/lguest-XXXXXX", dir) >= (int)sizeof(name))
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

/**
 * disk_file_temporary - make a file that is gone when nobody has it open
 * @name: of what it is for
 *
 * Return: -1 if that cannot be, see failure().
 */
int disk_file_temporary(const char *name)
{
	const char *const dirs[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	size_t i;
	int fd = -1;

	for (i = 0; i < ARRAY_SIZE(dirs) && fd < 0; i++) {
		if (dirs[i])
			fd = nameless(dirs[i]);
	}
	if (fd < 0)
		failure("%s: no temporary file for it in TMPDIR, /var/tmp or /tmp: %s", name,
			strerror(errno));
	return fd;
}

/**
 * disk_file_move - move data between a file and a list, without a copy of ours
 * @fd: of the file
 * @at: where in it
 * @iov: the list; becomes what is left
 * @nr: its length
 * @bytes: how much of it
 * @move: preadv64 or pwritev64
 *
 * Returns how much was moved.  If that is not all, errno is 0 at the end of the
 * file.
 */
size_t disk_file_move(int fd, off64_t at, struct iovec *iov, int *nr, size_t bytes,
		      disk_mover move)
{
	size_t done = 0, rest;

	while (done < bytes) {
		int n = iov_cut(iov, bytes - done, &rest);
		ssize_t moved = move(fd, iov, n, at + done);

		iov[n - 1].iov_len += rest;
		if (moved < 0 && errno == EINTR)
			continue;
		if (!moved)
			errno = 0;
		if (moved <= 0)
			break;
		done += moved;
		*nr = iov_skip(iov, *nr, moved);
	}
	return done;
}

/**
 * disk_file_get - read a part of a file, for ourselves
 * @fd: of the file
 * @to: where to
 * @bytes: how much
 * @at: where in the file
 */
bool disk_file_get(int fd, void *to, size_t bytes, off64_t at)
{
	struct iovec iov = { to, bytes };
	int nr = 1;

	return disk_file_move(fd, at, &iov, &nr, bytes, preadv64) == bytes;
}

/**
 * disk_file_put - write a part of a file
 * @fd: of the file
 * @from: what
 * @bytes: how much
 * @at: where in the file
 */
bool disk_file_put(int fd, const void *from, size_t bytes, off64_t at)
{
	struct iovec iov = { (void *)from, bytes };
	int nr = 1;

	return disk_file_move(fd, at, &iov, &nr, bytes, pwritev64) == bytes;
}

/**
 * disk_file_sync - what was written is to be on the host's disk
 * @fd: of the file
 *
 * A file that knows nothing of that has no disk.
 */
bool disk_file_sync(int fd)
{
	return !fdatasync(fd) || errno == EINVAL;
}

/* The last sector may be partly in the file; a guest counts in 32 bits. */
__u32 disk_capacity(__u64 bytes)
{
	__u64 sectors = bytes / SECTOR_BYTES + !!(bytes % SECTOR_BYTES);

	return sectors > UINT32_MAX ? UINT32_MAX : sectors;
}

/**
 * disk_file_read - read from the disk that a file is, or has in it
 * @file: open
 * @at: where
 * @iov: where to; becomes what is left
 * @nr: the length of the list
 * @bytes: how much of it
 *
 * Returns as disk_file_move().
 */
size_t disk_file_read(const struct disk_file *file, __u64 at, struct iovec *iov, int *nr,
		      size_t bytes)
{
	if (file->nbd)
		return nbd_read(file->nbd, at, iov, nr, bytes);
	return disk_file_move(file->fd, at, iov, nr, bytes, preadv64);
}

/**
 * disk_file_write - write to that disk
 * @file: open, not only to be read
 * @at: where
 * @iov: what
 * @nr: the length of the list
 *
 * Returns as disk_file_move().
 */
size_t disk_file_write(const struct disk_file *file, __u64 at, struct iovec *iov, int nr)
{
	if (file->nbd)
		return nbd_write(file->nbd, at, iov, nr);
	return disk_file_move(file->fd, at, iov, &nr, iov_bytes(iov, nr), pwritev64);
}

/** disk_file_flush - what was written to that disk is to be on the host's */
bool disk_file_flush(const struct disk_file *file)
{
	return file->nbd ? nbd_flush(file->nbd) : disk_file_sync(file->fd);
}

/* Where holes cannot be, data stays, which is as good. */
static bool punch(int fd, __u64 at, __u64 bytes)
{
	return !fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, bytes);
}

/**
 * disk_file_discard - nobody needs what is in a part of the disk
 * @file: open
 * @at: where
 * @bytes: how much
 */
bool disk_file_discard(const struct disk_file *file, __u64 at, __u64 bytes)
{
	if (file->nbd)
		return nbd_discard(file->nbd, at, bytes);
	return !bytes || punch(file->fd, at, bytes) || errno == EOPNOTSUPP || errno == ENOSYS;
}

/**
 * disk_file_zero - have zeroes in a part of the disk
 * @file: open
 * @at: where
 * @bytes: how much
 * @unmap: room need not be kept for it
 *
 * False, with EOPNOTSUPP, if it takes data to be written.
 */
bool disk_file_zero(const struct disk_file *file, __u64 at, __u64 bytes, bool unmap)
{
	if (file->nbd)
		return nbd_zero(file->nbd, at, bytes, unmap);
	if (!bytes || (unmap && punch(file->fd, at, bytes)))
		return true;
	return !fallocate(file->fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, at, bytes);
}

/**
 * disk_file_close - it is not needed any more
 * @file: open
 */
void disk_file_close(struct disk_file *file)
{
	if (file->nbd)
		disk_server_close(file->nbd);
	if (file->fd >= 0)
		close(file->fd);
	free(file->name);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A disk that is a file, or a block device of the host.  What a guest has
 * written is on the host's disk before the launcher ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

#define READ_ONLY	",ro"
#define READ_WRITE	",rw"

struct disk {
	struct model model;
	int fd;
	bool ro;
	bool written;
	int error;		/* of the last transfer */
	bool complained;
	__u32 sectors;
	char *file;
};

static struct disk *to_disk(struct model *model)
{
	return container_of(model, struct disk, model);
}

/* The last sector may be partly in the file; a guest counts in 32 bits. */
__u32 disk_capacity(__u64 bytes)
{
	__u64 sectors = bytes / SECTOR_BYTES + !!(bytes % SECTOR_BYTES);

	return sectors > UINT32_MAX ? UINT32_MAX : sectors;
}

bool disk_has(__u32 capacity, __u32 sector, __u32 bytes)
{
	__u64 sectors = ((__u64)bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;

	return sector + sectors <= capacity;
}

__u32 disk_sectors(struct model *model)
{
	return to_disk(model)->sectors;
}

/*
 * Returns how much was moved; less than the list has is an error, and the list
 * becomes what is left.
 */
static size_t transfer(struct disk *disk, __u32 sector, struct iovec *iov, int *nr,
		       ssize_t (*move)(int fd, const struct iovec *iov, int nr, off64_t at))
{
	off64_t at = (off64_t)sector * SECTOR_BYTES;
	size_t done = 0;

	disk->error = 0;
	while (*nr > 0) {
		ssize_t n = move(disk->fd, iov, *nr, at + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			disk->error = errno;
		if (n <= 0)
			break;
		done += n;
		*nr = iov_skip(iov, *nr, n);
	}
	if (disk->error && first_time(&disk->complained))
		complain("%s: %s", disk->file, strerror(disk->error));
	return done;
}

static void zero(const struct iovec *iov, int nr)
{
	for (; nr-- > 0; iov++)
		memset(iov->iov_base, 0, iov->iov_len);
}

/* The end of the last sector need not be in the file: it reads as zero. */
size_t disk_read(struct model *model, __u32 sector, struct iovec *iov, int nr)
{
	size_t all = iov_bytes(iov, nr);
	size_t done = transfer(to_disk(model), sector, iov, &nr, preadv64);

	if (all - done >= SECTOR_BYTES || to_disk(model)->error)
		return done;
	zero(iov, nr);
	return all;
}

size_t disk_write(struct model *model, __u32 sector, struct iovec *iov, int nr)
{
	struct disk *disk = to_disk(model);

	if (disk->ro)
		return 0;
	disk->written = true;
	return transfer(disk, sector, iov, &nr, pwritev64);
}

bool disk_is_read_only(struct model *model)
{
	return to_disk(model)->ro;
}

/*
 * What was written is to be on the host's disk.  A file that knows nothing of
 * that (EINVAL) has no disk.
 */
bool disk_flush(struct model *model)
{
	struct disk *disk = to_disk(model);

	if (!disk->written || !fdatasync(disk->fd) || errno == EINVAL)
		return true;
	if (first_time(&disk->complained))
		complain("%s: %s", disk->file, strerror(errno));
	return false;
}

static void disk_close(struct model *model)
{
	struct disk *disk = to_disk(model);

	if (disk->written && fsync(disk->fd) < 0 && errno != EINVAL)
		complain("%s: data may be lost: %s", disk->file, strerror(errno));
	close(disk->fd);
	free(disk->file);
	free(disk);
}

static bool take_suffix(char *text, const char *suffix)
{
	size_t len = strlen(text), end = strlen(suffix);

	if (len <= end || strcmp(text + len - end, suffix))
		return false;
	text[len - end] = '\0';
	return true;
}

static __u64 file_size(int fd, const char *file)
{
	struct stat st;
	__u64 bytes;

	if (fstat(fd, &st) < 0)
		give_up("%s: %s", file, strerror(errno));
	if (S_ISREG(st.st_mode))
		return st.st_size;
	if (!S_ISBLK(st.st_mode))
		give_up("%s: is neither a file nor a block device", file);
	if (ioctl(fd, BLKGETSIZE64, &bytes) < 0)
		give_up("%s: %s", file, strerror(errno));
	return bytes;
}

/* Two writers, or a writer and a reader, would ruin a file system. */
static void lock(const struct disk *disk)
{
	if (!flock(disk->fd, (disk->ro ? LOCK_SH : LOCK_EX) | LOCK_NB))
		return;
	if (errno == EWOULDBLOCK)
		give_up("%s: in use by another guest, or given twice (several may read: ',ro')",
			disk->file);
	give_up("%s: cannot lock it: %s", disk->file, strerror(errno));
}

static struct model *disk_create(const char *spec)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	__u64 bytes;

	if (disk)
		disk->file = strdup(spec);
	if (!disk || !disk->file)
		give_up("--disk %s: %s", spec, strerror(errno));
	disk->model = (struct model){ MODEL_DISK, "disk", disk_close };
	disk->ro = take_suffix(disk->file, READ_ONLY);
	if (!disk->ro)
		take_suffix(disk->file, READ_WRITE);
	disk->fd = open(disk->file, (disk->ro ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (disk->fd < 0)
		give_up("%s: %s%s", disk->file, strerror(errno),
			errno == EACCES || errno == EROFS ? " (add ',ro' to only read it)" : "");
	lock(disk);
	bytes = file_size(disk->fd, disk->file);
	disk->sectors = disk_capacity(bytes);
	if (!disk->sectors)
		give_up("%s: is empty", disk->file);
	if (bytes / SECTOR_BYTES > disk->sectors)
		complain("%s: the guest sees only the first 2 TiB", disk->file);
	return &disk->model;
}

static const struct device_option disk_option = {
	.name = "disk",
	.letter = 'd',
	.argument = "FILE[,ro]",
	.help = "a disk; may be given several times",
	.create = disk_create,
	.classic = { { .name = "block", .prefix = "" } },
};

DEVICE_OPTION(disk_option);

// SPDX-License-Identifier: GPL-2.0
/*
 * Overlays: what is written to a disk goes to a file of its own, and the disk's
 * own file, the base, is never written.  disk.c decides whether a disk has one.
 *
 * The file has four parts, each of whole clusters of 4 KiB:
 *
 *	header		struct header, then zeroes
 *	written		a bit for each cluster of the disk, lowest first: it is here
 *	durable		the same, as of the last flush
 *	data		the disk's clusters, each at its place; the others are holes
 *
 * The first bitmap is written as soon as its clusters are, so that nothing is
 * lost when the launcher is killed.  But the host's disk may get it before them;
 * so if the host has been started anew since, the second one counts, which is
 * written when its clusters are known to be on the disk.  For a file that was
 * closed they are the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "disk.h"
#include "iov.h"

#define MAGIC		"lguest overlay\n"
#define FORMAT		1
#define CLUSTER		4096u
#define CLUSTERS_PER_PAGE (8u * CLUSTER)	/* of a bitmap */
#define BOOT_ID		"/proc/sys/kernel/random/boot_id"
#define MARK_BYTES	64u

/* All numbers little-endian. */
struct header {
	char magic[16];
	__u32 format;
	__u32 cluster;
	__u64 bytes;		/* of the base */
	__s64 changed;		/* when it last was, in seconds; 0: a device */
	__u32 changed_ns;
	char boot[36];		/* of the host: since then, "written" is true */
};

_Static_assert(sizeof(struct header) == 80, "the same for launchers of 32 and 64 bits");

struct overlay {
	int fd;
	const struct disk_file *base;
	const char *name;
	bool temporary;		/* nobody will ever read it again */
	bool ro;
	__u64 bytes;		/* of the disk */
	__u32 map_bytes;	/* of a bitmap, whole pages */
	__u8 *map;		/* what is written */
	bool *stale;		/* by page: "durable" is not the same */
};

static __u64 written_at(const struct overlay *o)
{
	(void)o;
	return CLUSTER;
}

static __u64 durable_at(const struct overlay *o)
{
	return CLUSTER + o->map_bytes;
}

static __u64 data_at(const struct overlay *o)
{
	return CLUSTER + 2ull * o->map_bytes;
}

static void read_boot(char boot[36])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, boot, 36) != 36)
		memset(boot, 0, 36);
	if (fd >= 0)
		close(fd);
}

/* One that is not known is no other's. */
static bool same_boot(const char boot[36])
{
	char now[36];

	read_boot(now);
	return now[0] && !memcmp(now, boot, sizeof(now));
}

static bool settle(const struct overlay *o)
{
	return o->temporary || disk_file_sync(o->fd);
}

static bool write_header(const struct overlay *o)
{
	struct header header = {
		.magic = MAGIC, .format = FORMAT, .cluster = CLUSTER,
		.bytes = o->base->bytes, .changed = o->base->changed,
		.changed_ns = o->base->changed_ns,
	};

	read_boot(header.boot);
	return settle(o) && disk_file_put(o->fd, &header, sizeof(header), 0) && settle(o);
}

/* The name, too, is to be there after the host has stopped. */
static void settle_name(const char *name)
{
	char *copy = strdup(name);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

/*
 * The header is last, so that what was broken off is not taken for an overlay.
 * Bitmaps have their room, data takes it when it comes.
 */
static bool make(struct overlay *o)
{
	errno = posix_fallocate(o->fd, 0, data_at(o));
	return !errno && !ftruncate(o->fd, data_at(o) + o->bytes) && write_header(o);
}

static bool __must_check load_part(const struct overlay *o, void *to, __u32 bytes, __u64 at)
{
	return disk_file_get(o->fd, to, bytes, at) ||
	       failure("%s: cannot read it: %s", o->name, strerror(errno));
}

static bool __must_check load_map(struct overlay *o, __u64 at)
{
	return load_part(o, o->map, o->map_bytes, at);
}

static bool __must_check note_stale(struct overlay *o)
{
	__u8 page[CLUSTER];
	__u32 at;

	for (at = 0; at < o->map_bytes; at += CLUSTER) {
		if (!load_part(o, page, CLUSTER, durable_at(o) + at))
			return false;
		o->stale[at / CLUSTER] = memcmp(page, o->map + at, CLUSTER);
	}
	return true;
}

/* The host was started anew: what it had not flushed is gone. */
static bool __must_check forget_written(struct overlay *o)
{
	if (!load_map(o, durable_at(o)))
		return false;
	if (o->ro)
		return true;
	if (!disk_file_put(o->fd, o->map, o->map_bytes, written_at(o)) || !write_header(o))
		return failure("%s: %s", o->name, strerror(errno));
	return true;
}

static bool __must_check has_format(const struct overlay *o, const struct header *header)
{
	if (header->format == FORMAT && header->cluster == CLUSTER)
		return true;
	return failure("%s: is an overlay of another form than this launcher's", o->name);
}

static bool __must_check fits_base(const struct overlay *o, const struct header *header)
{
	const struct disk_file *base = o->base;

	if (header->bytes != base->bytes) {
		failure("%s: is for a disk of %llu bytes, but %s has %llu: is it another's?",
			o->name, header->bytes, base->name, base->bytes);
		return false;
	}
	if (header->changed == base->changed && header->changed_ns == base->changed_ns)
		return true;
	return failure("%s: %s has been changed since (or replaced)\n"
		       "remove the overlay to start afresh; or, %s%lld.%09u %s", o->name,
		       base->name, "if only the date differs: touch -d @", header->changed,
		       header->changed_ns, base->name);
}

static bool __must_check load_header(const struct overlay *o, struct header *header, __u64 size)
{
	if (!overlay_recognise(o->fd) || !disk_file_get(o->fd, header, sizeof(*header), 0))
		return failure("%s: is no overlay (if making it was broken off, remove it)",
			       o->name);
	if (!has_format(o, header) || !fits_base(o, header))
		return false;
	if (size < data_at(o) + o->bytes)
		return failure("%s: is cut off, it should have %llu bytes", o->name,
			       data_at(o) + o->bytes);
	return true;
}

static bool __must_check load(struct overlay *o, __u64 size)
{
	struct header header;

	if (!load_header(o, &header, size))
		return false;
	if (!o->temporary && !same_boot(header.boot))
		return forget_written(o);
	return load_map(o, written_at(o)) && note_stale(o);
}

/* What has no file yet. */
static struct overlay *__must_check prepare(const struct disk_file *base, const char *name)
{
	struct overlay *o = calloc(1, sizeof(*o));
	__u64 sectors = disk_capacity(base->bytes);
	__u32 pages;

	if (!o)
		goto no_memory;
	o->fd = -1;
	o->base = base;
	o->name = name;
	o->bytes = sectors * SECTOR_BYTES;
	pages = (o->bytes + (__u64)CLUSTER * CLUSTERS_PER_PAGE - 1) / CLUSTER / CLUSTERS_PER_PAGE;
	o->map_bytes = pages * CLUSTER;
	o->map = calloc(pages, CLUSTER);
	o->stale = calloc(pages, sizeof(*o->stale));
	if (o->map && o->stale)
		return o;
	overlay_close(o);
no_memory:
	failure("%s: %s", name, strerror(ENOMEM));
	return NULL;
}

static bool __must_check measure(const struct overlay *o, __u64 *size)
{
	struct stat st;

	if (fstat(o->fd, &st) < 0)
		return failure("%s: %s", o->name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return failure("%s: is not a file", o->name);
	*size = st.st_size;
	return true;
}

/* The file is as it was before. */
static bool __must_check make_named(struct overlay *o, bool new)
{
	int error;

	if (make(o)) {
		settle_name(o->name);
		return true;
	}
	error = errno;
	if (new ? unlink(o->name) : ftruncate(o->fd, 0))
		complain("%s: %s", o->name, strerror(errno));
	return failure("%s: cannot make it: %s", o->name, strerror(error));
}

static bool __must_check open_named(struct overlay *o)
{
	bool made = false;
	__u64 size;

	o->fd = open(o->name, (o->ro ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC);
	if (o->fd < 0 && errno == ENOENT && !o->ro) {
		o->fd = open(o->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		made = o->fd >= 0;
	}
	if (o->fd < 0)
		return failure("%s: %s", o->name, strerror(errno));
	if (!measure(o, &size) || !disk_file_lock(o->fd, o->name, o->ro, false))
		return false;
	return size || o->ro ? load(o, size) : make_named(o, made);
}

/**
 * overlay_open - open an overlay, or make one
 * @base: what it is put on; stays
 * @name: of its file; stays
 * @ro: it must be there, and is never written
 *
 * Return: NULL if that cannot be, see failure(); a file that was made is gone then.
 */
struct overlay *overlay_open(const struct disk_file *base, const char *name, bool ro)
{
	struct overlay *o = prepare(base, name);

	if (!o)
		return NULL;
	o->ro = ro;
	if (open_named(o))
		return o;
	overlay_close(o);
	return NULL;
}

static bool __must_check load_temporary(struct overlay *o)
{
	__u64 size;

	if (!measure(o, &size))
		return false;
	if (size)
		return load(o, size);
	return make(o) ||
	       failure("%s: cannot make a temporary file for it: %s", o->name, strerror(errno));
}

/**
 * overlay_temporary - an overlay that is not for later
 * @base: what it is put on; stays
 * @fd: of its file, which may be one already; is the overlay's from now on
 *
 * Return: NULL if that cannot be, see failure(); the file is closed then.
 */
struct overlay *overlay_temporary(const struct disk_file *base, int fd)
{
	struct overlay *o = prepare(base, base->name);

	if (!o) {
		close(fd);
		return NULL;
	}
	o->fd = fd;
	o->temporary = true;
	if (load_temporary(o))
		return o;
	overlay_close(o);
	return NULL;
}

/**
 * overlay_recognise - is this file an overlay?
 * @fd: of the file
 */
bool overlay_recognise(int fd)
{
	char magic[sizeof(MAGIC)];

	return disk_file_get(fd, magic, sizeof(magic), 0) && !memcmp(magic, MAGIC, sizeof(magic));
}

static bool has(const struct overlay *o, __u32 cluster)
{
	return o->map[cluster / 8] >> cluster % 8 & 1;
}

/* The end of the run of clusters of one kind that begins with @first. */
static __u32 run(const struct overlay *o, __u32 first, __u32 end)
{
	__u32 i = first + 1;

	while (i < end && has(o, i) == has(o, first))
		i++;
	return i;
}

static __u32 clusters(__u64 bytes)
{
	return (bytes + CLUSTER - 1) / CLUSTER;
}

/**
 * overlay_read - read from a disk with an overlay
 * @o: the overlay
 * @at: where, in bytes; the end is inside of the disk
 * @iov: where to; becomes what is left
 * @nr: the length of the list
 *
 * Returns as disk_file_move().
 */
size_t overlay_read(struct overlay *o, __u64 at, struct iovec *iov, int *nr)
{
	const __u64 start = at, stop = at + iov_bytes(iov, *nr);

	while (at < stop) {
		__u32 first = at / CLUSTER;
		__u64 until = (__u64)run(o, first, clusters(stop)) * CLUSTER;
		size_t bytes = (until < stop ? until : stop) - at, got;

		if (has(o, first))
			got = disk_file_move(o->fd, data_at(o) + at, iov, nr, bytes, preadv64);
		else
			got = disk_file_read(o->base, at, iov, nr, bytes);
		at += got;
		if (got < bytes)
			break;
	}
	return at - start;
}

/* What the guest does not write of a cluster that it writes: a part of one. */
static bool copy_up(const struct overlay *o, __u64 at, __u64 stop)
{
	__u64 end = o->base->bytes;
	__u8 part[CLUSTER];
	struct iovec iov = { .iov_base = part };
	size_t there;
	int nr = 1;

	if (stop > o->bytes)
		stop = o->bytes;
	if (at >= stop)
		return true;
	there = at >= end ? 0 : (stop < end ? stop : end) - at;
	memset(part, 0, sizeof(part));
	iov.iov_len = there;
	if (there && disk_file_read(o->base, at, &iov, &nr, there) < there) {
		if (!errno)
			errno = EIO;	/* the base has become shorter */
		return false;
	}
	return disk_file_put(o->fd, part, stop - at, data_at(o) + at);
}

static bool complete_clusters(const struct overlay *o, __u64 at, __u64 stop)
{
	const __u64 first = at / CLUSTER, end = clusters(stop);

	if (!has(o, first) && !copy_up(o, first * CLUSTER, at))
		return false;
	return has(o, end - 1) || copy_up(o, stop, end * CLUSTER);
}

/* The file first: what it does not say must not be believed. */
static bool mark_some(struct overlay *o, __u32 first, __u32 end)
{
	const __u32 at = first / 8, bytes = (end - 1) / 8 - at + 1;
	__u8 part[MARK_BYTES];
	__u32 i;

	memcpy(part, o->map + at, bytes);
	for (i = first; i < end; i++)
		part[i / 8 - at] |= 1u << i % 8;
	if (!disk_file_put(o->fd, part, bytes, written_at(o) + at))
		return false;
	memcpy(o->map + at, part, bytes);
	o->stale[at / CLUSTER] = true;
	return true;
}

/* These clusters are here from now on. */
static bool mark(struct overlay *o, __u32 first, __u32 end)
{
	while (first < end) {
		__u32 until = (first / (8 * MARK_BYTES) + 1) * 8 * MARK_BYTES;

		if (until > end)
			until = end;
		if ((!has(o, first) || run(o, first, until) < until) &&
		    !mark_some(o, first, until))
			return false;
		first = until;
	}
	return true;
}

/**
 * overlay_write - write to a disk with an overlay
 * @o: the overlay
 * @at: where, in bytes; the end is inside of the disk
 * @iov: what
 * @nr: the length of the list
 *
 * Returns all of its length, or 0, with an errno; then only what was in the
 * overlay before may have changed.
 */
size_t overlay_write(struct overlay *o, __u64 at, struct iovec *iov, int nr)
{
	const size_t bytes = iov_bytes(iov, nr);

	if (!bytes)
		return 0;
	if (!complete_clusters(o, at, at + bytes) ||
	    disk_file_move(o->fd, data_at(o) + at, iov, &nr, bytes, pwritev64) < bytes ||
	    !mark(o, at / CLUSTER, clusters(at + bytes)))
		return 0;
	return bytes;
}

/* The pages of "durable" that are not as they should be.  -1: an error. */
static int renew_durable(struct overlay *o)
{
	int renewed = 0;
	__u32 at;

	for (at = 0; at < o->map_bytes; at += CLUSTER) {
		if (!o->stale[at / CLUSTER])
			continue;
		if (!disk_file_put(o->fd, o->map + at, CLUSTER, durable_at(o) + at))
			return -1;
		renewed++;
	}
	return renewed;
}

/**
 * overlay_flush - all that was written is to be on the host's disk
 * @o: the overlay
 *
 * First the data, then the bitmap that says so.
 */
bool overlay_flush(struct overlay *o)
{
	int renewed;

	if (o->temporary)
		return true;
	if (!settle(o))
		return false;
	renewed = renew_durable(o);
	if (renewed < 0 || (renewed && !settle(o)))
		return false;
	memset(o->stale, 0, o->map_bytes / CLUSTER * sizeof(*o->stale));
	return true;
}

/**
 * overlay_close - flushed or not, it is over
 * @o: the overlay
 */
void overlay_close(struct overlay *o)
{
	if (o->fd >= 0)
		close(o->fd);
	free(o->map);
	free(o->stale);
	free(o);
}

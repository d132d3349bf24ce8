/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks whose content is known, for the tests of overlays: each sector is full of
 * one number, its version, which is that of the write that wrote it, and IN_BASE
 * for what is in the base.
 */
#ifndef LAUNCHER_UNIT_VERSIONS_H
#define LAUNCHER_UNIT_VERSIONS_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "disk.h"
#include "fds.h"
#include "tap.h"

#define CLUSTER		4096u
#define HEADS		(3 * CLUSTER)	/* of an overlay for a small disk */
#define BOOT_AT		44		/* in its header */
#define SECTORS		601u		/* the last cluster is a part of one */
#define OVERLAY_BYTES	(HEADS + SECTORS * SECTOR_BYTES)
#define WRITES_MAX	4000u
#define PIECE_MAX	40u		/* sectors */
#define IN_BASE		1u

static char dir[] = "/tmp/lguest-unit-XXXXXX";
static char base[64], cow[64], spec[256];

/* What is known of a disk; a child that is killed leaves it to its parent. */
static struct {
	unsigned int nr;			/* writes so far, the last perhaps not done */
	unsigned int first[WRITES_MAX];
	unsigned int sectors[WRITES_MAX];
	unsigned int version[SECTORS];		/* of the last write that was done */
	unsigned int flushed[SECTORS];		/* as of the last flush */
} *known;

static inline struct model *create(const char *what)
{
	return make_device("disk", what);
}

/* Why such a disk is refused; NULL if it is not.  In any case nothing of it is left open. */
static inline const char *refusal(const char *what)
{
	const unsigned int fds = open_fds();
	struct model *disk = create(what);

	if (disk)
		disk->close(disk);
	if (open_fds() != fds)
		return "it leaves something open";
	return disk ? NULL : failure_reason();
}

static inline void forget_all(void)
{
	unsigned int i;

	known->nr = IN_BASE;
	for (i = 0; i < SECTORS; i++)
		known->version[i] = IN_BASE;
	memcpy(known->flushed, known->version, sizeof(known->flushed));
}

static inline void make_base(void)
{
	__u32 i, words[SECTORS * SECTOR_BYTES / 4];
	int fd = open(base, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = IN_BASE;
	if (fd < 0 || write(fd, words, sizeof(words)) < 0)
		exit(1);
	close(fd);
}

/* A new disk, of which nothing was written. */
static inline struct model *new_disk(const char *words)
{
	unlink(cow);
	forget_all();
	snprintf(spec, sizeof(spec), "%s,overlay=%s%s", base, cow, words);
	return create(spec);
}

/* In pieces that do not end where sectors do. */
static inline int pieces(struct iovec *iov, void *data, size_t bytes)
{
	size_t one = bytes * (tap_random() % 4) / 4, two = (bytes - one) / 3;

	iov[0] = (struct iovec){ data, one };
	iov[1] = (struct iovec){ (char *)data + one, two };
	iov[2] = (struct iovec){ (char *)data + one + two, bytes - one - two };
	return 3;
}

static inline bool write_at(struct model *disk, unsigned int first, unsigned int sectors)
{
	static __u32 data[PIECE_MAX * SECTOR_BYTES / 4];
	unsigned int i, version = ++known->nr;
	size_t bytes = sectors * SECTOR_BYTES;
	struct iovec iov[3];

	known->first[version] = first;
	known->sectors[version] = sectors;
	for (i = 0; i < bytes / 4; i++)
		data[i] = version;
	if (disk_write(disk, first, iov, pieces(iov, data, bytes)) < bytes)
		return false;
	for (i = 0; i < sectors; i++)
		known->version[first + i] = version;
	return true;
}

static inline bool write_some(struct model *disk)
{
	unsigned int sectors = 1 + tap_random() % (tap_random() % 4 ? 3 : PIECE_MAX - 1);
	unsigned int first = tap_random() % 4 ? tap_random() % 200 : SECTORS - tap_random() % 60;

	if (first + sectors > SECTORS)
		first = SECTORS - sectors;
	return write_at(disk, first, sectors);
}

static inline bool flush(struct model *disk)
{
	bool good = disk_flush(disk);

	if (good)
		memcpy(known->flushed, known->version, sizeof(known->flushed));
	return good;
}

static inline bool wrote(unsigned int version, unsigned int sector)
{
	return version == IN_BASE ||
	       (version <= known->nr && version > IN_BASE &&
		sector >= known->first[version] &&
		sector - known->first[version] < known->sectors[version]);
}

/* How many sectors are older than they must be, or not what was written there? */
static inline unsigned int wrong_sectors(struct model *disk, const unsigned int *least,
					 bool exactly)
{
	static __u32 got[SECTORS * SECTOR_BYTES / 4];
	unsigned int i, j, wrong = 0;
	struct iovec iov[3];

	memset(got, 0x5a, sizeof(got));
	if (disk_read(disk, 0, iov, pieces(iov, got, sizeof(got))) != sizeof(got))
		return ~0u;
	for (i = 0; i < SECTORS; i++) {
		const __u32 *sector = got + i * SECTOR_BYTES / 4;
		bool good = sector[0] >= least[i] && wrote(sector[0], i) &&
			    (!exactly || sector[0] == least[i]);

		for (j = 1; j < SECTOR_BYTES / 4; j++)
			good &= sector[j] == sector[0];
		wrong += !good;
	}
	return wrong;
}

static inline struct model *reopen(struct model *disk)
{
	disk->close(disk);
	return create(spec);
}

static inline void overwrite(const void *from, size_t bytes, __u64 at)
{
	int fd = open(cow, O_WRONLY);

	if (pwrite(fd, from, bytes, at) != (ssize_t)bytes)
		exit(1);
	close(fd);
}

static inline void set_up(void)
{
	known = mmap(NULL, sizeof(*known), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (!mkdtemp(dir) || known == MAP_FAILED || !freopen("/dev/null", "w", stderr))
		exit(1);
	snprintf(base, sizeof(base), "%s/base", dir);
	snprintf(cow, sizeof(cow), "%s/cow", dir);
	make_base();
}

static inline int tear_down(void)
{
	unlink(base);
	unlink(cow);
	return rmdir(dir) < 0 || tap_done();
}

#endif /* LAUNCHER_UNIT_VERSIONS_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * What a disk is beside its data: what guests need not keep, serial numbers, large
 * sectors; and what they are told when there is no room.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "disk.h"
#include "guest.h"
#include "said.h"
#include "tap.h"
#include "virtio.h"
#include "vring.h"

#define NEW		LGUEST_RELEASE(6, 1, 0)
#define OLD		LGUEST_RELEASE(3, 11, 0)
#define SECTORS		4096u
#define HEADER		0x1000
#define STATUS		0x1100
#define PART		4096u
#define LIMIT		(64 * 1024)	/* bytes of a file, for a while */

#define READ		0
#define WRITE		1
#define ID		8
#define DISCARD		11
#define ZERO		13

enum { GOOD, FAILED, UNSUPPORTED };

static char image[] = "/tmp/lguest-unit-XXXXXX";
static struct found disk;

struct range {
	__u64 sector;
	__u32 sectors, flags;
};

static void set_up(__u32 release, const char *words)
{
	static char data[SECTORS * SECTOR_BYTES];
	char spec[128];
	int fd = open(image, O_WRONLY | O_TRUNC);

	memset(data, 'd', sizeof(data));
	if (write(fd, data, sizeof(data)) != sizeof(data) || fsync(fd))
		exit(1);
	close(fd);
	make_guest(release);
	snprintf(spec, sizeof(spec), "%s%s", image, words);
	attach("disk", spec);
	memset(&disk, 0, sizeof(disk));
	find_paged(disk.desc = RAM, &disk);
}

static __u32 offered(void)
{
	__u32 features;

	memcpy(&features, disk.offered, sizeof(features));
	return features;
}

static __u32 field(unsigned int offset)
{
	__u32 value = 0;

	if (offset + 4 <= disk.config_len)
		memcpy(&value, disk.config + offset, 4);
	return value;
}

static int request(__u32 type, __u64 sector, __u32 bytes)
{
	struct vring_desc *desc = descs(&disk, 0);
	const __u16 data = type == READ || type == ID ? VRING_DESC_WRITE : 0;

	memcpy(at(HEADER), &type, sizeof(type));
	memcpy(at(HEADER + 8), &sector, sizeof(sector));
	*at(STATUS) = 0xff;
	set(&desc[0], HEADER, 16, VRING_DESC_NEXT, bytes ? 1 : 2);
	set(&desc[1], DATA, bytes, VRING_DESC_NEXT | data, 2);
	set(&desc[2], STATUS, 1, VRING_DESC_WRITE, 0);
	offer(&disk, 0, 0);
	return wait_used(&disk, 0, disk.idx[0]) ? *at(STATUS) : -1;
}

static int ask(__u32 type, __u64 sector, __u32 sectors, __u32 flags)
{
	const struct range range = { sector, sectors, flags };

	memcpy(at(DATA), &range, sizeof(range));
	return request(type, 0, sizeof(range));
}

static bool reads(__u64 sector, char what)
{
	unsigned int i;

	memset(at(DATA), ~what, SECTOR_BYTES);
	if (request(READ, sector, SECTOR_BYTES) != GOOD)
		return false;
	for (i = 0; i < SECTOR_BYTES && *at(DATA + i) == what; i++)
		;
	return i == SECTOR_BYTES;
}

/* Bytes that the file takes. */
static __u64 room(void)
{
	struct stat st;

	return stat(image, &st) ? 0 : st.st_blocks * 512ull;
}

static void test_offer(void)
{
	set_up(NEW, "");
	ok(offered() & BIT(VIRTIO_BLK_F_DISCARD) && offered() & BIT(VIRTIO_BLK_F_WRITE_ZEROES),
	   "a guest may say what it does not need");
	is_number(disk.config_len, 60, "and finds how");
	ok(field(36) && field(40) == 16 && field(44) == 1 && field(48) && field(52) == 16 &&
	   disk.config[56] == 1, "by so many ranges");
	ok(!(offered() & BIT(VIRTIO_BLK_F_BLK_SIZE)), "sectors are as usual");
	end_guest();
	set_up(NEW, ",discard=off");
	is_number(disk.config_len, 16, "not if the user does not want that");
	driver_ok(&disk, 0);
	is_number(ask(DISCARD, 0, 8, 0), UNSUPPORTED, "which holds");
	end_guest();
	set_up(NEW, ",ro");
	is_number(disk.config_len, 16, "nor on a disk that is only read");
	driver_ok(&disk, 0);
	is_number(ask(ZERO, 0, 8, 0), UNSUPPORTED, "which holds, too");
	end_guest();
	set_up(OLD, "");
	is_number(disk.config_len, 16, "older ones know nothing of it");
	end_guest();
}

static void test_discard(void)
{
	const __u64 full = (set_up(NEW, ""), room());
	bool holes;

	driver_ok(&disk, 0);
	is_number(ask(DISCARD, 8, 2048, 0), GOOD, "a guest does not need a megabyte");
	holes = room() < full;
	ok(room() <= full - MIB || !holes, "which the file gives back");
	printf("# %llu bytes of %llu are left\n", room(), full);
	ok(reads(7, 'd') && reads(8 + 2048, 'd'), "beside it all is as it was");
	is_number(ask(ZERO, 3000, 16, 0), GOOD, "it wants zeroes");
	ok(reads(3000, 0) && reads(3015, 0) && reads(2999, 'd') && reads(3016, 'd'),
	   "and gets them");
	is_number(ask(ZERO, 3001, 1, 1), GOOD, "as a hole");
	ok(reads(3001, 0), "which reads as zeroes");
	is_number(ask(ZERO, SECTORS - 3, 3, 0), GOOD, "up to the end");
	end_guest();
}

static void test_bad(void)
{
	set_up(NEW, "");
	driver_ok(&disk, 0);
	is_number(ask(DISCARD, SECTORS, 1, 0), FAILED, "beyond the end is nothing");
	is_number(ask(ZERO, SECTORS - 1, 2, 0), FAILED, "nor across it");
	is_number(ask(ZERO, ~0ull, 2, 0), FAILED, "nor at the end of all numbers");
	is_number(ask(ZERO, 0x100000000ull, 1, 0), FAILED, "nor where numbers are longer");
	is_number(ask(DISCARD, 0, 0xffffffff, 0), FAILED, "nor so much");
	is_number(ask(DISCARD, 0, 8, 1), UNSUPPORTED, "a discard has no flags");
	is_number(ask(ZERO, 0, 8, 2), UNSUPPORTED, "and zeroes have one");
	is_number(request(DISCARD, 0, 15), FAILED, "a part of a range is none");
	is_number(request(ZERO, 0, 0), FAILED, "there must be one");
	memset(at(DATA), 0, 17 * 16);
	is_number(request(DISCARD, 0, 17 * 16), FAILED, "but not seventeen");
	is_number(request(DISCARD, 0, 16 * 16), GOOD, "they may be empty");
	ok(reads(0, 'd') && reads(SECTORS - 1, 'd'), "nothing was harmed");
	end_guest();
}

static void test_overlay(void)
{
	set_up(NEW, ",snapshot");
	driver_ok(&disk, 0);
	is_number(ask(DISCARD, 8, 2048, 0), GOOD, "of a snapshot nothing goes");
	ok(reads(8, 'd'), "but it may be said");
	is_number(ask(ZERO, 8, 2048, 1), GOOD, "zeroes are written");
	ok(reads(8, 0) && reads(8 + 2047, 0) && reads(7, 'd') && reads(8 + 2048, 'd'),
	   "where they should be");
	end_guest();
}

static void test_serial(void)
{
	set_up(OLD, ",serial=12345678901234567890");
	driver_ok(&disk, 0);
	memset(at(DATA), 'x', 32);
	is_number(request(ID, 0, 20), GOOD, "a serial number");
	ok(!memcmp(at(DATA), "12345678901234567890x", 21), "of twenty characters");
	end_guest();
	set_up(OLD, ",serial=abc");
	driver_ok(&disk, 0);
	memset(at(DATA), 'x', 32);
	ok(request(ID, 0, 20) == GOOD && !strcmp((char *)at(DATA), "abc") && !*at(DATA + 19) &&
	   *at(DATA + 20) == 'x', "a short one");
	ok(request(ID, 0, 2) == GOOD, "may be asked for in part");
	end_guest();
	set_up(OLD, "");
	driver_ok(&disk, 0);
	is_number(request(ID, 0, 20), UNSUPPORTED, "nobody must have one");
	end_guest();
}

static void test_sectors(void)
{
	char large[128];

	set_up(NEW, ",sector=4096");
	ok(offered() & BIT(VIRTIO_BLK_F_BLK_SIZE) && offered() & BIT(VIRTIO_BLK_F_TOPOLOGY),
	   "sectors may be large");
	ok(field(20) == 4096 && field(24) == 0x10000 && field(44) == 8, "as the guest is told");
	end_guest();
	set_up(OLD, ",sector=4096");
	ok(disk.config_len == 32 && field(20) == 4096 && offered() & BIT(VIRTIO_BLK_F_TOPOLOGY),
	   "older ones, too");
	end_guest();
	set_up(LGUEST_RELEASE(2, 6, 27), ",sector=4096");
	ok(disk.config_len == 24 && field(20) == 4096 && offered() & BIT(VIRTIO_BLK_F_BLK_SIZE) &&
	   !(offered() & BIT(VIRTIO_BLK_F_TOPOLOGY)), "as far as they know them");
	end_guest();
	snprintf(large, sizeof(large), "%s,sector=4096", image);
	ok(!can_have(LGUEST_RELEASE(2, 6, 26), "disk", large), "others cannot have any");
	is_wrong(failure_reason(), "from 2.6.27 on", "as is said");
	if (truncate(image, SECTORS * SECTOR_BYTES))
		exit(1);
}

static void limit(__u64 bytes)
{
	const struct rlimit limit = { bytes, RLIM_INFINITY };

	if (setrlimit(RLIMIT_FSIZE, &limit))
		exit(1);
}

static unsigned int lines(const char *text)
{
	unsigned int n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

/* In a process of its own, with what it says. */
static void fill(void)
{
	set_up(NEW, "");
	driver_ok(&disk, 0);
	memset(at(DATA), 'n', PART);
	limit(LIMIT);
	if (request(WRITE, LIMIT / SECTOR_BYTES, PART) != FAILED ||
	    request(WRITE, LIMIT / SECTOR_BYTES + 8, PART) != FAILED ||
	    request(WRITE, 0, PART) != GOOD || !reads(LIMIT / SECTOR_BYTES, 'd'))
		_exit(20);
	limit(RLIM_INFINITY);
	memset(at(DATA), 'n', PART);
	if (request(WRITE, LIMIT / SECTOR_BYTES, PART) != GOOD ||
	    !reads(LIMIT / SECTOR_BYTES + 7, 'n'))
		_exit(21);
	end_guest();
}

static void test_limit(void)
{
	is_number(WEXITSTATUS(end_of(fill)), 0,
		  "without room a write fails, and others do not; with room all is well");
	is_wrong(said, "File too large", "the user is told");
	is_number(lines(said), 1, "once");
}

int main(void)
{
	int fd = mkstemp(image);

	close(fd);
	signal(SIGXFSZ, SIG_IGN);	/* (the launcher has a handler) */
	test_offer();
	test_discard();
	test_bad();
	test_overlay();
	test_serial();
	test_sectors();
	test_limit();
	unlink(image);
	return tap_done();
}

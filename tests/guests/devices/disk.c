// SPDX-License-Identifier: GPL-2.0
/*
 * The disks' part.  Disk 0 is a file of 9000 bytes, the first five of which
 * are "begin" and the last three "end"; disk 1 is read-only, and full of 'r'.
 */
#include "devices.h"

#define SECTORS		18	/* of which the last is not all in the file */
#define END_AT		(8997 - 17 * 512)

static u8 *buf;

static void test_reading(struct disk *disk)
{
	is(disk_sectors(disk), SECTORS, "a disk has as many sectors as its file begins");
	ok(disk_rw(disk, false, 0, buf, 512) && !memcmp(buf, "begin", 5),
	   "its first sector is read");
	memset(buf, 'x', 512);
	ok(disk_rw(disk, false, 17, buf, 512) && !memcmp(buf + END_AT, "end", 3),
	   "its last sector is read");
	ok(!buf[END_AT + 3] && !buf[511], "what is not in the file is zero");
	ok(disk_rw(disk, false, 1, buf, 16 * 512) && !buf[0] && !buf[16 * 512 - 1],
	   "16 sectors are read at once");
}

static void test_writing(struct disk *disk)
{
	u32 i;

	for (i = 0; i < 3 * PAGE_SIZE; i++)
		buf[i] = i / 512 + 'a';
	ok(disk_rw(disk, true, 1, buf, 16 * 512), "16 sectors are written");
	memset(buf, 0, 3 * PAGE_SIZE);
	ok(disk_rw(disk, false, 9, buf, 512) && buf[0] == 'i' && buf[511] == 'i',
	   "and read back");
}

static void test_errors(struct disk *disk)
{
	ok(!disk_rw(disk, false, SECTORS, buf, 512), "reading beyond the end fails");
	ok(!disk_rw(disk, false, SECTORS - 1, buf, 1024), "reading over the end fails");
	ok(!disk_rw(disk, true, SECTORS, buf, 512), "writing beyond the end fails");
	ok(!disk_rw(disk, true, ~0U, buf, 1024), "writing at sector 2^32 - 1 fails");
	ok(disk_rw(disk, false, 0, buf, 512) && !memcmp(buf, "begin", 5),
	   "the disk still works");
}

void play_disk(void)
{
	struct disk rw, ro;

	buf = page_alloc_run(4);
	if (!buf || !disk_open(&rw, 0) || !disk_open(&ro, 1))
		panic("this part needs two disks");
	test_reading(&rw);
	test_writing(&rw);
	test_errors(&rw);
	ok(disk_rw(&ro, false, 0, buf, 512) && buf[0] == 'r', "a read-only disk is read");
	memset(buf, 'w', 512);
	ok(!disk_rw(&ro, true, 0, buf, 512), "writing to it fails");
	ok(disk_rw(&ro, false, 0, buf, 512) && buf[0] == 'r', "and changes nothing");
	done();
}

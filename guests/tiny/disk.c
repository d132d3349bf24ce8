// SPDX-License-Identifier: GPL-2.0
/*
 * Under the file system: its disk, on which one process waits while others
 * run, and the lock that keeps it to one process at a time.
 */
#include "tiny.h"
#include "fs.h"

#define SECTORS_PER_BLOCK	(FS_BLOCK / 512)

static struct disk disk;
static bool locked;

static void disk_done(struct disk *d)
{
	wake(d);
}

void disk_init(void)
{
	if (!disk_open(&disk, 0))
		panic("no disk: start tiny with --disk tiny.img");
	disk.done = disk_done;
}

void disk_mount(void)
{
	int err = fs_mount();

	if (err)
		panic("no file system of ours on the disk: error %d", err);
	printf("tiny: %u of %u disk blocks free\n", fs_blocks_free(),
	       fs_blocks());
}

bool disk_transfer(bool write, u32 block, void *data)
{
	if ((block + 1) * SECTORS_PER_BLOCK > disk_sectors(&disk))
		return false;
	disk_start(&disk, write, block * SECTORS_PER_BLOCK, data, FS_BLOCK);
	while (disk_busy(&disk))
		sleep_on(&disk);
	return disk_good(&disk);
}

u8 *cache_page(void)
{
	return page_alloc();
}

void fs_lock(void)
{
	while (locked)
		sleep_on(&locked);
	locked = true;
}

void fs_unlock(void)
{
	locked = false;
	wake(&locked);
}

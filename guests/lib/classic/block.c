// SPDX-License-Identifier: GPL-2.0
/*
 * Disks.  A request is written into the device's page; the data goes by DMA
 * under the page's address as key: for a write we send it, for a read we send
 * an empty list and the launcher fills the buffer that we have bound.  One
 * request at a time.
 */
#include "guest.h"

#define DISK_READ	0
#define DISK_WRITE	1

static struct disk *disk_of_irq[LGUEST_IRQS];

static void disk_irq(u32 irq, struct trap_frame *frame __unused)
{
	struct disk *disk = disk_of_irq[irq];

	if (disk->done && !disk_busy(disk))
		disk->done(disk);
}

/* Describes a buffer of the linear map, in pieces that stay within a page. */
static void describe(struct lguest_dma *dma, void *buf, u32 len)
{
	u32 addr = phys(buf), i, part;

	for (i = 0; len; i++, addr += part, len -= part) {
		if (i == LGUEST_MAX_DMA_SECTIONS)
			panic("disk request is too long");
		part = min(len, PAGE_SIZE - addr % PAGE_SIZE);
		dma->addr[i] = addr;
		dma->len[i] = part;
	}
	if (i < LGUEST_MAX_DMA_SECTIONS)
		dma->len[i] = 0;
	dma->used_len = 0;
}

/* False if there is no such disk. */
bool disk_open(struct disk *disk, u32 nth)
{
	struct lguest_device_desc *desc;
	u32 irq;

	desc = device_find(LGUEST_DEVICE_T_BLOCK, nth, &irq);
	if (!desc)
		return false;
	disk->page = device_map(desc);
	disk->key = desc->pfn << PAGE_SHIFT;
	disk->done = NULL;
	disk->dma = (struct lguest_dma){ 0 };
	disk_of_irq[irq] = disk;
	set_irq_handler(irq, disk_irq);
	return bind_dma(disk->key, &disk->dma, 1, irq);
}

u32 disk_sectors(const struct disk *disk)
{
	return disk->page->num_sectors;
}

/**
 * disk_start - begin a request
 * @disk: a disk that is not busy
 * @write: its direction
 * @sector: where, in units of 512 bytes
 * @buf: in the linear map
 * @len: at most 15 pages
 */
void disk_start(struct disk *disk, bool write, u32 sector, void *buf, u32 len)
{
	struct lguest_dma out = { 0 };

	disk->page->type = write ? DISK_WRITE : DISK_READ;
	disk->page->sector = sector;
	disk->page->bytes = len;
	disk->page->result = 0;
	if (write) {
		disk->dma.len[0] = 0;
		disk->dma.used_len = 0;
		describe(&out, buf, len);
	} else {
		describe(&disk->dma, buf, len);
	}
	barrier();
	send_dma(disk->key, &out);
}

bool disk_busy(const struct disk *disk)
{
	return !*(volatile s32 *)&disk->page->result;
}

bool disk_good(const struct disk *disk)
{
	return disk->page->result == 1;
}

/* The simple way: start, sleep until done.  Interrupts are as before. */
bool disk_rw(struct disk *disk, bool write, u32 sector, void *buf, u32 len)
{
	u32 flags;

	disk_start(disk, write, sector, buf, len);
	flags = irq_save();
	while (disk_busy(disk)) {
		halt();
		irq_disable();
	}
	irq_restore(flags);
	return disk_good(disk);
}

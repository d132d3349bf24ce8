// SPDX-License-Identifier: GPL-2.0
/*
 * Disks.  A request is a header, the data, and a byte for the result, each in a
 * descriptor of its own.  Many may be under way; disk_start() and what follows
 * it are the simple way, with one.
 */
#include "guest.h"

#include <linux/virtio_blk.h>

#define FEATURES	(1U << VIRTIO_BLK_F_SEG_MAX | 1U << VIRTIO_BLK_F_FLUSH | \
			 1U << VIRTIO_BLK_F_BARRIER | 1U << VIRTIO_RING_F_INDIRECT_DESC)
#define NO_STATUS	0xff

/* Takes back what the device is done with; the interrupt does it, too. */
void disk_collect(struct disk *disk)
{
	struct disk_request *request;

	while ((request = vq_get(&disk->queue, NULL)))
		request->busy = false;
}

static void disk_irq(struct vq *vq)
{
	struct disk *disk = vq->owner;
	bool was_busy = disk->request.busy;

	disk_collect(disk);
	if (disk->done && was_busy && !disk->request.busy)
		disk->done(disk);
}

/* False if there is no such disk, or no room for its queue. */
bool disk_open(struct disk *disk, u32 nth)
{
	u64 sectors;

	*disk = (struct disk){ .segments = 1 };
	if (!vdev_start(&disk->dev, VIRTIO_ID_BLOCK, nth, FEATURES) ||
	    !vq_open(&disk->dev, &disk->queue, disk_irq, disk) ||
	    !vdev_config(&disk->dev, CONFIG_BLOCK_CAPACITY, &sectors, sizeof(sectors)))
		return false;
	vdev_config(&disk->dev, CONFIG_BLOCK_SEGMENTS, &disk->segments,
		    sizeof(disk->segments));
	disk->sectors = min(sectors, ~0U);
	vdev_ready(&disk->dev);
	return true;
}

/**
 * disk_submit - begin a request
 * @disk: the disk
 * @request: busy until it is done, then it has a status; 0 is good
 * @type: DISK_...
 * @sector: where, in units of 512 bytes
 * @data: the pieces of the data
 * @count: how many; at most PIECES_MAX - 2
 *
 * Follow it by vq_kick(&disk->queue).
 *
 * Return: false if there is no room in the queue.
 */
bool disk_submit(struct disk *disk, struct disk_request *request, u32 type,
		 u32 sector, const struct piece *data, u32 count)
{
	struct piece pieces[PIECES_MAX];
	bool added;

	request->header = (struct block_header){ .type = type, .sector = sector };
	request->status = NO_STATUS;
	request->busy = true;
	pieces[0] = (struct piece){ &request->header, sizeof(request->header) };
	memcpy(pieces + 1, data, count * sizeof(*data));
	pieces[count + 1] = (struct piece){ &request->status, 1 };
	if (type & DISK_WRITE)
		added = vq_add(&disk->queue, pieces, count + 1, 1, request);
	else
		added = vq_add(&disk->queue, pieces, 1, count + 1, request);
	request->busy = added;
	return added;
}

/* Sleeps until it is done.  Interrupts are as before. */
void disk_wait(const struct disk_request *request)
{
	u32 flags = irq_save();

	while (request->busy) {
		halt();
		irq_disable();
	}
	irq_restore(flags);
}

bool disk_can_flush(const struct disk *disk)
{
	return disk->dev.features >> VIRTIO_BLK_F_FLUSH & 1;
}

u32 disk_sectors(const struct disk *disk)
{
	return disk->sectors;
}

/* One request, at a time when none is under way. */
void disk_start(struct disk *disk, bool write, u32 sector, void *buf, u32 len)
{
	struct piece data = { buf, len };

	if (!disk_submit(disk, &disk->request, write ? DISK_WRITE : DISK_READ,
			 sector, &data, 1))
		panic("the disk's queue is full");
	vq_kick(&disk->queue);
}

bool disk_busy(const struct disk *disk)
{
	return disk->request.busy;
}

bool disk_good(const struct disk *disk)
{
	return disk->request.status == VIRTIO_BLK_S_OK;
}

bool disk_rw(struct disk *disk, bool write, u32 sector, void *buf, u32 len)
{
	disk_start(disk, write, sector, buf, len);
	disk_wait(&disk->request);
	return disk_good(disk);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio disk: a chain is a request: a header to be read, then data to be
 * read or to be written, then a status byte to be written.  Old guests have
 * header and status in pieces of their own; here they may be in any.  Data goes
 * between the file and the guest's memory without a copy.
 */
#include <string.h>

#include "base.h"
#include "disk.h"
#include "iov.h"
#include "virtio.h"
#include "vring.h"

/* What every header begins with, whatever its length. */
struct request {
	__u32 type;
	__u32 priority;
	__u64 sector;
};

/* Those that are bits; others are numbers. */
#define REQUEST_KNOWN	(VIRTIO_BLK_T_OUT | VIRTIO_BLK_T_FLUSH | VIRTIO_BLK_T_BARRIER)

/* What is in the configuration up to a field. */
#define CONFIG_TO(field)	offsetof(struct virtio_blk_config, field)
#define CONFIG_END		(CONFIG_TO(unused1) + 3)	/* of what there is here */

/* Of VIRTIO_BLK_T_DISCARD and VIRTIO_BLK_T_WRITE_ZEROES. */
#define RANGES_MAX		16
#define DISCARD_MAX		(1u << 22)	/* sectors of a range: 2 GiB */
#define ZERO_MAX		(1u << 15)	/* 16 MiB, which may have to be written */

/* The same as fields of 2.6.24. */
#define FIELD_CAPACITY		0x41
#define FIELD_SEG_MAX		0x43

static bool setup_sizes(struct virtio_device *dev, struct virtio_blk_config *config)
{
	const __u32 size = disk_sector_size(dev->model);
	unsigned int len = CONFIG_TO(physical_block_exp);

	if (size == SECTOR_BYTES)
		return true;
	if (!dev->era->block_sizes)
		return failure("--disk: sector=%u: guests have such sectors from 2.6.27 on", size);
	dev->offered |= BIT(VIRTIO_BLK_F_BLK_SIZE);
	config->blk_size = size;
	if (dev->era->block_topology) {
		dev->offered |= BIT(VIRTIO_BLK_F_TOPOLOGY);
		config->min_io_size = 1;
		len = CONFIG_TO(wce);
	}
	if (dev->config_len < len)
		dev->config_len = len;
	return true;
}

static void setup_discard(struct virtio_device *dev, struct virtio_blk_config *config)
{
	if (!dev->era->block_discards || !disk_discards(dev->model))
		return;
	dev->offered |= BIT(VIRTIO_BLK_F_DISCARD) | BIT(VIRTIO_BLK_F_WRITE_ZEROES);
	dev->config_len = CONFIG_END;
	config->max_discard_sectors = DISCARD_MAX;
	config->max_discard_seg = RANGES_MAX;
	config->discard_sector_alignment = disk_sector_size(dev->model) / SECTOR_BYTES;
	config->max_write_zeroes_sectors = ZERO_MAX;
	config->max_write_zeroes_seg = RANGES_MAX;
	config->write_zeroes_may_unmap = true;
}

static bool setup(struct virtio_device *dev)
{
	struct virtio_blk_config config = {
		.capacity = disk_sectors(dev->model), .seg_max = dev->era->segments,
	};

	dev->config_len = dev->era->block_config;
	dev->offered = dev->era->block_features;
	if (disk_is_read_only(dev->model))
		dev->offered |= 1u << VIRTIO_BLK_F_RO;
	if (!setup_sizes(dev, &config))
		return false;
	setup_discard(dev, &config);
	virtio_set_config(dev, 0, &config, dev->config_len);
	return true;
}

/* Takes the header off the chain's pieces. */
static bool take_header(struct virtio_device *dev, struct vring_chain *chain,
			struct request *request)
{
	if (iov_bytes(chain->iov, chain->out) < dev->era->block_header)
		return false;
	iov_copy(request, chain->iov, chain->out, sizeof(*request));
	chain->out = iov_skip(chain->iov, chain->out, dev->era->block_header);
	return true;
}

/* Takes the last byte off the pieces to be written; NULL if there is none. */
static __u8 *take_status(struct iovec *in, int *nr)
{
	size_t bytes = iov_bytes(in, *nr);
	struct iovec *last;
	__u8 *status;

	if (!bytes)
		return NULL;
	for (last = &in[*nr - 1]; !last->iov_len; last--)
		;
	status = (__u8 *)last->iov_base + last->iov_len - 1;
	*nr = iov_shorten(in, *nr, bytes - 1);
	return status;
}

static bool possible(struct virtio_device *dev, const struct request *request, size_t bytes)
{
	return request->sector <= UINT32_MAX &&
	       disk_has(disk_sectors(dev->model), request->sector, bytes);
}

static __u8 read_sectors(struct virtio_device *dev, const struct request *request,
			 struct iovec *in, int nr, size_t *done)
{
	size_t bytes = iov_bytes(in, nr);

	if (!possible(dev, request, bytes))
		return VIRTIO_BLK_S_IOERR;
	*done = disk_read(dev->model, request->sector, in, nr);
	return *done == bytes ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
}

static __u8 write_sectors(struct virtio_device *dev, const struct request *request,
			  struct iovec *out, int nr)
{
	size_t bytes = iov_bytes(out, nr);

	if (!possible(dev, request, bytes))
		return VIRTIO_BLK_S_IOERR;
	return disk_write(dev->model, request->sector, out, nr) == bytes ?
	       VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
}

static __u8 flush(struct virtio_device *dev)
{
	return disk_flush(dev->model) ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR;
}

static __u8 tell_id(struct virtio_device *dev, const struct iovec *in, int nr, size_t *done)
{
	const char *serial = disk_serial(dev->model);
	char id[DISK_SERIAL_MAX] = { 0 };

	if (!serial)
		return VIRTIO_BLK_S_UNSUPP;
	memcpy(id, serial, strnlen(serial, sizeof(id)));
	*done = iov_fill(in, nr, id, sizeof(id));
	return VIRTIO_BLK_S_OK;
}

/* Of ranges that overlap or are empty the last word counts, as of writes. */
static __u8 discard(struct virtio_device *dev, bool zero, const struct iovec *out, int nr)
{
	struct virtio_blk_discard_write_zeroes ranges[RANGES_MAX];
	const size_t bytes = iov_bytes(out, nr);
	const size_t most = zero ? ZERO_MAX : DISCARD_MAX;
	size_t i;

	if (!disk_discards(dev->model))
		return VIRTIO_BLK_S_UNSUPP;
	if (!bytes || bytes % sizeof(*ranges) || bytes > sizeof(ranges))
		return VIRTIO_BLK_S_IOERR;
	iov_copy(ranges, out, nr, bytes);
	for (i = 0; i < bytes / sizeof(*ranges); i++) {
		const struct virtio_blk_discard_write_zeroes *range = &ranges[i];

		if (range->flags & ~(zero ? VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP : 0u))
			return VIRTIO_BLK_S_UNSUPP;
		if (range->num_sectors > most || range->sector > disk_sectors(dev->model) ||
		    range->num_sectors > disk_sectors(dev->model) - range->sector)
			return VIRTIO_BLK_S_IOERR;
		if (zero ? !disk_zero(dev->model, range->sector, range->num_sectors, range->flags) :
			   !disk_discard(dev->model, range->sector, range->num_sectors))
			return VIRTIO_BLK_S_IOERR;
	}
	return VIRTIO_BLK_S_OK;
}

/*
 * A barrier: what was written before is on the disk before this, and this before
 * what comes later.
 */
static __u8 perform(struct virtio_device *dev, const struct request *request,
		    struct vring_chain *chain, struct iovec *in, int nr_in, size_t *done)
{
	bool barrier = request->type & VIRTIO_BLK_T_BARRIER;
	__u8 status;

	if (request->type == VIRTIO_BLK_T_GET_ID)
		return tell_id(dev, in, nr_in, done);
	if (request->type == VIRTIO_BLK_T_DISCARD || request->type == VIRTIO_BLK_T_WRITE_ZEROES)
		return discard(dev, request->type == VIRTIO_BLK_T_WRITE_ZEROES, chain->iov,
			       chain->out);
	if (request->type & ~REQUEST_KNOWN)
		return VIRTIO_BLK_S_UNSUPP;
	if (request->type & VIRTIO_BLK_T_FLUSH)
		return flush(dev);
	if (barrier && flush(dev) != VIRTIO_BLK_S_OK)
		return VIRTIO_BLK_S_IOERR;
	if (request->type & VIRTIO_BLK_T_OUT)
		status = write_sectors(dev, request, chain->iov, chain->out);
	else
		status = read_sectors(dev, request, in, nr_in, done);
	if (barrier && status == VIRTIO_BLK_S_OK)
		status = flush(dev);
	return status;
}

static ssize_t handle(struct virtio_device *dev, struct vring_chain *chain)
{
	struct iovec *in = chain->iov + chain->out;
	int nr_in = chain->in;
	struct request request;
	size_t done = 0;
	__u8 *status = take_status(in, &nr_in);

	if (!status || !take_header(dev, chain, &request)) {
		virtio_blame(dev, &dev->warned, "made a request without header or status");
		return 0;
	}
	*status = perform(dev, &request, chain, in, nr_in, &done);
	return done + sizeof(*status);
}

static const struct virtio_queue_ops ops = {
	.handle = handle,
};

const struct virtio_driver virtio_block_driver = {
	.type = VIRTIO_ID_BLOCK,
	.queues = 1,
	.ops = { &ops },
	.setup = setup,
	.fields = {
		{ FIELD_CAPACITY, CONFIG_TO(capacity), 8 },
		{ FIELD_SEG_MAX, CONFIG_TO(seg_max), 4 },
	},
};

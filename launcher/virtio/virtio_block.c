// SPDX-License-Identifier: GPL-2.0
/*
 * The virtio disk: a chain is a request: a header to be read, then data to be
 * read or to be written, then a status byte to be written.  Old guests have
 * header and status in pieces of their own; here they may be in any.  Data goes
 * between the file and the guest's memory without a copy.
 */
#include <string.h>

#include "virtio.h"

/* What every header begins with, whatever its length. */
struct request {
	__u32 type;
	__u32 priority;
	__u64 sector;
};

#define REQUEST_WRITE		1
#define REQUEST_SCSI		2
#define REQUEST_FLUSH		4
#define REQUEST_BARRIER		0x80000000u
#define REQUEST_KNOWN		(REQUEST_WRITE | REQUEST_FLUSH | REQUEST_BARRIER)

enum { STATUS_GOOD, STATUS_ERROR, STATUS_UNSUPPORTED };

/* Offsets in the configuration. */
#define CONFIG_CAPACITY		0
#define CONFIG_SEG_MAX		12

/* The same as fields of 2.6.24. */
#define FIELD_CAPACITY		0x41
#define FIELD_SEG_MAX		0x43

static void setup(struct virtio_device *dev)
{
	const __u64 capacity = disk_sectors(dev->model);
	const __u32 segments = dev->era->segments;

	dev->config_len = dev->era->block_config;
	dev->offered = dev->era->block_features;
	if (disk_is_read_only(dev->model))
		dev->offered |= 1u << VIRTIO_BLK_F_RO;
	virtio_set_config(dev, CONFIG_CAPACITY, &capacity, sizeof(capacity));
	virtio_set_config(dev, CONFIG_SEG_MAX, &segments, sizeof(segments));
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
		return STATUS_ERROR;
	*done = disk_read(dev->model, request->sector, in, nr);
	return *done == bytes ? STATUS_GOOD : STATUS_ERROR;
}

static __u8 write_sectors(struct virtio_device *dev, const struct request *request,
			  struct iovec *out, int nr)
{
	size_t bytes = iov_bytes(out, nr);

	if (!possible(dev, request, bytes))
		return STATUS_ERROR;
	return disk_write(dev->model, request->sector, out, nr) == bytes ?
	       STATUS_GOOD : STATUS_ERROR;
}

static __u8 flush(struct virtio_device *dev)
{
	return disk_flush(dev->model) ? STATUS_GOOD : STATUS_ERROR;
}

/*
 * A barrier: what was written before is on the disk before this, and this before
 * what comes later.
 */
static __u8 perform(struct virtio_device *dev, const struct request *request,
		    struct vring_chain *chain, struct iovec *in, int nr_in, size_t *done)
{
	bool barrier = request->type & REQUEST_BARRIER;
	__u8 status;

	if (request->type & ~REQUEST_KNOWN)
		return STATUS_UNSUPPORTED;
	if (request->type & REQUEST_FLUSH)
		return flush(dev);
	if (barrier && flush(dev) != STATUS_GOOD)
		return STATUS_ERROR;
	if (request->type & REQUEST_WRITE)
		status = write_sectors(dev, request, chain->iov, chain->out);
	else
		status = read_sectors(dev, request, in, nr_in, done);
	if (barrier && status == STATUS_GOOD)
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
		{ FIELD_CAPACITY, CONFIG_CAPACITY, 8 },
		{ FIELD_SEG_MAX, CONFIG_SEG_MAX, 4 },
	},
};

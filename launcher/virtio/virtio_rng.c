// SPDX-License-Identifier: GPL-2.0
/* The virtio source of randomness: one queue with buffers to be filled. */
#include "rng.h"
#include "virtio.h"
#include "vring.h"

static ssize_t fill(struct virtio_device *dev, struct vring_chain *chain)
{
	return rng_fill(dev->model, chain->iov + chain->out, chain->in);
}

static const struct virtio_queue_ops ops = {
	.handle = fill,
};

const struct virtio_driver virtio_rng_driver = {
	.type = VIRTIO_ID_RNG,
	.queues = 1,
	.ops = { &ops },
};

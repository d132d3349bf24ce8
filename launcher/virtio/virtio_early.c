// SPDX-License-Identifier: GPL-2.0
/*
 * Input that comes too early.  Some drivers offer buffers before they can use what
 * comes in them: Linux's console, from 2.6.34 on, throws input away until it has
 * become a console, and the network of 2.6.24 hears of no frame any more if there
 * was one before it polls.  Neither says when it is ready.  But they get there
 * without a rest, so they are when the guest sends something by the same device, or
 * when it has nothing to do.
 *
 * A guest that does neither gets its input in the end all the same.
 */
#include "host.h"
#include "virtio.h"
#include "worker.h"

#define LOOKS_MAX	250	/* VIRTIO_EARLY_MS apart, while there is input */

static bool is_slow(const struct virtio_device *dev)
{
	return dev->era->slow_drivers & BIT(dev->driver->type);
}

/**
 * virtio_early - must input wait for the driver, although there are buffers?
 * @queue: of input, of which there is some
 *
 * If so, ask again after VIRTIO_EARLY_MS, or when the worker was kicked.
 */
bool virtio_early(struct virtio_queue *queue)
{
	struct virtio_early *early = &queue->early;
	__u64 rests;

	if (early->over || !is_slow(queue->dev))
		return false;
	rests = host_rests();
	if (!early->looks++)
		early->rests = rests;
	early->over = atomic_load(&queue->dev->heard) || rests != early->rests ||
		      early->looks > LOOKS_MAX;
	return !early->over;
}

/**
 * virtio_early_heard - the guest has sent something
 * @dev: by this device
 */
void virtio_early_heard(struct virtio_device *dev)
{
	unsigned int i;

	if (!is_slow(dev) || atomic_exchange(&dev->heard, true))
		return;
	for (i = 0; i < dev->driver->queues; i++)
		worker_kick(&dev->queue[i].worker);
}

/**
 * virtio_early_reset - the driver may start anew
 * @dev: stopped
 */
void virtio_early_reset(struct virtio_device *dev)
{
	unsigned int i;

	atomic_store(&dev->heard, false);
	for (i = 0; i < dev->driver->queues; i++)
		dev->queue[i].early = (struct virtio_early){ 0 };
}

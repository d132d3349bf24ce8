// SPDX-License-Identifier: GPL-2.0
/* What the drivers of virtio devices and their queues want of a device. */
#include <string.h>

#include "base.h"
#include "guest_memory.h"
#include "host.h"
#include "virtio.h"

/**
 * virtio_set_config - for a driver's setup: write its configuration space
 * @dev: the device, whose config_len is set; what is beyond it is dropped
 * @at: offset
 * @from: value
 * @len: of it
 */
void virtio_set_config(struct virtio_device *dev, unsigned int at, const void *from,
		       unsigned int len)
{
	if (at + len <= dev->config_len)
		memcpy(dev->config + at, from, len);
}

/**
 * virtio_change_config - the configuration of a device that the guest has becomes another
 * @dev: the device
 * @at: offset
 * @from: value
 * @len: of it
 *
 * The guest is interrupted, which newer ones take for the news that this is.
 */
void virtio_change_config(struct virtio_device *dev, unsigned int at, const void *from,
			  unsigned int len)
{
	const struct virtio_layout *layout = dev->era->layout;

	virtio_set_config(dev, at, from, len);
	if (!layout->config || at + len > dev->config_len)
		return;
	memcpy((char *)memory_at(dev->mem, dev->desc) + layout->config(dev) + at, from, len);
	if (dev->running)
		host_irq(dev->queue[0].irq);
}

/**
 * virtio_accepted - may the guest use a feature?
 * @dev: the device, started
 * @bit: number of the feature
 */
bool virtio_accepted(const struct virtio_device *dev, unsigned int bit)
{
	return dev->accepted >> bit & 1;
}

/**
 * virtio_blame - a guest broke a rule; its user is told once
 * @dev: the device
 * @warned: of this mistake
 * @what: "did something"
 */
void virtio_blame(struct virtio_device *dev, bool *warned, const char *what)
{
	if (first_time(warned))
		complain("device %u (%s): the guest %s", dev->nr, dev->model->name, what);
}

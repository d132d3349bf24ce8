// SPDX-License-Identifier: GPL-2.0
/*
 * The device page of 2.6.25 to 3.19: for each device a descriptor of fixed
 * parts, packed without alignment.  A guest may write all of it; what matters
 * is kept in struct virtio_device, and what the guest has to say (its status,
 * and which features it accepts) is read when it says that it has.
 *
 * Four bytes of features are always offered: guests of 2.6.25 look at one byte
 * more than there are, which then are the accepted ones, and still zero.
 */
#include <string.h>

#include "base.h"
#include "virtio.h"

#define FEATURE_BYTES	4
#define HEAD_BYTES	sizeof(struct lguest_vdevice_desc)
#define QUEUE_BYTES	sizeof(struct lguest_vqconfig)
#define STATUS_AT	offsetof(struct lguest_vdevice_desc, status)

static __u32 bytes(const struct virtio_device *dev)
{
	return HEAD_BYTES + dev->driver->queues * QUEUE_BYTES + 2 * FEATURE_BYTES +
	       dev->config_len;
}

/* Behind the features that are offered, and those that are accepted. */
static __u32 config_at(const struct virtio_device *dev)
{
	return bytes(dev) - dev->config_len;
}

static void write_desc(const struct virtio_device *dev, __u8 *to)
{
	const struct lguest_vdevice_desc head = {
		.type = dev->driver->type,
		.num_vq = dev->driver->queues,
		.feature_len = FEATURE_BYTES,
		.config_len = dev->config_len,
	};
	unsigned int i;

	memcpy(to, &head, sizeof(head));
	to += sizeof(head);
	for (i = 0; i < dev->driver->queues; i++, to += QUEUE_BYTES) {
		const struct lguest_vqconfig queue = {
			.num = dev->queue[i].ring.num,
			.irq = dev->queue[i].irq,
			.pfn = dev->queue[i].ring.addr / PAGE_BYTES,
		};

		memcpy(to, &queue, sizeof(queue));
	}
	/* The words are little-endian on both sides: bit i is bit i % 8 of byte i / 8. */
	memcpy(to, &dev->offered, FEATURE_BYTES);
	memset(to + FEATURE_BYTES, 0, FEATURE_BYTES);
	memcpy(to + 2 * FEATURE_BYTES, dev->config, dev->config_len);
}

static __u8 status(const __u8 *desc, const struct virtio_device *dev)
{
	(void)dev;
	return *(volatile const __u8 *)&desc[STATUS_AT];
}

/* Where the guest puts the features that it accepts. */
static __u32 accepted_at(const struct virtio_device *dev)
{
	return HEAD_BYTES + dev->driver->queues * QUEUE_BYTES + FEATURE_BYTES;
}

static __u32 accepted(const __u8 *desc, const struct virtio_device *dev)
{
	__u32 features;

	memcpy(&features, desc + accepted_at(dev), sizeof(features));
	return features;
}

static void forget(__u8 *desc, const struct virtio_device *dev)
{
	desc[STATUS_AT] = 0;
	memset(desc + accepted_at(dev), 0, FEATURE_BYTES);
}

const struct virtio_layout virtio_page_layout = {
	.bytes = bytes,
	.config = config_at,
	.write = write_desc,
	.status = status,
	.accepted = accepted,
	.forget = forget,
};

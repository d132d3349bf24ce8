// SPDX-License-Identifier: GPL-2.0
/*
 * The device page of 2.6.24: a descriptor is a list of typed fields, in which
 * the guest marks those that it has found.  It cannot reset a device, nor
 * accept features (its drivers ask for one that is not offered here), nor does
 * it tell of its status; a device starts with its first kick.
 */
#include <string.h>

#include "base.h"
#include "virtio.h"

#define HEAD_BYTES	sizeof(struct lguest_fdevice_desc)
#define FIELD_BYTES	2		/* type and length */
#define QUEUE_BYTES	sizeof(struct lguest_vqconfig)
#define STATUS_AT	offsetof(struct lguest_fdevice_desc, status)

static __u32 bytes(const struct virtio_device *dev)
{
	__u32 all = HEAD_BYTES + dev->driver->queues * (FIELD_BYTES + QUEUE_BYTES);
	const struct virtio_field *field;

	for (field = dev->driver->fields; field->type; field++)
		all += FIELD_BYTES + field->len;
	return all;
}

static __u8 *put(__u8 *to, __u8 type, const void *from, __u8 len)
{
	to[0] = type;
	to[1] = len;
	memcpy(to + FIELD_BYTES, from, len);
	return to + FIELD_BYTES + len;
}

static void write_desc(const struct virtio_device *dev, __u8 *to)
{
	const struct lguest_fdevice_desc head = {
		.type = dev->driver->type,
		.config_len = bytes(dev) - HEAD_BYTES,
	};
	const struct virtio_field *field;
	unsigned int i;

	memcpy(to, &head, sizeof(head));
	to += sizeof(head);
	for (i = 0; i < dev->driver->queues; i++) {
		const struct lguest_vqconfig queue = {
			.num = dev->queue[i].ring.num,
			.irq = dev->queue[i].irq,
			.pfn = dev->queue[i].ring.addr / PAGE_BYTES,
		};

		to = put(to, LGUEST_FIELD_VQ, &queue, sizeof(queue));
	}
	for (field = dev->driver->fields; field->type; field++)
		to = put(to, field->type, dev->config + field->offset, field->len);
}

static __u8 status(const __u8 *desc, const struct virtio_device *dev)
{
	(void)dev;
	return *(volatile const __u8 *)&desc[STATUS_AT];
}

static __u32 accepted(const __u8 *desc, const struct virtio_device *dev)
{
	(void)desc;
	(void)dev;
	return 0;
}

static void forget(__u8 *desc, const struct virtio_device *dev)
{
	(void)dev;
	desc[STATUS_AT] = 0;
}

const struct virtio_layout virtio_fields_layout = {
	.bytes = bytes,
	.write = write_desc,
	.status = status,
	.accepted = accepted,
	.forget = forget,
};

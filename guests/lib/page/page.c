// SPDX-License-Identifier: GPL-2.0
/*
 * The device page from 2.6.25 on: a list of descriptors, each followed by its
 * queues, the features that the device offers, those that the driver accepts, and
 * the configuration.  Nothing is aligned, so all is read by the byte.
 */
#include "guest.h"

#define HEAD	sizeof(struct lguest_vdevice_desc)

static struct lguest_vdevice_desc head_of(const volatile u8 *desc)
{
	return (struct lguest_vdevice_desc){
		.type = desc[0], .num_vq = desc[1], .feature_len = desc[2],
		.config_len = desc[3], .status = desc[4],
	};
}

static u32 queues_size(const struct lguest_vdevice_desc *head)
{
	return head->num_vq * sizeof(struct lguest_vqconfig);
}

static void copy(void *to, const volatile u8 *from, u32 len)
{
	u8 *bytes = to;

	while (len--)
		*bytes++ = *from++;
}

/* The device's place in the list; false if it is not there. */
bool vdev_find(struct vdev *dev, u8 type, u32 nth)
{
	u32 at = 0, size;

	for (; at < PAGE_SIZE - HEAD && device_page()[at]; at += size) {
		struct lguest_vdevice_desc head = head_of(device_page() + at);

		size = HEAD + queues_size(&head) + 2 * head.feature_len + head.config_len;
		if (head.type == type && !nth--) {
			dev->desc = device_page() + at;
			return true;
		}
	}
	return false;
}

volatile u8 *vdev_status(const struct vdev *dev)
{
	return dev->desc + offsetof(struct lguest_vdevice_desc, status);
}

/* The first 32 of them. */
u32 vdev_offered(const struct vdev *dev)
{
	struct lguest_vdevice_desc head = head_of(dev->desc);
	u32 features = 0;

	copy(&features, dev->desc + HEAD + queues_size(&head),
	     min(head.feature_len, sizeof(features)));
	return features;
}

void vdev_accept(struct vdev *dev, u32 features)
{
	struct lguest_vdevice_desc head = head_of(dev->desc);
	volatile u8 *to = dev->desc + HEAD + queues_size(&head) + head.feature_len;
	u32 i;

	for (i = 0; i < head.feature_len; i++)
		to[i] = i < sizeof(features) ? features >> i * 8 : 0;
}

bool vdev_next_queue(struct vdev *dev, struct lguest_vqconfig *config)
{
	struct lguest_vdevice_desc head = head_of(dev->desc);

	if (dev->queues >= head.num_vq)
		return false;
	copy(config, dev->desc + HEAD + dev->queues++ * sizeof(*config),
	     sizeof(*config));
	return true;
}

/* False, and @to stays, if the configuration is not so long. */
bool vdev_config(const struct vdev *dev, u32 what, void *to, u32 len)
{
	struct lguest_vdevice_desc head = head_of(dev->desc);
	const volatile u8 *config =
		dev->desc + HEAD + queues_size(&head) + 2 * head.feature_len;

	if (what + len > head.config_len)
		return false;
	copy(to, config + what, len);
	return true;
}

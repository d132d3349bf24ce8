// SPDX-License-Identifier: GPL-2.0
/*
 * The device page of 2.6.24: each device is a list of fields, which have a type, a
 * length, and data.  Who found a field marks it, so that the next of its type is
 * found next; nothing ever takes the mark away.
 */
#include "guest.h"

#define HEAD		sizeof(struct lguest_fdevice_desc)
#define FIELD_HEAD	2	/* type, length */

static u32 config_len(const volatile u8 *desc)
{
	return desc[offsetof(struct lguest_fdevice_desc, config_len)];
}

/* The device's place in the list; false if it is not there. */
bool vdev_find(struct vdev *dev, u8 type, u32 nth)
{
	volatile u8 *desc = device_page(), *end = desc + PAGE_SIZE - HEAD;

	for (; desc < end && *desc; desc += HEAD + config_len(desc)) {
		if (*desc == type && !nth--) {
			dev->desc = desc;
			return true;
		}
	}
	return false;
}

volatile u8 *vdev_status(const struct vdev *dev)
{
	return dev->desc + offsetof(struct lguest_fdevice_desc, status);
}

/* False, and @to stays, if there is no such field, or not so long. */
bool vdev_config(const struct vdev *dev, u32 what, void *to, u32 len)
{
	volatile u8 *field = dev->desc + HEAD, *end = field + config_len(dev->desc);
	u8 *bytes = to;
	u32 i;

	for (; field < end; field += FIELD_HEAD + field[1]) {
		if (field[0] != what || field[1] < len)
			continue;
		for (i = 0; i < len; i++)
			bytes[i] = field[FIELD_HEAD + i];
		field[0] |= LGUEST_FIELD_USED;
		return true;
	}
	return false;
}

u32 vdev_offered(const struct vdev *dev)
{
	u32 features = 0;
	u8 byte;

	/* As many bytes as the device cares for. */
	if (!vdev_config(dev, CONFIG_FEATURES, &features, sizeof(features)) &&
	    vdev_config(dev, CONFIG_FEATURES, &byte, sizeof(byte)))
		features = byte;
	return features;
}

/* There is no word for it: what is offered is accepted. */
void vdev_accept(struct vdev *dev __unused, u32 features __unused)
{
}

bool vdev_next_queue(struct vdev *dev, struct lguest_vqconfig *config)
{
	return vdev_config(dev, LGUEST_FIELD_VQ, config, sizeof(*config));
}

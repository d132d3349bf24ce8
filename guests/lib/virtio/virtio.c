// SPDX-License-Identifier: GPL-2.0
/*
 * How a driver and a device find together: reset, acknowledge, agree on features,
 * set up queues (ring.c), be ready.  Each step is a bit of the device's status;
 * when the launcher is told that it changed depends on the era.
 */
#include "guest.h"

#include <linux/virtio_config.h>

/* The first page after RAM is not part of the linear map. */
volatile u8 *device_page(void)
{
	static u8 *page;

	if (!page)
		page = io_map(boot_info.mem_size, 1);
	return page;
}

static void notice(const struct vdev *dev, u32 which)
{
	u32 addr = boot_info.mem_size + (dev->desc - device_page());

	barrier();
	if (STATUS_NOTICES & which)
		hcall(LHCALL_NOTIFY, addr, 0, 0);
}

static void status_add(const struct vdev *dev, u8 bit)
{
	*vdev_status(dev) |= bit;
	notice(dev, NOTICE_STATUS);
}

/**
 * vdev_start - look for a device and begin to drive it
 * @dev: what is found
 * @type: VIRTIO_ID_...
 * @nth: 0 for the first of that type
 * @wanted: features that the driver knows, as bits
 *
 * paging_init() must have run.
 *
 * Return: false if there is no such device.
 */
bool vdev_start(struct vdev *dev, u8 type, u32 nth, u32 wanted)
{
	*dev = (struct vdev){ 0 };
	if (!vdev_find(dev, type, nth))
		return false;
	vdev_stop(dev);
	status_add(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	status_add(dev, VIRTIO_CONFIG_S_DRIVER);
	dev->features = vdev_offered(dev) & wanted;
	vdev_accept(dev, dev->features);
	notice(dev, NOTICE_FEATURES);
	return true;
}

/* The queues are there: the device may begin. */
void vdev_ready(struct vdev *dev)
{
	status_add(dev, VIRTIO_CONFIG_S_DRIVER_OK);
}

/* Resets it: it has forgotten all buffers, where the era has such a thing. */
void vdev_stop(struct vdev *dev)
{
	if (RESET_WRITES_STATUS)
		*vdev_status(dev) = 0;
	notice(dev, NOTICE_RESET);
}

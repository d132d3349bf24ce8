// SPDX-License-Identifier: GPL-2.0
/*
 * The device page: the launcher lists its devices in the first page after
 * RAM.  It is not part of the linear map, so it goes through the window.
 */
#include "guest.h"

static struct lguest_device_desc *device_page(void)
{
	static struct lguest_device_desc *page;

	if (!page)
		page = io_map(boot_info.mem_size, 1);
	return page;
}

/**
 * device_find - look for a device
 * @type: LGUEST_DEVICE_T_...
 * @nth: 0 for the first of that type
 * @irq: where to store its interrupt number
 *
 * Slots may be empty in the middle, so all are looked at.  paging_init() must
 * have run.
 */
struct lguest_device_desc *device_find(u16 type, u32 nth, u32 *irq)
{
	struct lguest_device_desc *desc = device_page();
	u32 i;

	for (i = 0; i < LGUEST_MAX_DEVICES; i++, desc++) {
		if (desc->type == type && !nth--) {
			*irq = i + 1;
			return desc;
		}
	}
	return NULL;
}

/* Maps the device's own memory, and tells the launcher that we drive it. */
void *device_map(struct lguest_device_desc *desc)
{
	void *mem = io_map(desc->pfn << PAGE_SHIFT, desc->num_pages);

	desc->status |= LGUEST_DEVICE_S_ACKNOWLEDGE | LGUEST_DEVICE_S_DRIVER |
			LGUEST_DEVICE_S_DRIVER_OK;
	return mem;
}

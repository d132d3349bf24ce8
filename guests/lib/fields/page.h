/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fields of a device's configuration in 2.6.24, and the headers of that time;
 * page.c has the descriptors themselves.
 */
#ifndef GUEST_PAGE_H
#define GUEST_PAGE_H

#include <linux/types.h>

/* For vdev_config(): types of fields. */
#define CONFIG_FEATURES		0x40
#define CONFIG_NET_MAC		0x41
#define CONFIG_NET_MAC_CERTAIN	1	/* if there is the field */
#define CONFIG_BLOCK_CAPACITY	0x41
#define CONFIG_BLOCK_SEGMENTS	0x43
#define CONFIG_9P_TAG		0x7f	/* there was none yet */

#define NET_HEADER_SIZE		8
#define NET_POLLS_LATE		1	/* what came by then, it does not hear of */

struct block_header {
	__u32 type;
	__u32 priority;
	__u64 sector;
	__u64 id;
};

#endif /* GUEST_PAGE_H */

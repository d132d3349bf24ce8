/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is where in a device's configuration from 2.6.25 on, and the headers of
 * that time; page.c has the descriptors themselves.
 */
#ifndef GUEST_PAGE_H
#define GUEST_PAGE_H

#include <linux/types.h>

/* For vdev_config(): offsets. */
#define CONFIG_NET_MAC		0
#define CONFIG_NET_MAC_CERTAIN	0	/* if the feature says so */
#define CONFIG_BLOCK_CAPACITY	0
#define CONFIG_BLOCK_SEGMENTS	12
#define CONFIG_9P_TAG		0	/* its length, in 16 bits, then itself */

#define NET_HEADER_SIZE		10
#define NET_POLLS_LATE		0

struct block_header {
	__u32 type;
	__u32 priority;
	__u64 sector;
};

#endif /* GUEST_PAGE_H */

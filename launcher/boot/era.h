/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a launcher does differently for guests of one release and another; the
 * table is in era.c, and nothing else asks which release it serves.
 */
#ifndef ERA_H
#define ERA_H

#include "base.h"

/* When a guest hears of buffers although it asked not to. */
enum drained_irq {
	DRAINED_NO,
	DRAINED_IF_ACCEPTED,	/* feature 24: no more is offered in that ring */
	DRAINED_ALWAYS,
};

/* What its devices are on. */
enum bus {
	BUS_NONE,		/* none that is ours to show */
	BUS_CLASSIC,
	BUS_VIRTIO,
	NR_BUSES,
};

struct era {
	__u32 since;		/* LGUEST_RELEASE() of the first release */
	enum bus bus;

	/* start */
	bool restarts;		/* it can ask for that */
	bool any_base;		/* memory is at any address, and starts at physical ones */
	bool tables;		/* the launcher makes the first page tables */
	__u32 alignment;	/* kernel_alignment in the boot parameters, or 0 */
	bool unmaps;		/* what its first tables map beyond memory; which is fatal */

	/* the device page, and when devices start */
	const struct virtio_layout *layout;
	__u16 entries;		/* of a ring */
	__u8 start_status;	/* bits of the status that start it when they are told;
				 * 0: only resets are told
				 */
	bool threads;		/* with eventfds, not the main loop */
	bool indirect;
	bool indices;		/* in a ring, of what each side wants to hear: see vring.c */
	bool ports;		/* of a console, as they have been since */
	bool resizes;		/* its console hears of another size */
	bool virtiofs;		/* its kernel may have that */
	enum drained_irq drained;
	__u32 slow_drivers;	/* types of devices: see virtio_early.c */

	/* devices */
	__u32 net_features;
	__u8 net_config;	/* bytes */
	__u8 net_header;
	bool net_offload;	/* the header is the host's own */
	__u32 block_features;
	__u8 block_config;
	__u8 block_header;
	__u8 segments;		/* of a block request */
	bool block_sizes;	/* it asks how long a sector is, from configurations ... */
	bool block_topology;	/* ... and how long one of the host's */
	bool block_discards;
	bool balloon;		/* some of them have a driver for it ... */
	bool balloon_reports;	/* ... which tells of free memory */
};

const struct era *era_of(__u32 release);
int release_parse(const char *text, __u32 *release);
const char *release_text(__u32 release, char text[16]);

#endif /* ERA_H */

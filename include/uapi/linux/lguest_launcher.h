/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a launcher and the host say to each other through /dev/lguest, and the
 * classic (2.6.23) devices that a launcher offers to its guest.
 *
 * A request is an array of 32-bit words written to the device: the first word
 * is one of enum lguest_req, the rest are its arguments.  Guest-physical
 * address P is the launcher's own virtual address P.
 */
#ifndef _UAPI_LINUX_LGUEST_LAUNCHER_H
#define _UAPI_LINUX_LGUEST_LAUNCHER_H

#include <linux/types.h>

enum lguest_req {
	LHREQ_INITIALIZE,	/* + pfn_limit, pgdir, start, page_offset */
	LHREQ_GETDMA,		/* + key; returns the address of a lguest_dma */
	LHREQ_IRQ,		/* + irq number, below LGUEST_IRQS */
	LHREQ_BREAK,		/* + 1: stop the guest and wait; 0: go on */
};

/* A guest has this many interrupts; number n arrives at vector 32 + n. */
#define LGUEST_IRQS		32

/* What read() stores when the guest sent a DMA that the launcher must serve. */
struct lguest_dma_notice {
	__u32 dma;		/* guest-physical address of a struct lguest_dma */
	__u32 key;		/* the key it was sent to */
};

/* A scatter-gather list of at most this many sections. */
#define LGUEST_MAX_DMA_SECTIONS	16

/**
 * struct lguest_dma - one transfer
 * @used_len: bytes transferred; 0 means that the buffer is free to be filled
 * @addr: guest-physical start of each section
 * @len: length of each section in bytes; a zero length ends the list
 *
 * 100 bytes, on both sides of the wire.
 */
struct lguest_dma {
	__u32 used_len;
	__u32 addr[LGUEST_MAX_DMA_SECTIONS];
	__u16 len[LGUEST_MAX_DMA_SECTIONS];
};

/*
 * The device page: an array of LGUEST_MAX_DEVICES descriptors in the first
 * page after the guest's RAM.  Slots of type 0 are empty; scan all of them.
 * The device in slot i interrupts with irq i + 1.
 */
#define LGUEST_MAX_DEVICES	16

#define LGUEST_DEVICE_T_CONSOLE	1
#define LGUEST_DEVICE_T_NET	2
#define LGUEST_DEVICE_T_BLOCK	3

#define LGUEST_DEVICE_F_RANDOMNESS	0x8000	/* its irq times are random */
#define LGUEST_NET_F_NOCSUM		0x4000	/* packets need no checksum */

#define LGUEST_DEVICE_S_ACKNOWLEDGE	1
#define LGUEST_DEVICE_S_DRIVER		2
#define LGUEST_DEVICE_S_DRIVER_OK	4
#define LGUEST_DEVICE_S_REMOVED		8
#define LGUEST_DEVICE_S_REMOVED_ACK	16
#define LGUEST_DEVICE_S_FAILED		128

struct lguest_device_desc {
	__u16 type;
	__u16 features;		/* for net, the low 12 bits are the own slot */
	__u16 status;
	__u16 num_pages;
	__u32 pfn;		/* first page of the device's own memory */
};

/* The console is a pair of DMA queues on one key, and has no memory. */
#define LGUEST_CONSOLE_DMA_KEY	0

/* A block device's page.  The key is the page's guest-physical address. */
struct lguest_block_page {
	__s32 type;		/* 0 read, 1 write */
	__u32 sector;		/* of 512 bytes */
	__u32 bytes;		/* to be transferred */
	__s32 result;		/* 0 pending, 1 good, 2 error */
	__u32 num_sectors;	/* capacity */
};

/*
 * A network's page is an array of MAC addresses, one slot per peer; the DMA
 * key of slot s is the page's address + 4 * s.  Bit 0 of a slot's first byte
 * asks for everybody's packets.
 */
struct lguest_net {
	__u8 mac[6];
};

#endif /* _UAPI_LINUX_LGUEST_LAUNCHER_H */

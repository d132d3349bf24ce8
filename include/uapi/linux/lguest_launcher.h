/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a launcher and the host say to each other through /dev/lguest, and the
 * devices that a launcher offers to its guest.
 *
 * A request is an array of 32-bit words written to the device: the first word
 * is one of enum lguest_req, the rest are its arguments.  They changed with the
 * releases of Linux that had lguest:
 *
 * release          arguments of INITIALIZE                 read() stores
 * 2.6.23           pfn_limit, pgdir, start, page_offset    struct lguest_dma_notice
 * 2.6.24 - 2.6.28  base, pfn_limit, pgdir, start           an address (NOTIFY)
 * 2.6.29 - 3.19    base, pfn_limit, start                  an address (NOTIFY)
 * 4.0 - 4.13       base, pfn_limit, start, device_limit    struct lguest_pending
 *
 * Guest-physical address P is at the launcher's own virtual address base + P;
 * in 2.6.23, base is 0.  The host tells the forms apart by the length of the
 * write and the values; LHREQ_RELEASE makes it certain.
 */
#ifndef _UAPI_LINUX_LGUEST_LAUNCHER_H
#define _UAPI_LINUX_LGUEST_LAUNCHER_H

#include <linux/types.h>

enum lguest_req {
	LHREQ_INITIALIZE,	/* + see above */
	LHREQ_GETDMA,		/* 2.6.23: + key; returns the address of a lguest_dma */
	LHREQ_IRQ,		/* + irq number, below LGUEST_IRQS */
	LHREQ_BREAK,		/* to 2.6.30: + 1: stop the guest and wait; 0: go on */
	LHREQ_EVENTFD,		/* 2.6.31 - 3.19: + address, eventfd for its NOTIFYs */
	LHREQ_GETREG,		/* 4.0: + offset; the next read() stores the register */
	LHREQ_SETREG,		/* 4.0: + offset, value */
	LHREQ_TRAP,		/* 4.0: + vector, for the guest to handle */

	/* This host's own. */
	LHREQ_RELEASE = 0x100,	/* + LGUEST_RELEASE(...), before INITIALIZE */
	LHREQ_DEBUG,		/* + LGUEST_DEBUG_* bits; returns those that there are */
	LHREQ_GETREGS,		/* the next read() stores a struct lguest_debug_regs */
	LHREQ_SETREGS,		/* + struct lguest_debug_regs */
	LHREQ_DEBUG_PASS,	/* the breakpoint that was told is the guest's own */
};

/*
 * For debuggers.  While any of these is set, read() stores a struct
 * lguest_debug_event, too, and wants room for one.
 */
#define LGUEST_DEBUG_BREAK	1	/* the guest's breakpoints (int3) end read() */
#define LGUEST_DEBUG_STEP	2	/* so does each instruction */
#define LGUEST_DEBUG_NO_IRQS	4	/* while it steps it gets no interrupts */

/* What read() stores for a debugger. */
struct lguest_debug_event {
	__u32 what;		/* LGUEST_DEBUG_BREAK or LGUEST_DEBUG_STEP */
	__u32 eip;		/* where it goes on: behind an int3 */
	__u32 cs;
	__u32 unused;
};

/*
 * A guest's registers.  IF in eflags is its virtual flag.  What is below gs can be read
 * alone: cr0 has PG if the guest has page tables, whose root is in cr3, and cr4 has PAE
 * if they are PAE's.
 */
struct lguest_debug_regs {
	__u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	__u32 eip, eflags;
	__u32 cs, ss, ds, es, fs, gs;
	__u32 cr0, cr2, cr3, cr4;
	__u32 fs_base, gs_base;
	__u32 unused[2];
};

/* A release of Linux, whose launcher's form of the requests is meant. */
#define LGUEST_RELEASE(a, b, c)	(((a) << 16) + ((b) << 8) + (c))

/* A guest has this many interrupts; number n arrives at vector 32 + n. */
#define LGUEST_IRQS		32

/* What read() stores when the guest sent a DMA that the launcher must serve. */
struct lguest_dma_notice {
	__u32 dma;		/* guest-physical address of a struct lguest_dma */
	__u32 key;		/* the key it was sent to */
};

/* What read() stores when the launcher must handle a trap (4.0). */
struct lguest_pending {
	__u8 trap;		/* 13: an instruction; 14: an access to a device */
	__u8 insn[7];		/* the bytes at eip */
	__u32 addr;		/* 14: guest-physical address of the access */
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

/*
 * Virtio devices, 2.6.24 to 3.19.  The first page after the guest's RAM is a
 * packed list of descriptors, which ends at type 0 or with the page; its types
 * are virtio's.  Rings are in the pages after it.
 */
#define LGUEST_DEVICE_PAGES	256	/* after RAM, for descriptors and rings */
#define LGUEST_VRING_ALIGN	4096

/*
 * 2.6.25 to 3.19: followed by num_vq struct lguest_vqconfig, feature_len bytes
 * of features that are offered, as many that were accepted, and config_len
 * bytes of virtio configuration.
 */
struct lguest_vdevice_desc {
	__u8 type;
	__u8 num_vq;
	__u8 feature_len;
	__u8 config_len;
	__u8 status;
	__u8 config[];
};

/* A ring: nothing in a device page is aligned. */
struct lguest_vqconfig {
	__u16 num;		/* entries */
	__u16 irq;
	__u32 pfn;
} __attribute__((packed));

/*
 * 2.6.24: followed by config_len bytes of fields, each a byte of type, a byte
 * of length, and so many bytes.  The guest sets LGUEST_FIELD_USED in the type of
 * those that it has found.
 */
struct lguest_fdevice_desc {
	__u8 type;
	__u8 config_len;
	__u8 status;
	__u8 config[];
};

#define LGUEST_FIELD_VQ		2	/* struct lguest_vqconfig */
#define LGUEST_FIELD_USED	0x80

#endif /* _UAPI_LINUX_LGUEST_LAUNCHER_H */

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a guest and the host say to each other: hypercalls, their ring, and the
 * page that both write.  It changed with the releases of Linux that had lguest;
 * the host finds out which one a guest follows when it makes its first call.
 *
 * A hypercall is "int $LGUEST_TRAP_ENTRY" with the number in eax.  The arguments
 * are in edx, ebx and ecx up to 2.6.29, and in ebx, ecx, edx and esi from 2.6.30
 * on; in 2.6.23 a result, where there is one, comes in eax.  From 2.6.30 to 3.0
 * "vmcall" means the same instruction.
 *
 * Page tables have two levels or, with PAE, three, whatever the host's own format
 * is.  No call announces it: the directory of the first LHCALL_NEW_PGTABLE
 * decides, and for good.  It is PAE's if it is 32-byte aligned; if its four
 * entries are 0, or a frame of the guest's with no flag but present (1); if the
 * one for the kernel's addresses is present; and if in its page, at that
 * address >> 22, times 4, there is no present entry of a 2-level directory.
 * With PAE,
 *
 *   LHCALL_SET_PTE has the entry's upper half in esi, or in the ring's fourth
 *	argument; the ring of before 2.6.31 has no place for it and means 0;
 *   LHCALL_SET_PGD has the index of an entry of the top level, 0 to 3;
 *   LHCALL_SET_PMD (from 2.6.31) is for an entry of the middle level.  Before,
 *	SET_PGD is for all changes in the gigabyte that are above its page tables;
 *   a fetch from a page that is marked no-execute (bit 63 of its entry or of its
 *	table's) faults, and an error code has bit 4, where the host has PAE and
 *	its processor no-execute.  Elsewhere the bit means nothing.
 *
 * Entries that are present name frames of the guest's memory.  Those of tables
 * may have the flags present, writable, user, accessed, dirty (0x067); those of
 * pages all but PAT (0x080), and up to 2.6.24 write-through (0x008); with PAE
 * both no-execute, and no other bit of the upper half.  Anything else is the end
 * of the guest.
 */
#ifndef _UAPI_LINUX_LGUEST_H
#define _UAPI_LINUX_LGUEST_H

#include <linux/types.h>
#include <linux/lguest_launcher.h>

#define LGUEST_TRAP_ENTRY	0x1F

#define LHCALL_FLUSH_ASYNC	0	/* - */
#define LHCALL_LGUEST_INIT	1	/* physical address of struct lguest_data */
#define LHCALL_CRASH		2	/* physical address of a message */
#define LHCALL_SHUTDOWN		2	/* 2.6.25: the same, and why: see below */
#define LHCALL_LOAD_GDT		3	/* to 2.6.29: physical address, number of entries */
#define LHCALL_NEW_PGTABLE	4	/* physical address of the page directory */
#define LHCALL_FLUSH_TLB	5	/* 0: user part of this table; else all */
#define LHCALL_LOAD_IDT_ENTRY	6	/* vector, low word, high word */
#define LHCALL_SET_STACK	7	/* selector, virtual address of top, pages */
#define LHCALL_TS		8	/* non-zero: trap the use of the FPU */
#define LHCALL_SET_CLOCKEVENT	9	/* nanoseconds from now; 0 cancels */
#define LHCALL_HALT		10	/* - */
#define LHCALL_GET_WALLCLOCK	11	/* -; UTC seconds (2.6.23-rc1 only) */
#define LHCALL_BIND_DMA		12	/* 2.6.23: key, array, count << 8 | irq; 1 is good */
#define LHCALL_SEND_DMA		13	/* 2.6.23: key, physical address of the dma */
#define LHCALL_SET_PMD		13	/* 2.6.31, PAE: page of the entry, index in it */
#define LHCALL_SET_PTE		14	/* page directory, address, entry (PAE: esi) */
#define LHCALL_SET_PGD		15	/* page directory, index in it */
#define LHCALL_LOAD_TLS		16	/* physical address of 3 descriptors, cpu */
#define LHCALL_NOTIFY		17	/* 2.6.24 - 3.19: address, for the launcher */
#define LHCALL_LOAD_GDT_ENTRY	18	/* 2.6.30: index, low word, high word */
#define LHCALL_SEND_INTERRUPTS	19	/* 2.6.31: - */
#define LHCALL_GET_CLOCK	20	/* LGUEST_HAS_CLOCK: where 8 bytes of it go */
#define LHCALL_FLUSH_RANGE	21	/* LGUEST_HAS_RANGE: first address, one past the last */
#define LHCALL_SWITCH_PGTABLE	22	/* LGUEST_HAS_SWITCH: as NEW_PGTABLE, in ebx */

/*
 * No release of Linux had what is below, so a guest asks for it: the second
 * argument of its LHCALL_LGUEST_INIT is LGUEST_EXTENSIONS, and the third the
 * physical address of a word, aligned, with LGUEST_WANTS() of those extensions that
 * change what the guest has to do.  A host that knows of extensions stores a bit there
 * for each one that it has; any other host looks at neither.  So the guest has those
 * whose bits are set after the call, by their own number.
 *
 * LGUEST_HAS_CLOCK: LHCALL_GET_CLOCK stores a clock of the host's, in nanoseconds;
 *	it only goes forward, and nobody sets it.  It costs an exit, so it is for
 *	guests whose tsc_khz is 0.
 * LGUEST_HAS_PROTECT: LHCALL_FLUSH_TLB(LGUEST_FLUSH_WRITABLE) is enough where entries
 *	of this table's user part have become read-only, and nothing else has changed,
 *	as after fork().
 * LGUEST_HAS_RANGE: LHCALL_FLUSH_RANGE is enough where nothing has changed but entries
 *	for a range of addresses of this table's user part.
 * LGUEST_HAS_SWITCH: LHCALL_SWITCH_PGTABLE is LHCALL_NEW_PGTABLE, by "int", and may do
 *	without an exit; then it does not take the ring along.  The directory is in ebx, and
 *	where arguments are elsewhere, there, too.
 * LGUEST_HAS_DIRECT_FAULTS, if the guest wanted it: page faults of ring 3 may come to it
 *	without an exit, where the host thinks that its tables deny the access.  They may
 *	allow it meanwhile, as nobody told the host.  So after each page fault that it
 *	has answered, in its tables or by finding nothing wrong, the guest announces the
 *	entry for the address by LHCALL_SET_PTE.  struct lguest_data is where its
 *	kernel addresses have it, at kernel_address + its physical address; and the gate
 *	is an interrupt gate, or all is as without this.
 */
#define LGUEST_EXTENSIONS	0x5845676cu
#define LGUEST_HAS_CLOCK	1
#define LGUEST_HAS_PROTECT	2
#define LGUEST_HAS_RANGE	4
#define LGUEST_HAS_DIRECT_FAULTS	8
#define LGUEST_HAS_SWITCH	16

#define LGUEST_WANTS(extension)	((extension) << 16)

#define LGUEST_FLUSH_WRITABLE	2

/* Why the guest shuts down; with a restart the message's address means nothing. */
#define LGUEST_SHUTDOWN_POWEROFF	1
#define LGUEST_SHUTDOWN_RESTART		2

/* Calls may also be left in a ring, to run before the next call that traps. */
#define LHCALL_RING_SIZE	64

#define LHCALL_RING_FREE	0xFF	/* hcall_status: free, or done */
#define LHCALL_RING_READY	0	/* hcall_status: to be done */

/* One ring slot, to 2.6.23: in the order of the registers eax, edx, ebx, ecx. */
struct lguest_ring_entry {
	__u32 call;
	__u32 arg1;
	__u32 arg2;
	__u32 arg3;
};

/* 2.6.24 to 2.6.30: in the order of the registers eax, ebx, ecx, edx. */
struct lguest_ring_entry_regs {
	__u32 eax;
	__u32 ebx;
	__u32 ecx;
	__u32 edx;
};

/* From 2.6.31 on. */
struct lguest_ring_entry_2_6_31 {
	__u32 call;
	__u32 arg1;
	__u32 arg2;
	__u32 arg3;
	__u32 arg4;
};

/* UTC. */
struct lguest_time {
	__u32 sec;
	__u32 nsec;
};

/**
 * struct lguest_data - the memory that a guest shares with the host
 * @irq_enabled: 0x200 if the guest takes interrupts, else 0
 * @blocked_interrupts: bit n set: irq n is masked
 * @cr2: address of the last page fault that was reflected
 * @time: UTC, refreshed with every interrupt
 * @hcall_status: LHCALL_RING_FREE or LHCALL_RING_READY for each ring slot
 * @hcalls: the ring
 * @reserve_mem: bytes at the top of the address space that are the host's
 * @guestid: a number of this guest, for its network address
 * @tsc_khz: rate of a dependable time stamp counter, or 0
 * @noirq_start: while noirq_start <= eip < noirq_end, no interrupt comes
 * @noirq_end: see @noirq_start
 *
 * The layout of 2.6.23; the host also knows that of 2.6.23-rc1, which has no
 * @time, and the later ones below.  The guest sets all of @hcall_status to
 * LHCALL_RING_FREE, and the noirq bounds, before LHCALL_LGUEST_INIT.
 */
struct lguest_data {
	__u32 irq_enabled;
	__u32 blocked_interrupts;
	__u32 cr2;
	struct lguest_time time;
	__u8 hcall_status[LHCALL_RING_SIZE];
	struct lguest_ring_entry hcalls[LHCALL_RING_SIZE];
	__u32 reserve_mem;
	__u16 guestid;
	__u16 pad;
	__u32 tsc_khz;
	__u32 noirq_start;
	__u32 noirq_end;
};

/**
 * struct lguest_data_2_6_24 - the same, 2.6.24 to 2.6.30
 * @pgdir: physical address of the first page directory
 * @kernel_address: where addresses begin that are the same in all page
 *	directories; set before LHCALL_LGUEST_INIT
 * @syscall_vec: 0x80; set before LHCALL_LGUEST_INIT
 */
struct lguest_data_2_6_24 {
	__u32 irq_enabled;
	__u32 blocked_interrupts;
	__u32 cr2;
	struct lguest_time time;
	__u8 hcall_status[LHCALL_RING_SIZE];
	struct lguest_ring_entry_regs hcalls[LHCALL_RING_SIZE];
	__u32 reserve_mem;
	__u32 tsc_khz;
	__u32 pgdir;
	__u32 noirq_start;
	__u32 noirq_end;
	__u32 kernel_address;
	__u32 syscall_vec;
};

/**
 * struct lguest_data_2_6_31 - the same, 2.6.31 to 2.6.37
 * @irq_pending: 0x200 if an interrupt waits for @irq_enabled: the guest then
 *	makes LHCALL_SEND_INTERRUPTS when it has enabled them
 */
struct lguest_data_2_6_31 {
	__u32 irq_enabled;
	__u32 blocked_interrupts;
	__u32 cr2;
	struct lguest_time time;
	__u32 irq_pending;
	__u8 hcall_status[LHCALL_RING_SIZE];
	struct lguest_ring_entry_2_6_31 hcalls[LHCALL_RING_SIZE];
	__u32 reserve_mem;
	__u32 tsc_khz;
	__u32 pgdir;
	__u32 noirq_start;
	__u32 noirq_end;
	__u32 kernel_address;
	__u32 syscall_vec;
};

/**
 * struct lguest_data_2_6_38 - the same, 2.6.38 to 4.0
 *
 * There are no first page tables: until the first LHCALL_NEW_PGTABLE every
 * virtual address is the physical one.
 */
struct lguest_data_2_6_38 {
	__u32 irq_enabled;
	__u32 blocked_interrupts;
	__u32 cr2;
	struct lguest_time time;
	__u32 irq_pending;
	__u8 hcall_status[LHCALL_RING_SIZE];
	struct lguest_ring_entry_2_6_31 hcalls[LHCALL_RING_SIZE];
	__u32 reserve_mem;
	__u32 tsc_khz;
	__u32 noirq_start;
	__u32 noirq_end;
	__u32 kernel_address;
	__u32 syscall_vec;
};

/**
 * struct lguest_data_4_1 - the same, from 4.1 on
 * @noirq_iret: address of the guest's iret: an interrupt that comes there finds
 *	@irq_enabled set for what that iret returns to, and is delivered as if the
 *	iret had been done
 */
struct lguest_data_4_1 {
	__u32 irq_enabled;
	__u32 blocked_interrupts;
	__u32 cr2;
	struct lguest_time time;
	__u32 irq_pending;
	__u8 hcall_status[LHCALL_RING_SIZE];
	struct lguest_ring_entry_2_6_31 hcalls[LHCALL_RING_SIZE];
	__u32 reserve_mem;
	__u32 tsc_khz;
	__u32 noirq_iret;
	__u32 kernel_address;
	__u32 syscall_vec;
};

#endif /* _UAPI_LINUX_LGUEST_H */

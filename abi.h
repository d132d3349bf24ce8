/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can differ between the forms of the ABI: the launcher's side and the
 * guest's.  abi.c has the tables of it.
 */
#ifndef LGUEST_ABI_H
#define LGUEST_ABI_H

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include "launcher_form.h"

/* The bit of requests beyond those that have one. */
#define REQUEST_OTHER	15

/* Where a guest's first page tables come from. */
enum first_tables {
	TABLES_OF_LAUNCHER,	/* it names a page directory */
	TABLES_OF_HOST,		/* the host makes them, from the boot parameters */
	TABLES_NONE,		/* addresses are physical until the guest has some */
	TABLES_OF_HOST_OR_NONE	/* none if there are no boot parameters */
};

/**
 * struct launcher_abi - a form of the launchers' ABI
 * @name: the releases that had it
 * @release: the first of them, as LGUEST_RELEASE(); 0 if it has no such name
 * @form: what launcher_form() says of its LHREQ_INITIALIZE; FORM_UNKNOWN if
 *	it cannot be told from that
 * @words: of LHREQ_INITIALIZE after the first
 * @base: which of these, from 1, is this; 0 if there is none such, which means
 *	the value 0; so with the next ones
 * @pfn_limit: likewise
 * @pgdir: likewise
 * @start: likewise
 * @page_offset: likewise
 * @device_limit: likewise
 * @requests: a bit for each request that exists, but for LHREQ_INITIALIZE
 * @owners: for each request that only the owner may make; REQUEST_OTHER stands
 *	for all that have no bit
 * @first_tables: what the guest starts on
 * @reply_size: bytes that read() stores
 * @classic: its guests are classic, too: DMA instead of NOTIFY
 * @offset_is_cpu: the file's offset is the number of a CPU of the guest's
 * @always_busy: a second LHREQ_INITIALIZE fails with EBUSY whoever asks
 * @takes_traps: general protection faults and accesses to devices are for the
 *	launcher to emulate
 */
struct launcher_abi {
	const char *name;
	u32 release;
	enum launcher_form form;
	u8 words;
	u8 base;
	u8 pfn_limit;
	u8 pgdir;
	u8 start;
	u8 page_offset;
	u8 device_limit;
	u16 requests;
	u16 owners;
	enum first_tables first_tables;
	u8 reply_size;
	bool classic;
	bool offset_is_cpu;
	bool always_busy;
	bool takes_traps;
};

#define HYPERCALL_ARGS		4
#define MAX_SLOT_WORDS		5

/* A hypercall, wherever it came from. */
struct hypercall {
	u32 call;
	u32 arg[HYPERCALL_ARGS];
};

/**
 * struct lguest_abi - a form of the guests' ABI
 * @name: the first release that had it
 * @calls: a bit for each hypercall that exists
 * @args: offsets in struct lguest_regs of the arguments
 * @slot_words: size of a slot of the ring
 * @slot_args: words of it that have the arguments; 0 where there is none
 * @size: bytes of the guest's shared structure
 * @hcall_status: offset of the ring's status bytes
 * @hcalls: offset of the ring
 * @time: offset of the time; 0 if there is none, so with the next ones
 * @irq_pending: likewise
 * @reserve_mem: likewise
 * @guestid: likewise
 * @tsc_khz: likewise
 * @pgdir: likewise
 * @noirq_start: likewise; noirq_end follows it
 * @noirq_iret: likewise
 * @kernel_address: likewise; syscall_vec follows it
 * @classic: the ring is run whenever the guest stops, not just at hypercalls;
 *	calls have results; the launcher has said what kernel_address is
 * @vmcall: the instruction means a hypercall
 * @starts_by_vmcall: the first hypercall is made so
 * @skips_cli: the instruction does nothing in the guest's kernel
 */
struct lguest_abi {
	const char *name;
	u32 calls;
	u8 args[HYPERCALL_ARGS];
	u8 slot_words;
	u8 slot_args[HYPERCALL_ARGS];
	u16 size;
	u16 hcall_status;
	u16 hcalls;
	u16 time;
	u16 irq_pending;
	u16 reserve_mem;
	u16 guestid;
	u16 tsc_khz;
	u16 pgdir;
	u16 noirq_start;
	u16 noirq_iret;
	u16 kernel_address;
	bool classic;
	bool vmcall;
	bool starts_by_vmcall;
	bool skips_cli;
};

#endif /* __ASSEMBLY__ */

/* Fields that all ABIs have at the same place. */
#define LGUEST_DATA_IRQ_ENABLED	0
#define LGUEST_DATA_BLOCKED	4
#define LGUEST_DATA_CR2		8

#endif /* LGUEST_ABI_H */

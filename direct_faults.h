/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the switcher must know to take a page fault to the guest without an exit: see
 * direct_faults.c.  The assembler reads the constants.
 */
#ifndef LGUEST_DIRECT_FAULTS_H
#define LGUEST_DIRECT_FAULTS_H

#include <linux/bits.h>

/* The bits of a page fault's error code. */
#define PF_PRESENT		BIT(0)
#define PF_WRITE		BIT(1)
#define PF_USER			BIT(2)
#define PF_RESERVED		BIT(3)
#define PF_INSTR		BIT(4)

/* Offsets into struct direct_faults, which direct_faults.c checks. */
#define DIRECT_data		0
#define DIRECT_errcode		4
#define DIRECT_eip		8
#define DIRECT_cs		12
#define DIRECT_esp		16
#define DIRECT_ss		20
#define DIRECT_windows		24

/* Offsets into struct direct_window. */
#define WINDOW_number		0
#define WINDOW_denied		4

/* Pages of a window, and windows that are known at a time: powers of two. */
#define WINDOW_PAGES		16
#define WINDOW_SHIFT		(PAGE_SHIFT + 4)
#define DIRECT_WINDOWS		64

/*
 * A window's place is its number, xor that shifted by this.  (Stack, vDSO, libraries and
 * programs begin at round addresses, of which the lower bits are alike.)
 */
#define DIRECT_WINDOWS_MIX	7

/* In a word of what is denied, a page's bits: at its number in the window, and above. */
#define DENIED_ABSENT		BIT(0)
#define DENIED_WRITE		BIT(WINDOW_PAGES)

/* Where the host's addresses begin. */
#define HOST_ADDRESSES		0xffc00000

/* What the CPU pushes for a page fault of ring 3, and for one of the kernel itself. */
#define FAULT_FRAME_SIZE	(6 * 4)
#define KERNEL_FRAME_SIZE	(4 * 4)

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include <asm/pgtable_types.h>

struct lguest_vcpu;

/**
 * struct direct_window - what the guest's tables denied when they were looked at
 * @number: its address >> WINDOW_SHIFT
 * @denied: for each page, DENIED_ABSENT and DENIED_WRITE, shifted by its number
 */
struct direct_window {
	u32 number;
	u32 denied;
};

/**
 * struct direct_faults - how a page fault goes to the guest at once
 * @data: linear address of the memory that it shares with the host
 * @errcode: the bits that an error code of its has
 * @eip: its handler
 * @cs: likewise
 * @esp: of its stack, below the frame
 * @ss: likewise
 * @windows: what it denied
 *
 * The switcher reads it while the guest runs, and nobody writes.
 */
struct direct_faults {
	u32 data;
	u32 errcode;
	u32 eip, cs;
	u32 esp, ss;
	struct direct_window windows[DIRECT_WINDOWS];
};

bool prepare_direct_faults(struct lguest_vcpu *vcpu);
void learn_direct_faults(struct lguest_vcpu *vcpu, u32 vaddr);
void learn_direct_fault(struct lguest_vcpu *vcpu, u32 vaddr, u64 pte, pteval_t shadow);
void learn_direct_range(struct lguest_vcpu *vcpu, u32 start, u32 end);
void expect_write_faults(struct lguest_vcpu *vcpu);

#endif /* __ASSEMBLY__ */
#endif /* LGUEST_DIRECT_FAULTS_H */

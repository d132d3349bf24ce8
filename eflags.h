/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What EFLAGS the host loads for a guest: a pure rule, which also compiles in
 * user space for the unit tests.  (Processor manual, volume 1: "EFLAGS
 * Register".)
 */
#ifndef LGUEST_EFLAGS_H
#define LGUEST_EFLAGS_H

#include <linux/types.h>
#include <asm/processor-flags.h>

/* Never set while ring 1 or 3 runs, or, like RF, only by the CPU itself. */
#define EFLAGS_NOT_FOR_GUESTS	(X86_EFLAGS_IOPL | X86_EFLAGS_VM | \
				 X86_EFLAGS_VIF | X86_EFLAGS_VIP | \
				 X86_EFLAGS_RF)

/*
 * Only what the CPU itself could have had there: whatever the guest's saved
 * flags say, it can be interrupted and has no right to I/O.
 */
static inline __u32 eflags_for_guest(__u32 eflags)
{
	return (eflags & ~(__u32)EFLAGS_NOT_FOR_GUESTS) |
	       X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

#endif /* LGUEST_EFLAGS_H */

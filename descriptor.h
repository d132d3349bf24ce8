/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules for a guest's segment descriptors, and how to read one: pure
 * functions of the two words, which also compile in user space for the unit
 * tests.  (Processor manual, volume 3, "Segment Descriptors".)
 */
#ifndef LGUEST_DESCRIPTOR_H
#define LGUEST_DESCRIPTOR_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* Bits of a descriptor's high word. */
#define DESCRIPTOR_ACCESSED	0x00000100
#define DESCRIPTOR_WRITABLE	0x00000200	/* data; code: readable */
#define DESCRIPTOR_CONFORMING	0x00000400	/* code */
#define DESCRIPTOR_CODE		0x00000800
#define DESCRIPTOR_S		0x00001000	/* code or data, not system */
#define DESCRIPTOR_DPL		0x00006000
#define DESCRIPTOR_DPL_SHIFT	13
#define DESCRIPTOR_DPL_1	0x00002000
#define DESCRIPTOR_PRESENT	0x00008000
#define DESCRIPTOR_LONG		0x00200000	/* reserved in 32-bit mode */
#define DESCRIPTOR_32BIT	0x00400000

#define SELECTOR_TI		4
#define NO_INDEX		0xffffffff

/* The index into the GDT; NO_INDEX for null selectors and those of an LDT. */
static inline __u32 selector_index(__u32 selector)
{
	selector &= 0xffff;
	if ((selector & SELECTOR_TI) || !(selector & ~3u))
		return NO_INDEX;
	return selector >> 3;
}

/* The switcher's two segments, the TSS, and the double fault TSS. */
static inline bool descriptor_is_hosts(__u32 index)
{
	return index == 10 || index == 11 || index == 16 || index == 31;
}

static inline bool descriptor_is_present(__u32 high)
{
	return high & DESCRIPTOR_PRESENT;
}

/* No gate, no TSS, no LDT: nothing that leads out of the guest's rings. */
static inline bool descriptor_is_legal(__u32 high)
{
	return (high & (DESCRIPTOR_PRESENT | DESCRIPTOR_S | DESCRIPTOR_LONG)) ==
	       (DESCRIPTOR_PRESENT | DESCRIPTOR_S);
}

/* Ring 0 is the host's: the guest's kernel means ring 1 by it. */
static inline __u32 descriptor_fix(__u32 high)
{
	if (!(high & DESCRIPTOR_DPL))
		high |= DESCRIPTOR_DPL_1;
	return high | DESCRIPTOR_ACCESSED;
}

static inline __u32 descriptor_base(__u32 low, __u32 high)
{
	return low >> 16 | (high & 0xff) << 16 | (high & 0xff000000);
}

static inline __u32 descriptor_dpl(__u32 high)
{
	return (high & DESCRIPTOR_DPL) >> DESCRIPTOR_DPL_SHIFT;
}

/* May it be the code segment of a program in ring @cpl? */
static inline bool descriptor_is_code_of(__u32 high, __u32 cpl)
{
	if (!(high & DESCRIPTOR_CODE))
		return false;
	if (high & DESCRIPTOR_CONFORMING)
		return descriptor_dpl(high) <= cpl;
	return descriptor_dpl(high) == cpl;
}

/* ... and its stack's? */
static inline bool descriptor_is_stack_of(__u32 high, __u32 cpl)
{
	return (high & (DESCRIPTOR_CODE | DESCRIPTOR_WRITABLE)) == DESCRIPTOR_WRITABLE &&
	       descriptor_dpl(high) == cpl;
}

/* ... and one that it reads, by a selector with @rpl? */
static inline bool descriptor_is_data_of(__u32 high, __u32 cpl, __u32 rpl)
{
	if ((high & DESCRIPTOR_CODE) && !(high & DESCRIPTOR_WRITABLE))
		return false;
	if ((high & DESCRIPTOR_CODE) && (high & DESCRIPTOR_CONFORMING))
		return true;
	return descriptor_dpl(high) >= cpl && descriptor_dpl(high) >= rpl;
}

static inline bool descriptor_is_32bit(__u32 high)
{
	return high & DESCRIPTOR_32BIT;
}

#endif /* LGUEST_DESCRIPTOR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The extended registers (AVX, MPX, AVX-512 masks), all by way of XSAVE and
 * XRSTOR, so that no instruction of theirs is needed.
 */
#ifndef XSTATE_H
#define XSTATE_H

#include "guest.h"

/* The registers of one kind each; in XCR0 and in an area's header. */
#define XSTATE_X87	(1 << 0)
#define XSTATE_SSE	(1 << 1)
#define XSTATE_AVX	(1 << 2)
#define XSTATE_BNDREGS	(1 << 3)
#define XSTATE_OPMASK	(1 << 5)

#define XSTATE_SIZE	4096	/* of an area, for all that we try */

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid_of(u32 leaf, u32 subleaf)
{
	struct cpuid c;

	asm volatile("cpuid" : "=a" (c.eax), "=b" (c.ebx), "=c" (c.ecx), "=d" (c.edx)
		     : "0" (leaf), "2" (subleaf));
	return c;
}

bool xstate_init(void);
u32 xgetbv(void);
u32 xstate_mask(void);
void xstate_fill(u8 *area, u32 seed);
void xstate_save(u8 *area);

#endif /* XSTATE_H */

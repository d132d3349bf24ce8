// SPDX-License-Identifier: GPL-2.0
/*
 * Filling and saving the extended registers, see xstate.h.  An area has the
 * form that FXSAVE gave it, a header with a bit for each kind of registers that
 * is there, and the rest at offsets that CPUID tells.
 */
#include "xstate.h"

#define CPUID_OSXSAVE	27		/* leaf 1, ecx */
#define CPUID_XSTATE	0xd		/* a subleaf for each kind */
#define HEADER		512
#define LEGACY_XMM	160		/* the first 128 bytes of what SSE has */
#define MXCSR		24
#define MXCSR_DEFAULT	0x1f80

static const u32 extended[] = { 2, 3, 5 };	/* bits beyond SSE */

static u32 mask;

u32 xgetbv(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low;
}

u32 xstate_mask(void)
{
	return mask;
}

/* False if the host does without. */
bool xstate_init(void)
{
	if (!(cpuid_of(1, 0).ecx >> CPUID_OSXSAVE & 1))
		return false;
	mask = xgetbv() & (XSTATE_X87 | XSTATE_SSE | XSTATE_AVX |
			   XSTATE_BNDREGS | XSTATE_OPMASK);
	return true;
}

void xstate_save(u8 *area)
{
	asm volatile("xsave (%0)" : : "r" (area), "a" (mask), "d" (0) : "memory");
}

static void xstate_restore(const u8 *area)
{
	asm volatile("xrstor (%0)" : : "r" (area), "a" (mask), "d" (0) : "memory");
}

static void fill(u8 *from, u32 size, u32 seed)
{
	u32 i;

	for (i = 0; i < size; i++)
		from[i] = seed * 31 + i * 7 + lguest_data.guestid;
}

/**
 * xstate_fill - other values for all registers
 * @area: zeroed here; then what xstate_save() must make of another zeroed one
 * @seed: which values
 */
void xstate_fill(u8 *area, u32 seed)
{
	u32 i, mxcsr = MXCSR_DEFAULT | seed % 4 << 13;

	memset(area, 0, XSTATE_SIZE);
	asm volatile("fninit");
	xstate_save(area);
	memcpy(area + HEADER, &mask, sizeof(mask));
	memcpy(area + MXCSR, &mxcsr, sizeof(mxcsr));
	fill(area + LEGACY_XMM, 128, seed);
	for (i = 0; i < ARRAY_SIZE(extended); i++) {
		struct cpuid c = cpuid_of(CPUID_XSTATE, extended[i]);

		if (mask >> extended[i] & 1)
			fill(area + c.ebx, c.eax, seed + i);
	}
	xstate_restore(area);
	memset(area, 0, XSTATE_SIZE);
	xstate_save(area);
}

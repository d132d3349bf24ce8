// SPDX-License-Identifier: GPL-2.0
/*
 * worker's floating point: all of it stays in the registers from the first step
 * to the last; the compiler knows nothing of it, and nothing reloads it.  What
 * goes wrong once is in the sum for ever: the number at the top of the x87's
 * stack follows a chaotic map, those below it stay, and the bits of the SSE
 * registers are turned round without losing any.
 */
#include "worker.h"

static bool has_sse;

static bool cpu_has_sse(void)
{
	u32 eax = 1, ebx, ecx, edx;

	asm volatile("cpuid" : "=a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx)
		     : "0" (eax));
	return edx >> 25 & 1;
}

/* st(0) = (seed + 1) / 1000003, st(1) = 3.9, and whole numbers below */
static void x87_init(u32 seed)
{
	u32 numbers[] = { 39, 10, seed + 1, 1000003 }, i;

	asm volatile("fninit");
	for (i = 0; i < 5; i++) {
		u32 number = seed * 6 + i;

		asm volatile("fildl %0" : : "m" (number));
	}
	asm volatile("fildl %0\n\tfidivl 4+%0\n\tfildl 8+%0\n\tfidivl 12+%0"
		     : : "o" (numbers));
}

static void sse_init(u32 seed)
{
	u32 words[32], i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = (seed * 32 + i) * 0x9e3779b1;
	asm volatile("movups %0, %%xmm0\n\tmovups 16+%0, %%xmm1\n\t"
		     "movups 32+%0, %%xmm2\n\tmovups 48+%0, %%xmm3\n\t"
		     "movups 64+%0, %%xmm4\n\tmovups 80+%0, %%xmm5\n\t"
		     "movups 96+%0, %%xmm6\n\tmovups 112+%0, %%xmm7"
		     : : "o" (words));
}

void fpu_init(u32 seed)
{
	has_sse = cpu_has_sse();
	x87_init(seed);
	if (has_sse)
		sse_init(seed);
}

/* x becomes 3.9 x (1 - x), with the eighth register for a moment */
static void x87_step(void)
{
	asm volatile("fld1\n\t"
		     "fsub %st(1), %st\n\t"
		     "fmulp %st, %st(1)\n\t"
		     "fmul %st(1), %st");
}

#define TURN(to, from)							\
	"xorps %%xmm" #from ", %%xmm" #to "\n\t"			\
	"shufps $0x39, %%xmm" #to ", %%xmm" #to "\n\t"

static void sse_step(void)
{
	asm volatile(TURN(0, 1) TURN(1, 2) TURN(2, 3) TURN(3, 4)
		     TURN(4, 5) TURN(5, 6) TURN(6, 7) TURN(7, 0) : : );
}

void fpu_step(void)
{
	u32 i;

	for (i = 0; i < FPU_STEPS; i++) {
		x87_step();
		if (has_sse)
			sse_step();
	}
}

/**
 * fpu_sum() - the end: what all the registers came to
 * @sum: to mix them into
 */
u32 fpu_sum(u32 sum)
{
	u32 x87[27], xmm[32], i;

	asm volatile("fnsave %0" : "=m" (x87));
	/* Where the last instruction was is not part of the bargain. */
	for (i = 0; i < ARRAY_SIZE(x87); i++)
		sum = mix(sum, i >= 3 && i < 7 ? 0 : x87[i]);
	if (!has_sse)
		return sum;
	asm volatile("movups %%xmm0, %0\n\tmovups %%xmm1, 16+%0\n\t"
		     "movups %%xmm2, 32+%0\n\tmovups %%xmm3, 48+%0\n\t"
		     "movups %%xmm4, 64+%0\n\tmovups %%xmm5, 80+%0\n\t"
		     "movups %%xmm6, 96+%0\n\tmovups %%xmm7, 112+%0"
		     : "=o" (xmm));
	for (i = 0; i < ARRAY_SIZE(xmm); i++)
		sum = mix(sum, xmm[i]);
	return sum;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * fpu [MS]: three processes keep numbers of their own in the x87 and, where
 * there are any, the SSE registers, and look again and again whether they are
 * still there, while the clock takes the CPU from one to the next.
 */
#include "user.h"

#define DEFAULT_MS	150
#define FAMILY		3
#define CPUID_SSE	(1 << 25)

static bool has_sse(void)
{
	u32 eax = 1, ebx, ecx, edx;

	asm volatile("cpuid"
		     : "+a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx));
	return edx & CPUID_SSE;
}

static void put_x87(u32 seed)
{
	u32 a = seed, b = seed + 1, c = seed + 2;

	asm volatile("fninit; fildl %0; fildl %1; fildl %2"
		     : : "m" (a), "m" (b), "m" (c));
}

/* Looks without disturbing. */
static bool see_x87(u32 seed)
{
	u32 a, b, c;

	asm volatile("fistl %0; fincstp; fistl %1; fincstp; fistl %2; fdecstp; fdecstp"
		     : "=m" (c), "=m" (b), "=m" (a));
	return a == seed && b == seed + 1 && c == seed + 2;
}

static void put_sse(u32 seed)
{
	u32 v[4] = { seed, ~seed, seed << 8, seed * 77 };

	asm volatile("movups %0, %%xmm0; movups %0, %%xmm5; movups %0, %%xmm7"
		     : : "m" (v));
}

static bool see_sse(u32 seed)
{
	u32 v[4] = { seed, ~seed, seed << 8, seed * 77 }, a[4], b[4], c[4];

	asm volatile("movups %%xmm0, %0; movups %%xmm5, %1; movups %%xmm7, %2"
		     : "=m" (a), "=m" (b), "=m" (c));
	return !memcmp(v, a, sizeof(v)) && !memcmp(v, b, sizeof(v)) &&
	       !memcmp(v, c, sizeof(v));
}

static u32 now(void)
{
	struct sys_info info;

	sys_info(&info);
	return info.uptime_ms;
}

/* 0, or what was lost: 1 for the x87, 2 for SSE. */
static int keep(u32 seed, u32 ms, bool sse)
{
	u32 end = now() + ms, i;

	put_x87(seed);
	if (sse)
		put_sse(seed);
	while (now() < end) {
		for (i = 0; i < 1000; i++) {
			if (!see_x87(seed))
				return 1;
			if (sse && !see_sse(seed))
				return 2;
		}
		yield();
	}
	return 0;
}

int main(int argc __unused, char **argv)
{
	u32 ms = number(argv[1], DEFAULT_MS), i, status, bad = 0;
	bool sse = has_sse();

	/* What a child inherits is its parent's; it must not give it back. */
	put_x87(1000);
	for (i = 0; i < FAMILY; i++)
		if (!fork())
			exit(!see_x87(1000) ? 4 :
			     keep(getpid() * 10 + 5, ms, sse));
	if (!see_x87(1000))
		bad = 8;
	while (wait_for(-1, &status, 0) > 0)
		bad |= status;
	if (!see_x87(1000))
		bad |= 8;
	if (bad)
		say("fpu: FAILED: %x\n", bad);
	else
		say("fpu: x87%s registers are private\n", sse ? " and SSE" : "");
	return bad != 0;
}

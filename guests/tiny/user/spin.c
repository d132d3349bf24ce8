// SPDX-License-Identifier: GPL-2.0
/*
 * spin [MS]: hogs the CPU in ring 3 for that long; see hog.c for one that
 * makes no system calls at all.
 */
#include "user.h"

#define DEFAULT_MS	200

static u32 now(void)
{
	struct sys_info info;

	sys_info(&info);
	return info.uptime_ms;
}

static u32 work(u32 x)
{
	u32 i;

	for (i = 0; i < 20000; i++)
		x = x * 1664525 + 1013904223;
	return x;
}

int main(int argc __unused, char **argv)
{
	u32 start = now(), end = start + number(argv[1], DEFAULT_MS), x = 1;
	u32 rounds = 0;

	for (; now() < end; rounds++)
		x = work(x);
	say("spin: %u rounds in %u ms, last %08x\n", rounds, now() - start, x);
	return 0;
}

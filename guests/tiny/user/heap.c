// SPDX-License-Identifier: GPL-2.0
/*
 * heap [KB]: grows the heap, writes to it, shrinks it, and grows it again:
 * pages that come back must be zero, and those that went must be gone.
 */
#include "user.h"

#define DEFAULT_KB	512

static bool all_zero(const u32 *p, u32 bytes)
{
	u32 i;

	for (i = 0; i < bytes / 4; i += 64)
		if (p[i])
			return false;
	return true;
}

/* A child touches what must not be there any more. */
static bool is_gone(volatile u32 *p)
{
	int pid = fork();

	if (!pid) {
		*p = 1;
		exit(0);
	}
	return wait_status(pid) == (STATUS_KILLED | 14);
}

int main(int argc __unused, char **argv)
{
	u32 bytes = number(argv[1], DEFAULT_KB) * 1024, round, i;
	u32 *heap = sbrk(bytes);

	if ((s32)heap < 0 && (s32)heap > -100)
		return fail("heap", (s32)heap);
	for (round = 0; round < 3; round++) {
		if (!all_zero(heap, bytes)) {
			say("heap: FAILED: old data in round %u\n", round);
			return 1;
		}
		for (i = 0; i < bytes / 4; i += 64)
			heap[i] = i + 1;
		sbrk(-bytes);
		if (!is_gone(heap)) {
			say("heap: FAILED: still there in round %u\n", round);
			return 1;
		}
		sbrk(bytes);
	}
	say("heap: %u KB came and went\n", bytes / 1024);
	return 0;
}

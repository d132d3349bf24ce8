// SPDX-License-Identifier: GPL-2.0
/*
 * forktest [N]: N children at once, each with a status of its own, then as
 * many one after the other.
 */
#include "user.h"

#define DEFAULT_CHILDREN	8
#define MAX_CHILDREN		20

int main(int argc __unused, char **argv)
{
	u32 n = min(number(argv[1], DEFAULT_CHILDREN), MAX_CHILDREN), i;
	u32 seen = 0, status;
	int pid;

	for (i = 0; i < n; i++) {
		pid = fork();
		if (pid < 0)
			return fail("forktest: FAILED", pid);
		if (!pid) {
			yield();
			exit(i);
		}
	}
	while (wait_for(-1, &status, 0) > 0)
		seen |= 1U << status;
	if (seen != (1U << n) - 1) {
		say("forktest: FAILED: only %x came back\n", seen);
		return 1;
	}
	for (i = 0; i < n; i++) {
		pid = fork();
		if (!pid)
			exit(i);
		if (wait_status(pid) != i)
			return fail("forktest: FAILED", pid);
	}
	say("forktest: %u children came and went\n", 2 * n);
	return 0;
}

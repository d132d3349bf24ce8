// SPDX-License-Identifier: GPL-2.0
/* syscalls [N]: asks N times for its own number, which is always the same. */
#include "user.h"

#define DEFAULT_CALLS	100000

int main(int argc __unused, char **argv)
{
	u32 n = number(argv[1], DEFAULT_CALLS), i;
	int pid = getpid();

	for (i = 0; i < n; i++) {
		if (getpid() != pid) {
			say("syscalls: FAILED at %u\n", i);
			return 1;
		}
	}
	say("syscalls: %u calls\n", n);
	return 0;
}

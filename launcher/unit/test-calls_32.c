// SPDX-License-Identifier: GPL-2.0
/* The filter of system calls, and those that i386 programs alone can make. */
#include <linux/net.h>
#include <sys/syscall.h>

#include "filtered.h"
#include "tap.h"

static volatile int sink;

static void do_socketcall(void)
{
	const long args[6] = { 0 };

	sink = syscall(__NR_socketcall, SYS_SEND, args);
}

int main(void)
{
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	ok(is_killed(do_socketcall), "socketcall() kills");
	return tap_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * hog: a child counts in a loop that never enters the kernel, for ever.  That
 * its parent gets to run, and can kill it, is the proof of preemption.
 */
#include "user.h"

#define TICKS	5

static void count_for_ever(void)
{
	for (;;)
		asm volatile("incl %%eax" : : : "eax");
}

static u32 ticks_of(int pid)
{
	struct proc_info info;
	u32 i;
	int err;

	for (i = 0; (err = proc_info(i, &info)) != -EINVAL; i++)
		if (!err && info.pid == pid)
			return info.ticks;
	return 0;
}

int main(void)
{
	u32 status, turns = 0;
	int pid = fork();

	if (pid < 0)
		return fail("hog: FAILED", pid);
	if (!pid)
		count_for_ever();
	for (; ticks_of(pid) < TICKS; turns++)
		yield();
	kill(pid);
	status = wait_status(pid);
	if (status != STATUS_KILLED) {
		say("hog: FAILED: status %x\n", status);
		return 1;
	}
	say("hog: preempted, and killed after %u turns\n", turns);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* ps: the processes, their state, ticks of 10 ms in ring 3, and memory. */
#include "user.h"

int main(void)
{
	struct proc_info info;
	u32 i;
	int err;

	say("  PID PARENT S  TICKS  PAGES NAME\n");
	for (i = 0; (err = proc_info(i, &info)) != -EINVAL; i++)
		if (!err)
			say("%5u %6u %c %6u %6u %s\n", info.pid, info.parent,
			    info.state, info.ticks, info.pages, info.name);
	return 0;
}

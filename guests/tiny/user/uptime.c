// SPDX-License-Identifier: GPL-2.0
/* uptime: time since boot, and what the scheduler did in it. */
#include "user.h"

int main(void)
{
	struct sys_info info;

	sys_info(&info);
	say("up %u.%02u s, %u switches, %u ticks in ring 3, %u pages copied on write\n",
	    info.uptime_ms / 1000, info.uptime_ms / 10 % 100, info.switches,
	    info.preemptions, info.cow_copies);
	return 0;
}

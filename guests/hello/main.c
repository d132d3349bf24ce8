// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest guest: it makes page tables, says hello, tells what it was given,
 * and powers off.
 */
#include "guest.h"

int main(void)
{
	char date[32];

	paging_init();
	format_date(date, sizeof(date), wallclock().sec);
	printf("Hello from a guest in ring %u!\n", KERNEL_CS & 3);
	printf("memory: %u MB, release: %s, time: %s UTC\n",
	       boot_info.mem_size >> 20, ERA_RELEASE, date);
	printf("page tables: %s\n", FORMAT_NAME);
	printf("command line: %s\n", boot_info.command_line);
	return 0;
}

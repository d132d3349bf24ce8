// SPDX-License-Identifier: GPL-2.0
/* df: room on the disk and in memory. */
#include "user.h"

int main(void)
{
	struct sys_info info;
	int err = sys_info(&info);

	if (err)
		return fail("df", err);
	say("disk: %u of %u KB free, %u of %u files\n",
	    info.disk_free * (info.block_size / 1024),
	    info.disk_total * (info.block_size / 1024), info.files,
	    info.files_max);
	say("memory: %u of %u KB free\n", info.mem_free * 4,
	    info.mem_total * 4);
	return 0;
}

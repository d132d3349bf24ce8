// SPDX-License-Identifier: GPL-2.0
/* ls: the files on the disk and their sizes in bytes. */
#include "user.h"

int main(void)
{
	struct file_info info;
	u32 i;
	int err;

	for (i = 0; (err = file_info(i, &info)) != -EINVAL; i++)
		if (!err)
			say("%8u %s\n", info.size, info.name);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* sync: writes to the disk what is only in memory. */
#include "user.h"

int main(void)
{
	int err = sync();

	return err ? fail("sync", err) : 0;
}

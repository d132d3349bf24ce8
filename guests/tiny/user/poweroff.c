// SPDX-License-Identifier: GPL-2.0
/* poweroff: writes everything to the disk and ends tiny. */
#include "user.h"

int main(void)
{
	say("bye\n");
	return syscall3(SYS_POWER_OFF, 0, 0, 0);
}

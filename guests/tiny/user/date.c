// SPDX-License-Identifier: GPL-2.0
/* date: the time, in UTC. */
#include "user.h"

int main(void)
{
	struct sys_info info;
	char text[32];

	sys_info(&info);
	format_date(text, sizeof(text), info.utc);
	say("%s UTC\n", text);
	return 0;
}

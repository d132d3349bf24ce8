// SPDX-License-Identifier: GPL-2.0
#include "pump.h"

void shell_hear(struct agent *agent, unsigned int number)
{
	(void)agent;
	(void)number;
}

void shell_ended(struct agent *agent, unsigned int number)
{
	(void)agent;
	(void)number;
}

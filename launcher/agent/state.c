// SPDX-License-Identifier: GPL-2.0
/* What is known of the agent, of which a guest has one at most. */
#include "pump.h"

static struct agent agent = { .lock = PTHREAD_MUTEX_INITIALIZER };

/** the_agent() - of this launcher's guest; without a name if it is to have none */
struct agent *the_agent(void)
{
	return &agent;
}

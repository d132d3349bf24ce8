// SPDX-License-Identifier: GPL-2.0
/* How a command in the guest has ended, as a status for who has asked for it. */
#include <errno.h>
#include <string.h>

#include "base.h"
#include "guest_agent.h"
#include "protocol.h"

static int not_run(const char *name, int error)
{
	complain("%s: %s", name, strerror(error));
	return error == ENOENT ? STATUS_COMMAND_NOT_FOUND : STATUS_COMMAND_NOT_RUN;
}

/**
 * outcome_of() - what to end with
 * @name: of the command
 * @status: what the agent says
 *
 * Why it could not be run is said here.
 */
int outcome_of(const char *name, const struct agent_status *status)
{
	switch (status->ending) {
	case AGENT_EXITED:
		return status->number & 0xff;
	case AGENT_KILLED:
		return 128 + (status->number & 0x7f);
	default:
		return not_run(name, status->number);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that restarts gets what a machine would give it: everything anew.  So
 * the launcher becomes itself again, with the arguments that it was given.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher.h"

#define SELF	"/proc/self/exe"

static char **arguments;

/**
 * restart_remember - keep the arguments
 * @argc: their number
 * @argv: they; reading options changes their order
 */
void restart_remember(int argc, char **argv)
{
	arguments = calloc(argc + 1, sizeof(*arguments));
	if (!arguments)
		give_up("%s", strerror(errno));
	memcpy(arguments, argv, argc * sizeof(*arguments));
}

/**
 * restart_now - start all over; all is closed that must not stay open
 *
 * What the launcher ignored for its own sake, the next one must not take for
 * the user's wish.
 */
void restart_now(void)
{
	explain("the guest restarts");
	supervise_restart();
	control_remove();
	signal(SIGPIPE, SIG_DFL);
	execv(SELF, arguments);
	give_up("the guest wants to restart, but " SELF ": %s", strerror(errno));
}

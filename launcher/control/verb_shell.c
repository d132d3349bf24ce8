// SPDX-License-Identifier: GPL-2.0
/* The command "shell": runs one in the guest.  The connection is that command's then. */
#include <unistd.h>

#include "control.h"
#include "shell.h"
#include "verbs.h"

static void serve_shell(struct control_client *client, struct control_request *request)
{
	const int fd = control_take(client);
	unsigned int i;

	if (shell_open(fd, request->fds)) {
		close(fd);
		return;
	}
	for (i = SHELL_IN; i < SHELL_SPAWN; i++)
		request->fds[i] = -1;
}

static const struct control_verb shell_verb = {
	.name = SHELL_VERB, .fds_min = SHELL_FILES, .fds_max = SHELL_FILES, .serve = serve_shell,
};

CONTROL_VERB(shell_verb);

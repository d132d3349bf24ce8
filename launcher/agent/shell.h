/* SPDX-License-Identifier: GPL-2.0 */
/*
 * More commands in the guest than the launcher's own ("lguest shell"): what their clients
 * and the launcher tell each other.  See shell.c; the other side is cmd_shell.c.
 */
#ifndef SHELL_H
#define SHELL_H

#include "base.h"
#include "protocol.h"

#define SHELL_VERB	"shell"

/* The request's descriptors. */
enum shell_file {
	SHELL_IN,		/* what the command reads: a pipe that does not block */
	SHELL_OUT,		/* likewise, what it says */
	SHELL_ERR,		/* and what it complains */
	SHELL_SPAWN,		/* a file with struct agent_spawn and its strings */
	SHELL_FILES,
};

/* After the answer, the connection has these messages. */
enum shell_kind {
	SHELL_SIZE,		/* from the client: of its terminal */
	SHELL_SIGNAL,		/* from the client: for the command */
	SHELL_STATUS,		/* to it: the end */
};

struct shell_message {
	__u32 kind;
	union {
		struct agent_size size;
		__u32 signal;
		struct agent_status status;
	};
};

const char *shell_open(int client, const int fds[SHELL_FILES]);

#endif /* SHELL_H */

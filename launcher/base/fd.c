// SPDX-License-Identifier: GPL-2.0
/* File descriptors, whatever they are. */
#include <poll.h>

#include "base.h"

/** fd_readable() - is there input, or its end? */
bool fd_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

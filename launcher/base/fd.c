// SPDX-License-Identifier: GPL-2.0
/* File descriptors, whatever they are. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base.h"

/** fd_readable() - is there input, or its end? */
bool fd_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/**
 * fill_standard_fds() - what is opened from now on does not become a standard stream
 *
 * Return: false, see failure(), if there is no /dev/null.
 */
bool fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			return failure("/dev/null: %s", strerror(errno));
	} while (fd <= STDERR_FILENO);
	close(fd);
	return true;
}

/** fd_writable() - is there room? */
bool fd_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, 0) > 0 && p.revents & POLLOUT;
}

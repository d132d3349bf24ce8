// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody at a socket: what comes is printed, and what is read is sent, until the
 * other side ends.
 *
 *	usage: visit PATH
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* From one to the other; 0 at the end. */
static int pass(int from, int to)
{
	char text[4096];
	ssize_t n = read(from, text, sizeof(text));

	return n > 0 && write(to, text, n) == n;
}

int main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct pollfd fds[] = {
		{ .fd = socket(AF_UNIX, SOCK_STREAM, 0), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	if (argc != 2)
		return 2;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", argv[1]);
	if (connect(fds[0].fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		perror(argv[1]);
		return 1;
	}
	while (poll(fds, 2, -1) > 0) {
		if (fds[0].revents && !pass(fds[0].fd, STDOUT_FILENO))
			break;
		if (fds[1].revents && !pass(STDIN_FILENO, fds[0].fd)) {
			shutdown(fds[0].fd, SHUT_WR);
			fds[1].fd = -1;
		}
	}
	return 0;
}

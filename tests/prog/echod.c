// SPDX-License-Identifier: GPL-2.0
/*
 * Sends back what comes by TCP to a port, as much at a time as there is: for guests
 * that compare it.
 *
 *	usage: echod PORT
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <sys/socket.h>
#include <unistd.h>

static char bytes[65536];

static noreturn void echo(int fd)
{
	ssize_t n, done, part;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		for (done = 0; done < n; done += part) {
			part = send(fd, bytes + done, n - done, MSG_NOSIGNAL);
			if (part < 0)
				exit(1);
		}
	}
	exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (argc != 2)
		return 2;
	signal(SIGCHLD, SIG_IGN);
	here.sin_port = htons(atoi(argv[1]));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&here, sizeof(here)) || listen(fd, 4)) {
		perror("echod");
		return 1;
	}
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			return 1;
		if (!fork())
			echo(peer);
		close(peer);
	}
}

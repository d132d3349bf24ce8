// SPDX-License-Identifier: GPL-2.0
/*
 * The other end of bench's network: what a client wants by TCP is in its first bytes
 * (bench.h), one client at a time; what comes by UDP goes back.
 *
 *	usage: benchd
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

static char bytes[65536];

static int listener(int type)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(BENCH_PORT) };
	int fd = socket(AF_INET, type, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&here, sizeof(here))) {
		perror("benchd");
		exit(1);
	}
	return fd;
}

static noreturn void serve_udp(void)
{
	struct sockaddr_in peer;
	socklen_t size;
	ssize_t n;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	fd = listener(SOCK_DGRAM);
	for (;;) {
		size = sizeof(peer);
		n = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&peer, &size);
		if (n >= 0)
			sendto(fd, bytes, n, 0, (struct sockaddr *)&peer, size);
	}
}

static bool send_all(int fd, size_t size)
{
	return send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void serve(int fd)
{
	struct bench_wish wish;
	size_t blocks;
	ssize_t n;

	if (recv(fd, &wish, sizeof(wish), MSG_WAITALL) != sizeof(wish))
		return;
	if (wish.what == BENCH_SEND) {
		for (blocks = wish.megabytes * (1 << 20) / sizeof(bytes); blocks; blocks--) {
			if (!send_all(fd, sizeof(bytes)))
				return;
		}
		return;
	}
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		if (wish.what == BENCH_ECHO && !send_all(fd, n))
			return;
	}
	/* all was received */
	send_all(fd, 1);
}

int main(void)
{
	int fd = listener(SOCK_STREAM);

	if (listen(fd, 4)) {
		perror("benchd");
		return 1;
	}
	if (!fork())
		serve_udp();
	for (;;) {
		int peer = accept(fd, NULL, NULL);

		if (peer < 0)
			return 1;
		bench_no_delay(peer);
		serve(peer);
		close(peer);
	}
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bench and benchd say to each other.
 */
#ifndef BENCH_H
#define BENCH_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define BENCH_PORT	7777

enum {
	BENCH_SEND,	/* so many megabytes are to come from the server */
	BENCH_TAKE,	/* all goes to it, and when that was the end, a byte comes back */
	BENCH_ECHO,
};

struct bench_wish {
	unsigned int what;
	unsigned int megabytes;
};

/* A byte alone is not to wait for others. */
static inline void bench_no_delay(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

#endif /* BENCH_H */

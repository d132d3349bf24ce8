// SPDX-License-Identifier: GPL-2.0
/*
 * Calls for sockets, under the filter of system calls (sandbox.c).  The C library may
 * make all of them by socketcall(), whose arguments are in memory, where the filter
 * does not see them, and some of which are names: so these do not go through it.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher.h"

/** sock_send() - send() to whom the socket is connected to */
ssize_t sock_send(int fd, const void *data, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, data, len, flags, NULL, 0);
}

/** sock_receive() - recv() */
ssize_t sock_receive(int fd, void *data, size_t room, int flags)
{
	return syscall(SYS_recvfrom, fd, data, room, flags, NULL, NULL);
}

/** sock_accept() - accept4() of anybody */
int sock_accept(int fd, int flags)
{
	return syscall(SYS_accept4, fd, NULL, NULL, flags);
}

/** sock_shutdown() - shutdown() in both directions */
void sock_shutdown(int fd)
{
	syscall(SYS_shutdown, fd, SHUT_RDWR);
}

/** sock_peer() - who is at the other end of a local socket; false if that is not known */
bool sock_peer(int fd, struct ucred *peer)
{
	socklen_t len = sizeof(*peer);

	return !syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, peer, &len);
}

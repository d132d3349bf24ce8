// SPDX-License-Identifier: GPL-2.0
/*
 * Calls for sockets, under the filter of system calls (sandbox.c).  The C library may
 * make all of them by socketcall(), whose arguments are in memory, where the filter
 * does not see them, and some of which are names: so these do not go through it.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "control.h"
#include "sock.h"

/** sock_send() - send() to whom the socket is connected to */
ssize_t sock_send(int fd, const void *data, size_t len, int flags)
{
	return syscall(SYS_sendto, fd, data, len, flags, NULL, 0);
}

/** sock_receive() - recv(); descriptors that come with it are not let in */
ssize_t sock_receive(int fd, void *data, size_t room, int flags)
{
	struct iovec iov = { .iov_base = data, .iov_len = room };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	return syscall(SYS_recvmsg, fd, &message, flags);
}

static void close_all(const int *fds, unsigned int nr)
{
	while (nr--)
		close(fds[nr]);
}

/**
 * sock_receive_fds() - recvmsg(), with descriptors
 * @fd: a local socket
 * @data: where to
 * @room: bytes there
 * @flags: as of recvmsg()
 * @fds: where to put descriptors
 * @nr: how many at most; is set to how many there are
 *
 * Return: the bytes; or -1 and errno, which is EMSGSIZE if there were more descriptors.
 * Then, and if the message has none, @nr is 0.
 */
ssize_t sock_receive_fds(int fd, void *data, size_t room, int flags, int *fds, unsigned int *nr)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = room };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes),
	};
	const unsigned int most = *nr;
	unsigned int came = 0;
	int got[sizeof(control.bytes) / sizeof(int)];
	struct cmsghdr *header;
	ssize_t n;

	*nr = 0;
	n = syscall(SYS_recvmsg, fd, &message, flags | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return n;
	/* The kernel makes one piece of all descriptors, and nobody asked for others. */
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
		came = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(got, CMSG_DATA(header), came * sizeof(int));
	}
	if (came > most || message.msg_flags & MSG_CTRUNC) {
		close_all(got, came);
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(fds, got, came * sizeof(int));
	*nr = came;
	return n;
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

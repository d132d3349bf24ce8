// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol vhost-user: queues of a virtio device are served by another process,
 * which has the guest's memory, and gets and gives notifications by eventfds.  Here is
 * the side that gives it all that, by messages over a socket, each of which the process
 * must acknowledge; what flows in the queues does not come by here.
 *
 * The process is not trusted with more than it is given: an answer that is late, or not
 * what was asked for, ends the talk.  Files are passed before the launcher gives up its
 * rights (sandbox.c), since it cannot do so later.  So a queue is stopped and begun
 * anew with the files that the process has.
 */
#include <errno.h>
#include <linux/vhost_types.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base.h"
#include "sock.h"
#include "vhost_user.h"

enum request {
	GET_FEATURES = 1,
	SET_FEATURES = 2,
	SET_OWNER = 3,
	SET_MEM_TABLE = 5,
	SET_VRING_NUM = 8,
	SET_VRING_ADDR = 9,
	SET_VRING_BASE = 10,
	SET_VRING_KICK = 12,
	SET_VRING_CALL = 13,
	GET_PROTOCOL_FEATURES = 15,
	SET_PROTOCOL_FEATURES = 16,
	SET_VRING_ENABLE = 18,
};

#define VERSION		1u
#define IS_REPLY	(1u << 2)
#define NEEDS_REPLY	(1u << 3)

/* Features of virtio, and of the protocol. */
#define INDIRECT	(1ull << 28)
#define PROTOCOL	(1ull << 30)
#define VERSION_1	(1ull << 32)
#define REPLY_ACK	(1ull << 3)

struct message {
	__u32 request;
	__u32 flags;
	__u32 size;		/* of what follows */
	union {
		__u64 number;
		struct vhost_vring_state state;
		struct vhost_vring_addr addr;
		struct {
			__u32 regions, padding;
			__u64 guest, size, user, offset;
		} table;
	};
} __attribute__((packed));

#define HEAD_BYTES	offsetof(struct message, number)

static const char closed[] = "it has closed its end";

/* The talk is over, for that reason. */
static bool fail(struct vhost_user *vu, const char *why)
{
	if (!vu->wrong)
		vu->wrong = why;
	return false;
}

static void finish(struct message *message, size_t size)
{
	message->flags |= VERSION;
	message->size = size;
}

/* Why nothing can be sent: who has gone may be met here first. */
static bool fail_to_send(struct vhost_user *vu)
{
	return fail(vu, errno == EPIPE || errno == ECONNRESET ? closed : "it does not listen");
}

static bool send_message(struct vhost_user *vu, struct message *message, size_t size)
{
	const size_t len = HEAD_BYTES + size;

	finish(message, size);
	return !vu->wrong && (sock_send(vu->socket, message, len, MSG_NOSIGNAL) == (ssize_t)len ||
			      fail_to_send(vu));
}

/* With a file, which takes a call that the filter does not allow. */
static bool send_file(struct vhost_user *vu, struct message *message, size_t size, int fd)
{
	struct iovec iov = { message, HEAD_BYTES + size };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(fd))];
	} control = { 0 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);

	finish(message, size);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return !vu->wrong && (sendmsg(vu->socket, &msg, MSG_NOSIGNAL) == (ssize_t)iov.iov_len ||
			      fail_to_send(vu));
}

/* All of it, or nothing: an answer may come in pieces. */
static bool receive(struct vhost_user *vu, void *to, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = sock_receive(vu->socket, (char *)to + have, size - have, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (!n || (n < 0 && errno == ECONNRESET))
			return fail(vu, closed);
		if (n < 0)
			return fail(vu, errno == EAGAIN ? "it does not answer" : strerror(errno));
		have += n;
	}
	return true;
}

/* The answer to @request, which is a number. */
static bool hear(struct vhost_user *vu, __u32 request, __u64 *number)
{
	struct message reply = { 0 };

	if (!receive(vu, &reply, HEAD_BYTES))
		return false;
	if (reply.request != request || reply.flags != (VERSION | IS_REPLY) ||
	    reply.size != sizeof(reply.number))
		return fail(vu, "its answer is not what was asked for");
	if (!receive(vu, &reply.number, sizeof(reply.number)))
		return false;
	*number = reply.number;
	return true;
}

static bool get(struct vhost_user *vu, __u32 request, __u64 *number)
{
	struct message message = { .request = request };

	return send_message(vu, &message, 0) && hear(vu, request, number);
}

/* Before both know that all is acknowledged. */
static bool say(struct vhost_user *vu, __u32 request, __u64 number, size_t size)
{
	struct message message = { .request = request, .number = number };

	return send_message(vu, &message, size);
}

/* How it takes what it was told. */
static bool acknowledged(struct vhost_user *vu, const struct message *message)
{
	__u64 error;

	return hear(vu, message->request, &error) &&
	       (!error || fail(vu, "it refuses what it is told"));
}

static bool tell(struct vhost_user *vu, struct message *message, size_t size)
{
	message->flags = NEEDS_REPLY;
	return send_message(vu, message, size) && acknowledged(vu, message);
}

static bool tell_with(struct vhost_user *vu, struct message *message, size_t size, int fd)
{
	message->flags = NEEDS_REPLY;
	return send_file(vu, message, size, fd) && acknowledged(vu, message);
}

static bool tell_state(struct vhost_user *vu, __u32 request, unsigned int i, __u32 number)
{
	struct message message = { .request = request, .state = { .index = i, .num = number } };

	return tell(vu, &message, sizeof(message.state));
}

static bool tell_file(struct vhost_user *vu, __u32 request, unsigned int i, int fd)
{
	struct message message = { .request = request, .number = i };

	return tell_with(vu, &message, sizeof(message.number), fd);
}

static bool tell_place(struct vhost_user *vu, unsigned int i)
{
	const struct vhost_user_ring *place = &vu->queue[i].ring;
	struct message message = { .request = SET_VRING_ADDR };

	message.addr.index = i;
	message.addr.desc_user_addr = (uintptr_t)memory_at(vu->mem, place->desc);
	message.addr.avail_user_addr = (uintptr_t)memory_at(vu->mem, place->avail);
	message.addr.used_user_addr = (uintptr_t)memory_at(vu->mem, place->used);
	return tell(vu, &message, sizeof(message.addr));
}

/**
 * vhost_user_greet - agree with a process about what both can
 * @vu: zero, but for the socket
 * @patience: for each of its answers, in ms, from now on
 *
 * A legacy guest's rings are those of version 1 on machines of this byte order.
 * False if it is of no use; vu->wrong says why, as it does wherever false is returned.
 */
bool vhost_user_greet(struct vhost_user *vu, int patience)
{
	const struct timeval limit = { patience / 1000, patience % 1000 * 1000 };
	__u64 offered, protocol;

	vu->events = -1;
	setsockopt(vu->socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(vu->socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!say(vu, SET_OWNER, 0, 0) || !get(vu, GET_FEATURES, &offered))
		return false;
	if ((offered & (PROTOCOL | VERSION_1)) != (PROTOCOL | VERSION_1))
		return fail(vu, "it is too old");
	vu->features = offered & INDIRECT;
	if (!get(vu, GET_PROTOCOL_FEATURES, &protocol))
		return false;
	if (!(protocol & REPLY_ACK))
		return fail(vu, "it is too old");
	return say(vu, SET_PROTOCOL_FEATURES, REPLY_ACK, sizeof(protocol)) &&
	       tell(vu, &(struct message){
			.request = SET_FEATURES,
			.number = vu->features | PROTOCOL | VERSION_1,
		    }, sizeof(__u64));
}

/**
 * vhost_user_share - give it the guest's memory
 * @vu: greeted
 * @mem: that memory, a file's (memory_map()), with all pages that devices may have
 */
bool vhost_user_share(struct vhost_user *vu, const struct memory *mem)
{
	struct message message = { .request = SET_MEM_TABLE };

	vu->mem = mem;
	message.table.regions = 1;
	message.table.size = mem->file_size;
	message.table.user = (uintptr_t)mem->base;
	return tell_with(vu, &message, sizeof(message.table), mem->file);
}

static bool make_eventfds(struct vhost_user *vu, struct vhost_user_queue *queue)
{
	queue->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	queue->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (queue->kick >= 0 && queue->call >= 0) || fail(vu, strerror(errno));
}

/**
 * vhost_user_add - give it a queue, which does not run yet
 * @vu: shares the memory
 * @ring: of the queue
 */
bool vhost_user_add(struct vhost_user *vu, const struct vhost_user_ring *ring)
{
	const unsigned int i = vu->queues++;
	struct vhost_user_queue *queue = &vu->queue[i];

	queue->ring = *ring;
	return make_eventfds(vu, queue) &&
	       tell_state(vu, SET_VRING_NUM, i, ring->num) &&
	       tell_state(vu, SET_VRING_BASE, i, 0) && tell_place(vu, i) &&
	       tell_file(vu, SET_VRING_CALL, i, queue->call) &&
	       tell_file(vu, SET_VRING_KICK, i, queue->kick);
}

static bool watch(const struct vhost_user *vu, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return !epoll_ctl(vu->events, EPOLL_CTL_ADD, fd, &event);
}

/**
 * vhost_user_watch - have its end noticed
 * @vu: has its queues
 */
bool vhost_user_watch(struct vhost_user *vu)
{
	vu->events = epoll_create1(EPOLL_CLOEXEC);
	return (vu->events >= 0 && watch(vu, vu->socket) &&
		watch(vu, vu->queue[vu->queues - 1].call)) || fail(vu, strerror(errno));
}

/**
 * vhost_user_fd - what is readable when vhost_user_called() is to be asked
 * @vu: it
 * @i: number of the queue
 *
 * Of a process that does not answer any more nothing is expected: -1.
 */
int vhost_user_fd(const struct vhost_user *vu, unsigned int i)
{
	if (vu->wrong)
		return -1;
	return i == vu->queues - 1 ? vu->events : vu->queue[i].call;
}

/**
 * vhost_user_called - has it told that chains of a queue are used?
 * @vu: it
 * @i: number of the queue
 *
 * If it is at its end, or says what it was not asked for, vu->wrong says so then.
 */
bool vhost_user_called(struct vhost_user *vu, unsigned int i)
{
	struct pollfd end = { .fd = vu->socket, .events = POLLIN };
	__u64 calls;

	if (read(vu->queue[i].call, &calls, sizeof(calls)) == sizeof(calls))
		return true;
	if (poll(&end, 1, 0) > 0)
		fail(vu, closed);
	return false;
}

/**
 * vhost_user_run - have a queue served, or not
 * @vu: has the queue
 * @i: number of the queue
 * @on: which
 */
bool vhost_user_run(struct vhost_user *vu, unsigned int i, bool on)
{
	return tell_state(vu, SET_VRING_ENABLE, i, on);
}

/**
 * vhost_user_rewind - the ring is zero again
 * @vu: has the queue
 * @i: number of the queue, which does not run
 */
bool vhost_user_rewind(struct vhost_user *vu, unsigned int i)
{
	return tell_state(vu, SET_VRING_BASE, i, 0) && tell_place(vu, i);
}

/**
 * vhost_user_close - end that
 * @vu: any; the socket is left to its user
 */
void vhost_user_close(struct vhost_user *vu)
{
	unsigned int i;

	for (i = 0; i < vu->queues; i++) {
		close(vu->queue[i].kick);
		close(vu->queue[i].call);
	}
	if (vu->queues && vu->events >= 0)
		close(vu->events);
	vu->queues = 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the launcher of a guest that is running, by its control socket (sockets.c), and
 * tells the user what came of it.  control.c is the other side.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "call.h"
#include "control.h"
#include "places.h"
#include "sock.h"
#include "sockets.h"
#include "verbs.h"

#define END_MS		1000	/* for a process that was killed to close one more socket */
#define END_TRIES	10

/* What a socket says of a guest that has ended meanwhile. */
static bool has_ended(int error)
{
	return error == ECONNRESET || error == EPIPE;
}

/* Waits for a message or the end; its length, or -1 and errno. */
ssize_t control_hear(int fd, char reply[CONTROL_REPLY_MAX + 1], int patience)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;
	int ready;

	do {
		ready = poll(&p, 1, patience);
	} while (ready < 0 && errno == EINTR);
	if (!ready)
		errno = ETIMEDOUT;
	n = ready > 0 ? recv(fd, reply, CONTROL_REPLY_MAX, 0) : -1;
	if (n < 0 && has_ended(errno))
		n = 0;			/* with our message unread */
	reply[n > 0 ? n : 0] = '\0';
	return n;
}

/* All that a request has, one after the other; its length, or -1 and errno. */
static ssize_t put_words(char text[CONTROL_MESSAGE_MAX], const struct call *call)
{
	size_t at = strlen(call->verb) + !!call->argc;
	unsigned int i;

	/* A verb alone is what launchers of all versions understand. */
	memcpy(text, call->verb, at);
	for (i = 0; i < call->argc; i++) {
		const size_t len = strlen(call->argv[i]) + 1;

		if (call->argc > CONTROL_ARGS_MAX || len > CONTROL_MESSAGE_MAX - at) {
			errno = E2BIG;
			return -1;
		}
		memcpy(text + at, call->argv[i], len);
		at += len;
	}
	return at;
}

static void put_fds(struct msghdr *message, const struct call *call)
{
	struct cmsghdr *header = message->msg_control;

	message->msg_controllen = CMSG_SPACE(call->nr_fds * sizeof(int));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(call->nr_fds * sizeof(int));
	memcpy(CMSG_DATA(header), call->fds, call->nr_fds * sizeof(int));
}

/**
 * call_send() - send a request
 * @fd: a connection
 * @call: it
 *
 * Return: whether that went; errno says why not.
 */
bool call_send(int fd, const struct call *call)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(CONTROL_FDS_MAX * sizeof(int))];
	} control = { 0 };
	char text[CONTROL_MESSAGE_MAX];
	struct iovec iov = { .iov_base = text };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t len = put_words(text, call);

	if (call->nr_fds > CONTROL_FDS_MAX)
		errno = E2BIG;
	if (len < 0 || call->nr_fds > CONTROL_FDS_MAX)
		return false;
	iov.iov_len = len;
	if (call->nr_fds) {
		message.msg_control = control.bytes;
		put_fds(&message, call);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) >= 0;
}

/*
 * Is who listens just ending?  By @fd, a new connection, nothing was asked; it is closed.
 * A process that was killed closes its sockets one after the other, in any order: that
 * it has hung up does not say yet that nobody listens.
 */
static bool is_over(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	const bool over = poll(&p, 1, END_MS) > 0;

	close(fd);
	return over;
}

/* Calls until it is clear who is there: who finds nobody removes the socket. */
static void clean(const struct place *place, const char *name)
{
	int fd, tries = END_TRIES;

	do
		fd = place_call(place, name);
	while (fd >= 0 && is_over(fd) && --tries);
}

/* Waits for the first answer, into @reply; its length, or -1 and errno. */
static ssize_t exchange(int fd, const struct call *call, char reply[CONTROL_REPLY_MAX + 1])
{
	reply[0] = '\0';
	if (!call_send(fd, call))
		return has_ended(errno) ? 0 : -1;
	return control_hear(fd, reply, call->patience);
}

/**
 * call_ask() - ask a guest, and say nothing
 * @place: where it is
 * @name: of the guest
 * @call: the request
 * @reply: the answer
 *
 * Return: the length of the answer, 0 if the guest ended without one, -1 and errno if
 * there was none to be had: ENOENT if no such guest runs.
 */
ssize_t call_ask(const struct place *place, const char *name, const struct call *call,
		 char reply[CONTROL_REPLY_MAX + 1])
{
	const int fd = place_call(place, name);
	ssize_t n;
	int error;

	reply[0] = '\0';
	if (fd < 0)
		return -1;
	n = exchange(fd, call, reply);
	error = errno;
	close(fd);
	if (!n)
		clean(place, name);	/* who was killed has left its socket */
	errno = error;
	return n;
}

bool control_is_ok(const char *reply)
{
	return !strncmp(reply, CONTROL_OK, strlen(CONTROL_OK));
}

static int blame(const char *name, const char *what)
{
	complain("%s: %s", name, what);
	return STATUS_CRASH;
}

/* Guest @name could not be asked, as errno says.  Returns a status. */
int control_failed(const char *name)
{
	switch (errno) {
	case ENOENT:
		return blame(name, "no such guest of yours is running (lguest list)");
	case EEXIST:
		return blame(name, "several users have one: say USER/NAME (lguest list)");
	case ETIMEDOUT:
	case EAGAIN:
		return blame(name, "its launcher does not answer in time");
	default:
		return blame(name, strerror(errno));
	}
}

/**
 * call_open() - connect to a guest
 * @word: its name, or USER/NAME
 *
 * Return: the connection, or -1 and errno: see control_failed().
 */
int call_open(const char *word)
{
	const struct place *place;
	struct places places;
	const char *name;
	int fd = -1, error;

	if (!places_open(&places)) {
		errno = EACCES;
		return -1;
	}
	place = places_find(&places, word, &name);
	if (place)
		fd = place_call(place, name);
	error = errno;
	places_close(&places);
	errno = error;
	return fd;
}

/**
 * call_left() - how long there is to wait
 * @deadline: by clock_ms(); 0: there is none
 *
 * Return: milliseconds; -1: for ever.
 */
int call_left(__u64 deadline)
{
	const __u64 now = clock_ms();

	if (!deadline)
		return -1;
	return deadline > now ? (int)(deadline - now) : 0;
}

/**
 * call_launcher() - who has the name of a guest
 * @fd: a connection to it
 *
 * Return: the process; 0 if that cannot be known.
 */
pid_t call_launcher(int fd)
{
	struct ucred peer;

	return sock_peer(fd, &peer) ? peer.pid : 0;
}

/**
 * call_settle() - wait until a guest that ends has given its name back
 * @word: its name, or USER/NAME
 * @launcher: who has it, see call_launcher()
 * @deadline: by clock_ms(); 0: there is none
 *
 * Who has answered, and ended, may be a child of who has the name.  If the launcher was
 * killed, this removes the socket that it has left.
 *
 * Return: whether the name is free, or another guest's, in time.
 */
bool call_settle(const char *word, pid_t launcher, __u64 deadline)
{
	for (;;) {
		struct pollfd p = { .fd = call_open(word), .events = POLLIN };
		const bool has = p.fd < 0 ? errno == EAGAIN : call_launcher(p.fd) == launcher;

		if (p.fd >= 0 && has)
			poll(&p, 1, call_left(deadline));
		if (p.fd >= 0)
			close(p.fd);
		if (!has || !call_left(deadline))
			return !has;
		usleep(CALL_AGAIN_US);
	}
}

/**
 * call_connect() - ask a guest, and keep the connection
 * @word: its name, or USER/NAME
 * @call: the request
 * @reply: the answer, without its first line
 *
 * What goes wrong is said here.
 *
 * Return: the connection, or -1.
 */
int call_connect(const char *word, const struct call *call, char reply[CONTROL_REPLY_MAX + 1])
{
	const int fd = call_open(word);
	ssize_t n = fd < 0 ? -1 : exchange(fd, call, reply);

	if (n < 0)
		control_failed(word);
	if (n > 0 && control_is_ok(reply)) {
		memmove(reply, reply + strlen(CONTROL_OK), n + 1 - strlen(CONTROL_OK));
		return fd;
	}
	if (n >= 0) {
		printable(reply);
		blame(word, n ? reply : "it has just ended");
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/**
 * call_guest() - ask a guest, print its answer or what went wrong
 * @name: of the guest
 * @call: the request
 *
 * Return: a status for exit().
 */
int call_guest(const char *name, const struct call *call)
{
	char reply[CONTROL_REPLY_MAX + 1];
	int fd = call_connect(name, call, reply);

	if (fd < 0)
		return STATUS_CRASH;
	fputs(reply, stdout);
	close(fd);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol vhost-user, with a process at the other end that does what it should, or
 * not: what it is told, what it gets, and that the launcher is neither fooled by it nor
 * waits for it.
 */
#include <linux/vhost_types.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "era.h"
#include "tap.h"
#include "vhost_user.h"

#define PATIENCE_MS	300
#define GOOD_FEATURES	(1ull << 32 | 1ull << 30 | 1ull << 28)
#define MEMORY_TABLE	5
#define SET_KICK	12
#define SET_CALL	13

/* What its end does. */
struct manners {
	__u64 features, protocol;
	__u32 wrong_request;	/* added to that of an answer */
	__u32 wrong_flags;
	__u32 wrong_size;
	__u64 refusal;		/* how it acknowledges */
	int leave_at;		/* the message after which it is gone; -1: none */
	int silent_at;		/* the message from which on it says nothing; -1: none */
};

static const struct manners good = {
	.features = GOOD_FEATURES, .protocol = 1ull << 3, .leave_at = -1, .silent_at = -1,
};

struct told {
	__u32 request, flags, size;
	__u8 payload[64];
	int fd;
} __attribute__((packed));

static struct vhost_user vu;
static struct memory mem;
static pid_t child;

static bool hear_of(int socket, struct told *told)
{
	struct iovec iov = { told, 12 };
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };

	told->fd = -1;
	if (recvmsg(socket, &msg, 0) != 12)
		return false;
	if (CMSG_FIRSTHDR(&msg))
		memcpy(&told->fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return !told->size || recv(socket, told->payload, told->size, MSG_WAITALL) > 0;
}

static void answer(int socket, const struct manners *manners, const struct told *told, __u64 number)
{
	struct told reply = {
		.request = told->request + manners->wrong_request,
		.flags = 5 | manners->wrong_flags, .size = 8 + manners->wrong_size,
	};

	memcpy(reply.payload, &number, sizeof(number));
	if (write(socket, &reply, 12 + 8) < 0)
		_exit(1);
}

/* A good one writes into the guest's memory, and at the end tells by the last queue. */
static void serve(int socket, const struct manners *manners)
{
	struct told told;
	int call = -1, i;

	for (i = 0; hear_of(socket, &told); i++) {
		if (manners->silent_at >= 0 && i >= manners->silent_at)
			continue;
		if (told.request == MEMORY_TABLE) {
			char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, told.fd, 0);

			strcpy(at, ftruncate(told.fd, 0) ? "written" : "cut");
		}
		if (told.request == SET_CALL)
			call = told.fd;
		if (told.request == 1)
			answer(socket, manners, &told, manners->features);
		else if (told.request == 15)
			answer(socket, manners, &told, manners->protocol);
		else if (told.flags & 8)
			answer(socket, manners, &told, manners->refusal);
		if (told.request == SET_KICK && told.payload[0] == 1 &&
		    write(call, &(__u64){ 1 }, 8) < 0)
			_exit(1);
		if (i == manners->leave_at)
			_exit(0);
	}
	_exit(0);
}

static void begin(const struct manners *manners)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	fflush(NULL);
	child = fork();
	if (!child) {
		close(pair[0]);
		serve(pair[1], manners);
	}
	close(pair[1]);
	memset(&vu, 0, sizeof(vu));
	vu.socket = pair[0];
}

static void end(void)
{
	vhost_user_close(&vu);
	close(vu.socket);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static bool add_both(void)
{
	const struct vhost_user_ring ring = { 256, MIB, MIB + 4096, MIB + 8192 };

	return vhost_user_share(&vu, &mem) && vhost_user_add(&vu, &ring) &&
	       vhost_user_add(&vu, &ring) && vhost_user_watch(&vu);
}

static void test_good(void)
{
	struct pollfd told = { .events = POLLIN };

	begin(&good);
	ok(vhost_user_greet(&vu, PATIENCE_MS), "a process is greeted");
	is_number(vu.features, 1 << 28, "what it offers is known");
	ok(add_both(), "it takes memory and queues");
	ok(!strcmp(mem.base, "written"), "it can write to the memory, and not make it shorter");
	told.fd = vhost_user_fd(&vu, 1);
	is_number(poll(&told, 1, PATIENCE_MS), 1, "it tells of a queue");
	ok(vhost_user_called(&vu, 1), "that is read");
	ok(!vhost_user_called(&vu, 1) && !vu.wrong, "once");
	ok(vhost_user_run(&vu, 1, true) && vhost_user_run(&vu, 1, false) &&
	   vhost_user_rewind(&vu, 1) && vhost_user_run(&vu, 1, true),
	   "a queue is run, stopped and begun anew");
	kill(child, SIGKILL);
	is_number(poll(&told, 1, 5000), 1, "its end is seen");
	ok(!vhost_user_called(&vu, 1) && vu.wrong, "and known for that");
	is_number(vhost_user_fd(&vu, 1), -1, "nothing is expected then");
	ok(!vhost_user_run(&vu, 0, true), "nothing can be asked for");
	end();
}

static void refused(const struct manners *manners, const char *why, const char *name)
{
	begin(manners);
	ok(!vhost_user_greet(&vu, PATIENCE_MS) || !add_both(), name);
	if (!ok(vu.wrong && strstr(vu.wrong, why), "and it is known why"))
		printf("# got '%s', expected '%s'\n", vu.wrong, why);
	end();
}

static void test_bad(void)
{
	struct manners bad = good;

	bad.features = 1ull << 30;
	refused(&bad, "too old", "a process for other guests");
	bad = good;
	bad.protocol = 0;
	refused(&bad, "too old", "one that acknowledges nothing");
	bad = good;
	bad.wrong_request = 1;
	refused(&bad, "not what was asked for", "one that answers something else");
	bad = good;
	bad.wrong_flags = 8;
	refused(&bad, "not what was asked for", "one whose answers are questions");
	bad = good;
	bad.wrong_size = 0x7ffffff0;
	refused(&bad, "not what was asked for", "one whose answers are too long");
	bad = good;
	bad.refusal = 1;
	refused(&bad, "refuses", "one that refuses");
	bad = good;
	bad.leave_at = 1;
	refused(&bad, "closed its end", "one that leaves in the greeting");
	bad.leave_at = 6;
	refused(&bad, "closed its end", "one that leaves later");
	bad = good;
	bad.silent_at = 1;
	refused(&bad, "does not answer", "one that says nothing");
	bad.silent_at = 7;
	refused(&bad, "does not answer", "one that says nothing any more");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	need(memory_map(&mem, era_of(LGUEST_RELEASE(6, 1, 0)), 2 * MIB, true));
	test_good();
	test_bad();
	return tap_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What can be done with files of /dev/lguest, in any order: requests with words that mean
 * something or nothing, of any length, from memory that may not be there; reads, which run
 * guests; and what a file can be asked for by its other system calls.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "requests.h"

volatile int session_fd[SESSION_FDS];

/* What the kernel keeps for itself begins here; 512 is ERESTARTSYS. */
#define FIRST_INTERNAL_ERRNO	512
#define MAX_SIZE		256

static int any_fd(void)
{
	return session_fd[rnd_below(SESSION_FDS)];
}

/* (of whoever is faster, the other's file stays open for ever, or is closed in its use) */
static void put_fd(int fd)
{
	u32 slot = rnd_below(SESSION_FDS);
	int old = __sync_lock_test_and_set(&session_fd[slot], fd);

	if (old > 0)
		close(old);
}

static void check_result(const char *what, long result, u32 size)
{
	if (result < 0 && errno >= FIRST_INTERNAL_ERRNO)
		session_fail("%s: errno %d", what, errno);
	if (result > 0 && (u32)result > size)
		session_fail("%s of %u: %ld", what, size, result);
}

static void open_device(void)
{
	int fd = open("/dev/lguest", O_RDWR | (rnd_one_in(2) ? O_CLOEXEC : 0) |
		      (rnd_one_in(8) ? O_NONBLOCK : 0));

	if (fd >= 0)
		put_fd(fd);
}

/* Words such as the request wants, if they mean anything. */
static u32 fill_request(u32 *words)
{
	static const u32 requests[] = {
		LHREQ_GETDMA, LHREQ_IRQ, LHREQ_BREAK, LHREQ_EVENTFD, LHREQ_GETREG, LHREQ_SETREG,
		LHREQ_TRAP, LHREQ_RELEASE, LHREQ_DEBUG, LHREQ_GETREGS, LHREQ_SETREGS,
		LHREQ_DEBUG_PASS, 0x100 + 6, 8,
	};
	u32 n;

	words[0] = rnd_one_in(16) ? rnd_word() : rnd_of(requests);
	for (n = 1; n < MAX_SIZE / 4; n++)
		words[n] = rnd_word();
	switch (words[0]) {
	case LHREQ_IRQ:
		words[1] = rnd_below(34);
		return 8;
	case LHREQ_BREAK:
		words[1] = rnd_below(2);
		return 8;
	case LHREQ_EVENTFD:
		words[1] = FUZZ_SCRATCH + rnd_below(16) * 4;
		words[2] = any_fd();
		return 12;
	case LHREQ_RELEASE:
		words[1] = rnd_one_in(4) ? rnd_word() : era->release;
		return 8;
	case LHREQ_GETREG:
	case LHREQ_SETREG:
		words[1] = rnd_below(20) * 4;
		return 12;
	case LHREQ_DEBUG:
		words[1] = rnd_below(8);
		return 8;
	case LHREQ_SETREGS:
		return 4 + sizeof(struct lguest_debug_regs);
	default:
		return 8;
	}
}

/* Any guest, anywhere: its memory may be the launcher's own, and is spoilt then. */
static u32 fill_initialize(u32 *words)
{
	u32 n;

	words[0] = LHREQ_INITIALIZE;
	words[1] = plan.base;
	words[2] = plan.pfn_limit;
	words[3] = rnd_one_in(2) ? FUZZ_START : plan.first_root;
	words[4] = rnd_one_in(2) ? FUZZ_START : plan.pfn_limit;
	for (n = 1; n < 6; n++) {
		if (rnd_one_in(4))
			words[n] = rnd_one_in(2) ? rnd_word() : rnd_word() & -PAGE;
	}
	return 16 + 4 * rnd_below(2);
}

static void write_words(const u32 *words, u32 size)
{
	void *buffer = session_buffer(size);
	int fd = any_fd();
	long result;

	session_fill(buffer, words, size);
	result = rnd_one_in(16) ? pwrite(fd, buffer, size, rnd_below(3)) :
		write(fd, buffer, size);
	session_count(&session_counts->writes);
	check_result("write", result, size);
	if (result > 0 && words[0] == LHREQ_INITIALIZE)
		session_count(&session_counts->guests);
}

static void request(void)
{
	u32 words[MAX_SIZE / 4], size = fill_request(words);

	if (rnd_one_in(8))
		size = rnd_below(MAX_SIZE);
	write_words(words, size);
}

static void initialize(void)
{
	u32 words[MAX_SIZE / 4], size;

	if (rnd_one_in(4)) {
		size = fill_initialize(words);
		write_words(words, size);
		return;
	}
	session_count(&session_counts->writes);
	if (fuzz_initialize(any_fd()) > 0)
		session_count(&session_counts->guests);
}

/* It runs until a signal comes, or there is a reply; so that is not long. */
static void run_guest(void)
{
	u32 size = rnd_one_in(4) ? rnd_below(MAX_SIZE) : 16;
	void *buffer = session_buffer(size);
	struct iovec iov[2] = { { buffer, size / 2 }, { buffer, size - size / 2 } };
	int fd = any_fd();
	long result;

	switch (rnd_below(16)) {
	case 0:
		result = pread(fd, buffer, size, rnd_below(3));
		break;
	case 1:
		result = readv(fd, iov, 2);
		break;
	default:
		result = read(fd, buffer, size);
	}
	session_count(&session_counts->reads);
	if (result < 0 && errno == EINTR)
		session_count(&session_counts->signals);
	if (result >= 0)
		session_count(&session_counts->replies);
	check_result("read", result, size);
}

/* To this process itself, which is as good as to another. */
static void pass_fd(void)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fd = any_fd(), sock[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock))
		return;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (sendmsg(sock[1], &msg, MSG_DONTWAIT) == 1 && !rnd_one_in(4) &&
	    recvmsg(sock[0], &msg, MSG_DONTWAIT) == 1 && CMSG_FIRSTHDR(&msg)) {
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		put_fd(fd);
	}
	close(sock[0]);
	close(sock[1]);
}

static void look(int fd)
{
	char path[40], text[600];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	check_result(path, read(fd, text, sizeof(text)), sizeof(text));
	close(fd);
}

/* A guest that somebody takes the trouble to run. */
static void serve(void)
{
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC);
	u32 reply[4], n = 1 + rnd_below(8);

	if (plan.release)
		era_request(fd, LHREQ_RELEASE, era->release, 0);
	if (fuzz_initialize(fd) > 0)
		session_count(&session_counts->guests);
	session_count(&session_counts->writes);
	put_fd(fd);
	for (; n; n--) {
		session_count(&session_counts->reads);
		if (read(fd, reply, sizeof(reply)) >= 0)
			session_count(&session_counts->replies);
		else if (errno == EINTR)
			session_count(&session_counts->signals);
		else
			break;
		era_request(fd, LHREQ_IRQ, rnd_below(LGUEST_IRQS), 0);
		session_count(&session_counts->writes);
	}
}

static void other_call(void)
{
	int fd = any_fd();
	struct pollfd wanted = { fd, POLLIN | POLLOUT, 0 };
	void *p;

	session_count(&session_counts->others);
	switch (rnd_below(10)) {
	case 0:
		check_result("ioctl", ioctl(fd, rnd_one_in(2) ? rnd() : FIONREAD, rnd_word()), 0);
		break;
	case 1:
		p = mmap(NULL, PAGE, PROT_READ, rnd_one_in(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED)
			munmap(p, PAGE);
		break;
	case 2:
		poll(&wanted, 1, 0);
		break;
	case 3:
		put_fd(eventfd(rnd_below(2), EFD_NONBLOCK | EFD_CLOEXEC));
		break;
	case 4:
		put_fd(dup(fd));
		break;
	case 5:
		lseek(fd, rnd_word(), rnd_below(5));
		break;
	case 6:
		pass_fd();
		break;
	case 7:
		look(fd);
		break;
	case 8:
		fsync(fd);
		fcntl(fd, F_SETFL, rnd_one_in(2) ? O_NONBLOCK : O_ASYNC);
		break;
	default:
		put_fd(-1);
	}
}

/**
 * session_file_step() - something with a file
 */
void session_file_step(void)
{
	switch (rnd_below(16)) {
	case 0:
		open_device();
		break;
	case 1 ... 2:
		initialize();
		break;
	case 3:
		serve();
		break;
	case 4 ... 8:
		request();
		break;
	case 9 ... 12:
		run_guest();
		break;
	default:
		other_call();
	}
}

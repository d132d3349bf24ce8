// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose launcher ends in every which way: killed, by exit, by exec, with
 * the file left to somebody else.  The script that runs this sees whether the
 * module can be unloaded, and whether all memory has come back.
 */
#include <pthread.h>
#include <sys/socket.h>
#include "mini/mini.h"

static int the_fd;

static void go_on(struct frame *f)
{
	(void)f;
}

static void guest_halts(void)
{
	mini.on_trap = go_on;
	hcall1(LHCALL_SET_CLOCKEVENT, 1000000);
	for (;;)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static void guest_ticks(void)
{
	for (;;) {
		hcall1(LHCALL_SET_CLOCKEVENT, 100000);
		mini.scratch[2][0]++;
		hcall1(LHCALL_FLUSH_TLB, mini.scratch[2][0] & 1);
	}
}

static void guest_binds(void)
{
	hcall(LHCALL_BIND_DMA, (u32)mini.scratch[0], (u32)mini.scratch[1], 0x101);
	guest_spin();
}

static void (* const kinds[])(void) = { guest_spin, guest_halts, guest_ticks, guest_binds };

static long run(void)
{
	u32 notice[2];

	return read(the_fd, notice, sizeof(notice));
}

static bool is_running(u32 kind)
{
	if (kind == 1)
		return mini_counter(the_fd, "halt_exits") > 0;
	return mini_counter(the_fd, "exits") > 80;
}

/* The only file of a guest belongs to an owner that is killed at once. */
static void owner_is_killed(void)
{
	u32 kind, n;
	int status, pair[2];
	char byte;
	pid_t pid;

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		for (n = 0; n < 3; n++) {
			expect_value(pipe(pair), 0);
			pid = mini_fork();
			if (!pid) {
				the_fd = mini_new(kinds[kind]);
				write(pair[1], "", 1);
				run();
				_exit(0);
			}
			expect_value(read(pair[0], &byte, 1), 1);
			usleep(n * 3000);
			kill(pid, SIGKILL);
			status = mini_wait(pid);
			expect_value(status, SIGKILL);
			close(pair[0]);
			close(pair[1]);
		}
	}
}

/* The file is shared; the owner is killed when the guest is seen to run. */
static void owner_is_killed_while_shared(void)
{
	u32 kind;
	pid_t pid;
	int sock[2];

	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		char byte, control[CMSG_SPACE(sizeof(int))] = {};
		struct iovec iov = { &byte, 1 };
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

		expect_value(socketpair(AF_UNIX, SOCK_STREAM, 0, sock), 0);
		pid = mini_fork();
		if (!pid) {
			the_fd = mini_new(kinds[kind]);
			cmsg->cmsg_level = SOL_SOCKET;
			cmsg->cmsg_type = SCM_RIGHTS;
			cmsg->cmsg_len = CMSG_LEN(sizeof(int));
			memcpy(CMSG_DATA(cmsg), &the_fd, sizeof(int));
			sendmsg(sock[1], &msg, 0);
			run();
			_exit(0);
		}
		expect_value(recvmsg(sock[0], &msg, 0), 1);
		memcpy(&the_fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
		wait_until(is_running(kind));
		expect_error(run(), EPERM);
		kill(pid, SIGKILL);
		expect_value(mini_wait(pid), SIGKILL);
		/* nobody can run it any more, but asking does no harm */
		expect_error(run(), EPERM);
		expect_error(mini_request(the_fd, LHREQ_IRQ, 0), EPERM);
		expect_error(mini_request(the_fd, LHREQ_GETDMA, 0), EPERM);
		expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
		expect(mini_counter(the_fd, "exits") > 0, "no counters");
		close(the_fd);
		close(sock[0]);
		close(sock[1]);
	}
}

/* A helper waits in BREAK when the owner is killed: a signal still ends it. */
static void owner_is_killed_in_break(void)
{
	pid_t pid = mini_fork();
	int status;

	if (!pid) {
		the_fd = mini_new(guest_halts);
		if (!fork()) {
			mini_request(the_fd, LHREQ_BREAK, 1);
			_exit(0);
		}
		expect_error(run(), EAGAIN);
		raise(SIGKILL);
	}
	status = mini_wait(pid);
	expect_value(status, SIGKILL);
	/* the case's end kills the helper */
}

/* The guest's pages are the child's memory too. */
static void owner_exits_with_fork(void)
{
	static const char hello[] = "still here";
	pid_t owner, pid = mini_fork();
	u32 kind;
	int pair[2];
	char byte;

	if (pid) {
		expect_value(mini_wait(pid), 0);
		return;
	}
	for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		expect_value(pipe(pair), 0);
		pid = fork();
		if (!pid) {
			/* the owner, then its child with the file */
			the_fd = mini_new(kinds[kind]);
			strcpy((char *)mini.scratch[1], hello);
			owner = getpid();
			pid = fork();
			if (!pid) {
				while (getppid() == owner)
					sched_yield();
				expect_error(run(), EPERM);
				expect_error(mini_request(the_fd, LHREQ_IRQ, 0), EPERM);
				expect(!strcmp((char *)mini.scratch[1], hello), "memory changed");
				close(the_fd);
				write(pair[1], "", 1);
				_exit(0);
			}
			_exit(0);
		}
		expect_value(mini_wait(pid), 0);
		expect_value(read(pair[0], &byte, 1), 1);
		close(pair[0]);
		close(pair[1]);
	}
	_exit(0);
}

static void *close_it(void *unused)
{
	wait_until(is_running(0));
	close(the_fd);
	return unused;
}

static void nothing(int sig)
{
	(void)sig;
}

static void closed_during_read(void)
{
	struct sigaction sa = { .sa_handler = nothing };
	pid_t parent = getpid();
	pthread_t thread;

	sigaction(SIGUSR1, &sa, NULL);
	the_fd = mini_new(guest_spin);
	pthread_create(&thread, NULL, close_it, NULL);
	if (!mini_fork()) {
		/* our copy would keep the guest alive */
		wait_until(is_running(0));
		close(the_fd);
		for (;;) {
			kill(parent, SIGUSR1);
			usleep(20000);
		}
	}
	/* the read that is under way goes on; the next one finds nothing */
	while (run() != -1 || errno != EBADF)
		expect(errno == EINTR, "%m");
	pthread_join(thread, NULL);
}

static void exec_keeps_file(void)
{
	char fd[12];
	pid_t pid;

	pid = mini_fork();
	if (!pid) {
		the_fd = mini_new(guest_ticks);
		fcntl(the_fd, F_SETFD, 0);
		snprintf(fd, sizeof(fd), "%d", the_fd);
		execl("/proc/self/exe", "release", "after-exec", fd, NULL);
		_exit(1);
	}
	expect_value(mini_wait(pid), 0);
}

/* The owner's task is the same, its memory is not. */
static int after_exec(const char *fd)
{
	the_fd = atoi(fd);
	if (run() != -1 || errno != EPERM)
		return 2;
	if (mini_request(the_fd, LHREQ_IRQ, 1) != -1 || errno != EPERM)
		return 3;
	if (mini_initialize(the_fd) != -1 || errno != EPERM)
		return 4;
	if (mini_request(the_fd, LHREQ_BREAK, 0) != 0)
		return 5;
	if (close(the_fd))
		return 6;
	return 0;
}

static void *last_thread(void *unused)
{
	char path[40], state;
	FILE *f;

	/* the main thread is a zombie soon */
	do {
		snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
		f = fopen(path, "r");
		state = 0;
		if (fscanf(f, "%*d %*s %c", &state) != 1)
			mini_fail("cannot parse %s", path);
		fclose(f);
	} while (state != 'Z');
	expect_error(run(), EPERM);
	expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
	close(the_fd);
	_exit(0);
	return unused;
}

static void owner_thread_exits(void)
{
	pthread_t thread;

	the_fd = mini_new(guest_ticks);
	pthread_create(&thread, NULL, last_thread, NULL);
	pthread_exit(NULL);
}

/* Threads of one process, each with a guest: only its own. */
static void *thread_with_guest(void *arg)
{
	*(int *)arg = mini_open();
	if (mini_initialize(*(int *)arg) != 16)
		mini_fail("INITIALIZE: %m");
	return NULL;
}

static void owner_is_a_thread(void)
{
	pthread_t thread;

	mini_reset(guest_spin);
	pthread_create(&thread, NULL, thread_with_guest, &the_fd);
	pthread_join(thread, NULL);
	/* its owner is gone */
	expect_error(run(), EPERM);
	expect_error(mini_request(the_fd, LHREQ_IRQ, 0), EPERM);
	expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
}

static void module_stays_while_open(void)
{
	int fd = mini_open();

	expect_error(syscall(SYS_delete_module, "lguest", O_NONBLOCK), EAGAIN);
	mini_reset(guest_spin);
	expect_value(mini_initialize(fd), 16);
	expect_error(syscall(SYS_delete_module, "lguest", O_NONBLOCK), EAGAIN);
}

static void guest_dies(void)
{
}

static void never_run(void)
{
	int i;

	for (i = 0; i < 100; i++)
		close(mini_new(guest_dies));
}

static void hundreds_in_a_row(void)
{
	int i;

	for (i = 0; i < 100; i++)
		expect_reason(mini_run(guest_dies), "CRASH: done");
}

int main(int argc, char *argv[])
{
	if (argc > 2)
		return after_exec(argv[2]);
	RUN(owner_is_killed);
	RUN(owner_is_killed_while_shared);
	RUN(owner_is_killed_in_break);
	RUN(owner_exits_with_fork);
	RUN(closed_during_read);
	RUN(exec_keeps_file);
	RUN(owner_thread_exits);
	RUN(owner_is_a_thread);
	RUN(module_stays_while_open);
	RUN(never_run);
	RUN(hundreds_in_a_row);
	return mini_done();
}

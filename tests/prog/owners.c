// SPDX-License-Identifier: GPL-2.0
/*
 * Who may own a guest, and what may happen to an owner: workers of io_uring, children
 * that share its memory, programs that it becomes, other users, tracers.
 */
#include <linux/io_uring.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include "mini/mini.h"

#define NOBODY	65534

/* -- a ring of io_uring's with room for one request -- */

struct ring {
	int fd;
	u8 *rings;
	struct io_uring_params params;
	struct io_uring_sqe *sqe;
};

static bool kernel_has_rings(void)
{
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 1, &params);

	close(fd);
	return fd >= 0;
}

static void ring_new(struct ring *ring)
{
	const struct io_uring_params *params = &ring->params;
	size_t first, second;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, 1, &ring->params);
	expect(ring->fd >= 0, "io_uring_setup: %m");
	expect(params->features & IORING_FEAT_SINGLE_MMAP, "an old io_uring");
	first = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
	second = params->sq_off.array + params->sq_entries * sizeof(u32);
	ring->rings = mmap(NULL, first > second ? first : second, PROT_READ | PROT_WRITE,
			   MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	ring->sqe = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
			 IORING_OFF_SQES);
	expect(ring->rings != MAP_FAILED && ring->sqe != MAP_FAILED, "mmap: %m");
}

static volatile u32 *ring_word(struct ring *ring, u32 offset)
{
	return (volatile u32 *)(ring->rings + offset);
}

/* Have a worker make the call; what it gave, as the kernel says it. */
static int ring_call(struct ring *ring, u8 op, int fd, void *buffer, u32 size)
{
	struct io_uring_cqe *cqe;
	u32 head;

	*ring->sqe = (struct io_uring_sqe) {
		.opcode = op, .flags = IOSQE_ASYNC, .fd = fd, .addr = (u32)buffer, .len = size,
	};
	ring_word(ring, ring->params.sq_off.array)[0] = 0;
	(*ring_word(ring, ring->params.sq_off.tail))++;
	expect_value(syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL,
			     0), 1);
	head = *ring_word(ring, ring->params.cq_off.head);
	expect(*ring_word(ring, ring->params.cq_off.tail) != head, "no completion");
	cqe = (struct io_uring_cqe *)(ring->rings + ring->params.cq_off.cqes);
	cqe += head & *ring_word(ring, ring->params.cq_off.ring_mask);
	*ring_word(ring, ring->params.cq_off.head) = head + 1;
	return cqe->res;
}

static void guest_is_done(void)
{
}

static void workers_of_io_uring(void)
{
	u32 words[5], reply[4];
	struct ring ring;
	int fd = mini_open();

	mini_reset(guest_is_done);
	ring_new(&ring);
	words[0] = LHREQ_INITIALIZE;
	words[1] = mini.pfn_limit;
	words[2] = mini.root;
	words[3] = mini.start;
	words[4] = mini.page_offset;
	expect_value(ring_call(&ring, IORING_OP_WRITE, fd, words, sizeof(words)), -EOPNOTSUPP);
	expect_value(mini_initialize(fd), 16);
	expect_value(ring_call(&ring, IORING_OP_READ, fd, reply, sizeof(reply)), -EOPNOTSUPP);
	expect_reason(mini_finish(fd), "CRASH: done");
}

/* -- children -- */

static int shared_fd;

/* It has the owner's memory, but is another task; and so the other way round. */
static void child_by_vfork(void)
{
	static volatile int others, error;
	static u32 reply[4];
	pid_t pid;

	shared_fd = mini_new(guest_is_done);
	others = mini_open();
	pid = vfork();
	if (!pid) {
		error = read(shared_fd, reply, sizeof(reply)) < 0 ? errno : 0;
		if (mini_initialize(others) != 16)
			error = -1;
		_exit(0);
	}
	expect_value(mini_wait(pid), 0);
	expect_value(error, EPERM);
	expect_error(read(others, reply, sizeof(reply)), EPERM);
	close(others);
	expect_reason(mini_finish(shared_fd), "CRASH: done");
}

static int read_as_another_program(const char *number)
{
	u32 reply[4];

	return read(atoi(number), reply, sizeof(reply)) < 0 ? errno : 0;
}

static void owner_that_execs(void)
{
	char number[12];
	int status;
	pid_t pid;

	shared_fd = open("/dev/lguest", O_RDWR);
	expect(shared_fd >= 0, "/dev/lguest: %m");
	pid = mini_fork();
	if (!pid) {
		mini_reset(guest_is_done);
		expect_value(mini_initialize(shared_fd), 16);
		snprintf(number, sizeof(number), "%d", shared_fd);
		execl("/proc/self/exe", "owners", "read", number, NULL);
		_exit(255);
	}
	status = mini_wait(pid);
	expect_value(WEXITSTATUS(status), EPERM);
}

static void owner_of_another_user(void)
{
	int fd = mini_new(guest_is_done);

	expect_value(setresuid(NOBODY, NOBODY, NOBODY), 0);
	expect_reason(mini_finish(fd), "CRASH: done");
}

/* -- a tracer, which looks at registers and writes to them in the middle of a run -- */

#define TRACED	20

static volatile u32 *go_on;

static void set_fpu(u32 value)
{
	asm volatile("movd %0, %%xmm1" : : "r" (value));
}

static u32 get_fpu(void)
{
	u32 value;

	asm volatile("movd %%xmm1, %0" : "=r" (value));
	return value;
}

static void guest_keeps_registers(void)
{
	volatile u32 *done = (volatile u32 *)mini.scratch[1];

	set_fpu(0x900d900d);
	while (!*done) {
		if (get_fpu() != 0x900d900d)
			crash("xmm1 %x", get_fpu());
	}
}

static void run_traced(void)
{
	int fd;

	fd = mini_new(guest_keeps_registers);
	*go_on = 1;
	set_fpu(0x1a0c4e12);
	expect_reason(mini_finish(fd), "CRASH: done");
	_exit(0);
}

static void owner_that_is_traced(void)
{
	struct user_fpxregs_struct regs;
	int status, i;
	pid_t pid;

	go_on = mini_shared(PAGE);
	pid = mini_fork();
	if (!pid)
		run_traced();
	wait_until(*go_on);
	expect_value(ptrace(PTRACE_SEIZE, pid, 0, 0), 0);
	for (i = 0; i < TRACED; i++) {
		expect_value(ptrace(PTRACE_INTERRUPT, pid, 0, 0), 0);
		expect_value(waitpid(pid, &status, __WALL), pid);
		expect(WIFSTOPPED(status), "its status is %#x", status);
		expect_value(ptrace(PTRACE_GETFPXREGS, pid, 0, &regs), 0);
		expect((u32)regs.xmm_space[4] != 0x900d900d, "the guest's registers are seen");
		regs.xmm_space[4] = i;
		expect_value(ptrace(PTRACE_SETFPXREGS, pid, 0, &regs), 0);
		if (i == TRACED - 1)
			expect_value(ptrace(PTRACE_POKEDATA, pid, mini.scratch[1], 1), 0);
		expect_value(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	}
	expect_value(mini_wait(pid), 0);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "read"))
		return read_as_another_program(argv[2]);
	if (kernel_has_rings())
		RUN(workers_of_io_uring);
	else
		mini_skip("workers_of_io_uring", "this kernel has no io_uring");
	RUN(child_by_vfork);
	RUN(owner_that_execs);
	RUN(owner_of_another_user);
	RUN(owner_that_is_traced);
	return mini_done();
}

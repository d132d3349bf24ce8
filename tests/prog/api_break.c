// SPDX-License-Identifier: GPL-2.0
/*
 * LHREQ_BREAK, by which a helper of the launcher stops the guest and waits for
 * the launcher; and what a guest finds when it starts.
 */
#include <pthread.h>
#include "mini/mini.h"

static int the_fd;

static void guest_halts(void)
{
	for (;;)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static long run(void)
{
	u32 notice[2];

	return read(the_fd, notice, sizeof(notice));
}

static volatile u32 *step;	/* shared with the helper */

static pid_t helper_breaks(void)
{
	pid_t pid;

	step = mini_shared(PAGE);
	pid = mini_fork();
	if (!pid) {
		u32 n;

		for (n = 0; n < 20; n++) {
			step[0]++;
			expect_value(mini_request(the_fd, LHREQ_BREAK, 1), 0);
			/* not before the launcher has taken it back */
			expect_value(step[1], n + 1);
		}
		_exit(0);
	}
	return pid;
}

static void breaks(void (*guest)(void))
{
	pid_t pid;
	u32 n;

	the_fd = mini_new(guest);
	pid = helper_breaks();
	for (n = 0; n < 20; n++) {
		expect_error(run(), EAGAIN);
		expect_value(step[0], n + 1);
		/* again and again until it is taken back */
		expect_error(run(), EAGAIN);
		step[1] = n + 1;
		expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
	}
	expect_value(mini_wait(pid), 0);
}

static void break_running_guest(void)
{
	breaks(guest_spin);
}

static void break_halted_guest(void)
{
	breaks(guest_halts);
}

static void *thread_breaks(void *result)
{
	*(int *)result = mini_request(the_fd, LHREQ_BREAK, 1);
	return result;
}

static void break_by_thread(void)
{
	pthread_t thread;
	int result = -1;

	the_fd = mini_new(guest_spin);
	pthread_create(&thread, NULL, thread_breaks, &result);
	expect_error(run(), EAGAIN);
	expect_value(result, -1);
	expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
	pthread_join(thread, NULL);
	expect_value(result, 0);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Several helpers wait; one word sets all of them free. */
static void break_by_many(void)
{
	pthread_t threads[5];
	int results[5], i;

	the_fd = mini_new(guest_halts);
	for (i = 0; i < 5; i++) {
		results[i] = -1;
		pthread_create(&threads[i], NULL, thread_breaks, &results[i]);
	}
	for (i = 0; i < 5; i++) {
		/* one that comes between these two waits for the next round */
		wait_until(mini_request(the_fd, LHREQ_BREAK, 0) == 0 &&
			   pthread_tryjoin_np(threads[i], NULL) == 0);
		expect_value(results[i], 0);
	}
}

static void break_is_interrupted(void)
{
	struct sigaction sa = { .sa_handler = nothing };
	pid_t pid;

	the_fd = mini_new(guest_spin);
	pid = mini_fork();
	if (!pid) {
		sigaction(SIGUSR1, &sa, NULL);
		expect_error(mini_request(the_fd, LHREQ_BREAK, 1), EINTR);
		_exit(0);
	}
	expect_error(run(), EAGAIN);
	while (kill(pid, SIGUSR1), waitpid(pid, NULL, WNOHANG) == 0)
		sched_yield();
	/* the signal ended the wait, not the break */
	expect_error(run(), EAGAIN);
	expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
	expect_value(mini_request(the_fd, LHREQ_BREAK, 0), 0);
}

static void break_by_killed_helper(void)
{
	pid_t pid;

	the_fd = mini_new(guest_spin);
	pid = mini_fork();
	if (!pid) {
		mini_request(the_fd, LHREQ_BREAK, 1);
		_exit(0);
	}
	expect_error(run(), EAGAIN);
	kill(pid, SIGKILL);
	expect_value(mini_wait(pid), SIGKILL);
	expect_error(run(), EAGAIN);
}

static void guest_halts_then_dies(void)
{
	hcall(LHCALL_HALT, 0, 0, 0);
	crash("over");
}

static void tell(struct frame *f)
{
	crash("vector %d", f->vector);
}

static void guest_waits(void)
{
	mini.on_trap = tell;
	guest_halts_then_dies();
}

/* A helper that waits when the guest dies need not wait any more. */
static void death_ends_break(void)
{
	pid_t pid, parent = getpid();
	struct sigaction sa = { .sa_handler = nothing };
	u32 notice[2];

	the_fd = mini_new(guest_waits);
	sigaction(SIGUSR1, &sa, NULL);
	pid = mini_fork();
	if (!pid) {
		wait_until(mini_counter(the_fd, "halt_exits") > 0);
		kill(parent, SIGUSR1);
		expect_value(mini_request(the_fd, LHREQ_BREAK, 1), 0);
		_exit(0);
	}
	expect_error(run(), EINTR);
	/* the break stops it first; then GETDMA of a bad key kills it */
	expect_error(read(the_fd, notice, sizeof(notice)), EAGAIN);
	expect_error(mini_request(the_fd, LHREQ_GETDMA, 1), ENOENT);
	expect_value(mini_wait(pid), 0);
	expect_reason(mini_reason(the_fd), "bad DMA key 0x1");
}

static void helper_outlives_owner(void)
{
	pid_t owner, pid;
	int pair[2];
	char byte;

	expect_value(pipe(pair), 0);
	owner = mini_fork();
	if (!owner) {
		the_fd = mini_new(guest_spin);
		pid = fork();
		if (!pid) {
			int got;

			wait_until(getppid() == 1 || getppid() == getpgrp());
			got = mini_request(the_fd, LHREQ_BREAK, 0);
			byte = got ? errno : 0;
			write(pair[1], &byte, 1);
			_exit(0);
		}
		_exit(0);
	}
	expect_value(mini_wait(owner), 0);
	expect_value(read(pair[0], &byte, 1), 1);
	expect_value(byte, 0);
}

/* The registers of the first instruction, as they come. */
static u32 first[16];

__attribute__((naked)) static void guest_first(void)
{
	asm volatile("movl %%eax, %%ss:%c0\n\t"
		     "movl %%ebx, %%ss:%c0+4\n\t"
		     "movl %%ecx, %%ss:%c0+8\n\t"
		     "movl %%edx, %%ss:%c0+12\n\t"
		     "movl %%esi, %%ss:%c0+16\n\t"
		     "movl %%edi, %%ss:%c0+20\n\t"
		     "movl %%ebp, %%ss:%c0+24\n\t"
		     "movl %%esp, %%ss:%c0+28\n\t"
		     "movl %%cs, %%eax\n\t"
		     "movl %%eax, %%ss:%c0+32\n\t"
		     "movl %%ds, %%eax\n\t"
		     "movl %%eax, %%ss:%c0+36\n\t"
		     "movl %%es, %%eax\n\t"
		     "movl %%eax, %%ss:%c0+40\n\t"
		     "movl %%ss, %%eax\n\t"
		     "movl %%eax, %%ss:%c0+44\n\t"
		     "movl %%fs, %%eax\n\t"
		     "movl %%eax, %%ss:%c0+48\n\t"
		     "movl %%gs, %%eax\n\t"
		     "movl %%eax, %%ss:%c0+52\n\t"
		     "movl %1, %%esp\n\t"
		     "pushfl\n\t"
		     "popl %%ss:%c0+56\n\t"
		     "jmp %P2"
		     : : "i" (first), "i" (mini.stack[2]), "i" (mini_entry));
}

static void guest_nothing(void)
{
}

static void first_registers(void)
{
	static const u32 want[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0x61, 0x69, 0x69, 0x69, 0, 0, 0x202
	};
	u32 i;

	mini_reset(guest_nothing);
	memset(first, 0x5a, sizeof(first));
	mini.start = (u32)guest_first;
	expect_reason(mini_run_again(), "CRASH: done");
	for (i = 0; i < ARRAY_SIZE(want); i++)
		expect(first[i] == want[i], "word %u is %#x", i, first[i]);
}

/* Which selectors can be loaded, and what they are: LAR needs no privilege. */
static u32 rights[GDT_ENTRIES], limits[GDT_ENTRIES];

static void guest_reads_gdt(void)
{
	u32 i, sel;

	for (i = 0; i < GDT_ENTRIES; i++) {
		sel = i * 8 + 1;
		rights[i] = 0;
		limits[i] = 0;
		asm volatile("lar %2, %0\n\t"
			     "lsl %2, %1"
			     : "+r" (rights[i]), "+r" (limits[i]) : "r" (sel));
	}
}

static void first_segments(void)
{
	u32 i;

	expect_reason(mini_run(guest_reads_gdt), "CRASH: done");
	for (i = 0; i < GDT_ENTRIES; i++) {
		expect_value(rights[i] & 0x00f0ff00,
			     i == 12 ? 0x00c0bb00 : i == 13 ? 0x00c0b300 : 0);
		expect_value(limits[i], i == 12 || i == 13 ? 0xffffffff : 0);
	}
}

static u8 old_fpu[512] __attribute__((aligned(16)));

static void guest_reads_fpu(void)
{
	asm volatile("fnsave %0" : "=m" (old_fpu));
}

static void first_fpu(void)
{
	u32 i;

	/* something of the launcher's that must not be seen */
	asm volatile("fldpi\n\tfldl2e\n\tfldlg2");
	expect_reason(mini_run(guest_reads_fpu), "CRASH: done");
	expect_value(old_fpu[0] | old_fpu[1] << 8, 0x37f);
	expect_value(old_fpu[4] | old_fpu[5] << 8, 0);
	expect_value(old_fpu[8] | old_fpu[9] << 8, 0xffff);
	for (i = 28; i < 108; i++)
		expect(!old_fpu[i], "byte %u of the FPU's state is %#x", i, old_fpu[i]);
}

static void init_fills_structure(void)
{
	u32 i;

	mini_reset(guest_nothing);
	memset(&mini.data, 0x5a, sizeof(mini.data));
	memset(mini.data.hcall_status, 0xff, sizeof(mini.data.hcall_status));
	mini.data.noirq_start = 0;
	mini.data.noirq_end = 0;
	mini.no_traps = true;
	expect_reason(mini_run_again(), "CRASH: done");
	expect_value(mini.data.irq_enabled, 0x5a5a5a5a);
	expect_value(mini.data.blocked_interrupts, 0x5a5a5a5a);
	expect_value(mini.data.cr2, 0x5a5a5a5a);
	expect(mini.data.time.sec != 0x5a5a5a5a && mini.data.time.nsec < 1000000000,
	       "time is %u.%u", mini.data.time.sec, mini.data.time.nsec);
	expect_value(mini.data.reserve_mem, 0x400000);
	expect_value(mini.data.pad, 0x5a5a);
	expect(mini.data.tsc_khz != 0x5a5a5a5a, "tsc_khz is not set");
	for (i = 0; i < LHCALL_RING_SIZE; i++) {
		expect_value(mini.data.hcall_status[i], 0xff);
		expect_value(mini.data.hcalls[i].call, 0x5a5a5a5a);
	}
}

static void many_guests(void)
{
	static int fds[100];
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = mini_new(guest_nothing);
		for (k = 0; k < i; k++)
			expect(mini_counter(fds[k], "guestid") != mini_counter(fds[i], "guestid"),
			       "guests %u and %u have the same id", i, k);
		i += i > 20 ? 12 : 0;
	}
	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		if (!fds[i])
			continue;
		mini_reset(guest_nothing);
		expect_reason(mini_finish(fds[i]), "CRASH: done");
		expect_value(mini_counter(fds[i], "guestid"), mini.data.guestid);
		expect_value(mini_counter(fds[i], "hypercalls"), 1 + 65 + 1);
	}
}

int main(void)
{
	RUN(break_running_guest);
	RUN(break_halted_guest);
	RUN(break_by_thread);
	RUN(break_by_many);
	RUN(break_is_interrupted);
	RUN(break_by_killed_helper);
	RUN(death_ends_break);
	RUN(helper_outlives_owner);
	RUN(first_registers);
	RUN(first_segments);
	RUN(first_fpu);
	RUN(init_fills_structure);
	RUN(many_guests);
	return mini_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts from the launcher: their order, masks and flag, storms, from
 * signal handlers; and guests whose launchers move from CPU to CPU.
 */
#include <sys/time.h>
#include "mini/pair.h"

static volatile u32 came[LGUEST_IRQS], order[2000], nr_came;
static int the_fd;

static void note_irq(struct frame *f)
{
	u32 irq = f->vector - 32;

	guest_expect(f->vector >= 32 && irq < LGUEST_IRQS);
	guest_expect(mini.data.irq_enabled == 0);
	came[irq]++;
	if (nr_came < ARRAY_SIZE(order))
		order[nr_came++] = irq;
}

static void exit_to_launcher(void)
{
	hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
}

/* Let everything in that may come in. */
static void take_irqs(void)
{
	u32 seen;

	do {
		seen = nr_came;
		mini_irqs(true);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	} while (nr_came != seen);
	mini_irqs(false);
}

static void guest_takes_all(void)
{
	u32 i;

	mini.on_trap = note_irq;
	exit_to_launcher();
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(nr_came == 0);
	take_irqs();
	guest_expect(nr_came == 32);
	for (i = 0; i < 32; i++)
		guest_expect(order[i] == i);
	take_irqs();
	guest_expect(nr_came == 32);
}

/* Pending ones come once each, the lowest first, when the flag is set. */
static void lowest_first(void)
{
	u32 notice[2], i;

	the_fd = mini_new(guest_takes_all);
	expect_value(read(the_fd, notice, 8), 8);
	for (i = 0; i < 32; i++)
		expect_value(mini_request(the_fd, LHREQ_IRQ, 31 - i), 0);
	for (i = 0; i < 32; i++)
		expect_value(mini_request(the_fd, LHREQ_IRQ, i), 0);
	expect_reason(mini_finish(the_fd), "CRASH: done");
	expect(mini.data.time.sec > 1000000, "the time is %u", mini.data.time.sec);
}

static void guest_masks(void)
{
	u32 i;

	mini.on_trap = note_irq;
	mini.data.blocked_interrupts = 0x55555555;
	exit_to_launcher();
	take_irqs();
	guest_expect(nr_came == 16);
	for (i = 0; i < 16; i++)
		guest_expect(order[i] == 2 * i + 1);
	/* unmasked, it comes with the next exit */
	mini.data.blocked_interrupts = ~(1u << 8);
	take_irqs();
	guest_expect(nr_came == 17 && order[16] == 8);
	mini.data.blocked_interrupts = 0;
	take_irqs();
	guest_expect(nr_came == 32);
	/* a halted guest takes what is not masked, whatever its flag */
	mini.data.blocked_interrupts = ~(1u << 5);
	exit_to_launcher();
	hcall(LHCALL_HALT, 0, 0, 0);
	guest_expect(nr_came == 33 && order[32] == 5);
	/* without a gate it stays pending */
	hcall(LHCALL_LOAD_IDT_ENTRY, 32 + 7, 0, 0);
	mini.data.blocked_interrupts = ~(1u << 7);
	take_irqs();
	guest_expect(nr_came == 33);
	mini_set_gate(32 + 7, GATE_INTERRUPT);
	take_irqs();
	guest_expect(nr_came == 34 && order[33] == 7);
}

static void masks(void)
{
	u32 notice[2], i;

	the_fd = mini_new(guest_masks);
	expect_value(read(the_fd, notice, 8), 8);
	for (i = 0; i < 32; i++)
		expect_value(mini_request(the_fd, LHREQ_IRQ, i), 0);
	expect_value(read(the_fd, notice, 8), 8);
	for (i = 0; i < 32; i++)
		expect_value(mini_request(the_fd, LHREQ_IRQ, i), 0);
	expect_reason(mini_finish(the_fd), "CRASH: done");
}

/* A trap gate leaves the virtual flag alone. */
static void note_trap_gate(struct frame *f)
{
	guest_expect(f->vector == 35 && mini.data.irq_enabled == FL_IF);
	guest_expect(f->eflags & FL_IF);
	mini_irqs(false);
	nr_came++;
}

static void guest_with_trap_gate(void)
{
	mini.on_trap = note_trap_gate;
	mini_set_gate(35, GATE_TRAP);
	exit_to_launcher();
	mini_irqs(true);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(nr_came == 1);
}

static void trap_gate(void)
{
	u32 notice[2];

	the_fd = mini_new(guest_with_trap_gate);
	expect_value(read(the_fd, notice, 8), 8);
	expect_value(mini_request(the_fd, LHREQ_IRQ, 3), 0);
	expect_reason(mini_finish(the_fd), "CRASH: done");
}

/* In the noirq range nothing comes. */
extern char noirq_from[], noirq_to[];

static void guest_in_noirq(void)
{
	mini.on_trap = note_irq;
	exit_to_launcher();
	mini_irqs(true);
	asm volatile("movl $300, %%ecx\n"
		     ".globl noirq_from, noirq_to\n"
		     "noirq_from:\n\t"
		     "inb $0x80, %%al\n\t"
		     "loop noirq_from\n"
		     "noirq_to:\n\t"
		     "movl %1, %0\n\t"
		     : "=r" (mini.traps) : "m" (nr_came) : "eax", "ecx", "memory");
	guest_expect(mini.traps == 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	guest_expect(nr_came == 1);
}

static void noirq_range(void)
{
	u32 notice[2];

	the_fd = mini_open();
	mini_reset(guest_in_noirq);
	mini.data.noirq_start = (u32)noirq_from;
	mini.data.noirq_end = (u32)noirq_to + 1;
	expect_value(mini_initialize(the_fd), 16);
	expect_value(read(the_fd, notice, 8), 8);
	expect_value(mini_request(the_fd, LHREQ_IRQ, 3), 0);
	expect_reason(mini_finish(the_fd), "CRASH: done");
}

static volatile u32 raised, sent[LGUEST_IRQS];

/* One that is still on its way would swallow a second one. */
static void raise_from_handler(int sig)
{
	u32 irq = 1 + raised % 31;

	(void)sig;
	if (sent[irq] != came[irq])
		return;
	sent[irq]++;
	raised++;
	mini_request(the_fd, LHREQ_IRQ, irq);
}

static void guest_counts(void)
{
	mini.on_trap = note_irq;
	for (;;) {
		mini_irqs(true);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	}
}

static void guest_counts_halted(void)
{
	mini.on_trap = note_irq;
	for (;;)
		hcall(LHCALL_HALT, 0, 0, 0);
}

static u32 all_that_came(void)
{
	u32 sum = 0, i;

	for (i = 0; i < LGUEST_IRQS; i++)
		sum += came[i];
	return sum;
}

static void nothing(int sig)
{
	(void)sig;
}

/* Another process sends signals; the handler raises interrupts: none is lost. */
static void storm(void (*guest)(void))
{
	struct sigaction sa = { .sa_handler = raise_from_handler };
	struct itimerval soon = { .it_interval = { .tv_usec = 20000 },
				  .it_value = { .tv_usec = 20000 } };
	pid_t pid, parent = getpid();
	u32 notice[2], i;

	sigaction(SIGUSR1, &sa, NULL);
	the_fd = mini_new(guest);
	pid = mini_fork();
	if (!pid) {
		for (;;) {
			kill(parent, SIGUSR1);
			usleep(300);
		}
	}
	while (raised < 1000)
		expect_error(read(the_fd, notice, 8), EINTR);
	kill(pid, SIGKILL);
	mini_wait(pid);
	/* all come in the end */
	sa.sa_handler = nothing;
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	for (i = 0; i < 100 && all_that_came() < raised; i++)
		expect_error(read(the_fd, notice, 8), EINTR);
	for (i = 0; i < LGUEST_IRQS; i++)
		expect(sent[i] == came[i], "irq %u: %u sent, %u came", i, sent[i], came[i]);
}

static void storm_while_running(void)
{
	storm(guest_counts);
}

static void storm_while_halted(void)
{
	storm(guest_counts_halted);
}

/* The clock: it comes when it was asked for, once; a new time replaces it. */
static void guest_with_clock(void)
{
	u32 i;

	mini.on_trap = note_irq;
	for (i = 1; i <= 20; i++) {
		hcall1(LHCALL_SET_CLOCKEVENT, i * 100000);
		hcall(LHCALL_HALT, 0, 0, 0);
		guest_expect(nr_came == i && came[0] == i);
	}
	hcall1(LHCALL_SET_CLOCKEVENT, 20000000);
	hcall1(LHCALL_SET_CLOCKEVENT, 0);
	hcall1(LHCALL_SET_CLOCKEVENT, 0xffffffff);
	hcall1(LHCALL_SET_CLOCKEVENT, 100);
	hcall(LHCALL_HALT, 0, 0, 0);
	guest_expect(came[0] == 21);
	hcall1(LHCALL_SET_CLOCKEVENT, 30000000);
	hcall1(LHCALL_SET_CLOCKEVENT, 0);
	for (i = 0; i < 3000; i++) {
		mini_irqs(true);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	}
	guest_expect(came[0] == 21);
}

static void clock_event(void)
{
	expect_reason(mini_run(guest_with_clock), "CRASH: done");
}

/* A guest that is moved about, and looks at all that it has. */
static void guest_moves(void)
{
	u32 *words = (u32 *)mini.scratch[2], i, round, seed, fs;
	double sum;

	mini.on_trap = note_irq;
	mini_load_gdt();
	asm volatile("movl %0, %%fs" : : "r" (USER_DS));
	for (round = 0; ; round++) {
		seed = round;
		sum = 0;
		for (i = 0; i < 2 * PAGE / 4; i++) {
			seed = seed * 1664525 + 1013904223;
			words[i] = seed;
			sum += i * 0.5;
		}
		guest_expect(sum == 1048064);
		seed = round;
		for (i = 0; i < 2 * PAGE / 4; i++) {
			seed = seed * 1664525 + 1013904223;
			guest_expect(words[i] == seed);
		}
		asm volatile("movl %%fs, %0" : "=r" (fs));
		guest_expect(fs == USER_DS);
		hcall1(LHCALL_FLUSH_TLB, round & 1);
		BOARD->ready[0] = round;
	}
}

static void moves(u32 guests)
{
	pid_t pids[3];
	u32 i, k;
	cpu_set_t set;

	pair_board();
	for (k = 0; k < guests; k++)
		pids[k] = pair_start(guest_moves, NULL);
	for (i = 0; i < 200; i++) {
		for (k = 0; k < guests; k++) {
			CPU_ZERO(&set);
			CPU_SET((i + k) & 1, &set);
			expect_value(sched_setaffinity(pids[k], sizeof(set), &set), 0);
		}
		if (i % 20 == 0) {
			u32 seen = board->ready[0];

			wait_until(board->ready[0] != seen);
		}
		usleep(500);
	}
	for (k = 0; k < guests; k++) {
		expect_value(waitpid(pids[k], NULL, WNOHANG), 0);
		kill(pids[k], SIGKILL);
		mini_wait(pids[k]);
	}
}

static void one_guest_moves(void)
{
	moves(1);
}

static void guests_change_places(void)
{
	moves(3);
}

int main(void)
{
	RUN(lowest_first);
	RUN(masks);
	RUN(trap_gate);
	RUN(noirq_range);
	RUN(storm_while_running);
	RUN(storm_while_halted);
	RUN(clock_event);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		RUN(one_guest_moves);
		RUN(guests_change_places);
	} else {
		mini_skip("guests move", "there is no other CPU to move to");
	}
	return mini_done();
}

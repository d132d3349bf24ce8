// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts in every era: irq_pending and SEND_INTERRUPTS, where none may
 * come, the return that one may join, and who is woken by LHREQ_IRQ.
 */
#include <pthread.h>
#include "era.h"

#define FL_TF		0x100u
#define FL_IOPL		0x3000u
#define FL_NT		0x4000u
#define FL_RF		0x10000u
#define FL_VM		0x20000u
#define FL_SYSTEM	(FL_TF | FL_IF | FL_IOPL | FL_NT | FL_RF | FL_VM | 0x180000u)

static volatile u32 came[LGUEST_IRQS], nr_came, last_flags, last_eip, last_cs, live_flags;
static volatile u32 pending_seen;

static u32 flags_now(void)
{
	u32 flags;

	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	return flags;
}

static u32 irq_pending(void)
{
	return era_has(ERA_SEND) ? *guest_word(era->data->irq_pending) : 0;
}

static void note_irq(struct frame *f)
{
	u32 irq = f->vector - 32;

	live_flags = flags_now();
	guest_expect(irq < LGUEST_IRQS);
	guest_expect(*guest_word(DATA_IRQ_ENABLED) == 0);
	came[irq]++;
	nr_came++;
	last_flags = f->eflags;
	last_eip = f->eip;
	last_cs = f->cs;
	pending_seen = irq_pending();
}

static void any_exit(void)
{
	call0(LHCALL_FLUSH_ASYNC);
}

/* sti as a guest of the era has it. */
static void enable(void)
{
	era_irqs(true);
	if (irq_pending())
		call0(LHCALL_SEND_INTERRUPTS);
	else if (!era_has(ERA_SEND))
		any_exit();
}

static void unblock_all(void)
{
	*guest_word(DATA_BLOCKED) = 0;
}

/* A guest with these interrupts before it runs. */
static int new_guest(void (*main)(void), u32 irqs)
{
	u32 irq;
	int fd;

	era_prepare(main);
	mini.on_trap = note_irq;
	fd = era_start();
	for (irq = 0; irq < LGUEST_IRQS; irq++) {
		if (irqs & 1u << irq)
			expect_value(mini_request(fd, LHREQ_IRQ, irq), 0);
	}
	return fd;
}

static void guest_waits(void)
{
	any_exit();
	guest_expect(!nr_came);
	if (era_has(ERA_SEND))
		guest_expect(irq_pending() == FL_IF);
	enable();
	guest_expect(nr_came == 1 && came[5] == 1);
	/* one more is deliverable, so it says so still */
	if (era_has(ERA_SEND))
		guest_expect(pending_seen == FL_IF);
	enable();
	guest_expect(nr_came == 2 && came[9] == 1);
	guest_expect(!pending_seen);
	guest_expect(!irq_pending());
	enable();
	guest_expect(nr_came == 2);
	guest_expect(!irq_pending());
}

/* It is set by an interrupt that must wait, and cleared with the last one. */
static void pending_is_told(void)
{
	int fd = new_guest(guest_waits, 1 << 5 | 1 << 9);

	expect_reason(era_finish(fd), "CRASH: done");
}

static void guest_blocks(void)
{
	*guest_word(DATA_BLOCKED) = ~(1u << 5);
	any_exit();
	guest_expect(irq_pending() == FL_IF);
	/* what is blocked does not wait for the flag */
	*guest_word(DATA_BLOCKED) = -1;
	enable();
	any_exit();
	guest_expect(!nr_came);
	guest_expect(!irq_pending());
	*guest_word(DATA_BLOCKED) = ~(1u << 5 | 1u << 6);
	any_exit();
	guest_expect(nr_came == 1);
	/* 6 is pending, 7 as well but blocked */
	any_exit();
	guest_expect(irq_pending() == FL_IF);
	enable();
	guest_expect(nr_came == 2 && !pending_seen);
}

static void blocked_is_not_pending(void)
{
	int fd = new_guest(guest_blocks, 1 << 5 | 1 << 6 | 1 << 7);

	expect_reason(era_finish(fd), "CRASH: done");
}

static void guest_takes_all(void)
{
	u32 i;

	unblock_all();
	for (i = 0; i < LGUEST_IRQS; i++) {
		enable();
		guest_expect(nr_came == i + 1 && came[i] == 1);
	}
	enable();
	guest_expect(nr_came == LGUEST_IRQS);
}

static void lowest_first(void)
{
	int fd = new_guest(guest_takes_all, -1);

	expect_reason(era_finish(fd), "CRASH: done");
}

/* -- Halted -- */

static void guest_halts(void)
{
	unblock_all();
	*guest_word(DATA_TIME) = 0;
	call0(LHCALL_HALT);
	guest_expect(nr_came == 1 && came[3] == 1);
	guest_expect(*guest_word(DATA_TIME) > 1000000);
	call0(LHCALL_HALT);
	guest_expect(nr_came == 2 && came[4] == 1);
}

static void halt_enables(void)
{
	int fd = new_guest(guest_halts, 1 << 3 | 1 << 4);

	expect_reason(era_finish(fd), "CRASH: done");
}

static void guest_sleeps(void)
{
	unblock_all();
	while (nr_came < 3)
		call0(LHCALL_HALT);
}

static int the_fd;

static void *wakes(void *unused)
{
	u32 i;

	for (i = 0; i < 3; i++) {
		wait_until(mini_counter(the_fd, "halt_exits") > (long)i);
		expect_value(mini_request(the_fd, LHREQ_IRQ, 2 + i), 0);
		wait_until(nr_came == i + 1);
	}
	return unused;
}

/* From others, who may do so in eras after the classic ones. */
static void others_wake(void)
{
	pthread_t other;

	the_fd = new_guest(guest_sleeps, 0);
	pthread_create(&other, NULL, wakes, NULL);
	expect_reason(era_finish(the_fd), "CRASH: done");
	pthread_join(other, NULL);
}

static volatile u32 spinning;

static void guest_spins(void)
{
	unblock_all();
	while (nr_came < 50) {
		era_irqs(true);
		spinning = nr_came + 1;
	}
}

/* It need not do anything to be interrupted. */
static void others_kick(void)
{
	int fd = new_guest(guest_spins, 0);
	u32 i;

	if (!mini_fork()) {
		for (i = 0; i < 50; i++) {
			wait_until(spinning == i + 1);
			expect_value(mini_request(fd, LHREQ_IRQ, i % 32), 0);
			wait_until(nr_came == i + 1);
		}
		_exit(0);
	}
	expect_reason(era_finish(fd), "CRASH: done");
}

static void guest_sets_clock(void)
{
	unblock_all();
	call1(LHCALL_SET_CLOCKEVENT, 100000);
	while (!came[0]) {
		era_irqs(true);
		any_exit();
	}
	guest_expect(nr_came == 1);
	call1(LHCALL_SET_CLOCKEVENT, 3000000000u);
	call1(LHCALL_SET_CLOCKEVENT, 0);
}

static void clock_interrupts(void)
{
	int fd = new_guest(guest_sets_clock, 0);

	expect_reason(era_finish(fd), "CRASH: done");
}

/* -- Without a gate -- */

static void guest_has_no_gate(void)
{
	call3(LHCALL_LOAD_IDT_ENTRY, 32 + 7, 0, 0);
	unblock_all();
	*guest_word(DATA_TIME) = 0;
	enable();
	any_exit();
	guest_expect(!nr_came);
	/* the clock goes on for whoever polls it */
	guest_expect(*guest_word(DATA_TIME) > 1000000);
	call0(LHCALL_HALT);
	guest_expect(!nr_came && *guest_word(DATA_IRQ_ENABLED) == FL_IF);
	era_gate(32 + 7, GATE_INTERRUPT);
	guest_expect(nr_came == 1 && came[7] == 1);
}

static void no_gate_no_interrupt(void)
{
	int fd = new_guest(guest_has_no_gate, 1 << 7);

	expect_reason(era_finish(fd), "CRASH: done");
}

static void note_trap_gate(struct frame *f)
{
	(void)f;
	/* the second one comes as soon as the first has a chance */
	guest_expect(*guest_word(DATA_IRQ_ENABLED) == FL_IF);
	nr_came++;
}

static void guest_uses_trap_gate(void)
{
	era_gate(32 + 3, GATE_TRAP);
	unblock_all();
	enable();
	guest_expect(nr_came == 1);
}

/* irq_enabled is what it was in the handler of a trap gate. */
static void trap_gates_leave_flag(void)
{
	int fd;

	fd = new_guest(guest_uses_trap_gate, 1 << 3);
	mini.on_trap = note_trap_gate;
	expect_reason(era_finish(fd), "CRASH: done");
}

/* -- The range that no interrupt comes to -- */

extern char noirq_first[], noirq_last[];

/* Three exits inside of the range; the next one is outside. */
asm("	.pushsection .text\n"
	"noirq_first:\n"
	"	movl	$0, (%edi)\n"
	"	int	$0x1f\n"
	"	int	$0x1f\n"
	"	int	$0x1f\n"
	"	nop\n"
	"noirq_last:\n"
	"	int	$0x1f\n"
	"	ret\n"
	"	.popsection");

/* It is blocked until the guest is inside: the host's clock may come before. */
static void guest_is_in_range(void)
{
	call0(LHCALL_FLUSH_ASYNC);
	guest_expect(!nr_came && !irq_pending());
	era_irqs(true);
	asm volatile("call noirq_first" : : "a" (LHCALL_FLUSH_ASYNC), "D" (guest_word(DATA_BLOCKED))
		     : "ebx", "ecx", "edx", "esi", "memory");
	guest_expect(nr_came == 1);
}

static void none_in_range(void)
{
	int fd;

	era_prepare(guest_is_in_range);
	mini.on_trap = note_irq;
	*seen_word(era->data->noirq_start) = (u32)noirq_first;
	*seen_word(era->data->noirq_end) = (u32)noirq_last;
	*seen_word(DATA_BLOCKED) = -1;
	fd = era_start();
	expect_value(mini_request(fd, LHREQ_IRQ, 4), 0);
	expect_reason(era_finish(fd), "CRASH: done");
	/* the first exit outside, unless the host's clock was faster */
	expect(last_eip == (u32)noirq_last + 2 || last_eip == (u32)noirq_last,
	       "it came at %#x", last_eip);
}

/* -- The iret that an interrupt may join -- */

extern char the_iret[], after_iret[], user_spin[];

/* The launcher makes the interrupt while it handles the IN before. */
asm("	.pushsection .text\n"
	"go_to_iret:\n"
	"	inb	(%dx), %al\n"
	"the_iret:\n"
	"	iret\n"
	"after_iret:\n"
	"	ret\n"
	"	.popsection");

static u32 frame_flags, frame_esp, esp_in_handler;

static void note_joined(struct frame *f)
{
	note_irq(f);
	esp_in_handler = (u32)&f->eip;
	/* so that the iret does not do what the test asked for */
	f->eflags = FL_IF | 2;
}

static void guest_stands_on_iret(void)
{
	unblock_all();
	era_irqs(true);
	asm volatile("pushl $1f\n\t"		/* for after_iret's ret */
		     "pushl %1\n\t"
		     "pushl %%cs\n\t"
		     "pushl $after_iret\n\t"
		     "movl %%esp, %0\n\t"
		     "jmp go_to_iret\n"
		     "1:"
		     : "=m" (frame_esp) : "r" (frame_flags) : "eax", "edx", "memory");
	guest_expect(nr_came == 1);
}

/* It stands before its iret: on with it, and with an interrupt. */
static void interrupt_at_iret(int fd)
{
	expect_value(era_next_trap(fd, 13).insn[0], 0xec);
	expect_value(mini_request(fd, LHREQ_IRQ, 4), 0);
	era_set_reg(fd, R_IP, (u32)the_iret);
}

static void join_with(u32 flags)
{
	int fd;

	era_prepare(guest_stands_on_iret);
	mini.on_trap = note_joined;
	*seen_word(era->data->noirq_iret) = (u32)the_iret;
	frame_flags = flags;
	nr_came = 0;
	memset((void *)came, 0, sizeof(came));
	fd = era_start();
	interrupt_at_iret(fd);
	expect_reason(era_finish(fd), "CRASH: done");
	expect_value(last_eip, (u32)after_iret);
	expect_value(esp_in_handler, frame_esp);
	expect_value(last_cs, KERNEL_CS);
	expect_value(last_flags, flags);
	/* whatever the guest had there, these are the flags to run with */
	expect_value(live_flags & FL_SYSTEM, FL_IF);
}

static void interrupt_joins_iret(void)
{
	static const u32 flags[] = {
		0x202, 0x2, 0, FL_IOPL | 0x202, FL_NT | 0x202, FL_TF | 0x202,
		FL_VM | 0x202, FL_RF | 0x202, 0x180202, 0xffffffff, FL_IOPL | FL_VM, 0x40202
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		join_with(flags[i]);
}

/* The same place in a user's program is not the kernel's iret. */
static volatile u32 user_runs;

__attribute__((naked)) static void user_spins(void)
{
	asm volatile("movl $1, %0\n"
		     "	.globl user_spin\n"
		     "user_spin:\n\t"
		     "jmp user_spin" : "=m" (user_runs));
}

static void end_in_user(struct frame *f)
{
	guest_expect(f->vector == 32 + 4);
	guest_expect(f->cs == USER_CS && f->eip == (u32)user_spin);
	guest_expect(f->esp == PHYS(ustack) + PAGE && f->ss == USER_DS);
	guest_expect((u32)f - PHYS(stack) < 2 * PAGE);
	crash("user interrupted");
}

static void guest_runs_user(void)
{
	unblock_all();
	era_load_gdt();
	era_irqs(true);
	era_user(user_spins);
}

static void iret_is_kernels(void)
{
	int fd;

	era_prepare(guest_runs_user);
	mini.on_trap = end_in_user;
	*seen_word(era->data->noirq_iret) = (u32)user_spin;
	fd = era_start();
	if (!mini_fork()) {
		wait_until(user_runs);
		expect_value(mini_request(fd, LHREQ_IRQ, 4), 0);
		_exit(0);
	}
	expect_reason(era_finish(fd), "CRASH: user interrupted");
}

/* No stack to take flags from. */
static void guest_has_no_frame(void)
{
	unblock_all();
	era_irqs(true);
	asm volatile("movl %0, %%esp\n\tjmp go_to_iret" : : "m" (frame_esp));
}

static void iret_without_stack(void)
{
	static const u32 stacks[] = {
		ERA_WINDOW, 0xfffffffc, 0xfffffff8, 0xfffffff0, 0xffc00000, 0xffbffffc,
		ERA_LOW_MAPPED - 8,
	};
	u32 i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(stacks); i++) {
		era_prepare(guest_has_no_frame);
		*seen_word(era->data->noirq_iret) = (u32)the_iret;
		frame_esp = stacks[i];
		fd = era_start();
		interrupt_at_iret(fd);
		expect(strncmp(era_finish(fd), "CRASH", 5), "stack %#x", stacks[i]);
	}
}

int main(void)
{
	RUN_ERAS(pending_is_told, 0, 0);
	RUN_ERAS(blocked_is_not_pending, ERA_SEND, 0);
	RUN_ERAS(lowest_first, 0, 0);
	RUN_ERAS(halt_enables, 0, 0);
	RUN_ERAS(others_wake, 0, ERA_OWNER);
	RUN_ERAS(others_kick, 0, ERA_OWNER);
	RUN_ERAS(clock_interrupts, 0, 0);
	RUN_ERAS(no_gate_no_interrupt, 0, 0);
	RUN_ERAS(trap_gates_leave_flag, 0, 0);
	RUN_ERAS(none_in_range, 0, ERA_IRET);
	RUN_ERAS(interrupt_joins_iret, ERA_IRET, 0);
	RUN_ERAS(iret_is_kernels, ERA_IRET, 0);
	RUN_ERAS(iret_without_stack, ERA_IRET, 0);
	return mini_done();
}

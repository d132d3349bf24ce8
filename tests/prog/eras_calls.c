// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of every era: the registers of their arguments, the ring's slots,
 * which numbers there are, and what NOTIFY and SHUTDOWN tell the launcher.
 */
#include <sys/eventfd.h>
#include "era.h"

#define SOMEWHERE	0x00345000u

static u32 the_call, arg1, arg2, arg3;

static void guest_does_nothing(void)
{
}

static void guest_calls(void)
{
	call3(the_call, arg1, arg2, arg3);
}

static const char *call(u32 nr, u32 a1, u32 a2, u32 a3)
{
	era_prepare(guest_calls);
	run.no_gates = true;
	the_call = nr;
	arg1 = a1;
	arg2 = a2;
	arg3 = a3;
	return era_run_again();
}

static void it_lives(void)
{
	expect_reason(era_run(guest_does_nothing), "CRASH: done");
}

/* Each of three arguments is used where it belongs; eax stays as it was. */
static void guest_uses_arguments(void)
{
	u32 eax;

	/* third: the gate's type; second: where it leads; first: which it is */
	era_gate(3, GATE_INTERRUPT | GATE_DPL1);
	asm volatile("int3");
	guest_expect(mini.traps == 1);
	era_gate(5, 0);
	eax = call1(LHCALL_TS, 0);
	guest_expect(eax == LHCALL_TS);
	eax = call0(LHCALL_FLUSH_ASYNC);
	guest_expect(eax == LHCALL_FLUSH_ASYNC);
}

static void ignore_trap(struct frame *f)
{
	guest_expect(f->vector == 3);
}

static void arguments_have_their_registers(void)
{
	era_prepare(guest_uses_arguments);
	mini.on_trap = ignore_trap;
	expect_reason(era_run_again(), "CRASH: done");
}

/* What any era may have, and whether this one does. */
static const struct {
	u32 nr, with, without;
} numbers[] = {
	{ LHCALL_LOAD_GDT, ERA_GDT, 0 },
	{ LHCALL_GET_WALLCLOCK, -1, 0 },
	{ LHCALL_BIND_DMA, -1, 0 },
	{ LHCALL_NOTIFY, ERA_NOTIFY, 0 },
	{ LHCALL_LOAD_GDT_ENTRY, ERA_GDT_ENTRY, 0 },
	{ LHCALL_SEND_INTERRUPTS, ERA_SEND, 0 },
	{ 20, -1, 0 }, { 31, -1, 0 }, { 64, -1, 0 }, { 255, -1, 0 }, { 256, -1, 0 },
	{ 0x80000000, -1, 0 }, { 0xffffffff, -1, 0 },
};

/* arguments that are good for all of them */
static void numbers_come_and_go(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		const char *reason = call(numbers[i].nr, 0, 0, 0);

		if ((era->has & numbers[i].with) == numbers[i].with)
			expect_reason(reason, "CRASH: done");
		else
			expect_formatted(reason, "bad hypercall %u", numbers[i].nr);
	}
}

static void guest_calls_in_ring(void)
{
	era_later(0, the_call, arg1, arg2, arg3);
	call0(LHCALL_FLUSH_ASYNC);
}

static void numbers_in_ring(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		const char *reason;

		era_prepare(guest_calls_in_ring);
		the_call = numbers[i].nr;
		arg1 = 0;
		arg2 = 0;
		arg3 = 0;
		reason = era_run_again();
		if ((era->has & numbers[i].with) == numbers[i].with)
			expect_reason(reason, "CRASH: done");
		else
			expect_formatted(reason, "bad hypercall %u", numbers[i].nr);
	}
	era_prepare(guest_calls_in_ring);
	the_call = LHCALL_LGUEST_INIT;
	arg1 = run.data;
	expect_reason(era_run_again(), "already initialised");
}

/* SEND_DMA's number is PAE's now, and nobody's of the others. */
static void call_13(void)
{
	if (era_has(ERA_PAE) && era_pae)
		expect_reason(call(LHCALL_SET_PMD, PHYS(tables), 0, 0), "CRASH: done");
	else
		expect(strncmp(call(LHCALL_SET_PMD, SOMEWHERE, 0, 0), "CRASH", 5),
		       "call 13 did nothing");
}

static void before_init(void)
{
	u32 nr;

	for (nr = 0; nr < 24; nr++) {
		if (nr == LHCALL_LGUEST_INIT)
			continue;
		era_prepare(guest_calls);
		run.no_init = true;
		the_call = nr;
		/* it is not known yet which registers the guest uses, nor how it calls */
		expect(strncmp(era_run_again(), "CRASH", 5), "call %u", nr);
	}
}

static void second_init(void)
{
	expect_reason(call(LHCALL_LGUEST_INIT, PHYS(data), 0, 0), "already initialised");
	expect_reason(call(LHCALL_LGUEST_INIT, 0, 0, 0), "already initialised");
}

/* Slot 63 is followed by slot 0, and each has its arguments in the era's order. */
static void guest_runs_ring(void)
{
	volatile u8 *status = (volatile u8 *)guest_word(era->data->status);
	u32 round, slot;

	for (round = 0; round < 3; round++) {
		for (slot = 0; slot < LHCALL_RING_SIZE; slot++) {
			u32 at = (u32)mini_trap_stubs + 16 * slot;

			era_later(slot, LHCALL_LOAD_IDT_ENTRY, slot % 6 == 2 ? 3 : slot % 6,
				  KERNEL_CS << 16 | (at & 0xffff),
				  (at & 0xffff0000) | GATE_INTERRUPT | GATE_DPL1);
		}
		call0(LHCALL_FLUSH_ASYNC);
		for (slot = 0; slot < LHCALL_RING_SIZE; slot++)
			guest_expect(status[slot] == LHCALL_RING_FREE);
	}
	/* the last of all for this vector was in slot 63: it pushes 63 */
	mini.recover = 0;
	asm volatile("int3");
	guest_expect(mini.traps == 1);
}

static u32 seen_vector;

static void note_vector(struct frame *f)
{
	seen_vector = f->vector;
}

static void ring_slots(void)
{
	era_prepare(guest_runs_ring);
	mini.on_trap = note_vector;
	expect_reason(era_run_again(), "CRASH: done");
	expect_value(seen_vector, 63);
}

/* The ring goes on where it was, and stops at the first slot that is free. */
static void guest_leaves_gap(void)
{
	volatile u8 *status = (volatile u8 *)guest_word(era->data->status);

	era_later(0, LHCALL_TS, 0, 0, 0);
	era_later(2, LHCALL_TS, 0, 0, 0);
	call0(LHCALL_FLUSH_ASYNC);
	guest_expect(status[0] == LHCALL_RING_FREE);
	guest_expect(status[2] == LHCALL_RING_READY);
	era_later(1, LHCALL_TS, 0, 0, 0);
	/* before a call that has nothing to do with it, too */
	call1(LHCALL_TS, 0);
	guest_expect(status[1] == LHCALL_RING_FREE);
	guest_expect(status[2] == LHCALL_RING_FREE);
}

static void ring_stops_at_gap(void)
{
	expect_reason(era_run(guest_leaves_gap), "CRASH: done");
}

/* Only a call drains it: no other exit does. */
static void guest_waits_for_ring(void)
{
	volatile u8 *status = (volatile u8 *)guest_word(era->data->status);
	u32 i;

	era_later(0, LHCALL_TS, 0, 0, 0);
	for (i = 0; i < 10; i++) {
		asm volatile("int3");
		guest_expect(status[0] == LHCALL_RING_READY);
	}
	call1(LHCALL_TS, 0);
	guest_expect(status[0] == LHCALL_RING_FREE);
}

static void only_calls_drain_ring(void)
{
	era_prepare(guest_waits_for_ring);
	mini.on_trap = ignore_trap;
	expect_reason(era_run_again(), "CRASH: done");
}

static void guest_notifies(void)
{
	u32 i;

	for (i = 1; i <= 3; i++)
		call1(LHCALL_NOTIFY, i * SOMEWHERE);
}

static void notify_tells_launcher(void)
{
	int fd = era_new(guest_notifies);
	u32 i;

	for (i = 1; i <= 3; i++)
		expect_value(era_notified(fd), i * SOMEWHERE);
	expect_reason(era_finish(fd), "CRASH: done");
}

static void notify_of_nothing(void)
{
	expect_reason(call(LHCALL_NOTIFY, 0, SOMEWHERE, SOMEWHERE), "CRASH: done");
}

/* What is in the ring is before the call that trapped, and a NOTIFY between. */
static void guest_notifies_in_ring(void)
{
	era_later(0, LHCALL_NOTIFY, SOMEWHERE, 0, 0);
	era_later(1, LHCALL_NOTIFY, SOMEWHERE + 1, 0, 0);
	call1(LHCALL_NOTIFY, SOMEWHERE + 2);
}

static void notify_in_ring(void)
{
	int fd = era_new(guest_notifies_in_ring);
	u32 i;

	for (i = 0; i < 3; i++)
		expect_value(era_notified(fd), SOMEWHERE + i);
	expect_reason(era_finish(fd), "CRASH: done");
}

static int new_eventfd(int fd, u32 address)
{
	int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	expect(event >= 0, "eventfd: %m");
	expect_value(era_request(fd, LHREQ_EVENTFD, address, event), 0);
	return event;
}

static u64 count_of(int event)
{
	u64 count = 0;

	expect(read(event, &count, sizeof(count)) == 8 || errno == EAGAIN, "eventfd: %m");
	return count;
}

static void guest_kicks(void)
{
	u32 i;

	for (i = 0; i < 5; i++) {
		call1(LHCALL_NOTIFY, SOMEWHERE);
		call1(LHCALL_NOTIFY, SOMEWHERE + 4);
	}
	call1(LHCALL_NOTIFY, SOMEWHERE + 1);
}

static void eventfds_take_notices(void)
{
	int fd = era_new(guest_kicks), first, same, other;

	first = new_eventfd(fd, SOMEWHERE);
	same = new_eventfd(fd, SOMEWHERE);	/* the first match gets it */
	other = new_eventfd(fd, SOMEWHERE + 4);
	expect_value(era_notified(fd), SOMEWHERE + 1);
	expect_value(count_of(first), 5);
	expect_value(count_of(same), 0);
	expect_value(count_of(other), 5);
	expect_reason(era_finish(fd), "CRASH: done");
}

/* One that an eventfd has taken does not end what is in the ring. */
static void guest_kicks_in_ring(void)
{
	volatile u8 *status = (volatile u8 *)guest_word(era->data->status);

	era_later(0, LHCALL_NOTIFY, SOMEWHERE, 0, 0);
	era_later(1, LHCALL_NOTIFY, SOMEWHERE, 0, 0);
	call1(LHCALL_NOTIFY, SOMEWHERE);
	guest_expect(status[0] == LHCALL_RING_FREE);
	guest_expect(status[1] == LHCALL_RING_FREE);
}

static void eventfd_and_ring(void)
{
	int fd = era_new(guest_kicks_in_ring);
	int event = new_eventfd(fd, SOMEWHERE);

	expect_reason(era_finish(fd), "CRASH: done");
	expect_value(count_of(event), 3);
}

static void eventfd_full(void)
{
	u64 nearly = -3ull;
	int fd = era_new(guest_kicks), event;

	event = new_eventfd(fd, SOMEWHERE);
	new_eventfd(fd, SOMEWHERE + 4);
	expect_value(write(event, &nearly, 8), 8);
	expect_value(era_notified(fd), SOMEWHERE + 1);
	expect(count_of(event) >= -2ull, "it went round");
	expect_reason(era_finish(fd), "CRASH: done");
}

/* -- SHUTDOWN -- */

static void shuts_down(u32 reason)
{
	strcpy((char *)IN_LAUNCHER->scratch[0], "good night");
	the_call = LHCALL_SHUTDOWN;
	arg1 = PHYS(scratch[0]);
	arg2 = reason;
	arg3 = 0;
}

static void shutdown_gives_message(void)
{
	static const u32 reasons[] = { 0, LGUEST_SHUTDOWN_POWEROFF, 3, 0x80000000, -1 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		era_prepare(guest_calls);
		shuts_down(reasons[i]);
		expect_reason(era_run_again(), "CRASH: good night");
	}
}

static void restart_is_for_ever(void)
{
	char text[64];
	int fd, i;

	era_prepare(guest_calls);
	shuts_down(LGUEST_SHUTDOWN_RESTART);
	fd = era_start();
	for (i = 0; i < 5; i++) {
		memset(text, 0x5a, sizeof(text));
		expect_error(read(fd, text, sizeof(text)), ERESTART);
		expect(text[0] == 0x5a, "something was stored");
	}
	expect_error(mini_request(fd, LHREQ_IRQ, 1), ENOENT);
	expect_error(era_initialize(fd), EBUSY);
	expect_error(read(fd, text, sizeof(text)), ERESTART);
}

/* Linux passes __pa(NULL), which is its PAGE_OFFSET turned round. */
static void restart_needs_no_message(void)
{
	static const u32 nowhere[] = { -0xC0000000u, -0x80000000u, 0, -4, ERA_RAM - 4 };
	char text[64];
	u32 i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		era_prepare(guest_calls);
		shuts_down(LGUEST_SHUTDOWN_RESTART);
		arg1 = nowhere[i];
		fd = era_start();
		expect_error(read(fd, text, sizeof(text)), ERESTART);
		close(fd);
	}
}

static void messages_at_limit(void)
{
	u32 limit, at;

	era_prepare(guest_calls);
	limit = era_last_page();
	strcpy(seen(limit - 128), "last words");
	expect_reason(call(LHCALL_SHUTDOWN, limit - 128, 1, 0), "CRASH: last words");
	for (at = limit - 127; at < limit + 2; at += 43)
		expect_formatted(call(LHCALL_SHUTDOWN, at, 1, 0),
				 "bad read address %#x len 128", at);
	expect_reason(call(LHCALL_SHUTDOWN, -128, 1, 0), "bad read address 0xffffff80 len 128");
	expect_reason(call(LHCALL_SHUTDOWN, -1, 1, 0), "bad read address 0xffffffff len 128");
	/* the launcher's own memory, or what would be the host's with the base */
	expect_prefix(call(LHCALL_SHUTDOWN, -ERA_BASE, 1, 0), "bad read address");
	expect_prefix(call(LHCALL_SHUTDOWN, 0xC0000000 - ERA_BASE, 1, 0), "bad read address");
}

/* -- vmcall -- */

static void guest_uses_vmcall(void)
{
	const u8 *insn;
	u32 eax, i;

	asm volatile("movl $1f, %0\n\tjmp 2f\n"
		     "1:\t.byte 0x0f, 0x01, 0xc1\n\tret\n2:" : "=r" (insn));
	for (i = 0; i < 3; i++) {
		eax = LHCALL_TS;
		asm volatile("call *%1" : "+a" (eax) : "r" (insn), "b" (0) : "memory");
		guest_expect(eax == LHCALL_TS);
	}
	eax = era_vmcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	guest_expect(eax == LHCALL_FLUSH_ASYNC);
	era_int(LHCALL_TS, 0, 0, 0, 0);
	/* both are what they were, or one is the other for good */
	era_vmcall(LHCALL_TS, 0, 0, 0, 0);
}

static void vmcall_and_int(void)
{
	expect_reason(era_run(guest_uses_vmcall), "CRASH: done");
}

static void vmcalls(void)
{
	era_vmcall(LHCALL_TS, 0, 0, 0, 0);
}

static void guest_meets_ud(void)
{
	guest_expect(mini_try(vmcalls) == 6);
}

static void vmcall_is_no_instruction(void)
{
	expect_reason(era_run(guest_meets_ud), "CRASH: done");
}

static void user_vmcalls(void)
{
	vmcalls();
}

static void expect_ud_of_user(struct frame *f)
{
	crash("trap %u cs %x", f->vector, f->cs);
}

static void guest_user_vmcalls(void)
{
	era_load_gdt();
	era_user(user_vmcalls);
}

/* Not for ring 3, of which the era's vmcall is not either. */
static void vmcall_of_user(void)
{
	era_prepare(guest_user_vmcalls);
	mini.on_trap = expect_ud_of_user;
	expect_reason(era_run_again(), "CRASH: trap 6 cs 73");
}

/* Vector 6 leads to the guest for all other instructions. */
static void uses_ud2(void)
{
	asm volatile("ud2");
}

static void guest_uses_ud2(void)
{
	guest_expect(mini_try(uses_ud2) == 6);
	era_gate(6, GATE_TRAP);
	guest_expect(mini_try(uses_ud2) == 6);
	call0(LHCALL_FLUSH_ASYNC);
}

static void other_undefined(void)
{
	expect_reason(era_run(guest_uses_ud2), "CRASH: done");
}

int main(void)
{
	RUN_FORMATS(it_lives, 0, 0);
	RUN_ERAS(arguments_have_their_registers, 0, 0);
	RUN_ERAS(numbers_come_and_go, 0, 0);
	RUN_ERAS(numbers_in_ring, 0, 0);
	RUN_FORMATS(call_13, 0, 0);
	RUN_ERAS(before_init, 0, 0);
	RUN_ERAS(second_init, 0, 0);
	RUN_ERAS(ring_slots, 0, 0);
	RUN_ERAS(ring_stops_at_gap, 0, 0);
	RUN_ERAS(only_calls_drain_ring, 0, 0);
	RUN_ERAS(notify_tells_launcher, ERA_NOTIFY, 0);
	RUN_ERAS(notify_of_nothing, ERA_NOTIFY, 0);
	RUN_ERAS(notify_in_ring, ERA_NOTIFY, 0);
	RUN_ERAS(eventfds_take_notices, ERA_EVENTFD, 0);
	RUN_ERAS(eventfd_and_ring, ERA_EVENTFD, 0);
	RUN_ERAS(eventfd_full, ERA_EVENTFD, 0);
	RUN_ERAS(shutdown_gives_message, 0, 0);
	RUN_ERAS(restart_is_for_ever, 0, 0);
	RUN_ERAS(restart_needs_no_message, 0, 0);
	RUN_ERAS(messages_at_limit, 0, 0);
	RUN_ERAS(vmcall_and_int, ERA_VMCALL, 0);
	RUN_ERAS(vmcall_and_int, ERA_VMCALL_TOO, 0);
	RUN_ERAS(vmcall_is_no_instruction, 0, ERA_VMCALL | ERA_VMCALL_TOO | ERA_LINEAR);
	RUN_ERAS(vmcall_is_no_instruction, ERA_TRAPS, 0);
	RUN_ERAS(vmcall_of_user, 0, 0);
	RUN_ERAS(other_undefined, 0, 0);
	return mini_done();
}

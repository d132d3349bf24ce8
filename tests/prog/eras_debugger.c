// SPDX-License-Identifier: GPL-2.0
/*
 * What the host offers to debuggers, an extension of the launcher's side: registers,
 * breakpoints and single steps of a guest, in all eras; that a launcher which does not
 * ask for it sees nothing of it; and that no value of a register harms the host.
 */
#include <pthread.h>
#include "era.h"

#define OFFERS	(LGUEST_DEBUG_BREAK | LGUEST_DEBUG_STEP | LGUEST_DEBUG_NO_IRQS)
#define QUIET	(LGUEST_DEBUG_STEP | LGUEST_DEBUG_NO_IRQS)

#define FL_FIXED	0x2u
#define FL_TF		0x100u
#define FL_ID		0x200000u
/* What a launcher may set; IF is on whatever it says, but for the guest's eyes. */
#define FL_SETTABLE	0x240dd5u
#define CR0_PG		0x80000000u
#define CR4_PAE		0x20u

#define IRQ	3u

static struct lguest_debug_regs regs_of(int fd)
{
	struct lguest_debug_regs regs;
	u32 room[64];

	expect_value(mini_request(fd, LHREQ_GETREGS, 0), 0);
	memset(room, 0x5a, sizeof(room));
	expect_value(read(fd, room, sizeof(room)), sizeof(regs));
	expect_value(room[sizeof(regs) / 4], 0x5a5a5a5a);
	memcpy(&regs, room, sizeof(regs));
	return regs;
}

static int try_regs(int fd, const struct lguest_debug_regs *regs)
{
	u32 words[1 + sizeof(*regs) / 4] = { LHREQ_SETREGS };

	memcpy(words + 1, regs, sizeof(*regs));
	return era_words(fd, words, ARRAY_SIZE(words));
}

static void set_regs(int fd, const struct lguest_debug_regs *regs)
{
	expect_value(try_regs(fd, regs), 0);
}

static void want(int fd, u32 what)
{
	expect_value(mini_request(fd, LHREQ_DEBUG, what), OFFERS);
}

/* Run it to the next event, or to its end: then what is 0. */
static struct lguest_debug_event next_event(int fd)
{
	struct lguest_debug_event event = { 0 };
	int got = read(fd, &event, sizeof(event));

	if (got == -1 && errno == ENOENT)
		return (struct lguest_debug_event){ 0 };
	expect_value(got, sizeof(event));
	return event;
}

static void expect_event(int fd, u32 what, u32 eip)
{
	struct lguest_debug_event event = next_event(fd);

	expect(event.what == what, "event %u at %#x, not %u: %s", event.what, event.eip, what,
	       event.what ? "" : mini_reason(fd));
	expect(event.eip == eip, "eip %#x, not %#x", event.eip, eip);
}

static void expect_end(int fd, const char *reason)
{
	struct lguest_debug_event event = next_event(fd);

	expect(!event.what, "event %u at %#x", event.what, event.eip);
	expect_reason(mini_reason(fd), reason);
}

static void note_trap(struct frame *f)
{
	crash("trap %u errcode %x cs %x eip %x", f->vector, f->errcode, f->cs, f->eip);
}

static int start(void (*guest)(void))
{
	era_prepare(guest);
	mini.on_trap = note_trap;
	return era_start();
}

/* Where a guest stops so that its debugger can begin there. */
static __attribute__((noinline)) void mark(void)
{
	asm volatile("int3");
}

static void run_to_mark(int fd)
{
	want(fd, LGUEST_DEBUG_BREAK);
	expect_value(next_event(fd).what, LGUEST_DEBUG_BREAK);
}

extern char after_int3[], after_user_int3[], after_int_3[];

static void guest_breaks(void)
{
	asm volatile("int3\n"
		     "	.globl after_int3\n"
		     "after_int3:");
}

static void user_breaks(void)
{
	asm volatile("int3\n"
		     "	.globl after_user_int3\n"
		     "after_user_int3:\n\t"
		     "int $0x80");
}

static void guest_runs_user(void)
{
	era_load_gdt();
	era_gate(3, GATE_TRAP | GATE_DPL3);
	era_user(user_breaks);
}

/* -- what there is, and for whom -- */

static int shared_fd;

static void others_are_refused(void)
{
	static const struct lguest_debug_regs zero;

	expect_error(mini_request(shared_fd, LHREQ_DEBUG, 0), EPERM);
	expect_error(mini_request(shared_fd, LHREQ_GETREGS, 0), EPERM);
	expect_error(try_regs(shared_fd, &zero), EPERM);
	expect_error(mini_request(shared_fd, LHREQ_DEBUG_PASS, 0), EPERM);
}

static void discovery(void)
{
	static const u32 wrong[] = { 8, 16, 0x80000000, 0xffffffff };
	struct lguest_debug_regs regs;
	int fd = era_open();
	u32 i, word = LHREQ_DEBUG;

	expect_value(mini_request(fd, LHREQ_DEBUG, 0), OFFERS);
	expect_error(mini_request(fd, LHREQ_DEBUG, LGUEST_DEBUG_BREAK), EINVAL);
	expect_error(era_words(fd, &word, 1), EINVAL);
	expect_error(mini_request(fd, LHREQ_GETREGS, 0), EINVAL);
	expect_error(mini_request(fd, LHREQ_DEBUG_PASS + 1, 0), EINVAL);
	close(fd);

	fd = start(guest_breaks);
	expect_error(era_words(fd, &word, 1), EINVAL);
	expect_error(write(fd, &word, 3), EINVAL);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		expect_error(mini_request(fd, LHREQ_DEBUG, wrong[i]), EINVAL);
	expect_error(mini_request(fd, LHREQ_DEBUG_PASS, 0), EINVAL);
	expect_error(mini_request(fd, LHREQ_SETREGS, 0), EINVAL);
	shared_fd = fd;
	era_from_others(others_are_refused);
	want(fd, 0);
	expect_formatted(era_finish(fd), "CRASH: trap 3 errcode 0 cs 61 eip %x",
			 (u32)after_int3);
	/* Of the dead the registers can be had, and nothing else. */
	expect_error(mini_request(fd, LHREQ_DEBUG, 0), ENOENT);
	expect_error(mini_request(fd, LHREQ_DEBUG_PASS, 0), ENOENT);
	regs = regs_of(fd);
	expect_error(try_regs(fd, &regs), ENOENT);
	expect_value(regs.cs, KERNEL_CS);
	expect_prefix(mini_reason(fd), "CRASH: trap 3");
	close(fd);
}

/* The reply needs its room, where there is a debugger. */
static void room_for_replies(void)
{
	int fd = start(guest_breaks);
	u32 room[32];

	want(fd, LGUEST_DEBUG_BREAK);
	expect_error(read(fd, room, sizeof(struct lguest_debug_event) - 1), EINVAL);
	expect_error(read(fd, (void *)0x60000000, sizeof(room)), EFAULT);
	expect_value(mini_request(fd, LHREQ_GETREGS, 0), 0);
	expect_error(read(fd, room, sizeof(struct lguest_debug_regs) - 1), EINVAL);
	expect_error(read(fd, (void *)0x60000000, sizeof(room)), EFAULT);
	expect_event(fd, LGUEST_DEBUG_BREAK, (u32)after_int3);
	expect_end(fd, "CRASH: done");
	close(fd);
}

/* -- breakpoints -- */

static void breakpoint(void)
{
	int fd = start(guest_breaks);
	struct lguest_debug_regs regs;

	want(fd, LGUEST_DEBUG_BREAK);
	expect_event(fd, LGUEST_DEBUG_BREAK, (u32)after_int3);
	regs = regs_of(fd);
	expect_value(regs.eip, (u32)after_int3);
	expect_value(regs.cs, KERNEL_CS);
	expect_end(fd, "CRASH: done");
	close(fd);
}

/* Before it has a gate, or has said what it is. */
static void breakpoint_before_gates(void)
{
	int fd;

	era_prepare(guest_breaks);
	run.no_init = true;
	fd = era_start();
	want(fd, LGUEST_DEBUG_BREAK);
	expect_event(fd, LGUEST_DEBUG_BREAK, (u32)after_int3);
	expect_error(mini_request(fd, LHREQ_DEBUG_PASS, 0), ENOENT);
	expect_formatted(mini_reason(fd), "unhandled trap 13 at %#x (0x1a)",
			 (u32)after_int3 - 1);
	close(fd);
}

static void breakpoint_of_user(void)
{
	int fd = start(guest_runs_user);
	struct lguest_debug_event event;

	want(fd, LGUEST_DEBUG_BREAK);
	event = next_event(fd);
	expect_value(event.what, LGUEST_DEBUG_BREAK);
	expect_value(event.cs, USER_CS);
	expect_value(event.eip, (u32)after_user_int3);
	expect_prefix((next_event(fd), mini_reason(fd)), "CRASH: trap 128 errcode 0 cs 73");
	close(fd);
}

/* What the debugger does not know is the guest's own. */
static void breakpoint_passed_on(void)
{
	int fd = start(guest_runs_user);
	char want_reason[80];

	want(fd, LGUEST_DEBUG_BREAK);
	expect_event(fd, LGUEST_DEBUG_BREAK, (u32)after_user_int3);
	expect_value(mini_request(fd, LHREQ_DEBUG_PASS, 0), 0);
	expect_error(mini_request(fd, LHREQ_DEBUG_PASS, 0), EINVAL);
	snprintf(want_reason, sizeof(want_reason), "CRASH: trap 3 errcode 0 cs 73 eip %x",
		 (u32)after_user_int3);
	expect_end(fd, want_reason);
	close(fd);
}

static void guest_runs_user_without_gate(void)
{
	era_load_gdt();
	era_gate(3, GATE_INTERRUPT);
	era_gate(13, GATE_INTERRUPT);
	era_user(user_breaks);
}

/* Where ring 3 may not use the gate it is a fault, with a debugger or without. */
static void breakpoint_without_right(void)
{
	char reasons[2][100];
	u32 i;

	for (i = 0; i < 2; i++) {
		int fd = start(guest_runs_user_without_gate);

		want(fd, i ? LGUEST_DEBUG_BREAK : 0);
		expect_value(next_event(fd).what, 0);
		strcpy(reasons[i], mini_reason(fd));
		close(fd);
	}
	expect_prefix(reasons[0], "CRASH: trap 13 errcode");
	expect_reason(reasons[1], reasons[0]);
}

static void guest_breaks_long(void)
{
	era_gate(3, GATE_INTERRUPT);
	asm volatile(".byte 0xcd, 3\n"
		     "	.globl after_int_3\n"
		     "after_int_3:");
}

/* ... also passed on: the fault is at the instruction, however long that is. */
static void breakpoint_without_right_passed_on(void)
{
	int fd = start(guest_breaks_long);
	char reason[80];

	want(fd, LGUEST_DEBUG_BREAK);
	expect_event(fd, LGUEST_DEBUG_BREAK, (u32)after_int_3);
	expect_value(mini_request(fd, LHREQ_DEBUG_PASS, 0), 0);
	snprintf(reason, sizeof(reason), "CRASH: trap 13 errcode 1a cs 61 eip %x",
		 (u32)after_int_3 - 2);
	expect_end(fd, reason);
	close(fd);
}

/* Nothing is left when the debugger has gone. */
static void debugger_goes(void)
{
	int fd = start(guest_runs_user);

	want(fd, OFFERS);
	expect_value(next_event(fd).what, LGUEST_DEBUG_STEP);
	want(fd, 0);
	expect_formatted(era_finish(fd), "CRASH: trap 3 errcode 0 cs 73 eip %x",
			 (u32)after_user_int3);
	close(fd);
}

/* -- steps -- */

extern char path_start[], path_hcall[], path_after_hcall[], path_end[], path_popf[];

static void guest_takes_path(void)
{
	mark();
	asm volatile("	.globl path_start, path_hcall, path_after_hcall, path_end, path_popf\n"
		     "path_start:\n\t"
		     "nop\n\t"
		     "incl %%ecx\n"
		     "path_hcall:\n\t"
		     "int $0x1f\n"
		     "path_after_hcall:\n\t"
		     "movl (%%edi), %%ecx\n\t"	/* a page that is not mapped yet */
		     "pushfl\n"
		     "path_popf:\n\t"
		     "popfl\n\t"
		     "nop\n"
		     "path_end:"
		     : : "a" (LHCALL_FLUSH_ASYNC), "b" (0), "c" (0), "d" (0), "S" (0),
			 "D" (PHYS(scratch[5])) : "memory", "cc");
}

/* The lengths of its instructions, one after the other. */
static const u32 path[] = { 1, 1, 2, 2, 1, 1, 1 };

static void run_to(int fd, u32 what, u32 eip)
{
	struct lguest_debug_event event;
	u32 left = 1000;

	run_to_mark(fd);
	want(fd, what);
	do {
		event = next_event(fd);
		expect(event.what, "it has ended: %s", mini_reason(fd));
	} while (event.eip != eip && --left);
	expect(left, "it never comes to %#x", eip);
}

static void step_by_step(void)
{
	int fd = start(guest_takes_path);
	u32 at = (u32)path_start, i;

	run_to(fd, LGUEST_DEBUG_STEP, at);
	for (i = 0; i < ARRAY_SIZE(path); i++) {
		at += path[i];
		expect_event(fd, LGUEST_DEBUG_STEP, at);
		expect_value(regs_of(fd).eflags & FL_TF, 0);
	}
	expect_value(at, (u32)path_end);
	want(fd, 0);
	expect_reason(era_finish(fd), "CRASH: done");
	close(fd);
}

static u32 traps_seen, eflags_seen;

static void count_trap(struct frame *f)
{
	traps_seen++;
	eflags_seen = f->eflags;
	f->eflags &= ~FL_TF;
}

static void guest_steps_itself(void)
{
	u32 flags;

	mark();
	asm volatile("pushl $0x302\n\tpopfl\n\tnop\n\tnop" : : : "memory", "cc");
	guest_expect(traps_seen == 1 && (eflags_seen & FL_TF));
	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	guest_expect(!(flags & FL_TF));
}

/* The guest's own step goes to its handler, stepped or not; and it sees no other. */
static void guests_own_step(void)
{
	struct lguest_debug_event event;
	int fd = start(guest_steps_itself);

	mini.on_trap = count_trap;
	run_to_mark(fd);
	want(fd, LGUEST_DEBUG_STEP);
	do {
		event = next_event(fd);
	} while (event.what);
	expect_reason(mini_reason(fd), "CRASH: done");
	expect_value(traps_seen, 1);
	close(fd);
}

#define ROUNDS	2000u

static void guest_loads_flags(void)
{
	mark();
	asm volatile("movl %0, %%ecx\n"
		     "1:\tpushl $2\n\t"
		     "popfl\n\t"
		     "loop 1b" : : "i" (ROUNDS) : "ecx", "memory", "cc");
}

static volatile bool disturbs;

static void *disturbing_thread(void *fd)
{
	/* (which is refused when the guest has ended) */
	while (disturbs)
		mini_request((long)fd, LHREQ_IRQ, IRQ);
	return NULL;
}

/* A step that has to wait, since something comes first, is made afterwards, once. */
static void steps_that_wait(void)
{
	int fd = start(guest_loads_flags);
	struct lguest_debug_event event;
	pthread_t thread;

	run_to_mark(fd);
	want(fd, QUIET);
	disturbs = true;
	expect_value(pthread_create(&thread, NULL, disturbing_thread, (void *)(long)fd), 0);
	do {
		event = next_event(fd);
	} while (event.what);
	disturbs = false;
	pthread_join(thread, NULL);
	expect_reason(mini_reason(fd), "CRASH: done");
	close(fd);
}

static void user_calls(void)
{
	asm volatile("int $0x80");
}

static void guest_runs_caller(void)
{
	era_load_gdt();
	era_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_DPL3);
	mark();
	era_user(user_calls);
}

/* No direct gate takes the guest away from its debugger. */
static void step_into_system_call(void)
{
	u32 handler = (u32)mini_trap_stubs + 16 * 64;
	int fd = start(guest_runs_caller);

	run_to(fd, LGUEST_DEBUG_STEP, handler);
	expect_value(regs_of(fd).cs, KERNEL_CS);
	want(fd, 0);
	expect_prefix(era_finish(fd), "CRASH: trap 128 errcode 0 cs 73");
	close(fd);
}

extern char spin_start[], spin_end[];

static __attribute__((noipa)) void guest_spins(void)
{
	*guest_word(DATA_BLOCKED) = 0;
	era_irqs(true);
	mark();
	asm volatile("	.globl spin_start, spin_end\n"
		     "spin_start:\n\t"
		     "nop\n\t"
		     "jmp spin_start\n"
		     "spin_end:");
}

static void spinning(int fd)
{
	run_to_mark(fd);
	want(fd, QUIET);
}

/* They wait as long as they are to, and are not lost. */
static void step_without_interrupts(void)
{
	int fd = start(guest_spins);
	u32 i, eip;

	spinning(fd);
	expect_value(mini_request(fd, LHREQ_IRQ, IRQ), 0);
	for (i = 0; i < 100; i++)
		expect_value(next_event(fd).what, LGUEST_DEBUG_STEP);
	/* (no handler is made steps in, either) */
	eip = regs_of(fd).eip;
	expect_value(eip >= (u32)spin_start && eip < (u32)spin_end, true);
	want(fd, 0);
	expect_prefix(era_finish(fd), "CRASH: trap 35 ");
	close(fd);
}

static void guest_halts(void)
{
	*guest_word(DATA_BLOCKED) = 0;
	mark();
	call0(LHCALL_HALT);
	crash("irqs %x", *guest_word(DATA_IRQ_ENABLED));
}

/* As on a machine without host, the trap ends the sleep. */
static void step_wakes(void)
{
	struct lguest_debug_event event;
	int fd = start(guest_halts);

	run_to_mark(fd);
	want(fd, QUIET);
	do {
		event = next_event(fd);
	} while (event.what);
	expect_reason(mini_reason(fd), "CRASH: irqs 200");
	close(fd);
}

extern char port_start[], port_end[];

static void guest_asks_port(void)
{
	mark();
	asm volatile("	.globl port_start, port_end\n"
		     "port_start:\n\t"
		     "inb $0x80, %%al\n"
		     "port_end:"
		     : : : "eax");
}

/* What the host does for the guest is one step. */
static void step_of_port(void)
{
	int fd = start(guest_asks_port);

	run_to(fd, LGUEST_DEBUG_STEP, (u32)port_start);
	expect_event(fd, LGUEST_DEBUG_STEP, (u32)port_end);
	want(fd, 0);
	expect_reason(era_finish(fd), "CRASH: done");
	close(fd);
}

/* -- registers -- */

static void registers(void)
{
	struct lguest_debug_regs regs, again;
	int fd = start(guest_breaks);

	regs = regs_of(fd);
	expect_value(regs.eip, run.start);
	expect_value(regs.cs, KERNEL_CS);
	want(fd, LGUEST_DEBUG_BREAK);
	expect_event(fd, LGUEST_DEBUG_BREAK, (u32)after_int3);
	regs = regs_of(fd);
	expect_value(regs.cr3, run.root);
	expect_value(regs.cr0 & CR0_PG, CR0_PG);
	expect_value(regs.cr4, era_pae ? CR4_PAE : 0);
	set_regs(fd, &regs);
	again = regs_of(fd);
	expect(!memcmp(&regs, &again, sizeof(regs)), "what was set is another");
	regs.eax = 1;
	regs.ecx = 2;
	regs.edx = 3;
	regs.ebx = 4;
	regs.ebp = 5;
	regs.esi = 6;
	regs.edi = 7;
	regs.eflags = FL_FIXED | FL_ID | 1;
	regs.cr3 = 8;			/* can be read alone */
	set_regs(fd, &regs);
	again = regs_of(fd);
	regs.cr3 = run.root;
	expect(!memcmp(&regs, &again, sizeof(regs)), "what was set is another");
	expect_end(fd, "CRASH: done");
	close(fd);
}

static void flags_of_registers(void)
{
	struct lguest_debug_regs regs, was;
	int fd = start(guest_spins);
	u32 bit;

	spinning(fd);
	was = regs_of(fd);
	for (bit = 0; bit < 32; bit++) {
		regs = was;
		regs.eflags = 1u << bit;
		set_regs(fd, &regs);
		expect_value(regs_of(fd).eflags,
			     ((1u << bit) & FL_SETTABLE) | FL_FIXED | FL_IF);
	}
	regs.eflags = ~0u;
	set_regs(fd, &regs);
	expect_value(regs_of(fd).eflags, FL_SETTABLE | FL_TF | FL_FIXED | FL_IF);
	regs.eflags = 0;
	set_regs(fd, &regs);
	expect_value(next_event(fd).what, LGUEST_DEBUG_STEP);
	close(fd);
}

static u32 *register_at(struct lguest_debug_regs *regs, u32 which)
{
	u32 *at[] = { &regs->cs, &regs->ss, &regs->ds, &regs->es, &regs->fs, &regs->gs };

	return at[which];
}

#define NR_SEGMENTS	6u

/* What a CPU would take from ring 1, of the flat segments that there are. */
static bool is_good(u32 which, u32 sel, bool user)
{
	if (which < 2)
		return sel == (user ? which ? USER_DS : USER_CS : which ? KERNEL_DS : KERNEL_CS);
	if (sel < 4)
		return true;
	/* ... by a selector of no ring that is further out than the segment's */
	if ((sel & ~3u) == (USER_CS & ~3u) || (sel & ~3u) == (USER_DS & ~3u))
		return true;
	return ((sel & ~3u) == (KERNEL_CS & ~3u) || (sel & ~3u) == (KERNEL_DS & ~3u)) &&
	       (sel & 3) <= 1 && !user;
}

static void guest_spins_with_segments(void)
{
	era_load_gdt();
	guest_spins();
}

static int spins_with_segments(struct lguest_debug_regs *regs)
{
	int fd = start(guest_spins_with_segments);

	spinning(fd);
	*regs = regs_of(fd);
	return fd;
}

/* Whatever was accepted, the guest runs with it for a moment, or ends by itself. */
static bool still_steps(int fd)
{
	return next_event(fd).what == LGUEST_DEBUG_STEP;
}

static void selectors(void)
{
	struct lguest_debug_regs regs, was;
	int fd = spins_with_segments(&was);
	u32 which, sel;

	for (which = 0; which < NR_SEGMENTS; which++) {
		for (sel = 0; sel < 0x400; sel++) {
			bool good = sel == *register_at(&was, which) ||
				    is_good(which, sel, false);
			int got;

			regs = was;
			*register_at(&regs, which) = sel;
			got = try_regs(fd, &regs);
			expect(got == (good ? 0 : -1), "register %u, selector %#x: %d", which,
			       sel, got);
			if (good && which != 0 && which != 1)
				expect(still_steps(fd), "%#x in %u: %s", sel, which,
				       mini_reason(fd));
		}
	}
	close(fd);
}

/* Upper halves, tables beyond the limit, the table that there is not. */
static void wild_selectors(void)
{
	static const u32 wild[] = {
		0x10061, 0xffff0061, 0xffffffff, 0x80000000, 0x7fff, 0xffff, 0x65, 0x6d, 0x109,
		0x00010000, 0x53, 0x50, 0x58, 0x80, 0x83, 0xf8, 0xfb,
	};
	struct lguest_debug_regs regs, was;
	int fd = spins_with_segments(&was);
	u32 which, i;

	for (which = 0; which < NR_SEGMENTS; which++) {
		for (i = 0; i < ARRAY_SIZE(wild); i++) {
			regs = was;
			*register_at(&regs, which) = wild[i];
			expect_error(try_regs(fd, &regs), EINVAL);
		}
	}
	expect(still_steps(fd), "%s", mini_reason(fd));
	close(fd);
}

/* Into ring 3 by two registers at once; back, too. */
static void rings_change(void)
{
	struct lguest_debug_regs regs, was;
	int fd = spins_with_segments(&was);

	regs = was;
	regs.cs = USER_CS;
	expect_error(try_regs(fd, &regs), EINVAL);
	regs.ss = USER_DS;
	expect_error(try_regs(fd, &regs), EINVAL);	/* the others are ring 1's */
	regs.ds = USER_DS;
	regs.es = USER_DS;
	regs.fs = 0;
	regs.gs = 0;
	set_regs(fd, &regs);
	expect(still_steps(fd), "%s", mini_reason(fd));
	expect_value(regs_of(fd).cs, USER_CS);
	set_regs(fd, &was);
	expect(still_steps(fd), "%s", mini_reason(fd));
	expect_value(regs_of(fd).cs, KERNEL_CS);
	close(fd);
}

#define EXPAND_DOWN	0x00cfb700u
#define CONFORMING	0x00cfbf00u
#define UNREADABLE	0x00cfb900u
#define READ_ONLY	0x00cfb100u
#define ODD		4u		/* the first of their slots */

static const u32 odd_segments[] = { EXPAND_DOWN, CONFORMING, UNREADABLE, READ_ONLY };

static void guest_spins_with_odd_segments(void)
{
	u32 i;

	era_load_gdt();
	for (i = 0; i < ARRAY_SIZE(odd_segments); i++)
		era_load_gdt_entry(ODD + i, FLAT_LOW, odd_segments[i]);
	guest_spins();
}

/* Every odd segment in every register: refused, or the guest goes its way. */
static void odd_selectors(void)
{
	u32 which, i, rpl;

	for (which = 0; which < NR_SEGMENTS; which++) {
		for (i = 0; i < ARRAY_SIZE(odd_segments); i++) {
			for (rpl = 0; rpl < 4; rpl++) {
				struct lguest_debug_regs regs;
				int fd = start(guest_spins_with_odd_segments);

				spinning(fd);
				regs = regs_of(fd);
				*register_at(&regs, which) = (ODD + i) * 8 + rpl;
				if (!try_regs(fd, &regs) && !still_steps(fd))
					expect(strncmp(mini_reason(fd), "bad segments", 12),
					       "%u in %u: %s", i, which, mini_reason(fd));
				close(fd);
			}
		}
	}
}

static u32 random_state = 1;

static u32 any(void)
{
	static const u32 edges[] = {
		0, 1, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000, 0xffbfffff,
		0xffc00000, 0xffc01000, 0xfffffffc, 0xffffffff
	};

	random_state = random_state * 1664525 + 1013904223;
	if (random_state >> 31)
		return edges[(random_state >> 8) % ARRAY_SIZE(edges)];
	return random_state;
}

/* A launcher that does anything: the guest may end, and no more. */
static void hostile_values(void)
{
	struct lguest_debug_regs regs, was;
	u32 rounds, i, ended = 0;
	int fd = spins_with_segments(&was);

	for (rounds = 0; rounds < 60; rounds++) {
		u32 *word = (u32 *)&regs;

		for (i = 0; i < sizeof(regs) / 4; i++)
			word[i] = any();
		for (i = 0; i < NR_SEGMENTS; i++)
			*register_at(&regs, i) = *register_at(&was, i);
		set_regs(fd, &regs);
		mini_request(fd, LHREQ_DEBUG, any() % (OFFERS + 1) | LGUEST_DEBUG_STEP);
		if ((!mini_request(fd, LHREQ_DEBUG_PASS, 0) || errno != ENOENT) &&
		    next_event(fd).what)
			continue;
		ended++;
		close(fd);
		fd = spins_with_segments(&was);
	}
	expect(ended, "no guest has ended");
	close(fd);
}

int main(void)
{
	RUN_ERAS(discovery, 0, 0);
	RUN_ERAS(room_for_replies, 0, 0);
	RUN_FORMATS(breakpoint, 0, 0);
	RUN_ERAS(breakpoint_before_gates, ERA_IRET, 0);
	RUN_ERAS(breakpoint_of_user, 0, 0);
	RUN_ERAS(breakpoint_passed_on, 0, 0);
	RUN_ERAS(breakpoint_without_right, 0, 0);
	RUN_ERAS(breakpoint_without_right_passed_on, 0, 0);
	RUN_ERAS(debugger_goes, 0, 0);
	RUN_FORMATS(step_by_step, 0, ERA_VMCALL);
	RUN_ERAS(guests_own_step, 0, 0);
	RUN_FORMATS(steps_that_wait, ERA_PAE, ERA_TRAPS);
	RUN_ERAS(step_into_system_call, 0, 0);
	RUN_ERAS(step_without_interrupts, 0, 0);
	RUN_ERAS(step_wakes, 0, 0);
	RUN_ERAS(step_of_port, 0, ERA_TRAPS);
	RUN_FORMATS(registers, 0, 0);
	RUN_ERAS(flags_of_registers, ERA_OWNER, 0);
	RUN_ERAS(selectors, ERA_IRET, 0);
	RUN_ERAS(wild_selectors, ERA_IRET, 0);
	RUN_ERAS(rings_change, ERA_IRET, 0);
	RUN_ERAS(odd_selectors, ERA_IRET, 0);
	RUN_FORMATS(hostile_values, ERA_PAE, ERA_TRAPS);
	return mini_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of a guest's, through a trap gate: they take no exit, on any host; and
 * where something is odd about the guest's stack or its handler's segment, the guest
 * meets what the CPU alone would have made of it, or dies of the same reason.
 */
#include "mini/mini.h"

#define CALLS		1000
#define LAST_CALL	77u

#define FL_TF		0x100u
#define FL_NT		0x4000u

#define OTHER_CS_SLOT	17u
#define OTHER_CS	(OTHER_CS_SLOT * 8 + 1)
#define STACK_SLOT	18u
#define STACK_SS	(STACK_SLOT * 8 + 1)
#define CODE_16BIT	0x008fbb00u
#define DATA_16BIT	0x0000b300u	/* 64 KiB */

static u32 calls;

static void user_makes_calls(void)
{
	u32 i;

	for (i = 0; i < CALLS; i++)
		syscall_of_user(i + 1000);
	syscall_of_user(LAST_CALL);
}

static void tell_launcher(void)
{
	hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
}

/* Those at the start make room for themselves in the TLB and the shadow tables. */
static void count_call(struct frame *f)
{
	if (f->vector != SYSCALL_VECTOR)
		crash("trap %u", f->vector);
	calls++;
	if (f->eax == 1000 + 10 || f->eax == 1000 + CALLS - 10)
		tell_launcher();
	if (f->eax == LAST_CALL)
		crash("%u calls", calls);
}

static void guest_makes_calls(void)
{
	mini.on_trap = count_call;
	mini_load_gdt();
	mini_user(user_makes_calls);
}

/* Those that the host is not to blame for: its own interrupts end runs, too. */
static long exits(int fd)
{
	return mini_counter(fd, "exits") - mini_counter(fd, "irq_exits") -
	       mini_counter(fd, "nmi_exits") - mini_counter(fd, "hypercalls");
}

static long exits_at[2];
static u32 notices;

static int look_at_exits(int fd, const struct lguest_dma_notice *notice __attribute__((unused)))
{
	if (notices < ARRAY_SIZE(exits_at))
		exits_at[notices] = exits(fd);
	notices++;
	return 0;
}

static void calls_take_no_exit(void)
{
	char want[40];

	snprintf(want, sizeof(want), "CRASH: %u calls", CALLS + 1);
	mini_on_notice = look_at_exits;
	expect_reason(mini_run(guest_makes_calls), want);
	expect_value(notices, 2);
	expect(exits_at[0] > 0, "%ld exits at the first notice", exits_at[0]);
	expect_value(exits_at[1] - exits_at[0], 0);
}

/* -- one call, of which all is told -- */

static u32 stack_seg = KERNEL_DS, stack_top, user_flags = 0x202;

static void user_calls_with_flags(void)
{
	asm volatile("pushl %1\n\tpopfl\n\t"
		     "int $0x80\n\t"
		     "ud2" : : "a" (LAST_CALL), "r" (user_flags) : "memory");
}

static u32 own_esp(void)
{
	u32 esp;

	asm volatile("movl %%esp, %0" : "=r" (esp));
	return esp;
}

static u32 own_flags(void)
{
	u32 flags;

	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	return flags & (FL_TF | FL_NT);
}

static void tell_call(struct frame *f)
{
	crash("vector %u cs %x ss %x flags %x here %x eax %u near %d", f->vector, f->cs, f->ss,
	      f->eflags & (FL_TF | FL_NT | FL_IF), own_flags(), f->eax,
	      stack_top - own_esp() < 0x400);
}

static void go_to_user(void)
{
	mini_enter_user(user_calls_with_flags, USTACK_TOP);
}

static void guest_calls_once(void)
{
	mini.on_trap = tell_call;
	mini_load_gdt();
	hcall(LHCALL_SET_STACK, stack_seg, stack_top, 1);
	go_to_user();
}

#define GOOD_CALL	"CRASH: vector 128 cs 73 ss 7b flags %x here 0 eax 77 near 1"

static void one_call(void)
{
	mini_reset(guest_calls_once);
	stack_top = STACK_TOP - 0x400;
}

static void flags_before_a_call(void)
{
	one_call();
	expect_formatted(mini_run_again(), GOOD_CALL, FL_IF);
	one_call();
	user_flags = FL_NT | 0x202;
	expect_formatted(mini_run_again(), GOOD_CALL, FL_IF | FL_NT);
	/* (the instruction after popf is the call, whose gate ends the stepping) */
	one_call();
	user_flags = FL_TF | 0x202;
	expect_formatted(mini_run_again(), GOOD_CALL, FL_IF | FL_TF);
}

/* At all places of a page, and across two. */
static void stacks_across_pages(void)
{
	u32 below;

	for (below = 0; below <= 24; below++) {
		one_call();
		stack_top = (u32)mini.stack[1] + below;
		mini.scratch[0][0] = 0;
		expect_formatted(mini_run_again(), GOOD_CALL, FL_IF);
	}
}

/* The stack's page is mapped by the guest, but nobody has used it yet. */
static void stack_not_touched_yet(void)
{
	one_call();
	mini.low[16] = (u32)mini.scratch[2] | P_ALL;
	stack_top = 0x10800;
	expect_formatted(mini_run_again(), GOOD_CALL, FL_IF);
}

/*
 * What cannot be pushed: on a 32-bit host the CPU tells of a page fault, which comes with
 * an error code; a 64-bit one does it itself, in the call's name.
 */
static u32 first_word_of_frame(u32 top)
{
	return top - (host_is_64bit() ? 5 : 6) * sizeof(u32);
}

static void expect_no_frame(void)
{
	expect_formatted(mini_run_again(), "stack at %#x is not writable",
			 first_word_of_frame(stack_top));
}

static void guest_unmaps_stack(void)
{
	mini.on_trap = tell_call;
	mini_load_gdt();
	hcall(LHCALL_SET_STACK, KERNEL_DS, stack_top, 0);
	go_to_user();
}

static void no_stack(void)
{
	one_call();
	mini.main = guest_unmaps_stack;
	stack_top = 0x10800;
	expect_no_frame();
}

static void read_only_stack(void)
{
	one_call();
	mini.main = guest_unmaps_stack;
	mini.low[16] = (u32)mini.scratch[2] | P_PRESENT | P_USER;
	stack_top = 0x10800;
	expect_no_frame();
}

/* Some words of the frame would be in the host's addresses, at the other end. */
static void stack_that_wraps(void)
{
	const char *reason;
	u32 at;

	for (at = 4; at < 20; at += 4) {
		one_call();
		mini.main = guest_unmaps_stack;
		mini.low[0] = (u32)mini.scratch[2] | P_ALL;
		stack_top = at;
		reason = mini_run_again();
		if (host_is_64bit())
			expect_formatted(reason, "stack at %#x is not writable", at - 20);
		else
			expect_prefix(reason, "attempt to use the host's addresses at 0xffff");
	}
}

/* Segments for the stack that change after they were named. */
static u32 stack_low, stack_high;

static void guest_has_odd_stack(void)
{
	mini.on_trap = tell_call;
	mini.gdt[STACK_SLOT][0] = FLAT_LOW;
	mini.gdt[STACK_SLOT][1] = KERNEL_DATA;
	mini_load_gdt();
	hcall(LHCALL_SET_STACK, STACK_SS, stack_top, 0);
	mini.gdt[STACK_SLOT][0] = stack_low;
	mini.gdt[STACK_SLOT][1] = stack_high;
	mini_load_gdt();
	go_to_user();
}

static const char *odd_stack(u32 low, u32 high)
{
	one_call();
	mini.main = guest_has_odd_stack;
	stack_low = low;
	stack_high = high;
	return mini_run_again();
}

/* (C wants ss to be like ds, so the handler of these is not in C.) */
static void no_stack_segment(void)
{
	expect_formatted(odd_stack(0, 0), "bad stack segment %#x", STACK_SS);
}

static void stack_segment_of_ring_3(void)
{
	const char *reason = odd_stack(FLAT_LOW, USER_DATA);

	if (strncmp(reason, "bad segments: cs 0x61 ss 0x91", 29))
		expect_formatted(reason, "bad stack segment %#x", STACK_SS);
}

/* The handler tells all by hypercalls alone: what it needs is in the user's registers. */
static char told[] = "arrived";

static void user_calls_to_end(void)
{
	asm volatile("int $0x80" : : "a" (LHCALL_CRASH), "d" (told), "b" (0), "c" (0));
}

__attribute__((naked)) static void end_handler(void)
{
	asm volatile("1:\tint $0x1f\n\tjmp 1b");
}

static void gate_to(void (*handler)(void))
{
	hcall(LHCALL_LOAD_IDT_ENTRY, SYSCALL_VECTOR, KERNEL_CS << 16 | ((u32)handler & 0xffff),
	      ((u32)handler & 0xffff0000) | GATE_TRAP | GATE_DPL3);
}

static u32 first_base, stack_base, stack_offset;

static void set_stack_segment(u32 base)
{
	mini.gdt[STACK_SLOT][0] = base << 16 | stack_low;
	mini.gdt[STACK_SLOT][1] = stack_high | (base & 0xff000000) | (base >> 16 & 0xff);
	mini_load_gdt();
}

static void guest_has_based_stack(void)
{
	*(volatile u32 *)(stack_offset - 4) = 0;	/* that page is in use */
	set_stack_segment(first_base);
	hcall(LHCALL_SET_STACK, STACK_SS, stack_offset, 0);
	gate_to(end_handler);
	set_stack_segment(stack_base);
	mini_enter_user(user_calls_to_end, USTACK_TOP);
}

/* Does the frame lie there?  The host has written it, or the CPU. */
static void expect_frame(const u32 *frame)
{
	expect(frame[1] == USER_CS && frame[4] == USER_DS && frame[3] - USTACK_TOP + 64 <= 64,
	       "the frame is %#x %#x %#x %#x %#x", frame[0], frame[1], frame[2], frame[3],
	       frame[4]);
}

/* (There is memory at the offset itself, too, for a host that forgets the base.) */
static void prepare_based_stack(u32 first, u32 base)
{
	mini_reset(guest_has_based_stack);
	mini.low[0] = (u32)mini.scratch[1] | P_ALL;
	first_base = first;
	stack_base = base;
	stack_low = 0xffff;
	stack_high = KERNEL_DATA;
	stack_offset = 0x800;
}

static void stack_segment_with_base(void)
{
	prepare_based_stack((u32)mini.scratch[2], (u32)mini.scratch[2]);
	expect_reason(mini_run_again(), "CRASH: arrived");
	expect_frame((u32 *)&mini.scratch[2][0x800 - 20]);
}

static void base_that_changes(void)
{
	prepare_based_stack(0, (u32)mini.scratch[2]);
	expect_reason(mini_run_again(), "CRASH: arrived");
	expect_frame((u32 *)&mini.scratch[2][0x800 - 20]);
}

/* Of esp the CPU uses the lower half.  A 64-bit host would have to do that itself. */
static void expect_16_bits(u32 base, const u32 *frame)
{
	prepare_based_stack(base, base);
	stack_low = 0xfff;
	stack_high = DATA_16BIT;
	if (host_is_64bit()) {
		expect_formatted(mini_run_again(), "bad stack segment %#x", STACK_SS);
		return;
	}
	expect_reason(mini_run_again(), "CRASH: arrived");
	expect_frame(frame);
}

static void stack_segment_of_16_bits(void)
{
	expect_16_bits((u32)mini.scratch[2], (u32 *)&mini.scratch[2][0x800 - 20]);
	expect_16_bits(0, (u32 *)&mini.scratch[1][0x800 - 20]);
}

/* The gate's code segment becomes one of 16 bits, while another is in use. */
static u32 code_high;

static void guest_has_odd_code(void)
{
	mini.gdt[OTHER_CS_SLOT][0] = FLAT_LOW;
	mini.gdt[OTHER_CS_SLOT][1] = KERNEL_CODE;
	mini_load_gdt();
	hcall(LHCALL_SET_STACK, KERNEL_DS, STACK_TOP - 0x400, 1);
	gate_to(end_handler);
	asm volatile("ljmp %0, $1f\n1:" : : "i" (OTHER_CS));
	mini.gdt[KERNEL_CS / 8][1] = code_high;
	hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
	mini_enter_user(user_calls_to_end, USTACK_TOP);
}

static void handler_of_16_bits(void)
{
	code_high = CODE_16BIT;
	expect_reason(mini_run(guest_has_odd_code), "CRASH: arrived");
}

static void handlers_segment_is_gone(void)
{
	code_high = 0;
	expect_prefix(mini_run(guest_has_odd_code), "bad segments: cs 0x61");
}

static void handlers_segment_is_data(void)
{
	code_high = KERNEL_DATA;
	expect_prefix(mini_run(guest_has_odd_code), "bad segments: cs 0x61");
}

int main(void)
{
	RUN(calls_take_no_exit);
	RUN(flags_before_a_call);
	RUN(stacks_across_pages);
	RUN(stack_not_touched_yet);
	RUN(no_stack);
	RUN(read_only_stack);
	RUN(stack_that_wraps);
	RUN(no_stack_segment);
	RUN(stack_segment_of_ring_3);
	RUN(stack_segment_with_base);
	RUN(base_that_changes);
	RUN(stack_segment_of_16_bits);
	RUN(handler_of_16_bits);
	RUN(handlers_segment_is_gone);
	RUN(handlers_segment_is_data);
	return mini_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults that a guest's kernel has at its programs' addresses, without an exit, on
 * whatever stack it is: as those of ring 3 (eras_faults.c).
 */
#include "faults.h"

/* The first is what the host learns by; the kernel's own page it may read and write. */
static const struct access all_kinds[] = {
	{ ABSENT, READS, 0 }, { ABSENT, WRITES, FL_CF }, { ABSENT, READS, FL_DF },
	{ ABSENT_TOO, WRITES, FL_AC | FL_NT }, { READ_ONLY, WRITES, FL_DF | FL_CF },
	{ READ_ONLY, READS, 0 }, { READ_ONLY, WRITES, 0 }, { ABSENT + 4092, READS, 0 },
	{ KERNELS, READS, 0 }, { KERNELS, WRITES, 0 }, { WRITABLE, WRITES, 0 },
	{ WRITABLE, READS, 0 }, { ABSENT_TOO, READS, 0 }, {},
};

#define NR_DIRECT	7

static void kernel_runs(void)
{
	makes_accesses = make_accesses;
}

static void kernel_frames_are_the_same(void)
{
	expect(direct_but_the_same(all_kinds, kernel_runs, "CRASH: 8 faults") != 0,
	       "none was direct");
	expect_value(faults[1].errcode, 2);
	expect_value(faults[4].errcode, 3);
	expect_value(faults[4].cs & 3, 1);
}

/* (An NMI in the middle of one may make it count twice.) */
static void so_many_are_direct(void)
{
	prepare_faults(all_kinds, true);
	kernel_runs();
	expect_value(direct_faults("CRASH: 8 faults"), NR_DIRECT);
}

/* Its own addresses are no affair of this, whatever it has there. */
#define KERNEL_ABSENT	(ERA_KERNEL + 0x8000000u)

static const struct access kernel_absent[] = {
	{ KERNEL_ABSENT, READS, 0 }, { KERNEL_ABSENT, READS, 0 }, {},
};

static void kernel_addresses(void)
{
	prepare_faults(kernel_absent, true);
	kernel_runs();
	expect_value(direct_faults("CRASH: 2 faults"), 0);
}

static void has_interrupts_off(void)
{
	kernel_runs();
	irqs = 0;
}

static void kernel_needs_interrupts(void)
{
	is_never_direct(has_interrupts_off, "CRASH: 3 faults");
	expect_value(faults[2].eflags & FL_IF, 0);
}

/* The same accesses with the stack pointer elsewhere; two bytes each, for skip_access(). */
static u32 esp;

static void read_with_stack(u32 address)
{
	asm volatile("movl %%esp, %%edi\n\t"
		     "movl %0, %%esp\n\t"
		     "movl (%1), %%eax\n\t"
		     "movl %%edi, %%esp"
		     : : "r" (esp), "c" (address) : "eax", "edi", "memory");
}

static void makes_with_stack(void)
{
	make_accesses();
	read_with_stack(ABSENT);
}

static void has_stack(void)
{
	makes_accesses = makes_with_stack;
}

/*
 * The frame would be in the host's addresses, in part or as a whole: on a 32-bit host in
 * the very page where the registers are.  (What the lab does before is on a good stack.)
 */
#define REGISTER_PAGE	0xffc01000u	/* of the first CPU */

static u32 esp_keeps_off_the_host(bool wanted)
{
	char reason[80];

	snprintf(reason, sizeof(reason), "stack at %#x is not writable", esp - 16);
	prepare_faults(two_absent, wanted);
	has_stack();
	return direct_faults(reason);
}

static void stack_keeps_off_the_host(void)
{
	static const u32 stacks[] = {
		4, 12, 0xffc00004, 0xffc0000c, 0xffc01000, REGISTER_PAGE + PAGE,
		REGISTER_PAGE + PAGE - 20, 0xfffff000, 0xfffffffc,
	};
	u32 i;

	mini_pin(0);
	for (i = 0; i < ARRAY_SIZE(stacks); i++) {
		esp = stacks[i];
		expect_value(esp_keeps_off_the_host(false), 0);
		expect_value(esp_keeps_off_the_host(true), 2);
	}
}

/* Each access has a stack that nobody has used yet: at first there is no page. */
static void makes_on_unused_stacks(void)
{
	for (esp = NEW_STACK_TOP; esp <= NEW_STACK_TOP + 2 * PAGE; esp += PAGE)
		read_with_stack(ABSENT);
}

static void has_unused_stacks(void)
{
	map_unused_stacks();
	makes_accesses = makes_on_unused_stacks;
}

static void kernel_stack_is_missing(void)
{
	finds_the_same(has_unused_stacks, 0);
}

/* Other segments than those of its gate and SET_STACK. */
#define ODD_CODE	(20 * 8 + 1)
#define ODD_DATA	(21 * 8 + 1)
#define BASE_OF_ODD	0x1000u

static void makes_with_odd_code(void)
{
	era_load_gdt_entry(ODD_CODE / 8, 0xffff, KERNEL_CODE);
	asm volatile("pushl %0\n\t"
		     "pushl $1f\n\t"
		     "lret\n"
		     "1:" : : "i" (ODD_CODE) : "memory");
	make_accesses();
}

static void has_odd_code(void)
{
	makes_accesses = makes_with_odd_code;
}

static void needs_plain_code(void)
{
	is_never_direct(has_odd_code, "CRASH: 3 faults");
	expect_value(faults[2].cs, ODD_CODE);
}

#define ODD_ESP		(PHYS(scratch[5]) - BASE_OF_ODD)

static void makes_with_odd_stack(void)
{
	era_load_gdt_entry(ODD_DATA / 8, BASE_OF_ODD << 16 | 0xffff, KERNEL_DATA);
	read_with_stack(ABSENT);
	era_gate_to(TRAP_PF, GATE_INTERRUPT, leave_odd_stack);
	*word_at(ODD_ESP - 16) = 0;	/* where the frame would be without the base */
	asm volatile("movl %0, %%ss\n\t"
		     "movl %1, %%esp\n\t"
		     "movl (%2), %%eax"
		     : : "r" (ODD_DATA), "r" (ODD_ESP), "c" (ABSENT) : "eax", "memory");
}

static void has_odd_stack(void)
{
	esp = PHYS(stack) + PAGE;
	makes_accesses = makes_with_odd_stack;
}

static void kernel_needs_plain_stack(void)
{
	char reason[40];

	snprintf(reason, sizeof(reason), "CRASH: esp %x errcode 0", (u32)ODD_ESP - 16);
	is_never_direct(has_odd_stack, reason);
}

int main(void)
{
	RUN_FORMATS(kernel_frames_are_the_same, 0, 0);
	RUN_FORMATS(so_many_are_direct, 0, 0);
	RUN_ERAS(kernel_addresses, 0, 0);
	RUN_ERAS(kernel_needs_interrupts, 0, 0);
	RUN_ERAS(stack_keeps_off_the_host, 0, 0);
	RUN_ERAS(kernel_stack_is_missing, 0, 0);
	RUN_ERAS(needs_plain_code, 0, 0);
	RUN_ERAS(kernel_needs_plain_stack, 0, 0);
	return mini_done();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The guest kernel's stack.  Through a direct gate the CPU itself pushes onto
 * it, with nobody there to help if it is missing.  So the host maps the pages
 * of LHCALL_SET_STACK again whenever they change under the guest, before it
 * runs: a trap never costs a page fault.
 */
#include "mini/arena.h"

#define ROUNDS		100
#define STACK_PAGES	2

static volatile u32 traps, turns;
static bool calls_alone;	/* a 64-bit host's only direct gate is that of system calls */

__attribute__((used)) static void user(void)
{
	for (;;) {
		if (++turns & 1 || calls_alone)
			asm volatile("int $0x80");
		else
			asm volatile("xorl %%ecx, %%ecx\n\t"
				     "divl %%ecx" : : : "eax", "ecx", "edx");
	}
}

/*
 * From any trap on to the user, with nothing that was on the stack.  Should the
 * stack become empty between these pushes and the end, the iret faults, which
 * leads here again.
 */
__attribute__((naked)) static void handler(void)
{
	asm volatile("incl %0\n\t"
		     "movl %1, %%esp\n\t"
		     "pushl %2\n\t"
		     "pushl %3\n\t"
		     "pushl $0x202\n\t"
		     "pushl %4\n\t"
		     "pushl $user\n\t"
		     "iret"
		     : : "m" (traps), "i" (mini.stack[2] - 0x400), "i" (USER_DS),
		       "i" (mini.scratch[0]), "i" (USER_CS));
}

static void set_direct_gate(u32 vector, u32 type)
{
	u32 to = (u32)handler;

	hcall(LHCALL_LOAD_IDT_ENTRY, vector, KERNEL_CS << 16 | (to & 0xffff),
	      (to & 0xffff0000) | type);
}

static void guest_traps(void)
{
	mini_load_gdt();
	set_direct_gate(0, GATE_TRAP);
	set_direct_gate(13, GATE_TRAP);
	set_direct_gate(SYSCALL_VECTOR, GATE_TRAP | GATE_DPL3);
	mini_user(user);
}

static void *stack_page(u32 n)
{
	return mini.stack[n];
}

static void give_back(u32 n)
{
	expect(!madvise(stack_page(n), PAGE, MADV_DONTNEED), "madvise: %m");
}

static void swap_out(u32 n)
{
	expect(!madvise(stack_page(n), PAGE, MADV_PAGEOUT), "madvise: %m");
}

/* Another page with the same in it takes its place. */
static void copy_over(u32 n)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	expect(page != MAP_FAILED, "mmap: %m");
	memcpy(page, stack_page(n), PAGE);
	page = mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, stack_page(n));
	expect(page == stack_page(n), "mremap: %m");
}

static void goes_on(void)
{
	u32 seen = traps;

	wait_until(traps - seen > 100 || arena_ended());
	expect(!arena_ended(), "the guest died: %s", arena_reason());
}

static void taken_away(void (*take)(u32 n))
{
	long faults, reflected;
	u32 i;

	calls_alone = host_is_64bit();
	arena_run(guest_traps);
	goes_on();
	take(0);
	take(1);
	goes_on();
	faults = mini_counter(arena_fd, "pf_fixed");
	reflected = mini_counter(arena_fd, "traps_reflected");
	for (i = 0; i < ROUNDS; i++) {
		take(i % STACK_PAGES);
		goes_on();
	}
	expect_value(mini_counter(arena_fd, "pf_fixed"), faults);
	/* none but those whose frame was emptied */
	reflected = mini_counter(arena_fd, "traps_reflected") - reflected;
	expect(reflected <= ROUNDS, "%ld traps went through the host", reflected);
}

static void stack_given_back(void)
{
	taken_away(give_back);
}

static void stack_swapped_out(void)
{
	taken_away(swap_out);
}

static void stack_copied(void)
{
	taken_away(copy_over);
}

/* All else is copied on write too, and faults; but the guest goes on. */
static void stack_copied_on_write(void)
{
	pid_t pid;
	u32 i;

	arena_run(guest_traps);
	for (i = 0; i < ROUNDS / 4; i++) {
		pid = mini_fork();
		if (!pid)
			_exit(0);
		expect_value(mini_wait(pid), 0);
		goes_on();
	}
}

static void stack_unmapped(void)
{
	arena_run(guest_traps);
	goes_on();
	munmap(stack_page(1), PAGE);
	expect_formatted(arena_reason(), "no memory at %#x", (u32)stack_page(1));
}

static void stack_read_only(void)
{
	arena_run(guest_traps);
	goes_on();
	mprotect(stack_page(1), PAGE, PROT_READ);
	expect_formatted(arena_reason(), "read-only memory at %#x", (u32)stack_page(1));
}

int main(void)
{
	mini_case_seconds = 180;
	RUN(stack_given_back);
	if (mini_number_in("/proc/meminfo", "SwapTotal") > 0)
		RUN(stack_swapped_out);
	else
		mini_skip("stack_swapped_out", "there is no swap");
	RUN(stack_copied);
	RUN(stack_copied_on_write);
	RUN(stack_unmapped);
	RUN(stack_read_only);
	return mini_done();
}

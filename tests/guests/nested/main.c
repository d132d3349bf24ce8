// SPDX-License-Identifier: GPL-2.0
/*
 * nested: traps in the handlers of traps, with interrupts at any moment, and
 * programs that are stepped through; each must find everything as it was when
 * it goes on.  A broken host would push to the wrong stack or overwrite a
 * frame, mix up the flags of two levels, or lose count of single steps.
 */
#include "raw.h"
#include "tap.h"

#define DE	0
#define DB	1
#define UD	6
#define PF	14

#define DEPTH		40
#define TEST_ADDR	0x20000000
#define PTE_LIVE	(PTE_P | PTE_RW | PTE_US)

static u32 depth, deepest, divisions, faults_seen, ticks;

static void divide_by_zero(void)
{
	u32 eax = 1, edx = 0;

	/* Its handler skips the two bytes. */
	asm volatile("divl %2" : "+a" (eax), "+d" (edx) : "c" (0) : "cc");
	if (eax != 1 || edx)
		panic("a register was lost in a division");
}

static void skip_division(struct trap_frame *frame)
{
	divisions++;
	frame->eip += 2;
}

static void map_what_is_missing(struct trap_frame *frame)
{
	u32 cr2 = lguest_data.cr2;

	faults_seen++;
	if (cr2 - TEST_ADDR >= 16 * PAGE_SIZE)
		panic("page fault at %x, eip %x", cr2, frame->eip);
	/* The frame below is not ours: it must survive this. */
	divide_by_zero();
	map_page(kernel_pgdir, cr2, phys(page_alloc()) | PTE_LIVE);
}

/* Each level goes one deeper, twice, and touches a page that is not there. */
static void go_deeper(struct trap_frame *frame)
{
	u32 here = ++depth;
	volatile u32 *page = (u32 *)(TEST_ADDR + here % 16 * PAGE_SIZE);

	deepest = max(deepest, here);
	*page = here;
	divide_by_zero();
	if (here < DEPTH)
		asm volatile("ud2");
	if (*page != here && here > DEPTH - 16)
		panic("a page changed at level %u", here);
	depth--;
	frame->eip += 2;
}

static void tick(u32 irq __unused, struct trap_frame *frame __unused)
{
	ticks++;
	divide_by_zero();
	hcall_later(LHCALL_SET_CLOCKEVENT, 30000, 0, 0);
}

static void forget_pages(void)
{
	pte_t *pte;
	u32 i;

	for (i = 0; i < 16; i++) {
		pte = pte_find(kernel_pgdir, TEST_ADDR + i * PAGE_SIZE, true);
		if (*pte & PTE_P)
			page_free(virt(*pte & PTE_ADDR));
		pte_set(kernel_pgdir, TEST_ADDR + i * PAGE_SIZE, pte, 0);
	}
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static void handlers_in_handlers(enum gate_type type, const char *name)
{
	u32 round;

	set_gate(UD, trap_entry(UD), type, 1);
	set_gate(DE, trap_entry(DE), type, 1);
	deepest = 0;
	divisions = 0;
	faults_seen = 0;
	for (round = 0; round < 20; round++) {
		forget_pages();
		asm volatile("ud2");
	}
	is(deepest, DEPTH, "%s gates: traps in traps", name);
	is(depth, 0, "%s gates: and all the way back", name);
	is(faults_seen, 20 * 16, "%s gates: with page faults in them", name);
	ok(divisions >= 20 * (DEPTH + 16), "%s gates: and others in those", name);
}

/* Ring 3 counts in edi; each system call does all of the above in the kernel. */
static u8 program[] = {
	0xcd, 0x80,		/* 1: int $0x80 */
	0x47,			/* incl %edi */
	0x39, 0xf7,		/* cmpl %esi, %edi */
	0x75, 0xf9,		/* jne 1b */
	0x0f, 0xb9,		/* ud1 */
};

static u32 calls;

static void system_call(struct trap_frame *frame)
{
	calls++;
	if (frame->edi + 1 != calls || frame->cs != USER_CS)
		panic("system call %u has edi %x, cs %x", calls, frame->edi,
		      frame->cs);
	forget_pages();
	asm volatile("ud2");
}

static void from_ring3(enum gate_type type, const char *name)
{
	struct trap_frame frame, end;

	calls = 0;
	set_gate(SYSCALL_VECTOR, trap_entry(SYSCALL_VECTOR), type, 3);
	set_trap_handler(SYSCALL_VECTOR, system_call);
	user_frame(&frame, user_addr(program), 0x1234);
	frame.esi = 50;
	frame.edi = 0;
	frame.ebp = 0xb0b0b0b0;
	/* Its end is an undefined instruction too: that one has to get out. */
	set_trap_handler(SYSCALL_VECTOR, system_call);
	run_user(&frame, &end);
	set_trap_handler(SYSCALL_VECTOR, NULL);
	is(calls, 50, "system calls through %s gate that trap themselves", name);
	ok(end.edi == 50 && end.ebp == 0xb0b0b0b0 && end.esp == 0x1234 &&
	   end.eip == user_addr(program) + 7, "and the program's end");
}

static void ud_or_end(struct trap_frame *frame)
{
	if (!from_user(frame))
		go_deeper(frame);
	else if (!catch_pending(frame))
		panic("nobody waits for the program's end");
}

/*
 * Stepping: a step ends after each instruction, but "int" clears TF on its
 * way and so swallows the step of its own.
 */
#define MAX_STEPS	32

static u32 step_eip[MAX_STEPS], nr_steps, step_base;

static void step(struct trap_frame *frame)
{
	if (nr_steps < MAX_STEPS)
		step_eip[nr_steps++] = frame->eip - step_base;
	else
		frame->eflags &= ~EFLAGS_TF;
}

static u8 stepped[] = {
	0x90,			/* 0: nop */
	0x31, 0xc0,		/* 1: xorl %eax, %eax */
	0xcd, 0x1f,		/* 3: int $0x1f, or int $0x80 in ring 3 */
	0x90,			/* 5: nop */
	0x53,			/* 6: pushl %ebx */
	0x5b,			/* 7: popl %ebx */
	0x9c,			/* 8: pushfl */
	0x58,			/* 9: popl %eax */
	0xeb, 0x00,		/* 10: jmp 1f */
	0x8a, 0x11,		/* 12: movb (%ecx), %dl */
	0x90,			/* 14: nop */
	0xcc,			/* 15: int3 */
};

static const u32 expected_steps[] = { 1, 3, 6, 7, 8, 9, 10, 12, 14, 15 };

static void single_steps(u32 ring, enum gate_type type, const char *name)
{
	struct raw_regs start;
	u32 i, bad = 0;

	raw_gate(3, GATE_TRAP, 3);
	set_gate(DB, trap_entry(DB), type, 1);
	set_trap_handler(DB, step);
	forget_pages();
	stepped[4] = ring == 3 ? SYSCALL_VECTOR : LGUEST_TRAP_ENTRY;
	(ring == 3 ? raw_user : raw_kernel)(&start, stepped);
	step_base = start.eip;
	nr_steps = 0;
	start.eflags |= EFLAGS_TF;
	start.ecx = TEST_ADDR;		/* a page fault in the middle */
	raw_run(&start);
	for (i = 0; i < ARRAY_SIZE(expected_steps); i++)
		bad += step_eip[i] != expected_steps[i];
	ok(!bad && nr_steps == ARRAY_SIZE(expected_steps),
	   "single steps in ring %u, %s gate", ring, name);
	for (i = 0; bad && i < nr_steps; i++)
		diag("step %u ends at %u", i, step_eip[i]);
	raw_ok(raw_trapped(3, false, 0, start.eip + sizeof(stepped)) &&
	       raw.regs.eax & EFLAGS_TF,
	       "to the end, and the program sees that it is stepped");
	set_trap_handler(DB, NULL);
}

static void ignore(struct trap_frame *frame __unused)
{
}

int main(void)
{
	paging_init();
	raw_init();
	set_trap_handler(DE, skip_division);
	set_trap_handler(PF, map_what_is_missing);
	set_trap_handler(UD, ud_or_end);

	handlers_in_handlers(GATE_TRAP, "trap");
	handlers_in_handlers(GATE_INTERRUPT, "interrupt");
	from_ring3(GATE_TRAP, "a trap");
	from_ring3(GATE_INTERRUPT, "an interrupt");

	clock_alarm(30000, tick);
	irq_enable();
	handlers_in_handlers(GATE_TRAP, "trap, with interrupts:");
	from_ring3(GATE_TRAP, "a trap, with interrupts:");
	from_ring3(GATE_INTERRUPT, "an interrupt, with interrupts:");
	irq_disable();
	set_irq_handler(0, NULL);
	ok(ticks > 10, "interrupts came, %u of them", ticks);

	set_gate(SYSCALL_VECTOR, trap_entry(SYSCALL_VECTOR), GATE_TRAP, 3);
	set_trap_handler(SYSCALL_VECTOR, ignore);
	single_steps(1, GATE_TRAP, "trap");
	single_steps(3, GATE_TRAP, "trap");
	single_steps(1, GATE_INTERRUPT, "interrupt");
	single_steps(3, GATE_INTERRUPT, "interrupt");
	done();
}

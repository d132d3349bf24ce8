// SPDX-License-Identifier: GPL-2.0
/*
 * frames: what every trap that an instruction can cause leaves behind, from
 * ring 1 and ring 3, through interrupt gates (the host pushes the frame) and
 * trap gates (the CPU does, where the host lets it).  Either way the frame, the
 * registers and the handler's flags must be those of the processor's manual,
 * but for the interrupt flag, which is the virtual one where the host pushes.
 * A broken host would show a wrong eip or error code, lose a register, leave
 * TF or NT on in the handler, or push to the wrong stack: the stack may start
 * anywhere, and its pages need not be neighbours in memory.
 */
#include "raw.h"
#include "tap.h"
#include "../../lib/host.h"

#define DE	0
#define DB	1
#define BP	3
#define OF	4
#define BR	5
#define UD	6
#define NM	7
#define SS	12
#define GP	13
#define PF	14
#define MF	16
#define AC	17

#define NOWHERE		0x10000000	/* never mapped */

/* Flags that should reach the frame as they are. */
#define SOME_FLAGS	(EFLAGS_FIXED | EFLAGS_CF | EFLAGS_PF | EFLAGS_ZF | \
			 EFLAGS_ID)
#define ALL_BUT_RF	(~EFLAGS_RF)

struct trap_case {
	const char *name;
	u8 code[8];
	u32 vector, error;
	u32 length;		/* eip is so far from the start */
	u32 eax, ecx, flags;
	bool has_error;
};

static struct trap_case cases[] = {
	{ "div by zero", { 0xf7, 0xf1 }, .vector = DE },
	{ "div overflow", { 0xf6, 0xf1 }, .vector = DE, .ecx = 1, .eax = 0x1000 },
	{ "single step", { 0x90, 0x90 }, .vector = DB, .length = 1,
	  .flags = EFLAGS_TF },
	{ "int3", { 0xcc }, .vector = BP, .length = 1 },
	{ "int3 in two bytes", { 0xcd, 3 }, .vector = BP, .length = 2 },
	{ "into", { 0xce }, .vector = OF, .length = 1, .flags = EFLAGS_OF },
	{ "ud2", { 0x0f, 0x0b }, .vector = UD },
	{ "ud2 with NT and DF", { 0x0f, 0x0b }, .vector = UD,
	  .flags = EFLAGS_NT | EFLAGS_DF },
	{ "hlt", { 0xf4 }, .vector = GP, .has_error = true },
	{ "hlt with NT and DF", { 0xf4 }, .vector = GP, .has_error = true,
	  .flags = EFLAGS_NT | EFLAGS_DF },
	{ "a segment of ring 0", { 0x8e, 0xc1 }, .vector = GP, .ecx = 0x58,
	  .error = 0x58, .has_error = true },
	{ "a segment beyond the table", { 0x8e, 0xc1 }, .vector = GP,
	  .ecx = 0x1003, .error = 0x1000, .has_error = true },
	{ "a segment of the LDT", { 0x8e, 0xc1 }, .vector = GP, .ecx = 0x0f,
	  .error = 0x0c, .has_error = true },
	{ "read of nothing", { 0x8a, 0x01 }, .vector = PF, .has_error = true,
	  .ecx = NOWHERE },
	{ "write to nothing", { 0x88, 0x01 }, .vector = PF, .error = 2,
	  .has_error = true, .ecx = NOWHERE + 7 },
	{ "write with NT, DF and OF", { 0x88, 0x01 }, .vector = PF, .error = 2,
	  .has_error = true, .ecx = NOWHERE + 7,
	  .flags = EFLAGS_NT | EFLAGS_DF | EFLAGS_OF },
	{ "int 0x80", { 0xcd, 0x80 }, .vector = SYSCALL_VECTOR, .length = 2 },
	{ "int 0x80 with NT and DF", { 0xcd, 0x80 },
	  .vector = SYSCALL_VECTOR, .length = 2,
	  .flags = EFLAGS_NT | EFLAGS_DF },
};

static void describe(const struct trap_case *c, const struct raw_regs *start)
{
	diag("%s: gate %u at eip %x + %d, irq_enabled 0x%x flags 0x%x esp %x",
	     c->name, raw.vector, start->eip, RAW_EIP(c->has_error) - start->eip,
	     raw.irq_enabled, raw.live_eflags, raw.regs.esp);
	diag("frame %x %x %x %x %x %x", raw.word[0], raw.word[1], raw.word[2],
	     raw.word[3], raw.word[4], raw.word[5]);
}

/* A gate that the host put into the CPU's own table shows the real IF, on. */
static bool is_direct(u32 vector, enum gate_type type)
{
	return type == GATE_TRAP && vector != DB && vector != NM && vector != GP &&
	       vector != PF && vector != AC;
}

/* The flags on the frame, from those at the start. */
static u32 pushed_flags(const struct trap_case *c, enum gate_type type,
			u32 flags, u32 enabled)
{
	flags &= ~EFLAGS_IF;
	if (enabled || is_direct(c->vector, type))
		flags |= EFLAGS_IF;
	return flags;
}

/* A page fault also says which ring it was. */
static u32 error_of(const struct trap_case *c, bool user)
{
	return c->vector == PF && user ? c->error | 4 : c->error;
}

static bool frame_is_right(const struct trap_case *c, enum gate_type type,
			   const struct raw_regs *start, u32 enabled, u32 top)
{
	u32 *frame = raw.word + c->has_error, words = 3 + c->has_error;
	bool user = (start->cs & 3) == 3;
	u32 flags = pushed_flags(c, type, start->eflags, enabled);

	if (user)
		words += 2;
	else
		top = start->esp;
	return raw_trapped(c->vector, c->has_error, error_of(c, user),
			   start->eip + c->length) &&
	       (u16)frame[1] == start->cs &&
	       !((frame[2] ^ flags) & ALL_BUT_RF) &&
	       (!user || (frame[3] == start->esp && (u16)frame[4] == start->ss)) &&
	       raw.regs.esp == top - words * sizeof(u32) &&
	       raw.regs.ss == KERNEL_DS;
}

static bool handler_is_right(const struct trap_case *c, enum gate_type type,
			     const struct raw_regs *start, u32 enabled)
{
	u32 cleared = EFLAGS_TF | EFLAGS_NT | EFLAGS_RF;

	return !(raw.live_eflags & cleared) &&
	       (raw.live_eflags & EFLAGS_IF) &&
	       raw.irq_enabled == (type == GATE_TRAP ? enabled : 0) &&
	       !memcmp(&raw.regs, start, offsetof(struct raw_regs, eip)) &&
	       (c->vector != PF || lguest_data.cr2 == c->ecx);
}

/* Both rings, interrupts on and off: did any go wrong? */
static bool case_is_right(const struct trap_case *c, enum gate_type type)
{
	static u8 code[16];
	struct raw_regs start;
	u32 ring, enabled;

	memcpy(code, c->code, sizeof(c->code));
	for (ring = 1; ring <= 3; ring += 2) {
		for (enabled = 0; enabled <= EFLAGS_IF; enabled += EFLAGS_IF) {
			(ring == 3 ? raw_user : raw_kernel)(&start, code);
			start.eflags = SOME_FLAGS | c->flags | EFLAGS_IF;
			start.eax = c->eax;
			start.ecx = c->ecx;
			start.edx = 0;
			lguest_data.irq_enabled = enabled;
			raw_run(&start);
			lguest_data.irq_enabled = 0;
			if (!frame_is_right(c, type, &start, enabled, raw_stack_top) ||
			    !handler_is_right(c, type, &start, enabled)) {
				diag("ring %u, interrupts 0x%x", ring, enabled);
				describe(c, &start);
				return false;
			}
		}
	}
	return true;
}

static void all_cases(enum gate_type type, const char *name)
{
	u32 i;

	raw_gates(type, 3);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ok(case_is_right(&cases[i], type), "%s: %s gate", cases[i].name,
		   name);
}

/* What some emulated CPUs lack: report it if it comes, and comes wrong. */
static void alignment_check(const char *name)
{
	static u8 code[] = { 0x8b, 0x01, 0x0f, 0x0b };	/* mov (%ecx), %eax */
	struct raw_regs start;

	raw_user(&start, code);
	start.ecx = user_addr(code) + 1;
	start.eflags |= EFLAGS_AC;
	raw_run(&start);
	if (raw.vector == UD)
		skip("this CPU does not check, or the host does not ask for it",
		     "unaligned access: %s gate", name);
	else
		ok(raw_trapped(AC, true, 0, start.eip) &&
		   raw.word[3] & EFLAGS_AC, "unaligned access: %s gate", name);

	raw_kernel(&start, code);
	start.ecx = (u32)code + 1;
	start.eflags |= EFLAGS_AC;
	raw_run(&start);
	ok(raw_trapped(UD, false, 0, start.eip + 2),
	   "ring 1 may access unaligned words: %s gate", name);
}

/* fninit; fldcw (%ecx); fldz; fld1; fdivp; fwait */
static u8 fpu_code[] = {
	0xdb, 0xe3, 0xd9, 0x29, 0xd9, 0xee, 0xd9, 0xe8, 0xde, 0xf1, 0x9b,
	0x0f, 0x0b
};

#define FPU_WAIT	10

static u16 all_fpu_traps = 0x0340;

static void fpu_error(const char *name, u32 ring)
{
	struct raw_regs start;

	(ring == 3 ? raw_user : raw_kernel)(&start, fpu_code);
	start.ecx = ring == 3 ? user_addr(&all_fpu_traps) : (u32)&all_fpu_traps;
	raw_run(&start);
	asm volatile("fninit");
	raw_ok(raw_trapped(MF, false, 0, start.eip + FPU_WAIT),
	       "x87 error from ring %u: %s gate", ring, name);
}

static void fpu_not_available(const char *name, u32 ring)
{
	struct raw_regs start;

	hcall(LHCALL_TS, 1, 0, 0);
	(ring == 3 ? raw_user : raw_kernel)(&start, fpu_code);
	raw_run(&start);
	raw_ok(raw_trapped(NM, false, 0, start.eip),
	       "FPU switched off from ring %u: %s gate", ring, name);
	hcall(LHCALL_TS, 0, 0, 0);
	start.ecx = ring == 3 ? user_addr(&all_fpu_traps) : (u32)&all_fpu_traps;
	raw_run(&start);
	asm volatile("fninit");
	ok(raw_trapped(MF, false, 0, start.eip + FPU_WAIT), "and on again");
}

static void fpu_cases(enum gate_type type, const char *name)
{
	raw_gates(type, 1);
	fpu_error(name, 1);
	fpu_error(name, 3);
	fpu_not_available(name, 1);
	fpu_not_available(name, 3);
	alignment_check(name);
}

/* iret with NT wants to return to another task: there is none. */
static void nested_task(const char *name)
{
	static u8 code[] = { 0xcf };
	struct raw_regs start;

	raw_kernel(&start, code);
	start.eflags |= EFLAGS_NT;
	raw_run(&start);
	raw_ok(raw_trapped(guest_vector_of_nt_iret(), true, 0, start.eip),
	       "iret with NT in ring 1: %s gate", name);
}

/* Pages of the window that are far apart in memory. */
static u32 split_stack(void)
{
	u8 *second = page_alloc(), *first;

	page_alloc();
	first = page_alloc();
	map_page(kernel_pgdir, WINDOW_BASE + 0x10000, phys(first) | PTE_P | PTE_RW);
	map_page(kernel_pgdir, WINDOW_BASE + 0x11000, phys(second) | PTE_P | PTE_RW);
	map_page(kernel_pgdir, WINDOW_BASE + 0x12000,
		 phys(page_alloc()) | PTE_P | PTE_RW);
	map_page(kernel_pgdir, WINDOW_BASE + 0xf000,
		 phys(page_alloc()) | PTE_P | PTE_RW);
	return WINDOW_BASE + 0x11000;
}

/*
 * The frame begins at every byte around the border of the two pages, and
 * lies partly in both.
 */
static void odd_stacks(enum gate_type type, const char *name)
{
	static const u32 which[] = { 6, 9, 16 };
	u32 middle = split_stack(), i, at, bad_user = 0, bad_kernel = 0;

	raw_gates(type, 3);
	for (i = 0; i < ARRAY_SIZE(which); i++) {
		const struct trap_case *c = &cases[which[i]];
		static u8 code[16];
		struct raw_regs start;

		memcpy(code, c->code, sizeof(c->code));
		for (at = middle - 4; at < middle + 28; at++) {
			raw_stack(at, 2);
			raw_user(&start, code);
			start.eax = c->eax;
			start.ecx = c->ecx;
			raw_run(&start);
			bad_user += !frame_is_right(c, type, &start, 0, at);

			raw_kernel(&start, code);
			start.eax = c->eax;
			start.ecx = c->ecx;
			start.esp = at;
			raw_run(&start);
			bad_kernel += !frame_is_right(c, type, &start, 0, 0);
		}
	}
	is(bad_user, 0, "stacks of any alignment, across pages, from ring 3: %s gate",
	   name);
	is(bad_kernel, 0, "stacks of any alignment, across pages, from ring 1: %s gate",
	   name);
}

/* A stack that the host was not told to keep mapped: it faults, and works. */
static void unpinned_stack(enum gate_type type, const char *name)
{
	const struct trap_case *c = &cases[16];
	static u8 code[] = { 0xcd, 0x80 };
	struct raw_regs start;
	pte_t *pte = pte_find(kernel_pgdir, WINDOW_BASE + 0x11000, false);
	u32 top = WINDOW_BASE + 0x11800;

	raw_stack(top, 0);
	*pte &= ~(PTE_A | PTE_D);
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), top, *pte);
	raw_user(&start, code);
	raw_run(&start);
	ok(frame_is_right(c, type, &start, 0, top),
	   "a stack that was not mapped before: %s gate", name);
	is(*pte & (PTE_A | PTE_D), PTE_A | PTE_D,
	   "pushing makes the stack's page accessed and dirty");
}

int main(void)
{
	paging_init();
	raw_init();
	lguest_data.blocked_interrupts = ~0U;
	all_cases(GATE_INTERRUPT, "interrupt");
	fpu_cases(GATE_INTERRUPT, "interrupt");
	nested_task("interrupt");
	odd_stacks(GATE_INTERRUPT, "interrupt");
	unpinned_stack(GATE_INTERRUPT, "interrupt");

	raw_init();
	all_cases(GATE_TRAP, "trap");
	fpu_cases(GATE_TRAP, "trap");
	nested_task("trap");
	odd_stacks(GATE_TRAP, "trap");
	unpinned_stack(GATE_TRAP, "trap");
	done();
}

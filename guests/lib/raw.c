// SPDX-License-Identifier: GPL-2.0
/*
 * Starting code in any ring and recording the trap that ends it, see raw.h.
 * The stubs here take the place of those of entry.S, which make all frames
 * look the same: a test of the frame itself needs it as it came.
 */
#include "raw.h"
#include "tap.h"
#include "context.h"
#include "internal.h"

struct raw raw;
u32 raw_stack_top;

static struct context raw_back;
static u8 raw_trap_stack[3 * PAGE_SIZE] __aligned(PAGE_SIZE);

/* raw_entry.S stores into it. */
_Static_assert(offsetof(struct raw, irq_enabled) == RAW_IRQ_ENABLED, "offset");
_Static_assert(offsetof(struct raw, live_eflags) == RAW_LIVE_EFLAGS, "offset");
_Static_assert(offsetof(struct raw, regs.edi) == RAW_REGS, "offset");
_Static_assert(offsetof(struct raw, regs.ebx) == RAW_REGS + REGS_EBX, "offset");
_Static_assert(offsetof(struct raw, regs.gs) == RAW_REGS + REGS_GS, "offset");
_Static_assert(offsetof(struct raw, regs.ds) == RAW_REGS + REGS_DS, "offset");
_Static_assert(offsetof(struct raw, regs.cs) == RAW_REGS + REGS_CS, "offset");
_Static_assert(offsetof(struct raw, regs.ss) == RAW_REGS + REGS_SS, "offset");
_Static_assert(offsetof(struct raw, word) == RAW_WORD, "offset");

/* From raw_common: what was recorded is for raw_run() to return to. */
void raw_caught(void)
{
	context_load(&raw_back);
}

/* The stub for a vector, for gates that the test makes itself. */
const void *raw_entry(u32 vector)
{
	if (vector == SYSCALL_VECTOR)
		vector = RAW_VECTORS;
	return raw_stubs + vector * RAW_STUB_SIZE;
}

void raw_gate(u32 vector, enum gate_type type, u32 dpl)
{
	set_gate(vector, raw_entry(vector), type, dpl);
}

/* All that can be set, in one go. */
void raw_gates(enum gate_type type, u32 dpl)
{
	u32 v;

	for (v = 0; v < RAW_VECTORS; v++)
		raw_gate(v, type, dpl);
	raw_gate(SYSCALL_VECTOR, type, dpl);
}

void raw_stack(u32 top, u32 pages)
{
	raw_stack_top = top;
	hcall(LHCALL_SET_STACK, KERNEL_DS, top, pages);
}

static void start_anywhere(struct raw_regs *start)
{
	*start = (struct raw_regs){
		.edi = 0xd1d1d1d1, .esi = 0x51515151, .ebp = 0xb9b9b9b9,
		.ebx = 0xb3b3b3b3, .edx = 0xd2d2d2d2, .ecx = 0xc1c1c1c1,
		.eax = 0xa0a0a0a0, .eflags = EFLAGS_FIXED | EFLAGS_IF,
	};
}

/**
 * raw_kernel - a start in ring 1
 * @start: filled with recognisable values
 * @eip: where
 */
void raw_kernel(struct raw_regs *start, const void *eip)
{
	start_anywhere(start);
	start->eip = (u32)eip;
	start->cs = KERNEL_CS;
	start->ds = KERNEL_DS;
	start->es = KERNEL_DS;
	start->ss = KERNEL_DS;
	start->esp = (u32)raw_trap_stack + 2 * PAGE_SIZE;
}

/**
 * raw_user - a start in ring 3
 * @start: filled with recognisable values
 * @eip: where, as the kernel sees it: the program runs in USER_IMAGE
 */
void raw_user(struct raw_regs *start, const void *eip)
{
	start_anywhere(start);
	start->eip = user_addr(eip);
	start->cs = USER_CS;
	start->ds = USER_DS;
	start->es = USER_DS;
	start->ss = USER_DS;
	start->esp = user_addr(raw_trap_stack + PAGE_SIZE);
}

/**
 * raw_run - run until a trap comes through one of our gates
 * @start: the registers; @raw has the result
 */
void raw_run(const struct raw_regs *start)
{
	static struct raw_regs copy;
	u32 flags = lguest_data.irq_enabled;

	memset(&raw, 0xee, sizeof(raw));
	copy = *start;
	if (!context_save(&raw_back))
		raw_enter(&copy);
	asm volatile("movl %0, %%fs\n\tmovl %0, %%gs" : : "r" (0));
	irq_restore(flags);
}

/* A test result that shows what came when it was wrong. */
bool raw_ok(bool good, const char *fmt, ...)
{
	char title[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	if (ok(good, "%s", title))
		return true;
	diag("gate %u, irq_enabled 0x%x, flags 0x%x, eax %x, esp %x:%x",
	     raw.vector, raw.irq_enabled, raw.live_eflags, raw.regs.eax,
	     raw.regs.ss, raw.regs.esp);
	diag("frame %x %x %x %x %x %x", raw.word[0], raw.word[1], raw.word[2],
	     raw.word[3], raw.word[4], raw.word[5]);
	return false;
}

/* The usual question. */
bool raw_trapped(u32 vector, bool has_error, u32 error, u32 eip)
{
	return raw.vector == vector && (!has_error || raw.word[0] == error) &&
	       RAW_EIP(has_error) == eip;
}

/* After paging_init(): the user's view of the image, and a stack for traps. */
void raw_init(void)
{
	u32 addr;

	for (addr = LOAD_PHYS; addr < phys(__image_end); addr += PAGE_SIZE) {
		if (!map_page(kernel_pgdir, USER_IMAGE + addr,
			      addr | PTE_P | PTE_RW | PTE_US))
			panic("no memory for the user's view of the image");
	}
	raw_stack((u32)raw_trap_stack + 2 * PAGE_SIZE, 1);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * When a program does what it may not: it dies alone, with a line that says
 * why.  When the kernel does, that is the end of tiny.
 */
#include "tiny.h"

#define VECTOR_NM	7	/* see fpu.c */
#define VECTOR_PF	14
#define VECTOR_LAST	31

#define PF_WRITE	0x2

static const char *const names[] = {
	[0] = "division by zero", [1] = "debug trap", [3] = "breakpoint",
	[4] = "overflow", [5] = "bounds", [6] = "undefined instruction",
	[10] = "bad task state", [11] = "segment not present",
	[12] = "stack fault", [13] = "protection fault", [14] = "page fault",
	[16] = "FPU error", [17] = "unaligned access", [19] = "SSE error",
};

static void die(struct trap_frame *frame, u32 addr)
{
	u32 v = frame->vector;
	const char *name = v < ARRAY_SIZE(names) && names[v] ? names[v]
							     : "trap";

	irq_disable();
	if (!from_user(frame)) {
		show_frame(frame);
		panic("%s in the kernel", name);
	}
	printf("tiny: %s (pid %u) killed: %s at %08x, address %08x\n",
	       current->name, current->pid, name, frame->eip, addr);
	proc_exit(STATUS_KILLED | v);
}

static void other_fault(struct trap_frame *frame)
{
	die(frame, frame->eip);
}

/* Through an interrupt gate, so cr2 is still that of this fault. */
static void page_fault(struct trap_frame *frame)
{
	u32 addr = lguest_data.cr2;

	if (!from_user(frame) ||
	    !vm_fault(current, addr, frame->error & PF_WRITE))
		die(frame, addr);
	before_user();
}

void faults_init(void)
{
	u32 v;

	for (v = 0; v <= VECTOR_LAST; v++)
		if (v != VECTOR_NM)
			set_trap_handler(v, other_fault);
	set_trap_handler(VECTOR_PF, page_fault);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Ring 3.  The host puts the address of our stack into the task state
 * segment; a program is entered by returning to a frame that says it was
 * there before.
 */
#include "guest.h"
#include "context.h"

/* Interrupts on, and the bit that is always set. */
#define EFLAGS_USER	(EFLAGS_IF | 0x002)

static u8 trap_stack[PAGE_SIZE] __aligned(PAGE_SIZE);

/* @pages (1 or 2) are those below @top, which the host keeps mapped. */
void set_kernel_stack(const void *top, u32 pages)
{
	hcall_later(LHCALL_SET_STACK, KERNEL_DS, (u32)top, pages);
}

/* The frame of a program that is about to start. */
void user_frame(struct trap_frame *frame, u32 eip, u32 esp)
{
	*frame = (struct trap_frame){
		.ds = USER_DS, .es = USER_DS, .ss = USER_DS, .cs = USER_CS,
		.eflags = EFLAGS_USER, .eip = eip, .esp = esp,
	};
}

/**
 * run_user - run in ring 3 until it traps
 * @frame: where to start, see user_frame()
 * @end: what it did in the end: a fault, or SYSCALL_VECTOR for "int $0x80"
 *
 * Vectors with a handler do not count.
 */
void run_user(struct trap_frame *frame, struct trap_frame *end)
{
	struct context here;
	struct catch_state old;
	u32 flags = lguest_data.irq_enabled;
	struct trap_frame *start;

	old = catch_set(&here, end);
	if (!context_save(&here)) {
		/* An interrupt on the way out must not hit our own stack. */
		start = (struct trap_frame *)(trap_stack + PAGE_SIZE) - 1;
		*start = *frame;
		set_kernel_stack(trap_stack + PAGE_SIZE, 1);
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		return_to_frame(start);
	}
	irq_restore(flags);
	catch_set(old.net, old.caught);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where traps and interrupts arrive, and how they leave.  Each vector has a
 * stub that makes the stack look the same for all of them: struct trap_frame.
 * Leaving is the one delicate moment of a paravirtualised kernel: enabling
 * interrupts and iret are not one instruction here, so the host treats eip
 * between noirq_start and noirq_end in a way of its own.
 */
#include "layout.h"
#include "era.h"

	.text

/*
 * The saved flags say whether interrupts come on again; the frame for iret is on
 * the stack.  ss is the only segment register that is certain to be the kernel's.
 */
	.macro	leave_in_range
	pushl	%eax
	movl	12(%esp), %eax
	andl	$EFLAGS_IF, %eax
noirq_start:
	movl	%eax, %ss:lguest_data
	popl	%eax
	iret
	.endm

/* From 4.1 on, what comes at the iret itself is the host's to put right. */
	.macro	leave_at_iret
	pushl	8(%esp)
	andl	$EFLAGS_IF, (%esp)
	popl	%ss:lguest_data
noirq_start:
	iret
	.endm

	.globl	noirq_start, noirq_end

/* Vectors for which the CPU, or the host in its place, pushes an error code. */
#define HAS_ERROR(v)	((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17)

	.globl	trap_stubs
	.balign	16
trap_stubs:
	.set	vector, 0
	.rept	65
	.balign	16
	.if	!(HAS_ERROR(vector))
	pushl	$0
	.endif
	.if	vector == 64
	pushl	$SYSCALL_VECTOR
	.else
	pushl	$vector
	.endif
	jmp	trap_common
	.set	vector, vector + 1
	.endr

trap_common:
	cld
	pushal
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%esp, %eax
	pushl	%eax
	call	trap_dispatch
	addl	$4, %esp
	jmp	frame_return

/* void return_to_frame(struct trap_frame *frame): leave as it says. */
	.globl	return_to_frame
return_to_frame:
	movl	4(%esp), %esp
frame_return:
	popl	%gs
	popl	%fs
	popl	%es
	popl	%ds
	popal
	addl	$8, %esp

	LEAVE
noirq_end:

/* int context_save(struct context *c): 0, and 1 when context_load() comes. */
	.globl	context_save
context_save:
	movl	4(%esp), %eax
	movl	%ebx, 0(%eax)
	movl	%esi, 4(%eax)
	movl	%edi, 8(%eax)
	movl	%ebp, 12(%eax)
	leal	4(%esp), %ecx
	movl	%ecx, 16(%eax)
	movl	(%esp), %ecx
	movl	%ecx, 20(%eax)
	xorl	%eax, %eax
	ret

/* void context_load(const struct context *c): back there, flags all clear. */
	.globl	context_load
context_load:
	movl	4(%esp), %eax
	movl	0(%eax), %ebx
	movl	4(%eax), %esi
	movl	8(%eax), %edi
	movl	12(%eax), %ebp
	movl	$KERNEL_DS, %ecx
	movl	%ecx, %ss
	movl	16(%eax), %esp
	pushl	$0
	popfl
	movl	20(%eax), %ecx
	movl	$1, %eax
	jmp	*%ecx

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From one kernel stack to another.  What C may lose in a call is on the
 * stack already; the rest is pushed here.  See proc.c for the stack of a
 * process that has never run.
 */
	.text
	.globl	context_switch
/* void context_switch(u32 *save_esp, u32 load_esp) */
context_switch:
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%eax)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret

	.section .note.GNU-stack, "", @progbits

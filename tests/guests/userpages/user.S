/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What main.c copies to a page of ring 3's and starts there, so it must not
 * care where it is: the flags in edx, something for the kernel to do, and the
 * end, with what the flags are then.
 */
#include "layout.h"

	.text
	.globl	user_call, user_fault, user_end
user_call:
	pushl	%edx
	popfl
	int	$SYSCALL_VECTOR
	pushfl
	popl	%edx
	hlt
user_fault:
	pushl	%edx
	popfl
	movl	(%ebx), %eax
	pushfl
	popl	%edx
	hlt
user_end:

	.section .note.GNU-stack, "", @progbits

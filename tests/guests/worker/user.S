/* SPDX-License-Identifier: GPL-2.0 */
/*
 * worker's program in ring 3: numbers that follow the one in esi, which stays
 * in ebx.  It does not care where it is, and needs no stack.
 */
#include "layout.h"
#include "worker.h"

	.text
	.globl	worker_user, worker_user_end
worker_user:
	movl	%esi, %ebx
	movl	$USER_STEPS, %ecx
1:	imull	$1664525, %esi, %esi
	addl	$1013904223, %esi
	roll	$7, %esi
	decl	%ecx
	jnz	1b
	int	$SYSCALL_VECTOR
worker_user_end:

	.section .note.GNU-stack, "", @progbits

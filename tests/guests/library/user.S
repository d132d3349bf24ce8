/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What main.c copies to a page of ring 3's and starts there, so it must not
 * care where it is.
 */
#include "layout.h"

	.text
	.globl	user_syscall, user_write, user_hlt, user_loop, user_end
user_syscall:
	movl	$0x1234, %eax
	int	$SYSCALL_VECTOR
user_write:
	movl	$1, PAGE_OFFSET + LOAD_PHYS
user_hlt:
	hlt
user_loop:
	incl	%esi
	jmp	user_loop
user_end:

	.section .note.GNU-stack, "", @progbits

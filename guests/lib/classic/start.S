/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first instructions.  The launcher finds the tag in the image and starts
 * the guest just after it: in ring 1, at its virtual address, interrupts off,
 * with the physical address of the boot parameters in esi and no stack.
 */
#include "layout.h"
#include "era.h"

	.section .text.start, "ax"
	.ascii	"GenuineLguest"
	.globl	_start
_start:
	movl	$boot_stack_top, %esp
	cld
	/* The launcher may have left the rest of the file where .bss begins. */
	xorl	%eax, %eax
	movl	$__bss_start, %edi
	movl	$__bss_end, %ecx
	subl	%edi, %ecx
	rep stosb
	xorl	%ebp, %ebp
	movl	$LGUEST_INIT, %eax
	movl	$lguest_data - PAGE_OFFSET, %HCALL_ARG1
	xorl	%HCALL_ARG2, %HCALL_ARG2
	xorl	%HCALL_ARG3, %HCALL_ARG3
	HCALL
	pushl	%esi
	call	guest_start
	ud2

	.bss
	.balign	PAGE_SIZE
	.globl	boot_stack
boot_stack:
	.skip	2 * PAGE_SIZE
	.globl	boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits

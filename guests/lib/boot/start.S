/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first instructions, from 2.6.24 on.  The launcher starts the guest at the
 * image's entry, which is a physical address, in ring 1, interrupts off, with the
 * physical address of the boot parameters in esi and no stack.  Where memory is
 * mapped at this moment, it is at its physical address; how it gets to PAGE_OFFSET
 * depends on the era.
 */
#include "layout.h"
#include "era.h"

#define PHYS(label)	(label - PAGE_OFFSET)

/* To 2.6.28: the launcher's tables; their first 128 MB are wanted above, too. */
	.macro	tables_copied
	movl	PHYS(lguest_data) + DATA_PGDIR, %esi
	leal	(PAGE_OFFSET >> 22) * 4(%esi), %edi
	movl	$32, %ecx
	rep movsl
	.endm

/* To 2.6.37: the host's, which have it all. */
	.macro	tables_given
	.endm

/* Later: our own, made by a function that runs at its physical address. */
	.macro	tables_own
	movl	$PHYS(boot_stack_top), %esp
	pushl	$PHYS(boot_tables)
	call	boot_tables_make
	movl	%eax, %HCALL_ARG1
	movl	$NEW_PGTABLE, %eax
	HCALL
	.endm

	.section .text.start, "ax"
	.globl	_start
	.set	_start, PHYS(first)
first:
	cld
	/*
	 * The launcher may have left the rest of the file where .bss begins.  With
	 * these instructions, which are Linux', it finds the end of what is no ELF file.
	 */
	xorl	%eax, %eax
	movl	$PHYS(__bss_start), %edi
	movl	$PHYS(__bss_end), %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	rep stosl
	movl	%esi, %ebp
	movl	$LGUEST_INIT, %eax
	movl	$PHYS(lguest_data), %HCALL_ARG1
	HCALL
	FIRST_TABLES
	movl	$boot_stack_top, %esp
	movl	$1f, %eax
	jmp	*%eax
1:
	pushl	%ebp
	xorl	%ebp, %ebp
	call	guest_start
	ud2

	.bss
	.balign	PAGE_SIZE
boot_stack:
	.skip	2 * PAGE_SIZE
boot_stack_top:

	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The assembler half of raw.c: stubs that record a trap before they touch
 * anything, and the way into code that is to start with given registers.
 */
#include "layout.h"
#include "raw.h"

	.text

/*
 * ss is the one segment register that a trap from ring 3 makes good, so all
 * goes by way of it until the rest is saved.
 */
	.globl	raw_stubs
	.balign	RAW_STUB_SIZE
raw_stubs:
	.set	vector, 0
	.rept	RAW_VECTORS + 1
	.balign	RAW_STUB_SIZE
	.if	vector == RAW_VECTORS
	movl	$SYSCALL_VECTOR, %ss:raw
	.else
	movl	$vector, %ss:raw
	.endif
	jmp	raw_common
	.set	vector, vector + 1
	.endr

raw_common:
	movl	%edi, %ss:raw + RAW_REGS
	movl	%esi, %ss:raw + RAW_REGS + 4
	movl	%ebp, %ss:raw + RAW_REGS + 8
	movl	%ebx, %ss:raw + RAW_REGS + REGS_EBX
	movl	%edx, %ss:raw + RAW_REGS + 16
	movl	%ecx, %ss:raw + RAW_REGS + 20
	movl	%eax, %ss:raw + RAW_REGS + 24
	movl	%gs, %eax
	movl	%eax, %ss:raw + RAW_REGS + REGS_GS
	movl	%fs, %eax
	movl	%eax, %ss:raw + RAW_REGS + 32
	movl	%es, %eax
	movl	%eax, %ss:raw + RAW_REGS + 36
	movl	%ds, %eax
	movl	%eax, %ss:raw + RAW_REGS + REGS_DS
	movl	%esp, %ss:raw + RAW_REGS + REGS_ESP
	movl	%ss, %eax
	movl	%eax, %ss:raw + RAW_REGS + REGS_SS
	movl	%ss:lguest_data, %eax
	movl	%eax, %ss:raw + RAW_IRQ_ENABLED
	movl	%ss, %eax
	movl	%eax, %ds
	movl	%eax, %es
	/* Arithmetic has changed some of the flags by now; not TF, NT, IF. */
	movl	%esp, %ebx
	xorl	%ecx, %ecx
	pushfl
	popl	raw + RAW_LIVE_EFLAGS
1:	movl	(%ebx, %ecx, 4), %eax
	movl	%eax, raw + RAW_WORD(, %ecx, 4)
	incl	%ecx
	cmpl	$RAW_WORDS, %ecx
	jne	1b
	cld
	call	raw_caught

/*
 * void raw_enter(const struct raw_regs *regs): esp and ss are on the frame for
 * ring 3 only; for ring 1 the frame goes where it leaves the right esp behind.
 */
	.globl	raw_enter
raw_enter:
	movl	4(%esp), %ebx
	movl	%ebx, %esp
	testl	$2, REGS_CS(%ebx)
	jnz	1f
	movl	REGS_ESP(%ebx), %edi
	subl	$12, %edi
	leal	REGS_EIP(%ebx), %esi
	movl	$3, %ecx
	cld
	rep movsl
1:	popl	%edi
	popl	%esi
	popl	%ebp
	addl	$4, %esp
	popl	%edx
	popl	%ecx
	popl	%eax
	popl	%gs
	popl	%fs
	popl	%es
	testl	$2, REGS_CS(%ebx)
	jnz	2f
	movl	REGS_ESP(%ebx), %esp
	subl	$12, %esp
	pushl	REGS_DS(%ebx)
	pushl	REGS_EBX(%ebx)
	popl	%ebx
	popl	%ds
	iret
2:	movl	REGS_EBX(%ebx), %ebx
	popl	%ds
	iret

	.section .note.GNU-stack, "", @progbits

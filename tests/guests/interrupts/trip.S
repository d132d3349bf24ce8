/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of a handler: interrupts are on in memory, but the frame of the last
 * one is still on the stack.  To be stopped just there, the page of the shared
 * structure is unknown to the host's tables when it is written to; an alias of
 * it turns interrupts on before.
 */
#include "layout.h"
#include "trip.h"

	.text
	.globl	noirq_trip
noirq_trip:
	pushl	%ebx
	pushl	%esi
	pushfl
	pushl	$KERNEL_CS
	pushl	$landing
	pushl	$0			/* what noirq_start pops into eax */
	movl	$TRIP_SET_PTE, %eax
	movl	32(%esp), %edx
	movl	36(%esp), %ebx
	movl	40(%esp), %ecx
	xorl	%esi, %esi		/* the upper half, with PAE */
	int	$TRIP_TRAP_ENTRY
	movl	28(%esp), %ecx
	movl	$EFLAGS_IF, %eax
	movl	%eax, (%ecx)
	jmp	noirq_start
landing:
	popl	%esi
	popl	%ebx
	ret

	.section .note.GNU-stack, "", @progbits

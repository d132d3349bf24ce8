/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a program starts: the stack holds argc, the arguments and a NULL.
 */
	.text
	.globl	_start
_start:
	movl	(%esp), %eax
	leal	4(%esp), %edx
	pushl	%edx
	pushl	%eax
	call	main
	pushl	%eax
	call	exit

	.section .note.GNU-stack, "", @progbits

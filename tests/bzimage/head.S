/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bzImage as Linux made them to 2.6.25: one sector of a real-mode start, of which
 * there is only the header (boot protocol 2.07); then code, which is loaded at 1M and
 * gets out of the way, unpacks the kernel that follows it to 1M, and jumps there.  The
 * kernel is no ELF file, and nothing but the word before it says how long it is.
 *
 * It is linked for where it gets out of the way to (the Makefile).
 */
#define LOADED		0x100000
#define OUTPUT		0x100000

	.text
setup:
	.org	0x1f1
	.byte	1			/* sectors */
	.org	0x1fe
	.word	0xaa55
	.byte	0xeb, header_end - 1f	/* jump */
1:	.ascii	"HdrS"
	.word	0x0207
	.org	0x20e
	.word	release - setup - 0x200
	.org	0x211
	.byte	1			/* loaded high */
	.org	0x214
	.long	LOADED			/* start */
	.org	0x22c
	.long	0x1fffffff		/* end of the initial ramdisk, at most */
	.long	0x100000		/* alignment */
	.byte	0			/* not relocatable */
	.org	0x238
	.long	255			/* characters of the command line */
	.org	0x248
header_end:
release:
	.asciz	RELEASE " (model)"
	.org	0x400

code:
	cld
	movl	%esi, %ebp		/* the boot parameters */
	movl	$LOADED, %esi
	movl	$code, %edi
	movl	$payload_end - code, %ecx
	rep movsb
	movl	$moved, %eax
	jmp	*%eax
moved:
	movl	$stack_top, %esp
	pushl	$OUTPUT
	pushl	$payload
	call	unpack
	movl	%ebp, %esi
	movl	$OUTPUT, %eax
	jmp	*%eax

	.data
	.long	payload_end - payload
payload:
	.incbin	PAYLOAD
payload_end:

	.bss
	.skip	4096
stack_top:

	.section .note.GNU-stack, "", @progbits

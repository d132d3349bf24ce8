// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's side of the laboratory: the first instructions, gates for all
 * vectors, and the way to ring 3 and back.  All of this runs in the guest,
 * although it is linked into the launcher.
 */
#include <stdarg.h>
#include "mini.h"

static char message[128] __attribute__((aligned(128)));

/* Vectors for which the CPU pushes an error code: 8, 10 to 14, 17. */
asm("	.pushsection .text\n"
	"	.globl	mini_entry\n"
	"mini_entry:\n"
	"	movl	$mini + " /* STACK_TOP */ "MINI_STACK_TOP, %esp\n"
	"	call	mini_start\n"
	"	.balign	16\n"
	"	.globl	mini_trap_stubs\n"
	"mini_trap_stubs:\n"
	"	.set	vector, 0\n"
	"	.rept	65\n"
	"	.balign	16\n"
	"	.if	!((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17))\n"
	"	pushl	$0\n"
	"	.endif\n"
	"	.if	vector == 64\n"
	"	pushl	$0x80\n"
	"	.else\n"
	"	pushl	$vector\n"
	"	.endif\n"
	"	jmp	mini_trap_common\n"
	"	.set	vector, vector + 1\n"
	"	.endr\n"
	"mini_trap_common:\n"
	"	pushal\n"
	"	pushl	%ds\n"
	"	pushl	%es\n"
	"	pushl	%fs\n"
	"	pushl	%gs\n"
	"	cld\n"
	"	movl	$0x69, %eax\n"
	"	movl	%eax, %ds\n"
	"	movl	%eax, %es\n"
	"	movl	%esp, %eax\n"
	"	pushl	%eax\n"
	"	call	mini_trap\n"
	"	addl	$4, %esp\n"
	"	popl	%gs\n"
	"	popl	%fs\n"
	"	popl	%es\n"
	"	popl	%ds\n"
	"	popal\n"
	"	addl	$8, %esp\n"
	"	iret\n"
	"	.popsection");

asm(".globl MINI_STACK_TOP\n.set MINI_STACK_TOP, %c0" : : "i" (0));

/**
 * crash_at() - end with whatever is there
 * @text: its guest-physical address
 */
void crash_at(u32 text)
{
	for (;;)
		hcall1(LHCALL_CRASH, text);
}

/**
 * crash() - end, and say something
 * @fmt: as for printf
 */
void crash(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	crash_at((u32)message);
}

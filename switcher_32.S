/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world switch of a 32-bit host.  host_map_32.c copies this page to the top
 * of the address space, where the host's page tables and every guest's map it at
 * the same address, so that it survives the change of CR3.  It is
 * position-independent.
 *
 * The order of things is made for NMIs, which no flag holds off.  The IDT is
 * the first table to change on the way in and the last on the way out: its
 * gates lead to the stubs below, through LGUEST_CS, which is in both worlds'
 * GDTs.  So at any moment one complete set of handlers is good, and only the
 * handler for vectors 2 and 18 must know how far a switch had got.
 *
 * The guest's registers are loaded by moves, not pops, with the stack pointer
 * already at the final iret frame: whatever interrupts the entry overwrites
 * nothing but the padding, and the registers in memory stay whole.
 */
#include <asm/processor-flags.h>
#include "host.h"

#define TSS_SELECTOR		0x80	/* GDT_ENTRY_TSS in both worlds */
#define TSS_BUSY		0x200	/* in a descriptor's high word */
#define HOST_GDT_TSS		(TSS_SELECTOR + 4)
#define GUEST_GDT_TSS		(TABLES_gdt + TSS_SELECTOR + 4)

#define IN_PAGE(label)		$(label - switcher_text)

	.section .rodata, "a"
	.balign	4096
	.globl	switcher_text
switcher_text:

/*
 * Far-called through LGUEST_CS with interrupts off.
 * eax: this CPU's struct switcher_cpu; edx: the guest's CR3.
 * Returns with the guest's state in its struct lguest_regs; may change all
 * registers but ebp, and the flags.
 */
	pushl	%es
	pushl	%ds
	pushl	%fs
	pushl	%gs
	pushl	%ebp
	movl	%esp, CPU_host_sp(%eax)
	sgdt	CPU_host_gdt(%eax)
	sidt	CPU_host_idt(%eax)
	lidt	CPU_guest_idt(%eax)
entry_on_host_stack:
	lss	CPU_guest_sp(%eax), %esp
entry_on_guest_stack:
	lgdt	CPU_guest_gdt(%eax)
	/* LTR wants a TSS that is not busy, and marks it busy. */
	movl	%esp, %ebx
	andl	$~(PAGE_SIZE - 1), %ebx
	addl	$(SWITCHER_TABLES * PAGE_SIZE), %ebx
	andl	$~TSS_BUSY, GUEST_GDT_TSS(%ebx)
	movl	$TSS_SELECTOR, %ecx
	ltr	%cx
	movl	CPU_guest_cr4(%eax), %ecx
	testl	%ecx, %ecx
	jz	1f
	movl	%ecx, %cr4
1:	movl	CPU_guest_cr0(%eax), %ecx
	testl	%ecx, %ecx
	jz	1f
	movl	%ecx, %cr0
1:	movl	%edx, %cr3
	/* From here on, only this page, the registers and the tables exist. */
#define REG(name)	(REGS_##name - REGS_eip)(%esp)
	mov	REG(gs), %gs
	mov	REG(fs), %fs
	mov	REG(es), %es
	mov	REG(ds), %ds
	movl	REG(ebx), %ebx
	movl	REG(ecx), %ecx
	movl	REG(edx), %edx
	movl	REG(esi), %esi
	movl	REG(edi), %edi
	movl	REG(ebp), %ebp
	movl	REG(eax), %eax
	iret
entry_end:

/*
 * Every stub ends here, with the vector and an error code pushed onto what
 * the CPU pushed.  A frame of ring 0 means that loading the guest's state
 * faulted: its segments are bad.  (Virtual 8086 mode looks like any ring, and its
 * frames are longer: the registers below then end up lower, and the frame as a whole
 * is junk.  So the vector is taken from where it was pushed, not from its place in
 * the page: an interrupt of the host's must never get lost.)
 */
exit_common:
	testb	$SEGMENT_RPL_MASK, 12(%esp)
	jz	fault_in_switcher
	leal	(REGS_pad - REGS_trapnum)(%esp), %esp
	pushl	%ds
	pushl	%es
	pushl	%fs
	pushl	%gs
	pushl	%eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	movzbl	REGS_trapnum(%esp), %ecx
/*
 * The guest is saved; the stack is its register page, ecx what ended the run, and
 * the rest unknown.
 */
guest_saved:
	movl	%ss, %edx
	movl	%edx, %ds
	movl	%esp, %ebx
	andl	$~(PAGE_SIZE - 1), %ebx
	movl	(SWITCHER_TABLES * PAGE_SIZE + TABLES_host_cr3)(%ebx), %eax
	movl	%eax, %cr3
	leal	(SWITCHER_CPU * PAGE_SIZE)(%ebx), %eax
	movl	%ecx, CPU_ended(%eax)
	cmpl	$0, CPU_guest_cr0(%eax)
	je	1f
	movl	CPU_host_cr0(%eax), %ecx
	movl	%ecx, %cr0
1:	cmpl	$0, CPU_guest_cr4(%eax)
	je	1f
	movl	CPU_host_cr4(%eax), %ecx
	movl	%ecx, %cr4
1:	/* The host's usual GDT address may be read-only, and LTR writes. */
	lgdt	CPU_host_gdt_rw(%eax)
	movl	(CPU_host_gdt_rw + 2)(%eax), %ecx
	andl	$~TSS_BUSY, HOST_GDT_TSS(%ecx)
	movl	$TSS_SELECTOR, %ecx
	ltr	%cx
	lgdt	CPU_host_gdt(%eax)
	lss	CPU_host_sp(%eax), %esp
exit_on_host_stack:
	popl	%ebp
	popl	%gs
	popl	%fs
	popl	%ds
	popl	%es
	/* Not before: a handler of the host would reload the guest's selectors. */
	lidt	CPU_host_idt(%eax)
exit_end:
	lret

/* Give up an entry: nothing of the guest was changed.  ecx: the vector. */
entry_abort:
	orl	$SWITCHER_ABORT, %ecx
	jmp	guest_saved
fault_in_switcher:
	movzbl	(%esp), %ecx
	orl	$SWITCHER_FAULT, %ecx
	jmp	guest_saved

/*
 * NMI and machine check, with the vector and a zero pushed.  From the guest
 * they are exits like any other, and host_cpu.c passes them on.  From within the
 * switcher:
 * - an entry is given up, as if the guest had been interrupted;
 * - an exit is continued, and the vector noted for host_cpu_32.c.
 * For one instruction on the way in, and the last few on the way out, the stack
 * is the host's; there, eax is the struct switcher_cpu.
 */
host_only_trap:
	testb	$SEGMENT_RPL_MASK, 12(%esp)
	jnz	exit_common
	testl	$X86_EFLAGS_VM, 16(%esp)
	jnz	exit_common
	pushl	%ebx
	pushl	%ecx
	movl	8(%esp), %ecx			/* the vector */
	movl	16(%esp), %ebx			/* the interrupted eip */
	andl	$(PAGE_SIZE - 1), %ebx
	cmpl	IN_PAGE(entry_on_host_stack), %ebx
	je	trap_on_host_stack_in
	cmpl	IN_PAGE(entry_on_guest_stack), %ebx
	jb	1f
	cmpl	IN_PAGE(entry_end), %ebx
	jb	entry_abort
	cmpl	IN_PAGE(exit_on_host_stack), %ebx
	jb	1f
	cmpl	IN_PAGE(exit_end), %ebx
	jb	trap_on_host_stack_out
1:	/* An exit: the note goes to a page that only the host's tables map. */
	pushl	%eax
	movl	%cr3, %eax
	pushl	%eax
	movl	%esp, %ebx
	andl	$~(PAGE_SIZE - 1), %ebx
	movl	%ss:(SWITCHER_TABLES * PAGE_SIZE + TABLES_host_cr3)(%ebx), %eax
	movl	%eax, %cr3
	movb	$1, %ss:(SWITCHER_CPU * PAGE_SIZE + CPU_pending)(%ebx, %ecx)
	popl	%eax
	movl	%eax, %cr3
	popl	%eax
	jmp	trap_resume
trap_on_host_stack_out:
	movb	$1, %ss:CPU_pending(%eax, %ecx)
trap_resume:
	popl	%ecx
	popl	%ebx
	addl	$8, %esp
	iret
trap_on_host_stack_in:
	orl	$SWITCHER_ABORT, %ecx
	movl	%ecx, CPU_ended(%eax)
	lss	CPU_host_sp(%eax), %esp
	jmp	exit_on_host_stack

/*
 * The stubs.  A vector is pushed as a signed byte to keep them small; host_cpu.c
 * takes its low eight bits.
 */
	.pushsection .rodata.switcher_stubs, "a"
	.balign	4
	.globl	switcher_stubs
switcher_stubs:
	.popsection

	.set	vector, 0
	.rept	256
1:	/* 8, 10 to 14 and 17 come with an error code. */
	.if	!((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17))
	pushl	$0
	.endif
	pushl	$((vector ^ 0x80) - 0x80)
	.if	(vector == 2) || (vector == 18)
	jmp	host_only_trap
	.else
	jmp	exit_common
	.endif
	.pushsection .rodata.switcher_stubs, "a"
	.short	1b - switcher_text
	.popsection
	.set	vector, vector + 1
	.endr

	/* The assembler refuses to go back if this is more than one page. */
	.org	switcher_text + PAGE_SIZE

	.section .note.GNU-stack, "", @progbits

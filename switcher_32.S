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
 * Hypercalls: the gate for them, where the guest may ask for another of its page
 * directories, which needs no exit if the table has that (direct_switches.c).  The number
 * of the call is in eax, and so eax is free.  After an NMI or machine check in between the
 * guest makes the call anew.
 */
#define IN_REGS_PAGE(offset)	(PAGE_SIZE - REGS_SIZE + (offset))
#define NOTES(name)	%ss:(NOTES_##name - IN_REGS_PAGE(REGS_eip))(%esp)
#define SWITCHES_OF_STACK \
	(SWITCHER_TABLES * PAGE_SIZE + TABLES_switches - IN_REGS_PAGE(REGS_eip))
	.globl	switcher_call
switcher_call:
	cmpl	$SWITCH_CALL, %eax
	jne	call_exit
call_known:
	/* its place, in bytes from the first one: the bits of both shifts, and up again */
	movl	%ebx, %eax
	shrl	$(SWITCH_BITS - SWITCH_PAE_BITS), %eax
	xorl	%ebx, %eax
	shrl	$(SWITCH_PAE_BITS - SWITCH_SHIFT), %eax
	andl	$((DIRECT_SWITCHES - 1) << SWITCH_SHIFT), %eax
	cmpl	%ebx, (SWITCHES_OF_STACK + SWITCH_pgdir)(%esp, %eax)
	jne	call_unknown
	movl	(SWITCHES_OF_STACK + SWITCH_cr3)(%esp, %eax), %eax
	testl	%eax, %eax
	jz	call_unknown
	movl	%ebx, NOTES(pgdir)
	incl	NOTES(switches)
	movl	%eax, %cr3
	movl	$SWITCH_CALL, %eax
	iret
call_unknown:
	movl	$SWITCH_CALL, %eax
call_exit:
	pushl	$0
	pushl	$31
	jmp	exit_common

/*
 * Page faults: the gate for them, where the guest's handler may have its own at once
 * (direct_faults.c).  There is a list of things that must be so, or it is an exit like any
 * other; then the guest's memory is written to, where its stack's page, say, may be
 * missing: that, too, is an exit, and so is whatever comes before the last of these
 * writes.  That one turns off the guest's interrupts, and with it all is done: what
 * follows can be done again.
 */
#define SAVED_SIZE	24		/* cr2, ebx, edx, ecx, eax, the handler's esp */
#define SAVED(n)	(4 * (n))(%esp)
#define FRAME(name)	(SAVED_SIZE + REGS_##name - REGS_trapnum)(%esp)
#define DIRECT_OF(name)	SWITCHER_TABLES * PAGE_SIZE + TABLES_direct + DIRECT_##name
#define DIRECT(name)	%ss:(DIRECT_OF(name))(%ebx)

/* Of whatever register page the stack is in. */
#define REGS_PAGE(reg)	movl %esp, reg; andl $~(PAGE_SIZE - 1), reg

/* The CPU's frame becomes one that leads to the guest's handler.  Changes eax. */
.macro enter_handler
	movl	DIRECT(eip), %eax
	movl	%eax, FRAME(eip)
	movl	DIRECT(cs), %eax
	movl	%eax, FRAME(cs)
	andl	$~FLAGS_CLEARED_BY_GATE, FRAME(eflags)
	movl	SAVED(5), %eax
	movl	%eax, FRAME(esp)
	movl	DIRECT(ss), %eax
	movl	%eax, FRAME(ss)
.endm
.macro load_saved
	movl	SAVED(1), %ebx
	movl	SAVED(2), %edx
	movl	SAVED(3), %ecx
	movl	SAVED(4), %eax
.endm

	.globl	switcher_page_fault
switcher_page_fault:
	pushl	$14
	pushl	$0
	pushl	%eax
	pushl	%ecx
	pushl	%edx
	pushl	%ebx
page_fault_saved:
	movl	%cr2, %eax
	pushl	%eax
	REGS_PAGE(%ebx)
	/* about no more than presence and the right to write, by ring 3 or the kernel */
	movl	FRAME(errcode), %ecx
	testl	$~(PF_PRESENT | PF_WRITE | PF_INSTR | PF_USER), %ecx
	jnz	page_fault_exit
	testl	$PF_USER, %ecx
	jnz	1f
	movl	DIRECT(cs), %edx
	cmpw	%dx, FRAME(cs)
	jne	page_fault_exit
1:
	/* in a window that is known: edx becomes what its page is denied */
	movl	%eax, %ecx
	shrl	$WINDOW_SHIFT, %eax
	movl	%eax, %edx
	shrl	$DIRECT_WINDOWS_MIX, %edx
	xorl	%eax, %edx
	andl	$(DIRECT_WINDOWS - 1), %edx
	leal	(DIRECT_OF(windows))(%ebx, %edx, 8), %edx
	cmpl	%eax, %ss:WINDOW_number(%edx)
	jne	page_fault_exit
	movl	%ss:WINDOW_denied(%edx), %edx
	shrl	$PAGE_SHIFT, %ecx
	andl	$(WINDOW_PAGES - 1), %ecx
	shrl	%cl, %edx
	movl	FRAME(errcode), %ecx
	/* absent, unless the shadow has it */
	testl	$PF_PRESENT, %ecx
	jnz	1f
	testl	$DENIED_ABSENT, %edx
	jnz	2f
1:	/* or present, but not for writing */
	testl	$PF_WRITE, %ecx
	jz	page_fault_exit
	testl	$DENIED_WRITE, %edx
	jz	page_fault_exit
	orl	$PF_PRESENT, %ecx
2:	movl	DIRECT(data), %eax
	testl	$X86_EFLAGS_IF, %ss:LGUEST_DATA_IRQ_ENABLED(%eax)
	jz	page_fault_exit
	testl	$PF_USER, %ecx
	jz	3f
	/* onto the stack for faults of ring 3 */
	movl	DIRECT(esp), %edx
	movl	FRAME(esp), %eax
	movl	%eax, %ss:16(%edx)
	movl	FRAME(ss), %eax
	movl	%eax, %ss:20(%edx)
	jmp	4f
3:	/* or where the kernel is on it: below the host's addresses, and not wrapped around */
	movl	DIRECT(ss), %edx
	cmpw	%dx, FRAME(ss)
	jne	page_fault_exit
	movl	FRAME(esp), %edx
	subl	$KERNEL_FRAME_SIZE, %edx
	cmpl	$(HOST_ADDRESSES - KERNEL_FRAME_SIZE), %edx
	ja	page_fault_exit
4:	movl	%edx, SAVED(5)
	movl	DIRECT(data), %eax
	andl	DIRECT(errcode), %ecx
	movl	%ecx, %ss:0(%edx)
	movl	FRAME(eip), %ecx
	movl	%ecx, %ss:4(%edx)
	movl	FRAME(cs), %ecx
	movl	%ecx, %ss:8(%edx)
	movl	FRAME(eflags), %ecx
	movl	%ecx, %ss:12(%edx)
	movl	SAVED(0), %ecx
	movl	%ecx, %ss:LGUEST_DATA_CR2(%eax)
	incl	%ss:NOTES_faults(%ebx)
	movl	$0, %ss:LGUEST_DATA_IRQ_ENABLED(%eax)
direct_done:
	enter_handler
	load_saved
	leal	FRAME(eip), %esp
direct_iret:
	iret
page_fault_end:

/* A fault on that way has another address in CR2. */
direct_undo:
	REGS_PAGE(%ebx)
	leal	IN_REGS_PAGE(REGS_trapnum - SAVED_SIZE)(%ebx), %esp
	movl	SAVED(0), %eax
	movl	%eax, %cr2
page_fault_exit:
	load_saved
	leal	SAVED_SIZE(%esp), %esp
	jmp	exit_common

/*
 * NMI or machine check on that way.  What was to be has not been yet, or if it is done,
 * has just been.  ebx: the place; ecx: the vector; on the stack: ecx and ebx.
 */
trap_in_page_fault:
	cmpl	IN_PAGE(page_fault_saved), %ebx
	jb	registers_live
	cmpl	IN_PAGE(direct_iret), %ebx
	je	registers_live
	cmpl	IN_PAGE(direct_done), %ebx
	jb	1f
	REGS_PAGE(%ebx)
	leal	IN_REGS_PAGE(REGS_trapnum - SAVED_SIZE)(%ebx), %esp
	enter_handler
1:	REGS_PAGE(%ebx)
	leal	IN_REGS_PAGE(REGS_trapnum - SAVED_SIZE)(%ebx), %esp
	movl	%ecx, FRAME(trapnum)
	movl	$0, FRAME(errcode)
	jmp	page_fault_exit

/* Likewise: "int" has two bytes, and is about to be executed again. */
trap_in_call:
	cmpl	IN_PAGE(call_known), %ebx
	jb	1f
	movl	$SWITCH_CALL, %eax
1:	REGS_PAGE(%ebx)
	subl	$2, %ss:IN_REGS_PAGE(REGS_eip)(%ebx)
/* The registers are the guest's: none is in memory, or all have been loaded. */
registers_live:
	REGS_PAGE(%ebx)
	movl	%ecx, %ss:IN_REGS_PAGE(REGS_trapnum)(%ebx)
	movl	$0, %ss:IN_REGS_PAGE(REGS_errcode)(%ebx)
	popl	%ecx
	movl	%ecx, %ss:IN_REGS_PAGE(REGS_trapnum - 8)(%ebx)
	popl	%ecx
	movl	%ecx, %ss:IN_REGS_PAGE(REGS_trapnum - 4)(%ebx)
	leal	IN_REGS_PAGE(REGS_trapnum - 8)(%ebx), %esp
	popl	%ecx
	popl	%ebx
	jmp	exit_common
#undef FRAME

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
	testl	$X86_EFLAGS_VM, 16(%esp)
	jnz	1f
	movl	8(%esp), %ebx			/* the interrupted eip */
	andl	$(PAGE_SIZE - 1), %ebx
	cmpl	IN_PAGE(switcher_page_fault), %ebx
	jb	1f
	cmpl	IN_PAGE(direct_done), %ebx
	jb	direct_undo
1:	movzbl	(%esp), %ecx
	orl	$SWITCHER_FAULT, %ecx
	jmp	guest_saved

/*
 * NMI and machine check, with the vector and a zero pushed.  From the guest
 * they are exits like any other, and host_cpu.c passes them on.  From within the
 * switcher:
 * - an entry is given up, as if the guest had been interrupted;
 * - a page fault on its way to the guest has not been yet, or if that is done, has been;
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
	cmpl	IN_PAGE(call_exit), %ebx
	jb	trap_in_call
	cmpl	IN_PAGE(switcher_page_fault), %ebx
	jb	1f
	cmpl	IN_PAGE(page_fault_end), %ebx
	jb	trap_in_page_fault
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

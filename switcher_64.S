/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world switch of a 64-bit host.  Guests run in compatibility mode, in rings 1
 * to 3, and can name no address above 4 GB.  This page, and the block of pages of the
 * guest's CPU (struct lguest_world and the tables behind it), are above: in the
 * guest's page tables at the very addresses that they have in the host's, so that
 * they survive the change of CR3.
 *
 * The order of things is made for NMIs, which no flag holds off.  The stack pointer
 * goes to the world's page before the guest's IDT comes in, and leaves it after that
 * has gone: whenever our gates are good, RSP is in the page, and finds everything.
 * (For the moment between, the host's handlers of NMI, machine check and double fault
 * have stacks of their own.)  The IDT is the first table to change on the way in and
 * the last on the way out.  Its gates lead to the stubs below, through LGUEST_CS,
 * which is in both worlds' GDTs during a switch.
 *
 * An NMI must stay masked until the host's own handler returns, for the start of that
 * relies on it.  IRET is what unmasks, so nothing in here may resume by one: what
 * comes in the middle of a switch is noted, an entry given up, an exit gone on with by
 * RET, and the host's handler called as the last thing of all.
 *
 * The guest's registers are loaded by moves with the stack pointer already at the
 * final frame: what interrupts the entry overwrites nothing but the padding, and the
 * registers in memory stay whole.  r8 to r15 do not exist in compatibility mode: they
 * are scratch for whatever must keep the guest's others.  r8 to r11 belong to what
 * ends a run, r12 and r13 to system calls on their way.
 *
 * Null is a good SS for ring 0.  Data segments have no meaning in 64-bit code.  While
 * the host's CR4 holds, CET may, so what can be reached in ring 0 begins with ENDBR,
 * and there are no indirect jumps.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>
#include <asm/page_types.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>
#include "host.h"

#define TSS_BUSY		0x200	/* in a descriptor's second word */
#define HOST_TSS		(GDT_ENTRY_TSS * 8)
#define GUEST_TSS_WORD		(GDT_PAGE * PAGE_SIZE + TABLES_gdt + GUEST_TSS + 4)

/* ENDBR64, which older assemblers do not know. */
.macro landing
	.byte	0xf3, 0x0f, 0x1e, 0xfa
.endm

/* Of whatever the stack is in. */
#define WORLD_OF_STACK(reg)	movq %rsp, reg; andq $-PAGE_SIZE, reg

	/* (kprobes keep out of this section.) */
	.section .noinstr.text, "ax"
	.balign	PAGE_SIZE
	.globl	switcher_text
switcher_text:

/*
 * void switcher_enter(struct lguest_world *world), with interrupts off.
 * Returns with the guest's state in the world's registers, and after the host has had
 * the NMI that may have come.
 */
	.globl	switcher_enter
	.type	switcher_enter, @function
switcher_enter:
	landing
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushfq
	movq	%rsp, WORLD_host_sp(%rdi)
	mov	%ds, (WORLD_host_segments + 0)(%rdi)
	mov	%es, (WORLD_host_segments + 2)(%rdi)
	mov	%fs, (WORLD_host_segments + 4)(%rdi)
	mov	%gs, (WORLD_host_segments + 6)(%rdi)
	sgdt	WORLD_host_gdt(%rdi)
	sidt	WORLD_host_idt(%rdi)
	xorl	%eax, %eax
	mov	%eax, %ss
	leaq	(WORLD_regs + REGS_eip)(%rdi), %rsp
	lidt	WORLD_guest_idt(%rdi)
entry_start:
	lgdt	WORLD_guest_gdt(%rdi)
	/* LTR wants a TSS that is not busy, and marks it busy. */
	andl	$~TSS_BUSY, GUEST_TSS_WORD(%rdi)
	movl	$GUEST_TSS, %ecx
	ltr	%cx
	movq	WORLD_guest_cr0(%rdi), %rax
	cmpq	WORLD_host_cr0(%rdi), %rax
	je	1f
	movq	%rax, %cr0
1:	movq	WORLD_guest_cr3(%rdi), %rax
	movq	%rax, %cr3
	/* From here on, only this page, the world and its tables exist. */
	movq	WORLD_guest_cr4(%rdi), %rax
	cmpq	WORLD_host_cr4(%rdi), %rax
	je	1f
	movq	%rax, %cr4
1:
#define REG(name)	(REGS_##name - REGS_eip)(%rsp)
	mov	REG(gs), %gs
	mov	REG(fs), %fs
	mov	REG(es), %es
	mov	REG(ds), %ds
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	movl	REG(ebx), %ebx
	movl	REG(ecx), %ecx
	movl	REG(edx), %edx
	movl	REG(esi), %esi
	movl	REG(edi), %edi
	movl	REG(ebp), %ebp
	movl	REG(eax), %eax
	iretq
entry_end:
#undef REG

/*
 * System calls: the gate for int 0x80, where the guest's may be direct.  A gate
 * cannot lead from 64-bit mode to ring 1 of compatibility mode, so this does what it
 * would: the CPU's frame is copied to the guest's stack, and an IRETQ goes to its
 * handler by a frame that gates_64.c has prepared, of which just the flags are new.
 *
 * Whatever happens on the way (the stack's page is missing, its segment or the
 * handler's is bad, an NMI), the CPU's frame is whole, and the call becomes an exit
 * like any other.  It is made in ring 0, but with the guest's tables, and CR0.WP is
 * set: nothing is written that ring 1 could not write.  A frame that wraps around goes
 * above 4 GB, where the guest's tables have nothing.
 */
	.globl	switcher_forward
switcher_forward:
	landing
#define WORLD(name)	(WORLD_##name - WORLD_regs - REGS_eip)(%rsp)
	testb	$2, 8(%rsp)			/* from ring 1 it is an exit */
	jz	system_call_exit
	movq	WORLD(forward_to), %r8
	movl	0(%rsp), %r9d			/* eip */
	movl	8(%rsp), %r10d			/* cs */
	movl	16(%rsp), %r11d			/* eflags */
	movl	24(%rsp), %r12d			/* esp */
	movl	32(%rsp), %r13d			/* ss */
	movl	%r9d, 0(%r8)
	movl	%r10d, 4(%r8)
	movl	%r11d, 8(%r8)
	movl	%r12d, 12(%r8)
	movl	%r13d, 16(%r8)
	/* as a gate does */
	andl	$~FLAGS_CLEARED_BY_GATE, %r11d
	movl	%r11d, (WORLD_forward + 16 - WORLD_regs - REGS_eip)(%rsp)
	leaq	WORLD(forward), %rsp
	iretq
forward_end:
system_call_exit:
	pushq	$0
	pushq	$-0x80
	jmp	save_guest

/*
 * The half of it that has been done is thrown away: an exit by the vector in r10, as it is
 * pushed, with the registers as they are.
 */
forward_undo:
	movq	$-0x80, %r10
exit_anew:
	WORLD_OF_STACK(%r9)
	leaq	(WORLD_regs + REGS_trapnum)(%r9), %rsp
	movq	%r10, (%rsp)
	movq	$0, 8(%rsp)
	jmp	save_guest

/*
 * Hypercalls: the gate for them, where the guest may ask for another of its page
 * directories, which needs no exit if the table has that (direct_switches.c).  Whatever
 * comes in between makes an exit of it, and the call is made there, perhaps once more.
 */
	.globl	switcher_call
switcher_call:
	landing
	cmpl	$SWITCH_CALL, %eax
	jne	call_exit
	WORLD_OF_STACK(%r10)
	/* its place, in bytes from the first one: the bits of both shifts, and up again */
	movl	%ebx, %r9d
	shrl	$(SWITCH_BITS - SWITCH_PAE_BITS), %r9d
	xorl	%ebx, %r9d
	shrl	$(SWITCH_PAE_BITS - SWITCH_SHIFT), %r9d
	andl	$((DIRECT_SWITCHES - 1) << SWITCH_SHIFT), %r9d
	leaq	(GDT_PAGE * PAGE_SIZE + TABLES_switches)(%r10, %r9), %r9
	cmpl	%ebx, SWITCH_pgdir(%r9)
	jne	call_exit
	movq	SWITCH_cr3(%r9), %r8
	testq	%r8, %r8
	jz	call_exit
	movl	%ebx, WORLD_switched_to(%r10)
	incl	WORLD_switch_count(%r10)
	movq	%r8, %cr3
	iretq
call_exit:
	pushq	$0
	pushq	$31
	jmp	save_guest
call_undo:
	movq	$31, %r10
	jmp	exit_anew

/*
 * Page faults: the gate for them, where the guest's handler may have its own at once
 * (direct_faults.c).  There is a list of things that must be so, or it is an exit like any
 * other; then the guest's memory is written to, where its stack's page, say, may be
 * missing: that, too, is an exit, and so is whatever comes before the last of these
 * writes.  That one turns off the guest's interrupts, and with it all is done.
 */
#define FRAME(name)	(REGS_##name - REGS_trapnum)(%rsp)
#define DIRECT(name)	(GDT_PAGE * PAGE_SIZE + TABLES_direct + DIRECT_##name)(%r10)
	.globl	switcher_page_fault
switcher_page_fault:
	landing
	pushq	$14
	WORLD_OF_STACK(%r10)
	movq	%cr2, %r8
	/* about no more than presence and the right to write, by ring 3 or the kernel */
	movl	FRAME(errcode), %r9d
	testl	$~(PF_PRESENT | PF_WRITE | PF_INSTR | PF_USER), %r9d
	jnz	exit_common
	testl	$PF_USER, %r9d
	jnz	1f
	movl	DIRECT(cs), %r11d
	cmpl	%r11d, FRAME(cs)
	jne	exit_common
1:
	movq	%r8, WORLD_fault_address(%r10)	/* (a fault of ours has not come so far) */
	/* in a window that is known: r12 becomes what is denied there, r11 the page in it */
	movl	%r8d, %r11d
	shrl	$WINDOW_SHIFT, %r11d
	movl	%r11d, %r12d
	shrl	$DIRECT_WINDOWS_MIX, %r12d
	xorl	%r11d, %r12d
	andl	$(DIRECT_WINDOWS - 1), %r12d
	leaq	DIRECT(windows), %r13
	cmpl	%r11d, WINDOW_number(%r13, %r12, 8)
	jne	exit_common
	movl	%r8d, %r11d
	shrl	$PAGE_SHIFT, %r11d
	andl	$(WINDOW_PAGES - 1), %r11d
	movl	WINDOW_denied(%r13, %r12, 8), %r12d
	/* absent, unless the shadow has it */
	testl	$PF_PRESENT, %r9d
	jnz	1f
	btl	%r11d, %r12d
	jc	2f
1:	/* or present, but not for writing */
	testl	$PF_WRITE, %r9d
	jz	exit_common
	addl	$WINDOW_PAGES, %r11d
	btl	%r11d, %r12d
	jnc	exit_common
	orl	$PF_PRESENT, %r9d
2:	movl	DIRECT(data), %r12d
	testl	$X86_EFLAGS_IF, LGUEST_DATA_IRQ_ENABLED(%r12)
	jz	exit_common
	testl	$PF_USER, %r9d
	jz	3f
	/* onto the stack for faults of ring 3 */
	movl	DIRECT(esp), %r13d
	movl	FRAME(esp), %r11d
	movl	%r11d, 16(%r13)
	movl	FRAME(ss), %r11d
	movl	%r11d, 20(%r13)
	jmp	4f
3:	/* or where the kernel is on it: below the host's addresses, and not wrapped around */
	movl	DIRECT(ss), %r11d
	cmpl	%r11d, FRAME(ss)
	jne	exit_common
	movl	FRAME(esp), %r13d
	subl	$KERNEL_FRAME_SIZE, %r13d
	cmpl	$(HOST_ADDRESSES - KERNEL_FRAME_SIZE), %r13d
	ja	exit_common
4:	movl	%r13d, (WORLD_direct + 24)(%r10)
	andl	DIRECT(errcode), %r9d
	movl	%r9d, 0(%r13)
	movl	FRAME(eip), %r9d
	movl	%r9d, 4(%r13)
	movl	FRAME(cs), %r9d
	movl	%r9d, 8(%r13)
	movl	FRAME(eflags), %r9d
	movl	%r9d, 12(%r13)
	andl	$~FLAGS_CLEARED_BY_GATE, %r9d
	movl	%r9d, (WORLD_direct + 16)(%r10)
	movl	%r8d, LGUEST_DATA_CR2(%r12)
	incl	WORLD_direct_count(%r10)
	movl	$0, LGUEST_DATA_IRQ_ENABLED(%r12)
direct_done:
	leaq	WORLD_direct(%r10), %rsp
	iretq
page_fault_end:
#undef DIRECT

/* A fault on that way has another address in CR2. */
direct_undo:
	WORLD_OF_STACK(%r9)
	leaq	(WORLD_regs + REGS_trapnum)(%r9), %rsp
	movq	WORLD_fault_address(%r9), %r10
	movq	%r10, %cr2
	jmp	save_guest

/*
 * Every stub ends here, with the vector and an error code pushed onto what the CPU
 * pushed.  (r9 to r11 are not the guest's.)
 */
exit_common:
	testb	$SEGMENT_RPL_MASK, FRAME(cs)
	jz	trap_in_switcher
save_guest:
	movl	%eax, FRAME(eax)
	movl	%ebx, FRAME(ebx)
	movl	%ecx, FRAME(ecx)
	movl	%edx, FRAME(edx)
	movl	%esi, FRAME(esi)
	movl	%edi, FRAME(edi)
	movl	%ebp, FRAME(ebp)
	movl	%ds, %eax
	movl	%eax, FRAME(ds)
	movl	%es, %eax
	movl	%eax, FRAME(es)
	movl	%fs, %eax
	movl	%eax, FRAME(fs)
	movl	%gs, %eax
	movl	%eax, FRAME(gs)
	movzbl	(%rsp), %ecx
	WORLD_OF_STACK(%rbx)
/* rbx: the world, whose page the stack is in; ecx: what ended the run. */
run_ended:
	movl	%ecx, WORLD_ended(%rbx)
/* All that is needed from here on is in memory, so that it can begin anew. */
restore_host:
	movq	WORLD_host_cr0(%rbx), %rax
	cmpq	WORLD_guest_cr0(%rbx), %rax
	je	1f
	movq	%rax, %cr0
1:	/* Turning SMEP on flushes the current PCID, which must not be the host's. */
	movq	WORLD_host_cr4(%rbx), %rax
	cmpq	WORLD_guest_cr4(%rbx), %rax
	je	1f
	movq	%rax, %cr4
1:	movq	WORLD_host_cr3(%rbx), %rax
	movq	%rax, %cr3
	/* The host's usual GDT address is read-only, and LTR writes. */
	lgdt	WORLD_host_gdt_rw(%rbx)
	movq	(WORLD_host_gdt_rw + 2)(%rbx), %rax
	andl	$~TSS_BUSY, (HOST_TSS + 4)(%rax)
	movl	$HOST_TSS, %ecx
	ltr	%cx
	lgdt	WORLD_host_gdt(%rbx)
	movl	$__KERNEL_DS, %ecx
	mov	%ecx, %ss
	mov	(WORLD_host_segments + 0)(%rbx), %ds
	mov	(WORLD_host_segments + 2)(%rbx), %es
	mov	(WORLD_host_segments + 4)(%rbx), %fs
	mov	(WORLD_host_segments + 6)(%rbx), %gs
	/* Not before: a selector brings its own base. */
	cmpb	$0, WORLD_fsgsbase(%rbx)
	je	1f
	movq	WORLD_host_fs_base(%rbx), %rax
	wrfsbase %rax
	movq	WORLD_host_gs_base(%rbx), %rax
	wrgsbase %rax
	jmp	2f
1:	movl	WORLD_host_fs_base(%rbx), %eax
	movl	(WORLD_host_fs_base + 4)(%rbx), %edx
	movl	$MSR_FS_BASE, %ecx
	wrmsr
	movl	WORLD_host_gs_base(%rbx), %eax
	movl	(WORLD_host_gs_base + 4)(%rbx), %edx
	movl	$MSR_GS_BASE, %ecx
	wrmsr
2:	/* Not before: a handler of the host's needs all of this. */
	lidt	WORLD_host_idt(%rbx)
restore_end:
	movq	WORLD_host_sp(%rbx), %rsp
	/* LGUEST_CS is not ours for long. */
	pushq	$__KERNEL_CS
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	movzbl	(WORLD_pending + 2)(%rbx), %eax
	popfq					/* guests leave AC and DF behind */
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	testl	%eax, %eax
	jz	1f
	/* NMIs have been masked since it came: this is what lets the next one in. */
	int	$2
	RET
	/* (who comes here finds no INT before the address that it is at) */
1:	RET

/*
 * A frame of ring 0, r8 being the place in this page where it came from:
 * - a system call or page fault on its way to the guest becomes an exit;
 * - the restoring of the host goes on without the launcher's segments, which must be
 *   what is wrong.  If it was not, the host's handlers say what they can;
 * - an entry has found that the guest's segments are bad.
 * (Virtual 8086 mode looks like any ring, and is junk: r8 is beyond the page.)
 */
trap_in_switcher:
	WORLD_OF_STACK(%r9)
	leaq	switcher_text(%rip), %r8
	negq	%r8
	addq	FRAME(eip), %r8
	cmpq	$(switcher_forward - switcher_text), %r8
	jb	1f
	cmpq	$(forward_end - switcher_text), %r8
	jb	forward_undo
	cmpq	$(switcher_page_fault - switcher_text), %r8
	jb	1f
	cmpq	$(direct_done - switcher_text), %r8
	jb	direct_undo
	cmpq	$(restore_host - switcher_text), %r8
	jb	1f
	cmpq	$(restore_end - switcher_text), %r8
	jb	restore_again
1:	movzbl	(%rsp), %ecx
	orl	$SWITCHER_FAULT, %ecx
	movq	%r9, %rbx
	jmp	run_ended
restore_again:
	movq	%r9, %rbx
	leaq	(WORLD_regs + REGS_trapnum)(%rbx), %rsp
	cmpb	$0, WORLD_restored_again(%rbx)
	jne	1f
	movb	$1, WORLD_restored_again(%rbx)
	movq	$0, WORLD_host_segments(%rbx)
	jmp	restore_host
1:	lidt	WORLD_host_idt(%rbx)
	ud2

/*
 * NMI and machine check, with the vector and a zero pushed.  They are noted, and the
 * host gets them after the run.  From the guest they are exits like any other.  From
 * within the switcher:
 * - an entry is given up, as if the guest had been interrupted;
 * - a system call on its way becomes an exit;
 * - a page fault on its way has not been yet, or if that is done, has just been;
 * - an exit is gone on with, all registers kept, but not by an IRET: the flags and
 *   the address are put below the interrupted stack, for POPF and RET.
 */
host_only_trap:
	testb	$SEGMENT_RPL_MASK, FRAME(cs)
	jnz	host_trap_in_guest
	pushq	%r8
	pushq	%r9
	pushq	%r10
#undef FRAME
#define FRAME(name)	(REGS_##name - REGS_trapnum + 24)(%rsp)
	WORLD_OF_STACK(%r9)
	movzbl	FRAME(trapnum), %r10d
	movb	$1, WORLD_pending(%r9, %r10)
	leaq	switcher_text(%rip), %r8
	negq	%r8
	addq	FRAME(eip), %r8
	cmpq	$PAGE_SIZE, %r8
	jae	host_trap_in_junk
	cmpq	$(entry_start - switcher_text), %r8
	jb	1f
	cmpq	$(entry_end - switcher_text), %r8
	jb	entry_abort
	cmpq	$(switcher_forward - switcher_text), %r8
	jb	1f
	cmpq	$(forward_end - switcher_text), %r8
	jb	forward_undo
	cmpq	$(switcher_call - switcher_text), %r8
	jb	1f
	cmpq	$(call_exit - switcher_text), %r8
	jb	call_undo
	cmpq	$(switcher_page_fault - switcher_text), %r8
	jb	1f
	cmpq	$(direct_done - switcher_text), %r8
	jb	exit_anew		/* it will fault again */
	cmpq	$(page_fault_end - switcher_text), %r8
	jb	host_trap_in_handler
1:	movq	FRAME(esp), %r8
	movq	FRAME(eip), %r9
	movq	FRAME(eflags), %r10
	subq	$16, %r8
	movq	%r8, FRAME(trapnum)
	movq	%r10, (%r8)
	movq	%r9, 8(%r8)
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rsp
	popfq
	ANNOTATE_UNRET_SAFE
	ret
	int3
entry_abort:
	orl	$SWITCHER_ABORT, %r10d
	jmp	1f
host_trap_in_junk:
	orl	$SWITCHER_FAULT, %r10d
1:	movl	%r10d, %ecx
	movq	%r9, %rbx
	jmp	run_ended
#undef FRAME
/* r9: the world; r10: the vector.  The guest is about to run its handler. */
host_trap_in_handler:
	leaq	WORLD_regs(%r9), %rsp
	.irp	offset, 0, 8, 16, 24, 32
	movq	(WORLD_direct + \offset)(%r9), %r8
	movq	%r8, (REGS_eip + \offset)(%rsp)
	.endr
	jmp	exit_anew
host_trap_in_guest:
	WORLD_OF_STACK(%r9)
	movzbl	(%rsp), %r10d
	movb	$1, WORLD_pending(%r9, %r10)
	jmp	save_guest

/*
 * The stubs.  A vector is pushed as a signed byte to keep them small; host_cpu.c
 * takes its low eight bits.
 */
	.pushsection .rodata, "a"
	.balign	4
	.globl	switcher_stubs
switcher_stubs:
	.popsection
	/* (for objtool: who is named here keeps its ENDBR) */
	.pushsection .rodata.switcher_endbr, "a"
	.balign	8
	.popsection

	.set	vector, 0
	.rept	256
9:	.if	vector < 32
	landing
	.pushsection .rodata.switcher_endbr, "a"
	.quad	9b
	.popsection
	.endif
	/* 8, 10 to 14 and 17 come with an error code. */
	.if	!((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17))
	pushq	$0
	.endif
	pushq	$((vector ^ 0x80) - 0x80)
	.if	(vector == 2) || (vector == 18)
	jmp	host_only_trap
	.else
	jmp	exit_common
	.endif
	.pushsection .rodata, "a"
	.short	9b - switcher_text
	.popsection
	.set	vector, vector + 1
	.endr

	/* The assembler refuses to go back if this is more than one page. */
	.org	switcher_text + PAGE_SIZE, 0xcc	/* for objtool: INT3 can be decoded */
	.size	switcher_enter, . - switcher_enter
	STACK_FRAME_NON_STANDARD switcher_enter

/*
 * void call_host_handler(unsigned long entry): what the CPU would have pushed, had the
 * interrupt come here, and then the handler, which goes on behind the call by IRETQ.
 */
	.text
	.globl	call_host_handler
	.type	call_host_handler, @function
call_host_handler:
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	pushq	$__KERNEL_DS
	pushq	%rbp
	pushfq
	pushq	$__KERNEL_CS
	CALL_NOSPEC rdi
	movq	%rbp, %rsp
	popq	%rbp
	RET
	.size	call_host_handler, . - call_host_handler

	.section .note.GNU-stack, "", @progbits

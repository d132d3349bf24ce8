// SPDX-License-Identifier: GPL-2.0
/*
 * What the CPU does at a trap while a guest runs on a 32-bit host: each gate of the
 * guest's IDT is one of the guest's own, or leads to the switcher's stub for its
 * vector; or, for page faults where gate and stack allow it, to code of the switcher's
 * that may take them to the guest's handler at once.
 */
#include <linux/kernel.h>
#include <asm/desc.h>
#include "lg.h"

/* @offset: of the handler in the switcher's text */
static void set_gate(struct lguest_vcpu *vcpu, u32 vector, unsigned long offset, u32 dpl)
{
	pack_gate(&vcpu->tables->idt[vector], GATE_INTERRUPT, switcher_base + offset, dpl, 0,
		  LGUEST_CS);
}

/**
 * host_set_stub() - let a vector lead to the switcher
 * @vcpu: the guest's CPU
 * @vector: 0 to 255
 * @dpl: the highest ring that may use it with "int n"
 */
void host_set_stub(struct lguest_vcpu *vcpu, u32 vector, u32 dpl)
{
	if (vector == X86_TRAP_PF)
		vcpu->traps.gates_stale = true;
	set_gate(vcpu, vector, switcher_stubs[vector], dpl);
}

/**
 * renew_gates() - the guest's gates, its stack or a segment may have changed
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Page faults find the way that is right for them now.  Before a run.
 */
void renew_gates(struct lguest_vcpu *vcpu)
{
	vcpu->traps.gates_stale = false;
	set_gate(vcpu, X86_TRAP_PF, prepare_direct_faults(vcpu) ?
		 switcher_page_fault - switcher_text : switcher_stubs[X86_TRAP_PF], 0);
	if (has_direct_switches(vcpu->lg))
		set_gate(vcpu, LGUEST_TRAP_ENTRY, switcher_call - switcher_text, GUEST_PL);
}

/**
 * host_set_gate() - let a vector lead to the guest without an exit
 * @vcpu: the guest's CPU
 * @vector: 0 to 255
 * @gate: the guest's trap gate
 * @stub_dpl: which ring may use the stub, where it must be that
 *
 * The selector is always the guest kernel's, so that it never leads to ring 0.
 */
void host_set_gate(struct lguest_vcpu *vcpu, u32 vector, const struct guest_gate *gate,
		   u32 stub_dpl)
{
	pack_gate(&vcpu->tables->idt[vector], GATE_TRAP, gate->offset, gate->dpl, 0,
		  GUEST_KERNEL_CS);
}

/**
 * host_set_stack() - where the CPU pushes what comes from ring 3 to ring 1
 * @vcpu: the guest's CPU
 * @ss: selector
 * @esp: the top
 */
void host_set_stack(struct lguest_vcpu *vcpu, u16 ss, u32 esp)
{
	vcpu->traps.gates_stale = true;
	vcpu->tables->tss.ss1 = ss;
	vcpu->tables->tss.sp1 = esp;
}

/**
 * host_init_tables() - what the host has in a guest's GDT and TSS
 * @vcpu: a new guest's CPU
 *
 * No I/O bitmap: its offset is beyond the limit.
 */
void host_init_tables(struct lguest_vcpu *vcpu)
{
	set_descriptor(&vcpu->tables->gdt[GDT_ENTRY_LGUEST_CS], FLAT_LOW, FLAT_CODE);
	set_descriptor(&vcpu->tables->gdt[GDT_ENTRY_LGUEST_DS], FLAT_LOW, FLAT_DATA);
	vcpu->tables->tss.ss0 = LGUEST_DS;
	vcpu->tables->tss.io_bitmap_base = sizeof(vcpu->tables->tss);
}

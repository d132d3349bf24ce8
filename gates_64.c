// SPDX-License-Identifier: GPL-2.0
/*
 * What the CPU does at a trap while a guest runs on a 64-bit host.  No gate can lead
 * from long mode to ring 1 of compatibility mode, so each leads to the switcher: to
 * the stub for its vector, which ends the run; or, for system calls and page faults where
 * the guest's gate and stack allow it, to code that takes them to its handler at once.
 */
#include <linux/kernel.h>
#include <asm/desc.h>
#include "lg.h"

/* The switcher's code segment: 64-bit, DPL 0, present, accessed. */
#define FLAT_CODE_64		0x00af9b00

/* What a system call of ring 3 leaves on the stack of ring 1. */
#define SYSCALL_FRAME_SIZE	(5 * sizeof(u32))

static void set_gate(struct lguest_vcpu *vcpu, u32 vector, const void *handler, u32 dpl)
{
	gate_desc *gate = &vcpu->tables->idt[vector];

	pack_gate(gate, GATE_INTERRUPT, (unsigned long)handler, dpl, 0, LGUEST_CS);
	/* (the kernel's own function knows one segment) */
	gate->segment = LGUEST_CS;
}

static void set_stub(struct lguest_vcpu *vcpu, u32 vector, u32 dpl)
{
	set_gate(vcpu, vector, switcher_text + switcher_stubs[vector], dpl);
}

static void renew_forwarding(struct lguest_vcpu *vcpu)
{
	const struct guest_gate *gate = &vcpu->traps.gates[SYSCALL_VECTOR];
	struct lguest_world *world = vcpu->host.world;
	u32 esp = vcpu->traps.kernel_esp - SYSCALL_FRAME_SIZE;

	if (!vcpu->host.may_forward)
		return;
	if (!guest_stack_is_plain(vcpu)) {
		set_stub(vcpu, SYSCALL_VECTOR, gate->dpl);
		return;
	}
	world->forward_to = esp;
	world->forward = (struct iret_frame){
		.eip = gate->offset,
		.cs = GUEST_KERNEL_CS,
		.esp = esp,
		.ss = vcpu->traps.kernel_ss,
	};
	set_gate(vcpu, SYSCALL_VECTOR, switcher_forward, gate->dpl);
}

static void renew_page_faults(struct lguest_vcpu *vcpu)
{
	const struct direct_faults *direct = &vcpu->tables->direct;

	if (!prepare_direct_faults(vcpu)) {
		set_stub(vcpu, X86_TRAP_PF, 0);
		return;
	}
	vcpu->host.world->direct = (struct iret_frame){
		.eip = direct->eip,
		.cs = direct->cs,
		.esp = direct->esp,
		.ss = direct->ss,
	};
	set_gate(vcpu, X86_TRAP_PF, switcher_page_fault, 0);
}

/**
 * renew_gates() - the guest's gates, its stack or a segment may have changed
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * System calls and page faults find the way that is right for them now.  Before a run.
 */
void renew_gates(struct lguest_vcpu *vcpu)
{
	vcpu->traps.gates_stale = false;
	renew_forwarding(vcpu);
	renew_page_faults(vcpu);
	if (has_direct_switches(vcpu->lg))
		set_gate(vcpu, LGUEST_TRAP_ENTRY, switcher_call, GUEST_PL);
}

/**
 * host_set_stub() - let a vector end the run
 * @vcpu: the guest's CPU
 * @vector: 0 to 255
 * @dpl: the highest ring that may use it with "int n"
 */
void host_set_stub(struct lguest_vcpu *vcpu, u32 vector, u32 dpl)
{
	if (vector == SYSCALL_VECTOR)
		vcpu->host.may_forward = false;
	if (vector == X86_TRAP_PF)
		vcpu->traps.gates_stale = true;
	set_stub(vcpu, vector, dpl);
}

/**
 * host_set_gate() - let a vector lead to the guest, as directly as can be
 * @vcpu: the guest's CPU
 * @vector: 0 to 255
 * @gate: the guest's trap gate
 * @stub_dpl: which ring may use the stub, where it must be that
 *
 * Of traps just the system call is worth a way of its own.
 */
void host_set_gate(struct lguest_vcpu *vcpu, u32 vector, const struct guest_gate *gate,
		   u32 stub_dpl)
{
	if (vector != SYSCALL_VECTOR) {
		set_stub(vcpu, vector, stub_dpl);
		return;
	}
	vcpu->host.may_forward = true;
	vcpu->traps.gates_stale = true;
}

/**
 * host_set_stack() - the guest has named its stack for what comes from ring 3
 * @vcpu: the guest's CPU
 * @ss: selector
 * @esp: the top
 */
void host_set_stack(struct lguest_vcpu *vcpu, u16 ss, u32 esp)
{
	vcpu->traps.gates_stale = true;
}

/**
 * host_init_tables() - what the host has in a guest's tables and TSS
 * @vcpu: a new guest's CPU
 *
 * No I/O bitmap: its offset is beyond the limit.
 */
void host_init_tables(struct lguest_vcpu *vcpu)
{
	struct lguest_tables *tables = vcpu->tables;
	struct lguest_world *world = vcpu->host.world;

	set_descriptor(&tables->gdt[GDT_ENTRY_LGUEST_CS], FLAT_LOW, FLAT_CODE_64);
	set_tssldt_descriptor(&tables->gdt[GDT_ENTRY_GUEST_TSS], (unsigned long)&tables->tss,
			      DESC_TSS, sizeof(tables->tss) - 1);
	tables->tss.sp0 = (unsigned long)world + PAGE_SIZE;
	tables->tss.io_bitmap_base = sizeof(tables->tss);
	world->guest_gdt.base = (unsigned long)tables->gdt;
	world->guest_gdt.limit = sizeof(tables->gdt) - 1;
	world->guest_idt.base = (unsigned long)tables->idt;
	world->guest_idt.limit = sizeof(tables->idt) - 1;
}

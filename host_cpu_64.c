// SPDX-License-Identifier: GPL-2.0
/*
 * What a 64-bit host's CPU must lose while a guest runs on it, and how it comes back.
 * For each run host_switch() puts away the LDT, whose descriptor's place in the GDT the
 * switcher borrows, notes what is to be restored, and makes the switch; host_cpu.c does
 * what is the same on all hosts.
 *
 * Nothing is prepared on a CPU, and nothing left there.  Global pages stay on, and with
 * PCIDs all of the host's TLB: guests have PCID 0, which the kernel gives to no process,
 * and whose entries go each time that CR3 is loaded for a guest.
 */
#include <linux/cc_platform.h>
#include <linux/mm.h>
#include <asm/desc.h>
#include <asm/fsgsbase.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include "lg.h"

static_assert(GUEST_GDT_ENTRIES == GDT_ENTRY_GUEST_TSS);
static_assert(offsetof(struct lguest_regs, ebx) == REGS_ebx);
static_assert(offsetof(struct lguest_regs, ecx) == REGS_ecx);
static_assert(offsetof(struct lguest_regs, edx) == REGS_edx);
static_assert(offsetof(struct lguest_regs, esi) == REGS_esi);
static_assert(offsetof(struct lguest_regs, edi) == REGS_edi);
static_assert(offsetof(struct lguest_regs, ebp) == REGS_ebp);
static_assert(offsetof(struct lguest_regs, eax) == REGS_eax);
static_assert(offsetof(struct lguest_regs, gs) == REGS_gs);
static_assert(offsetof(struct lguest_regs, fs) == REGS_fs);
static_assert(offsetof(struct lguest_regs, es) == REGS_es);
static_assert(offsetof(struct lguest_regs, ds) == REGS_ds);
static_assert(offsetof(struct lguest_regs, pad) == REGS_pad);
static_assert(offsetof(struct lguest_regs, trapnum) == REGS_trapnum);
static_assert(offsetof(struct lguest_regs, errcode) == REGS_errcode);
static_assert(offsetof(struct lguest_regs, eip) == REGS_eip);
static_assert(offsetof(struct lguest_regs, cs) == REGS_cs);
static_assert(offsetof(struct lguest_regs, eflags) == REGS_eflags);
static_assert(offsetof(struct lguest_regs, esp) == REGS_esp);
static_assert(offsetof(struct lguest_regs, ss) == REGS_ss);
static_assert(sizeof(struct lguest_regs) == REGS_SIZE);
static_assert(offsetof(struct lguest_tables, gdt) == TABLES_gdt);
static_assert(offsetof(struct lguest_tables, direct) == TABLES_direct);
static_assert(offsetof(struct lguest_tables, switches) == TABLES_switches);
static_assert(offsetof(struct lguest_tables, idt) == (IDT_PAGE - GDT_PAGE) * PAGE_SIZE);
static_assert(sizeof(struct lguest_tables) == (VCPU_PAGES - GDT_PAGE) * PAGE_SIZE);
static_assert(offsetof(struct lguest_world, host_sp) == WORLD_host_sp);
static_assert(offsetof(struct lguest_world, host_cr3) == WORLD_host_cr3);
static_assert(offsetof(struct lguest_world, host_cr4) == WORLD_host_cr4);
static_assert(offsetof(struct lguest_world, host_cr0) == WORLD_host_cr0);
static_assert(offsetof(struct lguest_world, guest_cr3) == WORLD_guest_cr3);
static_assert(offsetof(struct lguest_world, guest_cr4) == WORLD_guest_cr4);
static_assert(offsetof(struct lguest_world, guest_cr0) == WORLD_guest_cr0);
static_assert(offsetof(struct lguest_world, host_fs_base) == WORLD_host_fs_base);
static_assert(offsetof(struct lguest_world, host_gs_base) == WORLD_host_gs_base);
static_assert(offsetof(struct lguest_world, host_segments) == WORLD_host_segments);
static_assert(sizeof(struct host_segments) == sizeof(u64));
static_assert(offsetof(struct lguest_world, host_idt) == WORLD_host_idt);
static_assert(offsetof(struct lguest_world, host_gdt) == WORLD_host_gdt);
static_assert(offsetof(struct lguest_world, host_gdt_rw) == WORLD_host_gdt_rw);
static_assert(offsetof(struct lguest_world, guest_idt) == WORLD_guest_idt);
static_assert(offsetof(struct lguest_world, guest_gdt) == WORLD_guest_gdt);
static_assert(offsetof(struct lguest_world, ended) == WORLD_ended);
static_assert(offsetof(struct lguest_world, fsgsbase) == WORLD_fsgsbase);
static_assert(offsetof(struct lguest_world, restored_again) == WORLD_restored_again);
static_assert(offsetof(struct lguest_world, pending) == WORLD_pending);
static_assert(offsetof(struct lguest_world, forward_to) == WORLD_forward_to);
static_assert(offsetof(struct lguest_world, fault_address) == WORLD_fault_address);
static_assert(offsetof(struct lguest_world, direct_count) == WORLD_direct_count);
static_assert(offsetof(struct lguest_world, switch_count) == WORLD_switch_count);
static_assert(offsetof(struct lguest_world, switched_to) == WORLD_switched_to);
static_assert(offsetof(struct lguest_world, forward) == WORLD_forward);
static_assert(offsetof(struct lguest_world, direct) == WORLD_direct);
static_assert(offsetof(struct lguest_world, regs) == WORLD_regs);
static_assert(sizeof(struct lguest_world) == PAGE_SIZE);

/*
 * The bits of CR4 that a guest may find set: what a kernel of the future turns on, none
 * of its guests is prepared for.  Of those that are known,
 * - SMEP, SMAP and LASS would keep the guest's kernel, which runs in ring 1 and so is
 *   the supervisor to paging, from pages that its user may have;
 * - PKE would let a program of the guest's lock its kernel out, by WRPKRU;
 * - CET would want the guest's kernel to have ENDBR where it is entered;
 * - UMIP would take instructions that show an address of the host's: of a page in the
 *   direct map, 32 bits of it.
 * PGE stays: compatibility mode can name no address of a global entry.
 */
#define CR4_FOR_GUESTS	(X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | \
			 X86_CR4_PSE | X86_CR4_PAE | X86_CR4_MCE | X86_CR4_PGE | \
			 X86_CR4_PCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT | \
			 X86_CR4_LA57 | X86_CR4_VMXE | X86_CR4_SMXE | \
			 X86_CR4_FSGSBASE | X86_CR4_PCIDE | X86_CR4_OSXSAVE)

/* Newer than some kernels' headers. */
#define CR4_FRED	BIT_ULL(32)

/* A CR3 with this leaves the TLB alone. */
#define CR3_KEEP_TLB	BIT_ULL(63)

/* The switcher's code segment, as one word of the GDT: 64-bit, DPL 0. */
#define CODE_64		0x00af9b000000ffffULL

/* What this kernel has in SYSENTER_CS. */
static u32 sysenter_cs;

/**
 * host_refusal() - can this machine have guests at all?
 *
 * Return: why not, and what helps; NULL if it can.
 */
const char *host_refusal(void)
{
	if (__read_cr4() & CR4_FRED)
		return "FRED is on, which has no ring 1: boot with fred=off";
	if (cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT))
		return "this is an encrypted virtual machine: load lguest in one that is not";
	return NULL;
}

/**
 * host_cpus_init() - make every CPU ready for guests
 *
 * Return: 0; they are.
 */
int host_cpus_init(void)
{
	sysenter_cs = __rdmsr(MSR_IA32_SYSENTER_CS);
	return 0;
}

/**
 * host_cpus_exit() - give the CPUs back as they were
 */
void host_cpus_exit(void)
{
}

/**
 * host_cpus_get() - there is one more guest
 */
void host_cpus_get(void)
{
}

/**
 * host_cpus_put() - there is one guest less
 * @lg: the guest
 */
void host_cpus_put(struct lguest *lg)
{
}

/**
 * host_sysenter_cs() - what this CPU has in SYSENTER_CS without guests
 *
 * Return: the same on all CPUs, always.
 */
u32 host_sysenter_cs(void)
{
	return sysenter_cs;
}

/* Of the registers themselves, not of what the kernel remembers. */
static void choose_control_registers(struct lguest_vcpu *vcpu)
{
	struct lguest_world *world = vcpu->host.world;

	world->host_cr4 = __read_cr4();
	world->guest_cr4 = world->host_cr4 & CR4_FOR_GUESTS;
	world->host_cr0 = read_cr0();
	world->guest_cr0 = (world->host_cr0 & ~X86_CR0_TS) | X86_CR0_WP |
			   (vcpu->ts ? X86_CR0_TS : 0);
	/*
	 * The host's own part of the TLB stays: what it wants flushed meanwhile, it
	 * says by an interrupt, which ends the run.
	 */
	world->host_cr3 = __read_cr3() |
			  (world->host_cr4 & X86_CR4_PCIDE ? CR3_KEEP_TLB : 0);
	world->guest_cr3 = vcpu->paging.set->dir.host.cr3;
}

static void note_bases(struct lguest_world *world)
{
	world->fsgsbase = !!(world->host_cr4 & X86_CR4_FSGSBASE);
	if (world->fsgsbase) {
		world->host_fs_base = rdfsbase();
		world->host_gs_base = rdgsbase();
	} else {
		world->host_fs_base = __rdmsr(MSR_FS_BASE);
		world->host_gs_base = __rdmsr(MSR_GS_BASE);
	}
}

/*
 * PKRU is the launcher's, but XRSTOR loads it in any ring, whatever CR4.PKE says, and
 * the kernel's switch of FPU registers leaves it out.
 */
static void switch_keeping_pkru(struct lguest_world *world)
{
	bool pke = world->host_cr4 & X86_CR4_PKE;
	u32 pkru = pke ? rdpkru() : 0;

	switcher_enter(world);
	if (pke && unlikely(rdpkru() != pkru))
		wrpkru(pkru);
}

/*
 * Slot 10 of the host's GDT is the first half of the LDT's descriptor, which nobody
 * looks at until somebody loads LDTR.
 */
static void switch_in_slot(struct lguest_world *world)
{
	struct desc_struct *gdt = get_cpu_gdt_rw(smp_processor_id());
	u64 *slot = (u64 *)&gdt[GDT_ENTRY_LGUEST_CS];
	u64 was = *slot;

	world->host_gdt_rw.base = (unsigned long)gdt;
	world->host_gdt_rw.limit = GDT_SIZE - 1;
	*slot = CODE_64;
	switch_keeping_pkru(world);
	*slot = was;
}

/*
 * With no LDT, no selector into it can be live, and the switcher could not load one
 * again.  So the launcher's segments are put away by hand; load_gs_index() is about the
 * GS that is not the kernel's, whose base goes with it.
 */
static void switch_without_ldt(struct lguest_world *world, u16 ldt)
{
	unsigned long fs_base = world->host_fs_base;
	unsigned long user_gs_base = __rdmsr(MSR_KERNEL_GS_BASE);
	struct host_segments segments;

	savesegment(ds, segments.ds);
	savesegment(es, segments.es);
	savesegment(fs, segments.fs);
	savesegment(gs, segments.gs);
	loadsegment(ds, 0);
	loadsegment(es, 0);
	loadsegment(fs, 0);
	native_load_gs_index(0);
	asm volatile("lldt %w0" : : "q" (0));
	switch_in_slot(world);
	asm volatile("lldt %w0" : : "q" (ldt));
	loadsegment(ds, segments.ds);
	loadsegment(es, segments.es);
	loadsegment(fs, segments.fs);
	native_load_gs_index(segments.gs);
	wrmsrq(MSR_FS_BASE, fs_base);
	wrmsrq(MSR_KERNEL_GS_BASE, user_gs_base);
}

static bool was_pending(struct lguest_world *world, u32 vector)
{
	bool was = world->pending[vector];

	world->pending[vector] = false;
	return was;
}

/*
 * Virtual 8086 mode, which QEMU lets an iret of ring 1 enter, is none that a guest may
 * be in.  A machine check that is itself the exit is no other one.
 */
static void note_exit(struct lguest_world *world, struct world_exit *how)
{
	how->ended = world->ended;
	if (unlikely(world->regs.eflags & X86_EFLAGS_VM))
		how->ended |= SWITCHER_FAULT;
	how->nmi = was_pending(world, X86_TRAP_NMI);
	how->mce = was_pending(world, X86_TRAP_MC) &&
		   (how->ended & ~SWITCHER_FAULT) != X86_TRAP_MC;
	how->direct_faults = world->direct_count;
	how->direct_switches = world->switch_count;
	how->pgdir = world->switched_to;
	world->direct_count = 0;
	world->switch_count = 0;
}

/**
 * host_switch() - run a guest until something happens
 * @vcpu: the guest's CPU; the caller is its owner
 * @how: what happened
 *
 * With interrupts off.  The host's breakpoints are put away.
 */
void host_switch(struct lguest_vcpu *vcpu, struct world_exit *how)
{
	struct lguest_world *world = vcpu->host.world;
	unsigned long ldt;

	if (unlikely(vcpu->traps.gates_stale))
		renew_gates(vcpu);
	choose_control_registers(vcpu);
	note_bases(world);
	world->restored_again = false;
	store_ldt(ldt);
	if (unlikely(ldt & 0xffff))
		switch_without_ldt(world, ldt);
	else
		switch_in_slot(world);
	note_exit(world, how);
}

/**
 * host_deliver_nmi() - let the host have an NMI that came during a run
 *
 * The switcher has done so: NMIs must be masked until the host's handler returns, and
 * any fault that C code takes would end that.
 */
void host_deliver_nmi(void)
{
}

/**
 * host_call_interrupt() - let the host handle the interrupt that ended a run
 * @vcpu: the guest's CPU, which ran on this one of the host's
 * @vector: the interrupt's
 *
 * With interrupts off.
 */
void host_call_interrupt(struct lguest_vcpu *vcpu, u32 vector)
{
	const gate_desc *idt = (const gate_desc *)vcpu->host.world->host_idt.base;

	call_host_handler(gate_offset(&idt[vector]));
}

/**
 * host_clear_frames() - after an NMI or machine check in the middle of a switch
 * @vcpu: the guest's CPU
 *
 * They leave frames of the host's where the guest has no address for them.
 */
void host_clear_frames(struct lguest_vcpu *vcpu)
{
}

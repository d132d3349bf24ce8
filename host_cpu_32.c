// SPDX-License-Identifier: GPL-2.0
/*
 * What a 32-bit host's CPUs must have before a guest can run on them, and what
 * they must lose while one does.  Each CPU gets the switcher's two descriptors in
 * its GDT and a struct switcher_cpu.  While there are guests, no CPU has global
 * pages.  For each run host_switch() puts away the LDT, SMEP and SMAP, and makes
 * the switch; host_cpu.c does what is the same on all hosts.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/desc.h>
#include <asm/nospec-branch.h>
#include <asm/tlbflush.h>
#include "lg.h"

static_assert(GDT_ENTRY_TSS * 8 == 0x80);	/* switcher_32.S */
static_assert(offsetof(struct lguest_regs, gs) == REGS_gs);
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
static_assert(offsetof(struct lguest_tables, host_cr3) == TABLES_host_cr3);
static_assert(offsetof(struct lguest_tables, gdt) == TABLES_gdt);
static_assert(offsetof(struct lguest_tables, direct) == TABLES_direct);
static_assert(offsetof(struct lguest_tables, switches) == TABLES_switches);
static_assert(offsetof(struct direct_notes, faults) == NOTES_faults);
static_assert(offsetof(struct direct_notes, switches) == NOTES_switches);
static_assert(offsetof(struct direct_notes, pgdir) == NOTES_pgdir);
static_assert(sizeof(struct lguest_tables) <= PAGE_SIZE);
static_assert(offsetof(struct switcher_cpu, guest_sp) == CPU_guest_sp);
static_assert(offsetof(struct switcher_cpu, host_idt) == CPU_host_idt);
static_assert(offsetof(struct switcher_cpu, host_gdt) == CPU_host_gdt);
static_assert(offsetof(struct switcher_cpu, host_gdt_rw) == CPU_host_gdt_rw);
static_assert(offsetof(struct switcher_cpu, guest_idt) == CPU_guest_idt);
static_assert(offsetof(struct switcher_cpu, guest_gdt) == CPU_guest_gdt);
static_assert(offsetof(struct switcher_cpu, host_cr4) == CPU_host_cr4);
static_assert(offsetof(struct switcher_cpu, guest_cr4) == CPU_guest_cr4);
static_assert(offsetof(struct switcher_cpu, host_cr0) == CPU_host_cr0);
static_assert(offsetof(struct switcher_cpu, guest_cr0) == CPU_guest_cr0);
static_assert(offsetof(struct switcher_cpu, ended) == CPU_ended);
static_assert(offsetof(struct switcher_cpu, pending) == CPU_pending);

/*
 * A guest's kernel runs in ring 1, which paging takes for the supervisor, and
 * knows nothing of SMEP and SMAP: it executes and touches pages that its user
 * may too.  Nor does it know of UMIP; SGDT and its like show it the switcher's
 * addresses, which are no secret.
 */
#define CR4_NOT_FOR_GUESTS	(X86_CR4_SMEP | X86_CR4_SMAP | \
				 X86_CR4_UMIP | X86_CR4_PGE)

/* The far pointer through which the switcher is called. */
static struct {
	u32 eip;
	u16 cs;
} __packed switcher_entry;

static int online_state, dead_state;

/* Guests that exist.  Changed with the CPU hotplug lock held for reading. */
static unsigned int nr_guests;
static DEFINE_MUTEX(nr_guests_lock);
static bool host_has_pge;

static struct switcher_cpu *switcher_cpu(int cpu)
{
	return (void *)switcher_page(cpu, SWITCHER_CPU);
}

/*
 * The host's global TLB entries would outlive the change of CR3 and be seen by
 * guests.  Where PGE cannot be kept off (compat_update_cr4()), the switcher turns it
 * off and on (choose_control_registers()), at the price of two writes to CR4.
 */
static void pge_off(void *unused)
{
	compat_update_cr4(0, X86_CR4_PGE);
}

static void pge_on(void *unused)
{
	if (host_has_pge)
		compat_update_cr4(X86_CR4_PGE, 0);
}

/* What is at a place of this CPU's in the host's tables; NULL: nothing. */
static void set_slot(int cpu, int which, void *page)
{
	unsigned long addr = switcher_page(cpu, which);

	set_pte(host_pte(addr),
		page ? mk_pte(virt_to_page(page), switcher_prot(PAGE_KERNEL)) : __pte(0));
	asm volatile("invlpg (%0)" : : "r" (addr) : "memory");
}

static void show_vcpu(struct lguest_vcpu *vcpu, int cpu)
{
	set_slot(cpu, SWITCHER_REGS, (void *)((unsigned long)vcpu->regs &
					      PAGE_MASK));
	set_slot(cpu, SWITCHER_TABLES, vcpu->tables);
	switcher_cpu(cpu)->current_vcpu = vcpu;
	cpumask_set_cpu(cpu, &vcpu->host.ran_on);
}

static void forget_current(int cpu)
{
	switcher_cpu(cpu)->current_vcpu = NULL;
	set_slot(cpu, SWITCHER_REGS, NULL);
	set_slot(cpu, SWITCHER_TABLES, NULL);
}

/* @vcpu: whose pages must go from this CPU */
static void forget_vcpu(void *vcpu)
{
	int cpu = smp_processor_id();

	if (switcher_cpu(cpu)->current_vcpu == vcpu)
		forget_current(cpu);
}

/**
 * host_cpus_get() - there is one more guest
 *
 * The first one costs the host its global pages.  May sleep.
 */
void host_cpus_get(void)
{
	mutex_lock(&nr_guests_lock);
	cpus_read_lock();
	if (!nr_guests++)
		on_each_cpu(pge_off, NULL, 1);
	cpus_read_unlock();
	mutex_unlock(&nr_guests_lock);
}

/**
 * host_cpus_put() - there is one guest less
 * @lg: the guest, whose pages still exist, but will be in no CPU's tables
 *
 * After the last one the host is as fast as without the module.  May sleep.
 */
void host_cpus_put(struct lguest *lg)
{
	mutex_lock(&nr_guests_lock);
	cpus_read_lock();
	on_each_cpu_mask(&lg->vcpu.host.ran_on, forget_vcpu, &lg->vcpu, 1);
	if (!--nr_guests)
		on_each_cpu(pge_on, NULL, 1);
	cpus_read_unlock();
	mutex_unlock(&nr_guests_lock);
}

static void set_table(struct table_register *reg, unsigned long base,
		      u16 limit)
{
	reg->base = base;
	reg->limit = limit;
}

static int cpu_comes(unsigned int cpu)
{
	unsigned long flags;

	if (nr_guests) {
		local_irq_save(flags);
		pge_off(NULL);
		local_irq_restore(flags);
	}
	return 0;
}

/*
 * On another CPU, once this one is dead: up to 5.11 tasks, and with them guests,
 * may run on a CPU until its very end.
 */
static int cpu_is_dead(unsigned int cpu)
{
	if (switcher_cpu(cpu)->current_vcpu)
		forget_current(cpu);
	return 0;
}

static void init_switcher_cpu(int cpu)
{
	struct switcher_cpu *sc = switcher_cpu(cpu);
	unsigned long regs = switcher_page(cpu, SWITCHER_REGS);
	unsigned long tables = switcher_page(cpu, SWITCHER_TABLES);

	memset(sc, 0, sizeof(*sc));
	sc->host_sp.ss = __KERNEL_DS;
	set_table(&sc->host_gdt_rw, (unsigned long)get_cpu_gdt_rw(cpu), GDT_SIZE - 1);
	sc->guest_sp.ss = LGUEST_DS;
	sc->guest_sp.esp = regs + PAGE_SIZE - REGS_SIZE + REGS_eip;
	set_table(&sc->guest_gdt, tables + offsetof(struct lguest_tables, gdt),
		  sizeof_field(struct lguest_tables, gdt) - 1);
	set_table(&sc->guest_idt, tables + offsetof(struct lguest_tables, idt),
		  sizeof_field(struct lguest_tables, idt) - 1);
}

/* The host leaves these two slots empty; nothing else may have taken them. */
static int add_descriptors(int cpu)
{
	struct desc_struct *gdt = get_cpu_gdt_rw(cpu);

	if (!desc_empty(&gdt[GDT_ENTRY_LGUEST_CS]) ||
	    !desc_empty(&gdt[GDT_ENTRY_LGUEST_DS])) {
		pr_err("lguest: GDT slots 10 and 11 are in use: unload the module that took them\n");
		return -EBUSY;
	}
	set_descriptor(&gdt[GDT_ENTRY_LGUEST_CS], FLAT_LOW, FLAT_CODE);
	set_descriptor(&gdt[GDT_ENTRY_LGUEST_DS], FLAT_LOW, FLAT_DATA);
	return 0;
}

static void remove_descriptors(int cpu)
{
	struct desc_struct *gdt = get_cpu_gdt_rw(cpu);

	memset(&gdt[GDT_ENTRY_LGUEST_CS], 0, 2 * sizeof(*gdt));
}

static int add_cpu_page(int cpu)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	set_pte(host_pte(switcher_page(cpu, SWITCHER_CPU)),
		mk_pte(page, switcher_prot(PAGE_KERNEL)));
	init_switcher_cpu(cpu);
	return 0;
}

/* Nobody uses the address any more; host_map_exit() flushes it. */
static void free_cpu_page(int cpu)
{
	unsigned long addr = switcher_page(cpu, SWITCHER_CPU);
	pte_t pte = *host_pte(addr);

	if (!pte_present(pte))
		return;
	pte_clear(&init_mm, addr, host_pte(addr));
	__free_page(pte_page(pte));
}

/**
 * host_refusal() - can this machine have guests at all?
 *
 * Return: why not, and what helps; NULL if it can.
 */
const char *host_refusal(void)
{
	return NULL;
}

/**
 * host_cpus_init() - make every CPU ready for guests
 *
 * The switcher must be mapped.
 *
 * Return: 0, -ENOMEM, or -EBUSY if the GDT slots are taken (this is logged).
 */
int host_cpus_init(void)
{
	int cpu, err, done = 0;

	switcher_entry.eip = switcher_base;
	switcher_entry.cs = LGUEST_CS;
	host_has_pge = __read_cr4() & X86_CR4_PGE;

	for_each_possible_cpu(cpu) {
		err = add_descriptors(cpu);
		if (err)
			goto undo;
		done++;
		err = add_cpu_page(cpu);
		if (err)
			goto undo;
	}
	err = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "x86/lguest:dead",
				NULL, cpu_is_dead);
	if (err < 0)
		goto undo;
	dead_state = err;
	err = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "x86/lguest:online",
				cpu_comes, NULL);
	if (err < 0)
		goto undo_dead;
	online_state = err;
	return 0;
undo_dead:
	cpuhp_remove_state(dead_state);
undo:
	for_each_possible_cpu(cpu) {
		if (!done--)
			break;
		remove_descriptors(cpu);
		free_cpu_page(cpu);
	}
	return err;
}

/**
 * host_cpus_exit() - give the CPUs back as they were
 *
 * There are no guests.
 */
void host_cpus_exit(void)
{
	int cpu;

	cpuhp_remove_state(online_state);
	cpuhp_remove_state(dead_state);
	for_each_possible_cpu(cpu) {
		remove_descriptors(cpu);
		free_cpu_page(cpu);
	}
}

/**
 * host_sysenter_cs() - what this CPU has in SYSENTER_CS without guests
 *
 * Return: where the kernel remembers it, for each task.
 */
u32 host_sysenter_cs(void)
{
	return this_cpu_read(cpu_tss_rw.x86_tss.ss1);
}

static void call_switcher(struct switcher_cpu *sc, unsigned long cr3)
{
	/* The flags come back as they were: guests leave AC and DF behind. */
	asm volatile("pushfl\n\t"
		     "lcall *%[entry]\n\t"
		     "popfl"
		     : "+a" (sc), "+d" (cr3)
		     : [entry] "m" (switcher_entry)
		     : "ebx", "ecx", "esi", "edi", "memory", "cc");
}

static bool test_and_clear_pending(struct switcher_cpu *sc, u32 vector)
{
	bool was = sc->pending[vector];

	sc->pending[vector] = false;
	return was;
}

/* The guest's tables say where they are on this CPU. */
static void map_tss(struct lguest_vcpu *vcpu, int cpu)
{
	vcpu->tables->tss.sp0 = switcher_page(cpu, SWITCHER_REGS) + PAGE_SIZE;
	set_tssldt_descriptor(&vcpu->tables->gdt[GDT_ENTRY_TSS],
			      switcher_page(cpu, SWITCHER_TABLES), DESC_TSS,
			      sizeof(vcpu->tables->tss) - 1);
}

/* This guest's pages must be at this CPU's place, in both worlds' tables. */
static void take_cpu(struct lguest_vcpu *vcpu, struct switcher_cpu *sc, int cpu)
{
	struct lguest *lg = vcpu->lg;

	if (likely(vcpu->host.mapped_cpu == cpu && sc->current_vcpu == vcpu))
		return;
	lguest_count(lg, STAT_CPU_MOVES);
	show_vcpu(vcpu, cpu);
	map_switcher_pages(vcpu, cpu);
	map_tss(vcpu, cpu);
	vcpu->host.mapped_cpu = cpu;
}

/*
 * Of the registers themselves, not of what the kernel remembers: without WP, ring 1
 * could write to its GDT, and with PGE it could read what the TLB has of the host.
 */
static void choose_control_registers(struct lguest_vcpu *vcpu, struct switcher_cpu *sc)
{
	unsigned long cr4 = __read_cr4(), cr0 = read_cr0(), guest_cr0;

	sc->host_cr4 = cr4;
	sc->guest_cr4 = cr4 & CR4_NOT_FOR_GUESTS ? cr4 & ~CR4_NOT_FOR_GUESTS
						 : 0;
	guest_cr0 = (cr0 & ~X86_CR0_TS) | X86_CR0_WP | (vcpu->ts ? X86_CR0_TS : 0);
	sc->host_cr0 = cr0;
	sc->guest_cr0 = unlikely(guest_cr0 != cr0) ? guest_cr0 : 0;
}

/*
 * With no LDT, no selector into it can be live.  The launcher's LDT lies at a
 * linear address where the guest may have anything.
 */
static void call_switcher_without_ldt(struct switcher_cpu *sc,
				      unsigned long cr3, u16 ldt)
{
	unsigned long gs;

	savesegment(gs, gs);
	loadsegment(gs, 0);
	asm volatile("lldt %w0" : : "q" (0));
	call_switcher(sc, cr3);
	asm volatile("lldt %w0" : : "q" (ldt));
	loadsegment(gs, gs);
}

/* An entry that was given up is another way of noting why. */
static bool came_inside(struct switcher_cpu *sc, u32 vector)
{
	return test_and_clear_pending(sc, vector) || sc->ended == (SWITCHER_ABORT | vector);
}

static void take_direct_notes(struct lguest_vcpu *vcpu, struct world_exit *how)
{
	struct direct_notes *notes = (void *)((unsigned long)vcpu->regs & PAGE_MASK);

	how->direct_faults = notes->faults;
	how->direct_switches = notes->switches;
	how->pgdir = notes->pgdir;
	memset(notes, 0, sizeof(*notes));
}

static void note_exit(struct switcher_cpu *sc, struct world_exit *how)
{
	how->ended = sc->ended;
	how->nmi = came_inside(sc, X86_TRAP_NMI);
	how->mce = came_inside(sc, X86_TRAP_MC);
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
	int cpu = smp_processor_id();
	struct switcher_cpu *sc = switcher_cpu(cpu);
	unsigned long ldt;

	take_cpu(vcpu, sc, cpu);
	if (unlikely(vcpu->traps.gates_stale))
		renew_gates(vcpu);
	choose_control_registers(vcpu, sc);
	vcpu->tables->host_cr3 = __read_cr3();
	store_ldt(ldt);
	if (unlikely(ldt & 0xffff))
		call_switcher_without_ldt(sc, vcpu->paging.set->dir.host.cr3, ldt);
	else
		call_switcher(sc, vcpu->paging.set->dir.host.cr3);
	note_exit(sc, how);
	take_direct_notes(vcpu, how);
}

/**
 * host_deliver_nmi() - let the host have an NMI that came during a run
 *
 * The handler's iret is also what lets the next one in.
 */
void host_deliver_nmi(void)
{
	asm volatile("int $2" : : : "memory");
}

/**
 * host_call_interrupt() - let the host handle the interrupt that ended a run
 * @vcpu: the guest's CPU, which ran on this one
 * @vector: the interrupt's
 *
 * With interrupts off, on a frame like the one that the CPU would have pushed,
 * had it come here.
 */
void host_call_interrupt(struct lguest_vcpu *vcpu, u32 vector)
{
	struct switcher_cpu *sc = switcher_cpu(smp_processor_id());
	gate_desc *idt = (gate_desc *)sc->host_idt.base;
	unsigned long entry = gate_offset(&idt[vector]);

	asm volatile("pushfl\n\t"
		     "pushl %%cs\n\t"
		     CALL_NOSPEC
		     : ASM_CALL_CONSTRAINT
		     : [thunk_target] "r" (entry)
		     : "memory", "cc");
}

/**
 * host_clear_frames() - after an NMI or machine check in the middle of a switch
 * @vcpu: the guest's CPU
 *
 * They leave frames of the host's in the guest's register page, which it can read.
 */
void host_clear_frames(struct lguest_vcpu *vcpu)
{
	struct lguest_regs *regs = vcpu->regs;
	void *page = (void *)((unsigned long)regs & PAGE_MASK);

	memset(page, 0, (void *)regs - page);
	memset(regs->pad, 0, sizeof(regs->pad));
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What the host's CPUs must have before a guest can run on them, and what they
 * must lose while one does.  Each CPU gets the switcher's two descriptors in
 * its GDT and a struct switcher_cpu.  While there are guests, no CPU has global
 * pages.  For each run enter_guest_world() puts away the host's breakpoints,
 * LDT, SMEP and SMAP, makes the switch, and lets the host have the interrupt
 * that ended the run.
 */
#include <linux/context_tracking.h>
#include <linux/cpu.h>
#include <linux/kvm_para.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/vtime.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fpu/api.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/tlbflush.h>
#include "eflags.h"
#include "lg.h"

static_assert(GDT_ENTRY_TSS * 8 == 0x80);	/* switcher_32.S */

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
 * guests.
 */
static void pge_off(void *unused)
{
	cr4_update_irqsoff(0, X86_CR4_PGE);
}

static void pge_on(void *unused)
{
	if (host_has_pge)
		cr4_update_irqsoff(X86_CR4_PGE, 0);
}

/* What is at a place of this CPU's in the host's tables; NULL: nothing. */
static void set_slot(int cpu, int which, void *page)
{
	unsigned long addr = switcher_page(cpu, which);

	set_pte(host_pte(addr),
		page ? mk_pte(virt_to_page(page), switcher_prot(PAGE_KERNEL)) : __pte(0));
	asm volatile("invlpg (%0)" : : "r" (addr) : "memory");
}

static void show_guest(struct lguest *lg, int cpu)
{
	set_slot(cpu, SWITCHER_REGS, (void *)((unsigned long)lg->regs &
					      PAGE_MASK));
	set_slot(cpu, SWITCHER_TABLES, lg->tables);
	switcher_cpu(cpu)->current_guest = lg;
	cpumask_set_cpu(cpu, &lg->ran_on);
}

static void forget_current(int cpu)
{
	switcher_cpu(cpu)->current_guest = NULL;
	set_slot(cpu, SWITCHER_REGS, NULL);
	set_slot(cpu, SWITCHER_TABLES, NULL);
}

/* @guest: the one whose pages must go from this CPU */
static void forget_guest(void *guest)
{
	int cpu = smp_processor_id();

	if (switcher_cpu(cpu)->current_guest == guest)
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
	on_each_cpu_mask(&lg->ran_on, forget_guest, lg, 1);
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
	sysenter_cpu_is_dead(cpu);
	if (switcher_cpu(cpu)->current_guest)
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

/* Nobody uses the address any more; core.c flushes it. */
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
	host_has_pge = cr4_read_shadow() & X86_CR4_PGE;

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

	sysenter_exit();
	cpuhp_remove_state(online_state);
	cpuhp_remove_state(dead_state);
	for_each_possible_cpu(cpu) {
		remove_descriptors(cpu);
		free_cpu_page(cpu);
	}
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

/*
 * Call the host's handler for an interrupt that ended a run, on a frame like
 * the one the CPU would have pushed, had it come here.
 */
static void call_interrupt_handler(struct switcher_cpu *sc, u32 vector)
{
	gate_desc *idt = (gate_desc *)sc->host_idt.base;
	unsigned long entry = gate_offset(&idt[vector]);

	asm volatile("pushfl\n\t"
		     "pushl %%cs\n\t"
		     CALL_NOSPEC
		     : ASM_CALL_CONSTRAINT
		     : [thunk_target] "r" (entry)
		     : "memory", "cc");
}

static bool test_and_clear_pending(struct switcher_cpu *sc, u32 vector)
{
	bool was = sc->pending[vector];

	sc->pending[vector] = false;
	return was;
}

/*
 * To the host a guest is user space, whatever its ring: if its memory has gone
 * bad, its launcher must go, and not the host.
 */
static void handle_guest_machine_check(struct lguest *lg)
{
	struct pt_regs regs = {
		.cs = lg->regs->cs | USER_RPL,
		.ip = lg->regs->eip,
		.flags = X86_EFLAGS_IF,
	};

	if (IS_ENABLED(CONFIG_X86_MCE))
		do_machine_check(&regs);
}

/*
 * NMIs in the middle of the switch leave frames of the host's in the guest's register
 * page, which it can read.
 */
static void clear_register_page(struct lguest_regs *regs)
{
	void *page = (void *)((unsigned long)regs & PAGE_MASK);

	memset(page, 0, (void *)regs - page);
	memset(regs->pad, 0, sizeof(regs->pad));
}

/* The handler's iret is also what lets the next NMI in. */
static void deliver_to_host(struct lguest *lg, struct switcher_cpu *sc)
{
	u32 vector = sc->ended & ~SWITCHER_FAULT;
	bool nmi = test_and_clear_pending(sc, X86_TRAP_NMI);
	bool mce = test_and_clear_pending(sc, X86_TRAP_MC);

	if (unlikely(nmi || mce))
		clear_register_page(lg->regs);
	if (unlikely(nmi || vector == X86_TRAP_NMI)) {
		lguest_count(lg, STAT_NMI_EXITS);
		asm volatile("int $2" : : : "memory");
	}
	if (unlikely(vector == X86_TRAP_MC)) {
		lguest_count(lg, STAT_MCE_EXITS);
		handle_guest_machine_check(lg);
	}
	if (unlikely(mce)) {
		lguest_count(lg, STAT_MCE_EXITS);
		asm volatile("int $18" : : : "memory");
	}
	if (vector >= FIRST_IRQ_VECTOR && vector < IDT_VECTORS &&
	    vector != SYSCALL_VECTOR) {
		lguest_count(lg, STAT_IRQ_EXITS);
		call_interrupt_handler(sc, vector);
		/* No RCU reader can be here; once for each tick is enough. */
		compat_note_quiescent();
	}
}

/* This guest's pages must be at this CPU's place, in both worlds' tables. */
static void take_cpu(struct lguest *lg, struct switcher_cpu *sc, int cpu)
{
	if (likely(lg->mapped_cpu == cpu && sc->current_guest == lg))
		return;
	lguest_count(lg, STAT_CPU_MOVES);
	show_guest(lg, cpu);
	map_switcher_pages(lg, cpu);
	map_tss(lg, cpu);
	lg->mapped_cpu = cpu;
}

/*
 * Of the registers themselves, not of what the kernel remembers: without WP, ring 1
 * could write to its GDT, and with PGE it could read what the TLB has of the host.
 */
static void choose_control_registers(struct lguest *lg, struct switcher_cpu *sc)
{
	unsigned long cr4 = __read_cr4(), cr0 = read_cr0(), guest_cr0;

	sc->host_cr4 = cr4;
	sc->guest_cr4 = cr4 & CR4_NOT_FOR_GUESTS ? cr4 & ~CR4_NOT_FOR_GUESTS
						 : 0;
	guest_cr0 = (cr0 & ~X86_CR0_TS) | X86_CR0_WP | (lg->ts ? X86_CR0_TS : 0);
	sc->host_cr0 = cr0;
	sc->guest_cr0 = unlikely(guest_cr0 != cr0) ? guest_cr0 : 0;
}

/*
 * The CPU's buffers may still show what the host did last (MDS and its kin).
 * Where they are cleared for user space they are for guests, and by nearly the
 * last thing: the switch itself touches no secret.
 */
static void clear_cpu_buffers(void)
{
	static const u16 ds = __KERNEL_DS;

	if (compat_clears_cpu_buffers())
		asm volatile("verw %0" : : "m" (ds) : "cc");
}

/* The owner's FPU state is the guest's while it is in read(). */
static void load_fpu(void)
{
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
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

static void switch_to_guest(struct lguest *lg, struct switcher_cpu *sc)
{
	unsigned long cr3 = lg->set->dir.cr3;
	unsigned long dr7 = local_db_save();
	struct debug_store_state traces;
	bool traced = debug_store_off(&traces);
	unsigned long ldt;

	store_ldt(ldt);
	clear_cpu_buffers();
	if (unlikely(ldt & 0xffff))
		call_switcher_without_ldt(sc, cr3, ldt);
	else
		call_switcher(sc, cr3);
	/*
	 * What the guest was stepping over is no business of the host's.  Nothing else
	 * changes DR6, for each debug trap of a guest's is an exit.
	 */
	if (unlikely((u8)sc->ended == X86_TRAP_DB))
		set_debugreg(DR6_RESERVED, 6);
	if (unlikely(traced))
		debug_store_on(&traces);
	local_db_restore(dr7);
}

/*
 * A stub pushes its vector as a signed byte.  If that is not where it ought to be,
 * the CPU pushed a frame of another shape than a guest's: QEMU, for one, lets an iret
 * of ring 1 enter virtual 8086 mode.
 */
static bool frame_is_junk(const struct lguest_regs *regs, u32 ended)
{
	return ended & SWITCHER_FAULT || regs->trapnum != (u32)(s8)ended;
}

/*
 * What ended the run, for the guest: but if an NMI or machine check came while the
 * switcher was on the way in, that is for the host to hear of and nothing of the
 * guest's.
 */
static void settle_trapnum(struct lguest_regs *regs, struct switcher_cpu *sc)
{
	u32 vector = (u8)sc->ended;

	if (unlikely(sc->ended & SWITCHER_ABORT)) {
		sc->pending[vector] = true;
		regs->trapnum = SWITCHER_ABORT;
		regs->errcode = 0;
	} else if (unlikely(frame_is_junk(regs, sc->ended))) {
		regs->trapnum = SWITCHER_FAULT;
	} else {
		regs->trapnum = vector;
	}
}

/*
 * What the CPU has noted of a trap, before anything of the host's needs the place.
 * Is it none of the guest's, but for wait_for_page_of_host()?
 */
static bool note_trap(struct lguest *lg)
{
	switch (lg->regs->trapnum) {
	case X86_TRAP_PF:
		lg->cr2 = read_cr2();
		return kvm_read_and_reset_apf_flags() & KVM_PV_REASON_PAGE_NOT_PRESENT;
	case X86_TRAP_NM:
		compat_forget_xfd();
		return false;
	default:
		return false;
	}
}

/*
 * A host that is a guest of KVM may get page faults that are none: a page of its own
 * memory has been swapped out, and its address is a token for that page, which comes
 * with an interrupt.  KVM takes a guest's rings 1 and 3 for a program of the host's.
 */
static void wait_for_page_of_host(struct lguest *lg)
{
	lg->regs->trapnum = SWITCHER_ABORT;
	kvm_async_pf_task_wait_schedule(lg->cr2);
}

/**
 * launcher_is_wanted() - must the owner return to user space?
 *
 * For a signal, or for what the kernel leaves for a task to do on its way there,
 * such as dying of bad memory or of too much CPU time; a guest may never leave
 * by itself.  The latter goes the way of a signal: after it read() goes on.
 *
 * Return: true if run_guest() must end.
 */
bool launcher_is_wanted(void)
{
	if (unlikely(READ_ONCE(current->task_works)))
		set_thread_flag(TIF_SIGPENDING);
	return signal_pending(current);
}

static bool something_comes_first(struct lguest *lg)
{
	return launcher_is_wanted() || need_resched() ||
	       READ_ONCE(lg->irq_raised) || READ_ONCE(lg->break_out) ||
	       guest_is_dead(lg);
}

/**
 * enter_guest_world() - run a guest until something happens
 * @lg: the guest; the caller is its owner
 *
 * On return @lg->regs says what happened; interrupts, NMIs and machine checks
 * have been handled by the host.  @lg->cr2 is set after a page fault.
 *
 * Return: false if the guest did not run, because something else comes first.
 */
bool enter_guest_world(struct lguest *lg)
{
	struct switcher_cpu *sc;
	bool page_awaited;
	int cpu;

	/* Off until the host is whole again: nothing may come in between. */
	local_irq_disable();
	cpu = smp_processor_id();
	if (something_comes_first(lg) || !guest_may_enter(lg, cpu)) {
		local_irq_enable();
		return false;
	}
	sc = switcher_cpu(cpu);

	load_fpu();
	sysenter_off();
	take_cpu(lg, sc, cpu);
	choose_control_registers(lg, sc);
	lg->regs->eflags = eflags_for_guest(lg->regs->eflags);
	lg->tables->host_cr3 = __read_cr3();
	/* Which of the host's interrupts came last is not for the guest to see. */
	lg->regs->trapnum = 0;

	compat_guest_time_begins();
	switch_to_guest(lg, sc);
	context_tracking_guest_exit();
	guest_has_left(lg);

	settle_trapnum(lg->regs, sc);
	page_awaited = note_trap(lg);
	deliver_to_host(lg, sc);
	/* The tick that may just have come charged the guest for its time. */
	vtime_account_guest_exit();
	if (unlikely(page_awaited))
		wait_for_page_of_host(lg);
	local_irq_enable();
	return true;
}

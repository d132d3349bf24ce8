// SPDX-License-Identifier: GPL-2.0
/*
 * A run of a guest, as it is on every host.  enter_guest_world() takes from this
 * CPU what guests must not have (system calls to ring 0, breakpoints, traces) and
 * gives it the guest's FPU registers; the host's own file makes the switch
 * (host_switch()); then the host gets what came meanwhile: NMIs, machine checks and
 * the interrupt that ended the run.
 */
#include <linux/context_tracking.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/vtime.h>
#include <asm/debugreg.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include "async_fault.h"
#include "eflags.h"
#include "lg.h"

/*
 * To the host a guest is user space, whatever its ring: if its memory has gone
 * bad, its launcher must go, and not the host.
 */
static void handle_guest_machine_check(struct lguest_vcpu *vcpu)
{
	struct pt_regs regs = {
		.cs = vcpu->regs->cs | USER_RPL,
		.ip = vcpu->regs->eip,
		.flags = X86_EFLAGS_IF,
	};

	if (IS_ENABLED(CONFIG_X86_MCE))
		do_machine_check(&regs);
}

/*
 * The CPU's buffers may still show what the host did last (MDS and its kin).
 * Where they are cleared for user space they are for guests, and by nearly the
 * last thing: what comes after it touches no secret.
 */
static void clear_cpu_buffers(void)
{
	static const u16 ds = __KERNEL_DS;

	if (compat_clears_cpu_buffers())
		asm volatile("verw %0" : : "m" (ds) : "cc");
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

static bool is_host_interrupt(u32 vector)
{
	return vector >= FIRST_IRQ_VECTOR && vector < IDT_VECTORS && vector != SYSCALL_VECTOR;
}

static void deliver_to_host(struct lguest_vcpu *vcpu, const struct world_exit *how)
{
	struct lguest *lg = vcpu->lg;
	u32 vector = how->ended & ~SWITCHER_FAULT;

	if (unlikely(how->nmi || how->mce))
		host_clear_frames(vcpu);
	if (unlikely(how->nmi || vector == X86_TRAP_NMI)) {
		lguest_count(lg, STAT_NMI_EXITS);
		host_deliver_nmi();
	}
	if (unlikely(vector == X86_TRAP_MC)) {
		lguest_count(lg, STAT_MCE_EXITS);
		handle_guest_machine_check(vcpu);
	}
	if (unlikely(how->mce)) {
		lguest_count(lg, STAT_MCE_EXITS);
		asm volatile("int $18" : : : "memory");
	}
	if (is_host_interrupt(vector)) {
		lguest_count(lg, STAT_IRQ_EXITS);
		host_call_interrupt(vcpu, vector);
		/* No RCU reader can be here; once for each tick is enough. */
		compat_note_quiescent();
	}
}

/*
 * What ended the run, for the guest: but if an NMI or machine check came while the
 * switcher was on the way in, that is for the host to hear of and nothing of the
 * guest's.
 */
static void settle_trapnum(struct lguest_regs *regs, u32 ended)
{
	if (unlikely(ended & SWITCHER_ABORT)) {
		regs->trapnum = SWITCHER_ABORT;
		regs->errcode = 0;
	} else if (unlikely(frame_is_junk(regs, ended))) {
		regs->trapnum = SWITCHER_FAULT;
	} else {
		regs->trapnum = (u8)ended;
	}
}

static void switch_to_guest(struct lguest_vcpu *vcpu, struct world_exit *how)
{
	unsigned long dr7 = local_db_save();
	struct debug_store_state traces;
	bool traced = debug_store_off(&traces);

	clear_cpu_buffers();
	host_switch(vcpu, how);
	/*
	 * What the guest was stepping over is no business of the host's.  Nothing else
	 * changes DR6, for each debug trap of a guest's is an exit.
	 */
	if (unlikely((u8)how->ended == X86_TRAP_DB))
		set_debugreg(DR6_RESERVED, 6);
	if (unlikely(traced))
		debug_store_on(&traces);
	local_db_restore(dr7);
}

/* What the guest has had without an exit. */
static void note_direct(struct lguest_vcpu *vcpu, const struct world_exit *how)
{
	vcpu->lg->stats[STAT_PF_DIRECT] += how->direct_faults;
	vcpu->lg->stats[STAT_PGTABLE_DIRECT] += how->direct_switches;
	if (how->direct_switches)
		adopt_pgtable(vcpu, how->pgdir);
}

/*
 * What the CPU has noted of a trap, before anything of the host's needs the place.
 * Is it none of the guest's, but for async_fault_wait()?
 */
static bool note_trap(struct lguest_vcpu *vcpu)
{
	switch (vcpu->regs->trapnum) {
	case X86_TRAP_PF:
		vcpu->cr2 = read_cr2();
		return async_fault_noted();
	case X86_TRAP_NM:
		compat_forget_xfd();
		return false;
	default:
		return false;
	}
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

static bool something_comes_first(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	return launcher_is_wanted() || need_resched() ||
	       READ_ONCE(vcpu->traps.irq_raised) || READ_ONCE(lg->break_out) ||
	       guest_is_dead(lg);
}

/**
 * enter_guest_world() - run a guest until something happens
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * On return @vcpu->regs says what happened; interrupts, NMIs and machine checks
 * have been handled by the host.  @vcpu->cr2 is set after a page fault.
 *
 * Return: false if the guest did not run, because something else comes first.
 */
bool enter_guest_world(struct lguest_vcpu *vcpu)
{
	struct world_exit how;
	bool page_awaited;

	/* Off until the host is whole again: nothing may come in between. */
	local_irq_disable();
	if (something_comes_first(vcpu) || !guest_may_enter(vcpu, smp_processor_id())) {
		local_irq_enable();
		return false;
	}
	compat_fpu_load(&vcpu->fpu);
	system_calls_off();
	vcpu->regs->eflags = eflags_for_guest(vcpu->regs->eflags);
	/* Which of the host's interrupts came last is not for the guest to see. */
	vcpu->regs->trapnum = 0;

	compat_guest_time_begins();
	switch_to_guest(vcpu, &how);
	compat_fpu_save(&vcpu->fpu);
	context_tracking_guest_exit();
	guest_has_left(vcpu);

	note_direct(vcpu, &how);
	settle_trapnum(vcpu->regs, how.ended);
	page_awaited = note_trap(vcpu);
	deliver_to_host(vcpu, &how);
	/* The tick that may just have come charged the guest for its time. */
	vtime_account_guest_exit();
	if (unlikely(page_awaited)) {
		vcpu->regs->trapnum = SWITCHER_ABORT;
		async_fault_wait(vcpu->cr2);
	}
	local_irq_enable();
	compat_finish_interrupt();
	return true;
}

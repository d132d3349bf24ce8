// SPDX-License-Identifier: GPL-2.0
/*
 * The loop that runs a guest: do what it asked for, deliver an interrupt, switch to
 * it (host_cpu.c), and send the trap that comes back to the file that knows it.
 */
#include <linux/kernel.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "lg.h"
#include "trace.h"

static int handle_page_fault(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	gpa_t device;
	int fault = demand_page(vcpu, vcpu->cr2, &vcpu->regs->errcode, &device);

	switch (fault) {
	case FAULT_MENDED:
		lguest_count(lg, STAT_PF_FIXED);
		return 0;
	case FAULT_OF_DEVICE:
		return tell_device_access(vcpu, device);
	case FAULT_OF_GUEST:
		return reflect_page_fault(vcpu);
	default:
		return fault;
	}
}

static bool is_guest_vector(u32 vector)
{
	return vector < FIRST_IRQ_VECTOR || vector == SYSCALL_VECTOR;
}

/* Send the trap that ended a run to whoever knows it. */
static int handle_trap(struct lguest_vcpu *vcpu, u32 vector)
{
	struct lguest *lg = vcpu->lg;

	if (unlikely(vcpu->debug.wants) && debugger_takes_trap(vcpu, vector))
		return 0;
	switch (vector) {
	case X86_TRAP_NMI:
	case X86_TRAP_MC:
		return 0;	/* the host has had it */
	case X86_TRAP_UD:
		return emulate_invalid_opcode(vcpu);
	case X86_TRAP_GP:
		return emulate_general_protection(vcpu);
	case X86_TRAP_PF:
		return handle_page_fault(vcpu);
	case LGUEST_TRAP_ENTRY:
		vcpu->calls.waiting = true;
		vcpu->calls.by_vmcall = false;
		return 0;
	case SWITCHER_FAULT:
		return kill_guest(lg, "bad segments: cs %#x ss %#x ds %#x es %#x fs %#x gs %#x",
				  vcpu->regs->cs, vcpu->regs->ss, vcpu->regs->ds,
				  vcpu->regs->es, vcpu->regs->fs, vcpu->regs->gs);
	default:
		if (!is_guest_vector(vector))
			return 0;	/* an interrupt of the host's */
		/*
		 * No trap that the host answers by nothing: it would come again for
		 * ever.  #NM is one that the guest asked for (LHCALL_TS), or about
		 * registers that it cannot have (XFD).
		 */
		return reflect_trap(vcpu, vector);
	}
}

/* Hand over what is for the launcher; the guest goes on later. */
static int reply_to_launcher(struct lguest_vcpu *vcpu, void __user *reply)
{
	struct lguest *lg = vcpu->lg;
	u32 size = lg->launcher->reply_size;

	if (copy_to_user(reply, &vcpu->reply, size))
		return -EFAULT;
	vcpu->reply.waiting = false;
	return size;
}

/* The launcher asked for it with LHREQ_GETREG. */
static int tell_register(struct lguest_vcpu *vcpu, void __user *reply)
{
	u32 value = *vcpu->reply.reg_wanted;

	vcpu->reply.reg_wanted = NULL;
	return put_user(value, (u32 __user *)reply) ? -EFAULT : sizeof(value);
}

/* Sleep until an interrupt can be delivered, or somebody wants the launcher. */
static void sleep_while_halted(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	u32 wanted = debug_holds_irqs(&vcpu->debug) ? 0 : acceptable_irqs(vcpu);

	lguest_count(lg, STAT_HALT_EXITS);
	wait_event_interruptible(vcpu->traps.halt_wait,
				 (READ_ONCE(vcpu->traps.irqs_pending) & wanted) ||
				 READ_ONCE(lg->break_out) || guest_is_dead(lg));
}

/* One of the guest's interrupts at most, unless its debugger wants none. */
static int interrupt_guest(struct lguest_vcpu *vcpu)
{
	if (likely(!debug_holds_irqs(&vcpu->debug)))
		return deliver_interrupt(vcpu);
	/* They stay pending. */
	WRITE_ONCE(vcpu->traps.irq_raised, false);
	return 0;
}

/* Return false if the guest did not run. */
static bool enter_guest(struct lguest_vcpu *vcpu)
{
	bool ran;

	if (likely(!vcpu->debug.wants))
		return enter_guest_world(vcpu);
	debugger_before_run(vcpu);
	ran = enter_guest_world(vcpu);
	debugger_after_run(vcpu, ran);
	return ran;
}

/**
 * run_guest() - run a guest until the launcher is wanted
 * @vcpu: the CPU of a guest that is not dead; the caller is its owner
 * @reply: where the launcher wants to hear of what is for it to do: as many
 *	bytes as its form of the ABI has
 *
 * Return: bytes stored at @reply; -ERESTARTSYS after a signal; -EAGAIN if a
 * break was asked for; -ENOENT if the guest has ended, or -ERESTART if it wants
 * to be started again; -EFAULT if @reply is bad.  The order of the checks is the
 * classic ABI's.
 */
int run_guest(struct lguest_vcpu *vcpu, void __user *reply)
{
	struct lguest *lg = vcpu->lg;

	if (vcpu->reply.reg_wanted)
		return tell_register(vcpu, reply);
	while (!guest_is_dead(lg)) {
		u32 vector;

		if (do_hypercalls(vcpu))
			break;
		if (vcpu->reply.waiting)
			return reply_to_launcher(vcpu, reply);
		if (unlikely(vcpu->debug.event)) {
			int told = debugger_tell(vcpu, reply);

			if (told != -ENOENT)
				return told;
			break;
		}
		/* Also if the system goes to sleep: tasks freeze on their way out. */
		if (launcher_is_wanted()) {
			lguest_count(lg, STAT_SIGNAL_EXITS);
			return -ERESTARTSYS;
		}
		if (READ_ONCE(lg->break_out))
			return -EAGAIN;
		if (interrupt_guest(vcpu))
			break;
		if (guest_is_dead(lg))
			break;
		if (vcpu->traps.halted) {
			sleep_while_halted(vcpu);
			continue;
		}
		if (need_resched())
			schedule();
		if (!enter_guest(vcpu)) {
			if (restore_lost_pages(vcpu))
				break;
			continue;
		}
		vector = vcpu->regs->trapnum;
		lguest_count(lg, STAT_EXITS);
		trace_lguest_exit(vector, vcpu->regs->eip, vcpu->regs->errcode);
		if (handle_trap(vcpu, vector))
			break;
		if (unlikely(vcpu->debug.wants))
			debugger_after_trap(vcpu, vector);
	}
	return guest_wants_restart(lg) ? -ERESTART : -ENOENT;
}

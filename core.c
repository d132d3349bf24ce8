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

static int handle_page_fault(struct lguest *lg)
{
	gpa_t device;
	int fault = demand_page(lg, lg->cr2, &lg->regs->errcode, &device);

	switch (fault) {
	case FAULT_MENDED:
		lguest_count(lg, STAT_PF_FIXED);
		return 0;
	case FAULT_OF_DEVICE:
		return tell_device_access(lg, device);
	case FAULT_OF_GUEST:
		return reflect_page_fault(lg);
	default:
		return fault;
	}
}

static bool is_guest_vector(u32 vector)
{
	return vector < FIRST_IRQ_VECTOR || vector == SYSCALL_VECTOR;
}

/* Send the trap that ended a run to whoever knows it. */
static int handle_trap(struct lguest *lg, u32 vector)
{
	switch (vector) {
	case X86_TRAP_NMI:
	case X86_TRAP_MC:
		return 0;	/* the host has had it */
	case X86_TRAP_UD:
		return emulate_invalid_opcode(lg);
	case X86_TRAP_GP:
		return emulate_general_protection(lg);
	case X86_TRAP_PF:
		return handle_page_fault(lg);
	case LGUEST_TRAP_ENTRY:
		lg->hcall_waiting = true;
		lg->by_vmcall = false;
		return 0;
	case SWITCHER_FAULT:
		return kill_guest(lg, "bad segments: cs %#x ss %#x ds %#x es %#x fs %#x gs %#x",
				  lg->regs->cs, lg->regs->ss, lg->regs->ds,
				  lg->regs->es, lg->regs->fs, lg->regs->gs);
	default:
		if (!is_guest_vector(vector))
			return 0;	/* an interrupt of the host's */
		/*
		 * No trap that the host answers by nothing: it would come again for
		 * ever.  #NM is one that the guest asked for (LHCALL_TS), or about
		 * registers that it cannot have (XFD).
		 */
		return reflect_trap(lg, vector);
	}
}

/* Hand over what is for the launcher; the guest goes on later. */
static int reply_to_launcher(struct lguest *lg, void __user *reply)
{
	u32 size = lg->launcher->reply_size;

	if (copy_to_user(reply, &lg->reply, size))
		return -EFAULT;
	lg->reply_waiting = false;
	return size;
}

/* The launcher asked for it with LHREQ_GETREG. */
static int tell_register(struct lguest *lg, void __user *reply)
{
	u32 value = *lg->reg_wanted;

	lg->reg_wanted = NULL;
	return put_user(value, (u32 __user *)reply) ? -EFAULT : sizeof(value);
}

/* Sleep until an interrupt can be delivered, or somebody wants the launcher. */
static void sleep_while_halted(struct lguest *lg)
{
	u32 wanted = acceptable_irqs(lg);

	lguest_count(lg, STAT_HALT_EXITS);
	wait_event_interruptible(lg->halt_wait,
				 (READ_ONCE(lg->irqs_pending) & wanted) ||
				 READ_ONCE(lg->break_out) || guest_is_dead(lg));
}

/**
 * run_guest() - run a guest until the launcher is wanted
 * @lg: a guest that is not dead; the caller is its owner
 * @reply: where the launcher wants to hear of what is for it to do: as many
 *	bytes as its form of the ABI has
 *
 * Return: bytes stored at @reply; -ERESTARTSYS after a signal; -EAGAIN if a
 * break was asked for; -ENOENT if the guest has ended, or -ERESTART if it wants
 * to be started again; -EFAULT if @reply is bad.  The order of the checks is the
 * classic ABI's.
 */
int run_guest(struct lguest *lg, void __user *reply)
{
	if (lg->reg_wanted)
		return tell_register(lg, reply);
	while (!guest_is_dead(lg)) {
		u32 vector;

		if (do_hypercalls(lg))
			break;
		if (lg->reply_waiting)
			return reply_to_launcher(lg, reply);
		/* Also if the system goes to sleep: tasks freeze on their way out. */
		if (launcher_is_wanted()) {
			lguest_count(lg, STAT_SIGNAL_EXITS);
			return -ERESTARTSYS;
		}
		if (READ_ONCE(lg->break_out))
			return -EAGAIN;
		if (deliver_interrupt(lg))
			break;
		if (guest_is_dead(lg))
			break;
		if (lg->halted) {
			sleep_while_halted(lg);
			continue;
		}
		if (need_resched())
			schedule();
		if (!enter_guest_world(lg)) {
			if (restore_lost_pages(lg))
				break;
			continue;
		}
		vector = lg->regs->trapnum;
		lguest_count(lg, STAT_EXITS);
		trace_lguest_exit(vector, lg->regs->eip, lg->regs->errcode);
		if (handle_trap(lg, vector))
			break;
	}
	return guest_wants_restart(lg) ? -ERESTART : -ENOENT;
}

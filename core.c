// SPDX-License-Identifier: GPL-2.0
/*
 * The middle of the host: it gives the switcher its place at the top of the
 * address space when the module is loaded, and runs guests.  run_guest() is
 * the loop: do what the guest asked for, deliver an interrupt, switch to it
 * (host_cpu.c), and send the trap that comes back to the file that knows it.
 * Guest memory is read and written here too, in one place, with every range
 * checked.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/fixmap.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include "lg.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#ifdef COMPAT_UNKNOWN_KERNEL
#warning "lguest knows Linux 5.10 to 6.1: this kernel is outside of that range"
#endif
#if !IS_ENABLED(CONFIG_KVM) || !defined(CONFIG_MMU_NOTIFIER) || \
	!defined(CONFIG_USER_RETURN_NOTIFIER)
#error "lguest needs what CONFIG_KVM_INTEL or CONFIG_KVM_AMD brings: FPU states and notifiers"
#endif

/**
 * guest_range_ok() - does a range lie in the guest's memory?
 * @lg: the guest
 * @addr: guest-physical start
 * @len: bytes
 *
 * This is the one bound of what is mapped, copied, or means something to its
 * launcher.  What is below pfn_limit is in the launcher's part of the address
 * space (set_memory()), and mmu_notifier.c follows it.
 *
 * Return: true if all of it is below the limit, without wrap-around.
 */
bool guest_range_ok(const struct lguest *lg, gpa_t addr, u32 len)
{
	return (u64)addr + len <= (u64)lg->pfn_limit << PAGE_SHIFT;
}

/**
 * guest_uaddr() - where the launcher has guest-physical memory
 * @lg: the guest
 * @addr: guest-physical start
 * @len: bytes that will be touched
 *
 * Nothing else makes an address of the launcher's out of one of the guest's.
 *
 * Return: a pointer in the owner's address space; ERR_PTR(-EFAULT), which no
 * access is allowed to either, if not all of it is the guest's memory.
 */
void __user *guest_uaddr(const struct lguest *lg, gpa_t addr, u32 len)
{
	if (unlikely(!guest_range_ok(lg, addr, len)))
		return (void __user *)ERR_PTR(-EFAULT);
	return (void __user *)(lg->mem_base + addr);
}

/**
 * guest_mem_size() - how much memory a guest can have
 * @lg: the guest
 *
 * Return: bytes, from mem_base in the launcher, of which all is the launcher's.
 */
unsigned long guest_mem_size(const struct lguest *lg)
{
	return (unsigned long)lg->pfn_limit << PAGE_SHIFT;
}

/**
 * guest_peek() - copy from guest-physical memory, if that is possible
 * @lg: the guest; the caller is its owner
 * @to: where to
 * @from: guest-physical address
 * @len: bytes
 *
 * Return: false if it is not all there; that is no reason for killing a guest.
 */
bool guest_peek(const struct lguest *lg, void *to, gpa_t from, u32 len)
{
	const void __user *at = guest_uaddr(lg, from, len);

	return !IS_ERR(at) && !copy_from_user(to, at, len);
}

/**
 * guest_peek_word() - guest_peek() of one word, fast
 * @lg: the guest; the caller is its owner
 * @word: what is there
 * @from: guest-physical address
 *
 * Return: false if it is not there.
 */
bool guest_peek_word(const struct lguest *lg, u32 *word, gpa_t from)
{
	const u32 __user *at = guest_uaddr(lg, from, sizeof(*word));

	return !IS_ERR(at) && !get_user(*word, at);
}

/**
 * guest_poke() - copy to guest-physical memory, if that is possible
 * @lg: the guest; the caller is its owner, or will be
 * @to: guest-physical address
 * @from: where from
 * @len: bytes
 *
 * Return: false if it is not all there; that is no reason for killing a guest.
 */
bool guest_poke(const struct lguest *lg, gpa_t to, const void *from, u32 len)
{
	void __user *at = guest_uaddr(lg, to, len);

	return !IS_ERR(at) && !copy_to_user(at, from, len);
}

/**
 * guest_read() - copy from guest-physical memory
 * @lg: the guest; the caller is its owner
 * @to: where to
 * @from: guest-physical address
 * @len: bytes
 *
 * Return: 0, or a negative value after killing the guest; then @to is zeroed.
 */
int guest_read(struct lguest *lg, void *to, gpa_t from, u32 len)
{
	if (guest_peek(lg, to, from, len))
		return 0;
	memset(to, 0, len);
	return kill_guest(lg, "bad read address %#x len %u", from, len);
}

/**
 * guest_read_word() - read one word of guest-physical memory, fast
 * @lg: the guest; the caller is its owner
 * @word: what is there, or 0
 * @from: guest-physical address
 *
 * Return: 0, or a negative value after killing the guest.
 */
int guest_read_word(struct lguest *lg, u32 *word, gpa_t from)
{
	if (likely(guest_peek_word(lg, word, from)))
		return 0;
	return guest_read(lg, word, from, sizeof(*word));
}

/**
 * guest_write_word() - write one word of guest-physical memory, fast
 * @lg: the guest; the caller is its owner
 * @to: guest-physical address
 * @word: what to write
 *
 * Return: 0, or a negative value after killing the guest.
 */
int guest_write_word(struct lguest *lg, gpa_t to, u32 word)
{
	u32 __user *at = guest_uaddr(lg, to, sizeof(word));

	if (!IS_ERR(at) && !put_user(word, at))
		return 0;
	return guest_write(lg, to, &word, sizeof(word));
}

/**
 * guest_write() - copy to guest-physical memory
 * @lg: the guest; the caller is its owner
 * @to: guest-physical address
 * @from: where from
 * @len: bytes
 *
 * Return: 0, or a negative value after killing the guest.
 */
int guest_write(struct lguest *lg, gpa_t to, const void *from, u32 len)
{
	if (guest_poke(lg, to, from, len))
		return 0;
	return kill_guest(lg, "bad write address %#x len %u", to, len);
}

/**
 * wake_guest() - make a guest look at its interrupts, its death or a break
 * @lg: the guest
 *
 * Ends its sleep, or its run if it runs on another CPU.  (It cannot be running
 * on this one.)  Any context.
 */
void wake_guest(struct lguest *lg)
{
	wake_up(&lg->halt_wait);
	kick_process(lg->owner);
}

/**
 * reflect_page_fault() - let the guest handle the last page fault
 * @lg: the guest; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int reflect_page_fault(struct lguest *lg)
{
	lguest_count(lg, STAT_PF_GUEST);
	if (lg->abi) {
		int err = guest_write_word(lg, lg->data + LGUEST_DATA_CR2,
					   lg->cr2);

		if (err)
			return err;
	}
	return reflect_trap(lg, X86_TRAP_PF);
}

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

/* A guest of lguest's, say, has no ring below its own to put guests in. */
static bool runs_in_ring_0(void)
{
	unsigned long cs;

	savesegment(cs, cs);
	return !(cs & SEGMENT_RPL_MASK);
}

static int __init lguest_init(void)
{
	int err;

	if (!runs_in_ring_0()) {
		pr_err("lguest: this kernel does not run in ring 0: load lguest in its host instead\n");
		return -EPERM;
	}
	err = host_map_init();
	if (err)
		return err;
	err = host_cpus_init();
	if (err)
		goto unmap;
	err = sysenter_init();
	if (err)
		goto cpus;
	err = lguest_device_init();
	if (err)
		goto sysenter;
	return 0;

sysenter:
	sysenter_exit();
cpus:
	host_cpus_exit();
unmap:
	host_map_exit();
	return err;
}

static void __exit lguest_exit(void)
{
	lguest_device_exit();
	sysenter_exit();
	host_cpus_exit();
	host_map_exit();
}

module_init(lguest_init);
module_exit(lguest_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("lguest hypervisor host for 32-bit x86");
